import type { CalendarEvent, LiveEvent, Marker } from '../core/model/calendar-event.ts'
import type { AccessRole } from '../core/model/connection.ts'
import type { RemoteFailure, Result } from '../core/model/failures.ts'
import type { Projection } from '../core/model/projection.ts'
import type { Instant } from '../core/model/time.ts'

/** Whose grant a call is made with; also whose quota it counts against. */
export type Grantee = { tenantId: string; connectionId: string }

export type Reply<T> = Promise<Result<T, RemoteFailure>>

/** One calendar in the account's list. */
export type ListedCalendar = {
  id: string
  summary: string
  timeZone: string
  accessRole: AccessRole
  isPrimary: boolean
  isHidden: boolean
  isDeleted: boolean
}

/** What a listing asks for: a first page of a full list, of an increment, or the next page of either. */
export type ListRequest = {
  calendarId: string
  syncToken: string | null
  pageToken: string | null
  /** Full lists only: events that end after it. Must be the same on every page. */
  timeMin: Instant | null
  /** At most 2,500. */
  pageSize: number
}

/** A page in Google's order. Exactly one of the tokens is set. `accessRole` is the role the answer was read with. */
export type EventPage = {
  events: CalendarEvent[]
  nextPageToken: string | null
  nextSyncToken: string | null
  timeZone: string
  accessRole: AccessRole
}

/** An event of ours as Google shall have it. Only the fields the engine owns are written; the rest of `over` is repeated untouched. */
export type EventWrite = {
  content: Projection
  marker: Marker
  /** Set on insert only; later changes are the user's. */
  visibility: 'default' | 'private' | 'public'
}

export type OpenedChannel = { resourceId: string; expiresAt: Instant }

/** Google Calendar, one method per call that the engine makes. Every call has a timeout and is made once: repeating is the caller's decision. */
export interface GoogleCalendar {
  listCalendars(who: Grantee): Reply<ListedCalendar[]>
  createCalendar(who: Grantee, calendar: { summary: string; timeZone: string }): Reply<{ id: string }>
  listEvents(who: Grantee, request: ListRequest): Reply<EventPage>
  getEvent(who: Grantee, event: EventAddress): Reply<CalendarEvent>
  /** Events with this iCalUID in one calendar, deleted ones included. */
  findByICalUID(who: Grantee, calendarId: string, iCalUID: string): Reply<CalendarEvent[]>
  insertEvent(who: Grantee, event: EventAddress, write: EventWrite): Reply<LiveEvent>
  /**
   * Full update built on `over` (Google's representation as last returned), refused as `edited-meanwhile` unless the etag still holds.
   * `raw` null: nothing is known of what was there, as with a deleted event that is brought back; `etag` null: whatever its state.
   */
  updateEvent(
    who: Grantee,
    event: EventAddress,
    write: EventWrite,
    over: { raw: unknown; etag: string | null },
  ): Reply<LiveEvent>
  /** `etag` null: whatever its state. */
  deleteEvent(who: Grantee, event: EventAddress, etag: string | null): Reply<null>
  moveEvent(who: Grantee, event: EventAddress, toCalendarId: string): Reply<LiveEvent>
  /** `calendarId` null watches the account's calendar list. `address` is where Google posts. */
  watch(
    who: Grantee,
    channel: { id: string; calendarId: string | null; address: string; token: string; ttlSeconds: number },
  ): Reply<OpenedChannel>
  stopChannel(who: Grantee, channel: { id: string; resourceId: string }): Reply<null>
}

export type EventAddress = { calendarId: string; eventId: string }

/** Identifies the list parameters of this build: stored with each sync token; another value forces a full list. */
export type ListParameters = string
