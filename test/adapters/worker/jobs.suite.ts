import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../../src/adapters/db/database.ts'
import type { Db } from '../../../src/adapters/db/statements.ts'
import { realSystem } from '../../../src/adapters/system/system.ts'
import { createJobEngine, type JobEngine } from '../../../src/adapters/worker/jobs.ts'
import { CRASHES_MAX, WORKERS } from '../../../src/adapters/worker/queues.ts'
import type { JobHandlers } from '../../../src/adapters/worker/running.ts'
import type { ScheduledTask } from '../../../src/adapters/worker/ticking.ts'
import type { JobOutcome, WakeUp } from '../../../src/ports/jobs.ts'
import type { Log } from '../../../src/ports/log.ts'
import type { TestDatabase } from '../../support/databases.ts'

type Script = (wakeUp: WakeUp, signal: AbortSignal) => Promise<JobOutcome>

const DONE: JobOutcome = { kind: 'done' }
const HOUR_MS = 3_600_000
const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A gate: the job that meets it waits until the test opens it, and the test can wait until a job has met it. */
function gate() {
  const met = Promise.withResolvers<undefined>()
  const opened = Promise.withResolvers<undefined>()
  return {
    met: met.promise,
    open: () => opened.resolve(undefined),
    async pass() {
      met.resolve(undefined)
      await opened.promise
    },
  }
}

/** The connection that a wake-up is about, or the endpoint. */
const subjectOf = (wakeUp: WakeUp): string => (wakeUp.kind === 'deliver' ? wakeUp.endpointId : wakeUp.connectionId)

