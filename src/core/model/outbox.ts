import type { Projection } from './projection.ts'
import type { Instant } from './time.ts'

/** Which queue a write waits in: people before catch-up before backfill. */
export type Lane = 'people' | 'catchup' | 'backfill'
export const LANES: readonly Lane[] = ['people', 'catchup', 'backfill']

/**
 * "Bring Google to the appointment's present state": one row per appointment and target calendar; a later change overtakes it.
 * `intent` is stored before the call, so that after a crash the outcome is asked about before anything is repeated.
 */
export type OutboxEntry = {
  tenantId: string
  connectionId: string
  calendarId: string
  appointmentId: string
  lane: Lane
  /** queued: due at `notBefore`. held: waits for a cause to go away. failed: needs a person. */
  state: 'queued' | 'held' | 'failed'
  notBefore: Instant
  attempts: number
  intent: Intent | null
  error: { code: string; message: string } | null
  queuedAt: Instant
}

/**
 * The call that was about to be made. `wrote` is what an insert or update carried (`content`) and our side of it (`sent`), so that an
 * outcome found later can be told from a person's edit made since.
 */
export type Intent = {
  call: 'insert' | 'update' | 'delete'
  eventId: string
  version: number
  wrote: { sent: Projection; content: Projection } | null
  generation: number
  at: Instant
}
