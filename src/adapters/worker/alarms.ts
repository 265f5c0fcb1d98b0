import type { Instant } from '../../core/model/time.ts'
import type { System } from '../../ports/system.ts'
import type { QueueName } from './queues.ts'

/** More than this many delayed jobs at once are left to the poll. */
const ALARMS_MAX = 10_000
/** What setTimeout can hold. */
const TIMEOUT_MAX_MS = 2_147_483_647
/** The database's clock decides whether a job is due; looking a little later spares a look too early. */
const MARGIN_MS = 5

export type Alarms = { set(queue: QueueName, at: Instant): void; clear(): void }

/** Wakes a queue's workers when a job that this process delayed falls due. A hint: the poll finds what it misses. */
export function alarmClock(wakeWorkers: (queue: QueueName) => void, system: Pick<System, 'now'>): Alarms {
  const timers = new Map<string, NodeJS.Timeout>()
  return {
    set(queue, at) {
      const name = `${queue}@${at}`
      if (timers.has(name) || timers.size >= ALARMS_MAX) return
      const ring = () => {
        timers.delete(name)
        wakeWorkers(queue)
      }
      timers.set(name, setTimeout(ring, Math.min(Math.max(0, at - system.now()) + MARGIN_MS, TIMEOUT_MAX_MS)).unref())
    },
    clear() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
