import type { Instant } from './time.ts'

/** What the platform can be told of. */
export const CHANGE_TYPES = [
  'appointment.created',
  'appointment.updated',
  'appointment.cancelled',
  'appointment.sync_failed',
  'connection.active',
  'connection.needs_reauth',
  'connection.held',
  'connection.paused',
  'connection.disconnected',
  'proposal.created',
  'duplicate.detected',
  'conflict.resolved',
  'run.finished',
  'webhook_endpoint.disabled',
] as const

export type ChangeType = (typeof CHANGE_TYPES)[number]

/**
 * One row of what happened, with its reason; the source of histories, the change feed, webhooks and the console.
 * `change` makes the row an item of the change feed; without it the row is history only.
 */
export type JournalEntry = {
  at: Instant
  appointmentId: string | null
  connectionId: string | null
  side: 'platform' | 'google' | 'lockstep'
  /** A verb in the past: created, imported, accepted, sent, cancelled, held… */
  action: string
  /** The rule that decided, as named in `docs/sync-rules.md`. */
  rule: string
  /** The same for a person: one sentence without personal data. */
  reason: string
  before: Readonly<Record<string, unknown>> | null
  after: Readonly<Record<string, unknown>> | null
  change: { type: ChangeType; data: Readonly<Record<string, unknown>> } | null
}

/** A stored row. `seq` grows without gaps within a tenant, in commit order. */
export type JournalRow = JournalEntry & { seq: number }
