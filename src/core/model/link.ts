import type { Projection } from './projection.ts'
import type { Instant, Slot } from './time.ts'

/** Stands for Google's representation of an event that holds words we must not keep: the next write names our fields alone. */
export const RAW_WITHHELD = { withheld: true } as const

/** What both sides last agreed on: our projection as it was sent, and as Google returned it (Google normalises). */
export type Base = { sent: Projection; returned: Projection }

/**
 * The pair of an appointment and its Google event.
 * `ours`: we write the event (platform-origin, in the target calendar). `theirs`: Google-origin, read only.
 * `parked`: an event that stands for itself: an orphaned exception, one we cannot read, another user's, a flagged twin.
 */
export type Link = {
  tenantId: string
  connectionId: string
  calendarId: string
  eventId: string
  role: 'ours' | 'theirs' | 'parked'
  appointmentId: string | null
  iCalUID: string | null
  etag: string | null
  recurringEventId: string | null
  originalStart: Slot | null
  /** Only for `ours`. */
  base: Base | null
  /** Fingerprint of the content last read; for `theirs` this is all that is kept to compare with. */
  contentHash: string | null
  /** Google's own representation, only for `ours`: what an update is built on; `RAW_WITHHELD` where it may not be kept. */
  raw: unknown
  htmlLink: string | null
  /** Counts the ids used for this appointment in this calendar (a tombstone keeps its id). */
  generation: number
  /** The appointment's version that Google shows; null: none yet. */
  shownVersion: number | null
  /** Set when a list showed the event deleted or did not show it; settled by asking. */
  missing: Missing | null
  /** The listing generation in which the event was last seen. */
  seenGeneration: number
  /** Why the event is parked or could not be written. */
  error: { code: string; message: string } | null
}

/**
 * How an event went missing: Google said so (`deleted`), a full list did not show it (`absent`), or it went while the database did not look
 * (`unclear`: after a restore nobody knows any more who took it away).
 */
export type Missing = { how: 'deleted' | 'absent' | 'unclear'; since: Instant }

export type LinkKey = Pick<Link, 'connectionId' | 'calendarId' | 'eventId'>
