import { wakeUpKey, type WakeUp } from '../../../src/ports/jobs.ts'

/** As long as pg-boss waits for a sign of life of a run (`queues.ts`). */
export const HEARTBEAT_MS = 20_000

export type Job = { key: string; wakeUp: WakeUp; crashes: number; instance: number; lease: number }
type Waiting = { wakeUp: WakeUp; at: number; crashes: number }

/** The job table as the engine's adapter uses it: one waiting and one running per kind and key, and what dies is given to another. */
export function createQueue(now: () => number) {
  const waiting = new Map<string, Waiting>()
  const running = new Map<string, Job>()
  let leases = 0

  const add = (wakeUp: WakeUp, at: number, crashes = 0): void => {
    const key = `${wakeUp.kind} ${wakeUpKey(wakeUp)}`
    const held = waiting.get(key)
    waiting.set(key, { wakeUp, at: Math.min(at, held?.at ?? Infinity), crashes: Math.max(crashes, held?.crashes ?? 0) })
  }
  return {
    /** @param callersNow a delay is counted from the clock of whoever asks, and runs by the database's: whose clock is off matters to nobody. */
    wake: (wakeUps: readonly WakeUp[], callersNow: number): void => {
      for (const wakeUp of wakeUps) add(wakeUp, now() + Math.max(0, (wakeUp.startAfter ?? 0) - callersNow))
    },
    add,
    /** Keys that may start now. */
    due: (): string[] => {
      const keys: string[] = []
      for (const [key, { at }] of waiting) if (at <= now() && !running.has(key)) keys.push(key)
      return keys
    },
    nextAt: (): number => {
      let least = Infinity
      for (const { at } of waiting.values()) least = Math.min(least, at)
      return least
    },
    start: (key: string, instance: number): Job | null => {
      const found = waiting.get(key)
      if (found === undefined) return null
      waiting.delete(key)
      const job = { key, instance, lease: ++leases, wakeUp: found.wakeUp, crashes: found.crashes }
      running.set(key, job)
      return job
    },
    /** Only whoever holds it can end it: after a long pause somebody else does. */
    end: (job: Job): void => {
      if (running.get(job.key)?.lease === job.lease) running.delete(job.key)
    },
    runningOn: (instance: number): number => {
      let count = 0
      for (const job of running.values()) if (job.instance === instance) count += 1
      return count
    },
    /** The instance gives no sign of life any more: what it ran is run again when that has been noticed. */
    release: (instance: number): void => {
      for (const [key, job] of running) {
        if (job.instance !== instance) continue
        running.delete(key)
        add(job.wakeUp, now() + HEARTBEAT_MS, job.crashes)
      }
    },
    keys: (): string[] => [...waiting.keys()],
  }
}

export type Queue = ReturnType<typeof createQueue>
