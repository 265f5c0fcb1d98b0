import type { CalendarEvent, LiveEvent, Marker, Tombstone } from '../../core/model/calendar-event.ts'
import { fail, succeed } from '../../core/model/failures.ts'
import type { Result } from '../../core/model/failures.ts'
import type { Projection } from '../../core/model/projection.ts'
import type { Instant, Slot, Span } from '../../core/model/time.ts'
import { addDays, isZone, parseDate, parseDateTime } from '../../core/model/time.ts'
import { formatRecurrence, parseRecurrence } from '../../core/recurrence/rule.ts'
import { isObject, objectOf, storable, textOf } from './wire.ts'
import type { WireObject } from './wire.ts'

/** Our private extended properties. Google keeps them per copy of an event; other apps on that calendar can read them. */
export const MARKER_KEY = 'lockstepKey'
export const MARKER_REVISION = 'lockstepRevision'

/** `{master}_{UTC of the original start}`, whole days without a time. A split series' own `_R…` is part of the master's id. */
const INSTANCE_ID = /^(.+)_(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z)?$/
const RESPONSES = ['needsAction', 'declined', 'tentative', 'accepted'] as const

type Reading<T> = Result<T, string>

/**
 * A Google event as the engine reads it. Never throws: what cannot be read is `unreadable` with its reason and stops no neighbour.
 * @param calendarZone the IANA zone of the calendar, for events that name none of their own.
 * Sources: Calendar API reference "Events" (`status`: a deletion guarantees only its id); recorded lists, in which two of six cancelled
 * occurrences name neither series nor slot, so that these are read from the id.
 */
export function readEvent(wire: unknown, calendarZone: string): CalendarEvent {
  if (!isObject(wire)) return { kind: 'unreadable', eventId: '', etag: null, reason: 'is not an object' }
  const event = storable(wire)
  if (!isObject(event)) return { kind: 'unreadable', eventId: '', etag: null, reason: 'is not an object' }
  const eventId = textOf(event, 'id')
  const etag = textOf(event, 'etag')
  if (eventId === null) return { kind: 'unreadable', eventId: '', etag, reason: 'has no id' }
  if (event['status'] === 'cancelled') return readTombstone(event, eventId)
  const live = readLiveEvent(event, eventId, calendarZone)
  return live.ok ? live.value : { kind: 'unreadable', eventId, etag, reason: live.error }
}

function readTombstone(event: WireObject, eventId: string): Tombstone {
  const named = instanceOf(eventId)
  const recurringEventId = textOf(event, 'recurringEventId') ?? named?.recurringEventId ?? null
  const originalStart = readSlot(event['originalStartTime']) ?? named?.originalStart ?? null
  return {
    kind: 'tombstone',
    eventId,
    etag: textOf(event, 'etag'),
    recurringEventId,
    originalStart: recurringEventId === null ? null : originalStart,
  }
}

function readLiveEvent(event: WireObject, eventId: string, calendarZone: string): Reading<LiveEvent> {
  const etag = textOf(event, 'etag')
  if (etag === null) return fail('has no etag')
  const content = readContent(event, calendarZone)
  if (!content.ok) return content
  const recurringEventId = textOf(event, 'recurringEventId')
  const originalStart =
    recurringEventId === null
      ? null
      : (readSlot(event['originalStartTime']) ?? instanceOf(eventId)?.originalStart ?? null)
  if (recurringEventId !== null && originalStart === null) return fail('is an exception without its original start')
  const attendees = event['attendees']
  const guests = Array.isArray(attendees) ? attendees.filter(isObject) : []
  const visibility = event['visibility']
  return succeed({
    kind: 'live',
    eventId,
    etag,
    // Google's own rule for events made in Google; a masked event may come without.
    iCalUID: textOf(event, 'iCalUID') ?? `${recurringEventId ?? eventId}@google.com`,
    updatedAt: updatedAtOf(event),
    content: content.value,
    recurringEventId,
    originalStart,
    marker: readMarker(event),
    eventType: textOf(event, 'eventType') ?? 'default',
    selfResponse: responseOf(guests.find(guest => guest['self'] === true)),
    hasGuests: event['attendeesOmitted'] === true || guests.some(guest => guest['self'] !== true),
    isOrganizer: objectOf(event, 'organizer')['self'] === true,
    isPrivate: visibility === 'private' || visibility === 'confidential',
    htmlLink: textOf(event, 'htmlLink'),
    raw: event,
  })
}

/** The part of an event that the engine compares, or why it cannot be read. */
export function readContent(event: WireObject, calendarZone: string): Reading<Projection> {
  for (const field of ['summary', 'description', 'location', 'colorId']) {
    const value = event[field]
    if (value !== undefined && value !== null && typeof value !== 'string') return fail(`${field} is no text`)
  }
  const lines = readLines(event['recurrence'])
  if (!lines.ok) return lines
  const time = readSpan(event, calendarZone, lines.value.length > 0)
  if (!time.ok) return time
  const recurrence = parseRecurrence(lines.value, time.value.kind === 'timed' ? time.value.startZone : null)
  if (recurrence.unread.length > 0) return fail('recurrence cannot be read')
  return succeed({
    time: time.value,
    recurrence: formatRecurrence(recurrence),
    title: textOf(event, 'summary') ?? '',
    description: textOf(event, 'description') ?? '',
    location: textOf(event, 'location') ?? '',
    busy: event['transparency'] !== 'transparent',
    status: event['status'] === 'tentative' ? 'tentative' : 'confirmed',
    colour: textOf(event, 'colorId'),
  })
}

