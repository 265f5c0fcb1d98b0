import type { JobResult, JobWithMetadata } from 'pg-boss'
import { retryDelayMs } from '../../core/pacing/retry.ts'
import { wakeUpFields, type JobOutcome, type WakeUp } from '../../ports/jobs.ts'
import type { Log } from '../../ports/log.ts'
import type { System } from '../../ports/system.ts'
import type { Quarantine } from './quarantine.ts'
import { CRASHES_MAX, type JobData, type TaskData } from './queues.ts'
import type { ScheduledTask } from './ticking.ts'

/** What runs a wake-up. `signal` aborts when the process must stop, or when the run was given to somebody else. */
export type JobHandlers = {
  [K in WakeUp['kind']]: (wakeUp: Extract<WakeUp, { kind: K }>, signal: AbortSignal) => Promise<JobOutcome>
}

/** Runs one job and says what becomes of it. Throws only where the database fails: the job then counts as dead with its run. */
export type Perform<T> = (job: JobWithMetadata<T>) => Promise<JobResult>

type Deps = {
  handlers: JobHandlers
  quarantine: Pick<Quarantine, 'isHeld' | 'take'>
  again(wakeUp: WakeUp): Promise<void>
  afterCrash(crashed: { wakeUp: WakeUp; crashes: number; delayMs: number }): Promise<void>
  log: Log
  system: System
}

export function runnerOf({ handlers, quarantine, again, afterCrash, log, system }: Deps): Perform<JobData> {
  return async job => {
    const { wakeUp, crashes = 0 } = job.data
    // A job with crashes behind it is a back-off or a probe of the quarantine itself.
    if (crashes === 0 && (await quarantine.isHeld(wakeUp))) return { id: job.id, status: 'completed' }
    const outcome = await attempt(handlers, wakeUp, job.signal)
    if (outcome.kind === 'again') await again({ ...wakeUp, startAfter: outcome.at })
    if (outcome.kind !== 'crashed') return { id: job.id, status: 'completed' }

    const { error } = outcome
    const { kind } = wakeUp
    const count = crashes + 1
    log.error('job crashed', { job: kind, ...wakeUpFields(wakeUp), count, error })
    if (count >= CRASHES_MAX) return quarantine.take(job.id, wakeUp, error)
    await afterCrash({ wakeUp, crashes: count, delayMs: retryDelayMs(count, 0, () => system.random()) })
    return { id: job.id, status: 'completed' }
  }
}

/** A task that fails has its next slot for its next attempt. */
export function taskRunnerOf(tasks: readonly ScheduledTask[], log: Log): Perform<TaskData> {
  return async job => {
    try {
      await tasks.find(each => each.name === job.data.task)?.run(job.signal)
    } catch (error) {
      log.error('scheduled task failed', { job: job.data.task, error })
    }
    return { id: job.id, status: 'completed' }
  }
}

type Attempt = JobOutcome | { kind: 'crashed'; error: unknown }

async function attempt(handlers: JobHandlers, wakeUp: WakeUp, signal: AbortSignal): Promise<Attempt> {
  const handler = handlers[wakeUp.kind] as (wakeUp: WakeUp, signal: AbortSignal) => Promise<JobOutcome> // chosen by its own kind
  try {
    return await handler(wakeUp, signal)
  } catch (error) {
    return { kind: 'crashed', error }
  }
}