/** The work of others takes real time here; the test's own timeout is the bound. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}

/** The same promises over the embedded database and over PostgreSQL. */
export function jobEngineSuite(name: string, open: () => Promise<TestDatabase>): void {
  describe(`the job engine over ${name}`, () => {
    let made: TestDatabase
    let database: Database
    let engine: JobEngine
    let chance = 0
    let tenants = 0
    const ran: WakeUp[] = []
    const scripts = new Map<string, Script>()
    const taskRuns: string[] = []

    beforeAll(async () => {
      made = await open()
      database = made.database
      engine = await startEngine()
    })
    afterAll(async () => {
      await engine.stop({ graceMs: 5_000 })
      await made.drop()
    })

    async function startEngine(tasks: readonly ScheduledTask[] = []): Promise<JobEngine> {
      const run: Script = async (wakeUp, signal) => {
        ran.push(wakeUp)
        return (await scripts.get(subjectOf(wakeUp))?.(wakeUp, signal)) ?? DONE
      }
      const handlers: JobHandlers = {
        pull: run,
        flush: run,
        prepare: run,
        'settle-missing': run,
        'refresh-calendars': run,
        'close-connection': run,
        compare: run,
        deliver: run,
      }
      const system = { ...realSystem(), random: () => chance }
      const started = createJobEngine({ database, handlers, tasks, log: silent, system })
      await started.start()
      return started
    }

    /** A connection that no other test has; what happens when it is flushed. */
    function connection(script?: Script) {
      const tenantId = `t${++tenants}`
      const connectionId = `c${tenants}`
      if (script !== undefined) scripts.set(connectionId, script)
      return {
        flush: (startAfter?: number): WakeUp => ({
          kind: 'flush',
          tenantId,
          connectionId,
          ...(startAfter === undefined ? {} : { startAfter }),
        }),
        runs: () => ran.filter(each => subjectOf(each) === connectionId).length,
      }
    }

    test('a wake-up runs once, with all it carries', async () => {
      const wakeUp: WakeUp = { kind: 'prepare', tenantId: 't', connectionId: 'prepared', runId: 'r1' }
      await engine.wake([wakeUp])
      await engine.idle()
      expect(ran.filter(each => subjectOf(each) === 'prepared')).toEqual([wakeUp])
    })

    test('many for one key are one, whether they come together or apart', async () => {
      const one = connection()
      const later = Date.now() + HOUR_MS
      await engine.wake([one.flush(later), one.flush(later + 1), one.flush(later)])
      await engine.wake([one.flush(later)])
      await engine.wake([one.flush(), one.flush(later)])
      await engine.idle()
      expect(one.runs()).toBe(1)
    })

    test('two calendars of one connection are two keys', async () => {
      const of = (calendarId: string): WakeUp => ({ kind: 'pull', tenantId: 't', connectionId: 'two', calendarId })
      await engine.wake([of('a'), of('b'), of('a')])
      await engine.idle()
      expect(ran.filter(each => subjectOf(each) === 'two')).toHaveLength(2)
    })

    test('one that comes while its key runs is run afterwards, never beside it', async () => {
      const busy = gate()
      let atOnce = 0
      let mostAtOnce = 0
      const one = connection(async () => {
        mostAtOnce = Math.max(mostAtOnce, ++atOnce)
        if (one.runs() === 1) await busy.pass()
        atOnce -= 1
        return DONE
      })
      await engine.wake([one.flush()])
      await busy.met
      for (let again = 0; again < 5; again++) await engine.wake([one.flush()])
      const bystander = connection()
      await engine.wake([bystander.flush()])
      await until(() => bystander.runs() > 0)
      expect(one.runs()).toBe(1)
      busy.open()
      await engine.idle()
      expect({ runs: one.runs(), mostAtOnce }).toEqual({ runs: 2, mostAtOnce: 1 })
    })

    test('a later instant is honoured, and an earlier wake-up brings it forward', async () => {
      const one = connection()
      await engine.wake([one.flush(Date.now() + HOUR_MS)])
      await engine.idle()
      expect(one.runs()).toBe(0)
      await engine.wake([one.flush(Date.now() + 2 * HOUR_MS)])
      await engine.wake([one.flush()])
      await engine.idle()
      expect(one.runs()).toBe(1)
    })

    test('a later wake-up does not postpone one that waits', async () => {
      const one = connection()
      await engine.wake([one.flush(Date.now() + 200)])
      await engine.wake([one.flush(Date.now() + HOUR_MS)])
      await until(() => one.runs() > 0)
      await engine.idle()
      expect(one.runs()).toBe(1)
    })

    test('what was delayed runs when it falls due', async () => {
      const due = gate()
      const one = connection(async () => {
        await due.pass()
        return DONE
      })
      await engine.wake([one.flush(Date.now() + 30)])
      await due.met
      due.open()
      await engine.idle()
      expect(one.runs()).toBe(1)
    })

    test('a run may ask for another one, at its instant', async () => {
      const one = connection(() =>
        Promise.resolve(
          one.runs() < 3 ? { kind: 'again', at: Date.now() } : { kind: 'again', at: Date.now() + HOUR_MS },
        ),
      )
      await engine.wake([one.flush()])
      await engine.idle()
      expect(one.runs()).toBe(3)
    })

    test('a wake-up commits with its transaction, or not at all', async () => {
      const kept = connection()
      const dropped = connection()
      await within(async tx => engine.enqueue(database.executor(tx), [kept.flush()]))
      const rollback = within(async tx => {
        await engine.enqueue(database.executor(tx), [dropped.flush()])
        throw new Error('rolled back')
      })
      await expect(rollback).rejects.toThrow('rolled back')
      await engine.idle()
      expect([kept.runs(), dropped.runs()]).toEqual([1, 0])
    })

    test('a waiting job that a transaction has woken does not run before its change is committed', async () => {
      const one = connection()
      await engine.wake([one.flush(Date.now() + HOUR_MS)])
      await within(async tx => {
        await engine.enqueue(database.executor(tx), [one.flush()])
        if (database.kind === 'postgres') {
          const bystander = connection()
          await engine.wake([bystander.flush()])
          await until(() => bystander.runs() > 0)
        }
        expect(one.runs()).toBe(0)
      })
      await engine.idle()
      expect(one.runs()).toBe(1)
    })

    test('a crash backs off, and wake-ups meanwhile do not shorten it', async () => {
      chance = 0.999
      const one = connection(() => Promise.reject(new Error('no luck')))
      await engine.wake([one.flush()])
      await engine.idle()
      await engine.wake([one.flush(), one.flush()])
      await engine.idle()
      chance = 0
      expect(one.runs()).toBe(1)
    })

    test('F45: after its last crash a job is quarantined, its key rests, and its neighbours run', async () => {
      let isMended = false
      const poisoned = connection(() => (isMended ? Promise.resolve(DONE) : Promise.reject(new Error('poison'))))
      const neighbours = Array.from({ length: 5 }, () => connection())
      await engine.wake([poisoned.flush(), ...neighbours.map(each => each.flush())])
      await engine.idle()
      expect(neighbours.map(each => each.runs())).toEqual([1, 1, 1, 1, 1])
      expect(poisoned.runs()).toBe(CRASHES_MAX)

      const mine = (await engine.quarantined()).filter(each => subjectOf(each.wakeUp) === subjectOf(poisoned.flush()))
      expect(mine).toEqual([{ id: expect.any(String), wakeUp: poisoned.flush(), since: expect.any(Number) }])
      await engine.wake([poisoned.flush()])
      await engine.idle()
      expect(poisoned.runs()).toBe(CRASHES_MAX)

      await engine.release(mine.map(each => each.id))
      await engine.idle()
      expect(poisoned.runs()).toBe(CRASHES_MAX + 1)
      isMended = true
      const [again] = (await engine.quarantined()).filter(
        each => subjectOf(each.wakeUp) === subjectOf(poisoned.flush()),
      )
      await engine.release([again?.id ?? ''])
      await engine.idle()
      await engine.wake([poisoned.flush()])
      await engine.idle()
      expect(poisoned.runs()).toBe(CRASHES_MAX + 3)
    })

    test('no more run at once than the process has workers, and all of them run', async () => {
      const limit = WORKERS.flush[database.kind]
      const full = gate()
      let atOnce = 0
      let mostAtOnce = 0
      const many = Array.from({ length: limit * 3 }, () =>
        connection(async () => {
          mostAtOnce = Math.max(mostAtOnce, ++atOnce)
          if (atOnce === limit) full.open()
          await full.pass()
          atOnce -= 1
          return DONE
        }),
      )
      await engine.wake(many.map(each => each.flush()))
      await engine.idle()
      expect(mostAtOnce).toBe(limit)
      expect(many.map(each => each.runs())).toEqual(many.map(() => 1))
    })

    test('a task runs once in its slot, however many instances offer it', async () => {
      const count = (instance: string): ScheduledTask => ({
        name: 'counted',
        everyMs: HOUR_MS,
        run: () => Promise.resolve(void taskRuns.push(instance)),
      })
      await engine.stop({ graceMs: 1_000 })
      const first = await startEngine([count('first')])
      const second = await startEngine([count('second')])
      await until(() => taskRuns.length > 0)
      await first.idle()
      await Promise.all([first.stop({ graceMs: 1_000 }), second.stop({ graceMs: 1_000 })])
      engine = await startEngine()
      expect(taskRuns).toHaveLength(1)
    })

    test('a stopping engine waits for what runs, tells what outlasts the grace, and gives it back', async () => {
      await engine.stop({ graceMs: 5_000 })
      const stopping = await startEngine()
      const long = gate()
      const one = connection(async (_, signal) => {
        if (one.runs() > 1) return DONE
        signal.addEventListener('abort', long.open)
        await long.pass()
        return DONE
      })
      await stopping.wake([one.flush()])
      await long.met
      await stopping.stop({ graceMs: 1_000 })
      expect(one.runs()).toBe(1)
      engine = await startEngine()
      await engine.idle()
      expect(one.runs()).toBe(2)
    })

    function within(work: (tx: Db) => Promise<void>): Promise<void> {
      return database.db.transaction(tx => work(tx))
    }
  })
}
