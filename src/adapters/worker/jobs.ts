import { PgBoss, type JobResult } from 'pg-boss'
import { gathered } from '../../ports/gathered.ts'
import type { Jobs, WakeUp } from '../../ports/jobs.ts'
import type { Log } from '../../ports/log.ts'
import type { System } from '../../ports/system.ts'
import { alarmClock } from './alarms.ts'
import { enqueue, enqueueAfterCrash } from './enqueue.ts'
import { quarantineOf, type Quarantined } from './quarantine.ts'
import {
  JOB_SCHEMA,
  POLL_SECONDS,
  POLL_UNHEARD_SECONDS,
  QUARANTINE,
  QUEUE_NAMES,
  queueOptions,
  SUPERVISE_SECONDS,
  WORKERS,
  type JobDatabase,
  type QueueName,
  type SqlExecutor,
} from './queues.ts'
import { runnerOf, taskRunnerOf, type JobHandlers, type Perform } from './running.ts'
import { startTicking, type ScheduledTask } from './ticking.ts'

export type JobEngine = Jobs & {
  /** Through `executor`, and so with its transaction. The engine must have been started. */
  enqueue(executor: SqlExecutor, wakeUps: readonly WakeUp[]): Promise<void>
  start(options?: { isWorking?: boolean }): Promise<void>
  /** Claims nothing more, waits for what runs, and after `graceMs` gives the rest back. */
  stop(options: { graceMs: number }): Promise<void>
  /** Resolves when nothing runs and nothing is due. */
  idle(): Promise<void>
  quarantined(): Promise<Quarantined[]>
  /** Runs quarantined jobs again, once. @returns how many. */
  release(ids: readonly string[]): Promise<number>
}

type Deps = {
  database: JobDatabase
  handlers: JobHandlers
  /** What runs by the clock, once in the fleet. */
  tasks?: readonly ScheduledTask[]
  log: Log
  system: System
}

/** Callers outside transactions whose wake-ups go together. */
const WAKES_MAX = 500
const IDLE_POLL_MS = 20
const COUNT_UNFINISHED = `
  SELECT count(*)::int AS unfinished FROM ${JOB_SCHEMA}.job
  WHERE name IN (SELECT json_array_elements_text($1::text::json))
    AND (state = 'active' OR (state < 'active' AND start_after <= clock_timestamp()))`

/** Keyed wake-ups on pg-boss: one waiting and one running per kind and key, whatever comes how often. */
export function createJobEngine({ database, handlers, tasks = [], log, system }: Deps): JobEngine {
  const executor = database.executor()
  const boss = bossOf(database, log)
  const workers: { queue: QueueName; id: string }[] = []
  const wakeWorkers = (queue?: QueueName) => {
    for (const worker of workers) if (queue === undefined || worker.queue === queue) boss.notifyWorker(worker.id)
  }
  const quarantine = quarantineOf(boss, wakeWorkers, log, system)
  const alarms = alarmClock(wakeWorkers, system)
  let stopTicking: () => Promise<void> = () => Promise.resolve()

  const add = async (through: SqlExecutor, wakeUps: readonly WakeUp[]) => {
    await enqueue(boss, through, wakeUps, system.now())
    for (const { kind, startAfter } of wakeUps) if (startAfter !== undefined) alarms.set(kind, startAfter)
  }
  const wake = gathered(WAKES_MAX, async (asked: readonly (readonly WakeUp[])[]) => {
    await add(executor, asked.flat())
    return asked.map(() => undefined)
  })
  const run = runnerOf({
    handlers,
    quarantine,
    again: wakeUp => add(executor, [wakeUp]),
    async afterCrash(crashed) {
      await enqueueAfterCrash(boss, executor, crashed)
      alarms.set(crashed.wakeUp.kind, system.now() + crashed.delayMs)
    },
    log,
    system,
  })
  const runTask = taskRunnerOf([...tasks, quarantine.task], log)

  return {
    enqueue: add,
    wake: wakeUps => wake(wakeUps),
    async start({ isWorking = true } = {}) {
      await boss.start()
      await boss.createQueue(QUARANTINE, { retentionSeconds: 7_776_000 })
      for (const name of QUEUE_NAMES) await ensureQueue(boss, name)
      if (!isWorking) return
      if (database.kind === 'embedded') await releaseOrphans(boss, executor)
      await quarantine.start()
      for (const name of QUEUE_NAMES) {
        const count = WORKERS[name][database.kind]
        for (let worker = 0; worker < count; worker++) {
          const id = await (name === 'task' ? work(boss, name, runTask) : work(boss, name, run))
          workers.push({ queue: name, id })
        }
      }
      stopTicking = startTicking([...tasks, quarantine.task], { boss, log, system })
    },
    async stop({ graceMs }) {
      await stopTicking()
      alarms.clear()
      quarantine.stop()
      await boss.stop({ graceful: graceMs > 0, timeout: graceMs, close: false })
    },
    async idle() {
      for (;;) {
        const { rows } = await executor.executeSql(COUNT_UNFINISHED, [JSON.stringify(QUEUE_NAMES)])
        if (Number(rows[0]?.['unfinished']) === 0) return
        await system.sleep(IDLE_POLL_MS)
      }
    },
    quarantined: () => quarantine.list(),
    release: ids => quarantine.release(ids),
  }
}

function bossOf(database: JobDatabase, log: Log): PgBoss {
  const boss = new PgBoss({
    db: database.executor(),
    backend: database.kind === 'embedded' ? 'pglite' : 'postgres',
    schema: JOB_SCHEMA,
    useListenNotify: true,
    schedule: false,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    reindex: database.kind === 'postgres',
    monitorVacuum: false,
  })
  boss.on('error', error => {
    log.warn('job engine', { reason: 'the database refused a statement', error })
  })
  boss.on('warning', ({ message }) => {
    log.warn('job engine', { reason: message })
  })
  return boss
}

/** The options of a queue live in the database, so an upgrade that changes them has to write them. */
async function ensureQueue(boss: PgBoss, name: QueueName): Promise<void> {
  const { policy, ...options } = queueOptions(name)
  if ((await boss.getQueue(name)) === null) await boss.createQueue(name, { policy, ...options })
  else await boss.updateQueue(name, options)
}

/** One process has the embedded database: whatever runs in it at start died with the process before. */
async function releaseOrphans(boss: PgBoss, executor: SqlExecutor): Promise<void> {
  const text = `SELECT id, name FROM ${JOB_SCHEMA}.job WHERE state = 'active' AND name IN (SELECT json_array_elements_text($1::text::json))`
  const { rows } = await executor.executeSql(text, [JSON.stringify(QUEUE_NAMES)])
  for (const row of rows) await boss.fail(String(row['name']), String(row['id']), { reason: 'process ended' })
}

/** One worker. After each job it looks again at once: pg-boss's would wait for the next notification. */
async function work<T>(boss: PgBoss, name: QueueName, perform: Perform<T>): Promise<string> {
  const options = {
    batchSize: 1,
    includeMetadata: true,
    perJobResults: true,
    groupConcurrency: 1,
    pollingIntervalSeconds: POLL_UNHEARD_SECONDS,
    notifyPollingIntervalSeconds: POLL_SECONDS,
  } as const
  let workerId = ''
  workerId = await boss.work<T, unknown, typeof options>(name, options, async jobs => {
    const results: JobResult[] = []
    for (const job of jobs) results.push(await perform(job))
    boss.notifyWorker(workerId)
    return results
  })
  return workerId
}