function readLines(value: unknown): Reading<string[]> {
  if (value === undefined || value === null) return succeed([])
  if (!Array.isArray(value)) return fail('recurrence is no list')
  const lines = value.filter(line => typeof line === 'string')
  return lines.length === value.length ? succeed(lines) : fail('recurrence has a line that is no text')
}

function readSpan(event: WireObject, calendarZone: string, isSeries: boolean): Reading<Span> {
  const start = event['start']
  if (!isObject(start)) return fail('has no start')
  const end = endOf(event, start)
  if (end === null) return fail('has no end')
  if (textOf(start, 'dateTime') === null && textOf(start, 'date') !== null) return readDays(start, end)
  return readTimes(start, end, calendarZone, isSeries)
}

/** An event whose end Google does not know (`endTimeUnspecified`) ends as it starts. */
function endOf(event: WireObject, start: WireObject): WireObject | null {
  const end = event['end']
  if (isObject(end) && (textOf(end, 'dateTime') ?? textOf(end, 'date')) !== null) return end
  return event['endTimeUnspecified'] === true ? start : null
}

function readDays(start: WireObject, end: WireObject): Reading<Span> {
  const startDate = readDate(start['date'])
  const endDate = readDate(end['date'])
  if (startDate === null) return fail('start is no date')
  if (endDate === null) return fail('end is no date')
  if (endDate < startDate) return fail('ends before it starts')
  return succeed({ kind: 'all-day', startDate, endDate: endDate === startDate ? addDays(startDate, 1) : endDate })
}

/** A zone that does not exist is replaced by the calendar's for a single event, whose instants are exact; a series cannot be expanded in it. */
function readTimes(start: WireObject, end: WireObject, calendarZone: string, isSeries: boolean): Reading<Span> {
  const named = textOf(start, 'timeZone')
  if (isSeries && named !== null && !isZone(named)) return fail('is a series in an unknown time zone')
  const startZone = firstZone(named, calendarZone, 'UTC')
  const endZone = firstZone(textOf(end, 'timeZone'), startZone)
  const startAt = readInstant(start['dateTime'], startZone)
  const endAt = readInstant(end['dateTime'], endZone)
  if (startAt === null) return fail('start is no time')
  if (endAt === null) return fail('end is no time')
  return endAt < startAt
    ? fail('ends before it starts')
    : succeed({ kind: 'timed', startAt, endAt, startZone, endZone })
}

const firstZone = (...names: (string | null)[]): string => names.find(name => name !== null && isZone(name)) ?? 'UTC'

function readSlot(value: unknown): Slot | null {
  if (!isObject(value)) return null
  const at = readInstant(value['dateTime'], null)
  if (at !== null) return { kind: 'timed', at }
  const date = readDate(value['date'])
  return date === null ? null : { kind: 'all-day', date }
}

/** The series and slot that an instance's id names, or null where it is no instance's id. */
export function instanceOf(eventId: string): { recurringEventId: string; originalStart: Slot } | null {
  const parts = INSTANCE_ID.exec(eventId)
  if (parts === null) return null
  const [, recurringEventId = '', year, month, day, hours, minutes, seconds] = parts
  const date = `${year}-${month}-${day}`
  const originalStart = readSlot(
    hours === undefined ? { date } : { dateTime: `${date}T${hours}:${minutes}:${seconds}Z` },
  )
  return originalStart === null ? null : { recurringEventId, originalStart }
}

function readMarker(event: WireObject): Marker | null {
  const properties = objectOf(objectOf(event, 'extendedProperties'), 'private')
  const key = textOf(properties, MARKER_KEY)
  if (key === null) return null
  const revision = Number(textOf(properties, MARKER_REVISION) ?? '0')
  return { key, revision: Number.isSafeInteger(revision) && revision >= 0 ? revision : 0 }
}

function responseOf(self: WireObject | undefined): LiveEvent['selfResponse'] {
  return RESPONSES.find(response => response === self?.['responseStatus']) ?? null
}

function readDate(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const date = parseDate(value)
  return date.ok ? date.value : null
}

/** Google always sends an offset; `zone` is for a time that comes without. */
function readInstant(value: unknown, zone: string | null): Instant | null {
  if (typeof value !== 'string') return null
  const time = parseDateTime(value, zone)
  return time.ok ? time.value.at : null
}

/** When Google last changed the event, to the millisecond; an event without it is taken for old. */
function updatedAtOf(event: WireObject): Instant {
  const at = Date.parse(textOf(event, 'updated') ?? textOf(event, 'created') ?? '')
  return Number.isNaN(at) ? 0 : at
}
