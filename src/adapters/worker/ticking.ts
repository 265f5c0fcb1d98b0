import type { PgBoss } from 'pg-boss'
import type { Log } from '../../ports/log.ts'
import type { System } from '../../ports/system.ts'

/** Something done by the clock. `everyMs` is a whole number of seconds. */
export type ScheduledTask = { name: string; everyMs: number; run(signal: AbortSignal): Promise<void> }

/**
 * Offers each task in every slot of `everyMs` of the database's clock. All instances offer, the job table takes one per slot: there is
 * no leader, and a task runs once in the fleet. Twice a slot, with jitter, so that no slot is passed over.
 */
export function startTicking(
  tasks: readonly ScheduledTask[],
  { boss, log, system }: { boss: PgBoss; log: Log; system: System },
): () => Promise<void> {
  const stopping = new AbortController()
  const loops = tasks.map(async ({ name, everyMs }) => {
    while (!stopping.signal.aborted) {
      try {
        const options = { singletonKey: name, singletonSeconds: everyMs / 1_000, group: { id: name } }
        await boss.send('task', { task: name }, options)
      } catch (error) {
        log.warn('scheduled task not offered', { job: name, error })
      }
      await system.sleep(everyMs * (0.3 + 0.2 * system.random()), stopping.signal)
    }
  })
  return async () => {
    stopping.abort()
    await Promise.all(loops)
  }
}
