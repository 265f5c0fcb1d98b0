import type { JobResult, PgBoss, RedriveOptions } from 'pg-boss'
import type { Instant } from '../../core/model/time.ts'
import { wakeUpFields, wakeUpKey, type WakeUp } from '../../ports/jobs.ts'
import type { Log } from '../../ports/log.ts'
import type { System } from '../../ports/system.ts'
import { QUARANTINE, type JobData } from './queues.ts'
import type { ScheduledTask } from './ticking.ts'

/** A job that crashed too often. It runs again when somebody releases it, and once every PROBE_AFTER_MS by itself. */
export type Quarantined = { id: string; wakeUp: WakeUp; since: Instant }

const PROBE_AFTER_MS = 3_600_000
const PROBE_CHECK_MS = 300_000
/** How long an instance may not know of a quarantine that another one began. */
const REFRESH_MS = 30_000

export type Quarantine = {
  start(): Promise<void>
  stop(): void
  /** True: the wake-up must not run, its key is in quarantine. */
  isHeld(wakeUp: WakeUp): Promise<boolean>
  /** The disposition that moves a job there. */
  take(jobId: string, wakeUp: WakeUp, error: unknown): JobResult
  list(): Promise<Quarantined[]>
  release(ids: readonly string[]): Promise<number>
  task: ScheduledTask
}

/** The jobs in pg-boss's dead letter queue, and the keys that are therefore not run. */
export function quarantineOf(boss: PgBoss, wakeWorkers: () => void, log: Log, system: System): Quarantine {
  let held = new Set<string>()
  let timer: NodeJS.Timeout | null = null

  async function list(): Promise<Quarantined[]> {
    const jobs = await boss.findJobs<JobData>(QUARANTINE, { queued: true })
    return jobs
      .filter(({ data }) => 'wakeUp' in data)
      .map(({ id, data, createdOn }) => ({ id, wakeUp: data.wakeUp, since: createdOn.getTime() }))
  }

  async function refresh(): Promise<void> {
    held = new Set((await list()).map(({ wakeUp }) => name(wakeUp)))
  }

  /** pg-boss tells nobody of what it moves back. */
  async function redrive(filter: RedriveOptions): Promise<number> {
    const count = await boss.redrive(QUARANTINE, filter)
    await refresh()
    if (count > 0) wakeWorkers()
    return count
  }

  return {
    list,
    async start() {
      await refresh()
      timer = setInterval(() => {
        refresh().catch((error: unknown) => {
          log.warn('quarantine not read', { error })
        })
      }, REFRESH_MS)
      timer.unref()
    },
    stop() {
      if (timer !== null) clearInterval(timer)
    },
    async isHeld(wakeUp) {
      if (!held.has(name(wakeUp))) return false
      // Another instance may have released it since: the set only says where to look.
      await refresh()
      return held.has(name(wakeUp))
    },
    take(jobId, wakeUp, error) {
      held.add(name(wakeUp))
      log.error('job quarantined', { job: wakeUp.kind, ...wakeUpFields(wakeUp), error })
      return { id: jobId, status: 'deadletter', output: { error: error instanceof Error ? error.name : typeof error } }
    },
    release: ids => (ids.length === 0 ? Promise.resolve(0) : redrive({ ids: [...ids] })),
    task: {
      name: 'probe-quarantined',
      everyMs: PROBE_CHECK_MS,
      async run() {
        await redrive({ createdBefore: new Date(system.now() - PROBE_AFTER_MS) })
      },
    },
  }
}

function name(wakeUp: WakeUp): string {
  return `${wakeUp.kind} ${wakeUpKey(wakeUp)}`
}
