import type { QueueOptions } from 'pg-boss'
import type { WakeUp } from '../../ports/jobs.ts'

export type QueueName = WakeUp['kind'] | 'task'

/** pg-boss's own schema, beside the service's tables. */
export const JOB_SCHEMA = 'pgboss'
/** Where a job goes that crashed CRASHES_MAX times. */
export const QUARANTINE = 'quarantine'
export const CRASHES_MAX = 5

/** How many jobs of a queue one process runs at once. The embedded database answers one statement at a time. */
export const WORKERS: Record<QueueName, { postgres: number; embedded: number }> = {
  pull: { postgres: 8, embedded: 4 },
  flush: { postgres: 8, embedded: 4 },
  prepare: { postgres: 2, embedded: 1 },
  'settle-missing': { postgres: 2, embedded: 1 },
  'refresh-calendars': { postgres: 2, embedded: 1 },
  'close-connection': { postgres: 1, embedded: 1 },
  // Most of a delivery is waiting for an answer, and one that hangs must leave room for the others.
  deliver: { postgres: 16, embedded: 8 },
  // What nobody waits for: one at a time.
  compare: { postgres: 1, embedded: 1 },
  task: { postgres: 2, embedded: 1 },
}

/** Without a sign of life for so long, a run counts as dead and its job is given to another worker. */
const HEARTBEAT_SECONDS = 20
/** How often the dead are looked for. */
export const SUPERVISE_SECONDS = 10
/** The floor under LISTEN/NOTIFY: what other processes delayed, and notifications that were missed. */
export const POLL_SECONDS = 5
/** The same where nothing can be listened to. */
export const POLL_UNHEARD_SECONDS = 1

const SHARED: QueueOptions = {
  // A run that dies with its process is repeated at once; the fifth death sends it to the quarantine.
  retryLimit: CRASHES_MAX - 1,
  retryDelay: 0,
  retryBackoff: false,
  heartbeatSeconds: HEARTBEAT_SECONDS,
  expireInSeconds: 3_600,
}

/**
 * `short` keeps one waiting job per key. One running job per key comes from `groupConcurrency: 1` when fetching, not from the policies
 * `stately` or `singleton`: those skip the keys that were running when the supervisor last looked, up to a minute after they finished.
 */
export function queueOptions(name: QueueName): QueueOptions & { policy: 'short'; notify: true; deadLetter: string } {
  // Tasks are kept for longer than the longest slot: a finished one is what stops a second one in its slot.
  const deleteAfterSeconds = name === 'task' ? 172_800 : 300
  return { ...SHARED, deleteAfterSeconds, policy: 'short', notify: true, deadLetter: QUARANTINE }
}

export const QUEUE_NAMES = Object.keys(WORKERS) as QueueName[] // the keys of a constant are its names

/** What a job carries. `crashes`: how often a handler has thrown on it so far. */
export type JobData = { wakeUp: WakeUp; crashes?: number }
export type TaskData = { task: string }

/** SQL on a connection of its own, or inside somebody's transaction. */
export type SqlExecutor = { executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }> }

/** The database as the engine needs it. */
export type JobDatabase = {
  kind: 'postgres' | 'embedded'
  executor(): SqlExecutor & {
    listen?(
      channel: string,
      onMessage: (payload: string) => void,
      onListening: () => void,
    ): Promise<{ close(): Promise<void> }>
  }
}
