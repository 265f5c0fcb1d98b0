import type { Projection } from './projection.ts'
import type { Instant, Slot } from './time.ts'

/** Our private mark on an event: which appointment (as a keyed hash) and which of its versions it shows. */
export type Marker = { key: string; revision: number }

/** A Google event as the engine reads it. `raw` is Google's own representation, opaque outside `adapters/google`. */
export type LiveEvent = {
  kind: 'live'
  eventId: string
  etag: string
  iCalUID: string
  updatedAt: Instant
  content: Projection
  /** For an exception: the series and the slot in it that this occurrence replaces. */
  recurringEventId: string | null
  originalStart: Slot | null
  marker: Marker | null
  /** Google's event type; only `default` events may be written by us. */
  eventType: string
  /** The calendar owner's answer to an invitation; null where there are no guests or the owner is not among them. */
  selfResponse: 'needsAction' | 'declined' | 'tentative' | 'accepted' | null
  hasGuests: boolean
  isOrganizer: boolean
  isPrivate: boolean
  htmlLink: string | null
  raw: unknown
}

/** A deletion. For an occurrence, `recurringEventId` and `originalStart` say which (read from the id where Google left them out). */
export type Tombstone = {
  kind: 'tombstone'
  eventId: string
  etag: string | null
  recurringEventId: string | null
  originalStart: Slot | null
}

/** An event that Google sent and we cannot read: kept, shown, looked at again when it changes. */
export type UnreadableEvent = { kind: 'unreadable'; eventId: string; etag: string | null; reason: string }

export type CalendarEvent = LiveEvent | Tombstone | UnreadableEvent
