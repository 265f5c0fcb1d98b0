import { booleanAt, compact, type Json, type JsonObject, objectAt, stringAt } from './json.ts'
import { renderMoment } from './times.ts'
import { type Calendar, etagOf, isAtLeast, type Person, type Role, type StoredEvent } from './world.ts'

/** Who looks at an event, and in which zone they want its times. */
export type View = { role: Role; zone: string | null; maxAttendees: number | null; viewer: string }

/** Whether `role` sees into private events of a calendar. */
const seesPrivate = (role: Role): boolean => role === 'writer' || role === 'owner'

/**
 * An event as JSON text. The rendering that everybody with full sight shares is made once and kept until the next change,
 * so that a page of a list is a concatenation.
 */
export function eventText(calendar: Calendar, event: StoredEvent, view: View): string {
  const isCommon =
    seesPrivate(view.role) && view.maxAttendees === null && (view.zone === null || view.zone === calendar.timeZone)
  if (!isCommon) return JSON.stringify(listedEvent(calendar, event, view))
  event.rendered ??= JSON.stringify(listedEvent(calendar, event, view))
  return event.rendered
}

/** An event as lists show it: tombstones are their id alone, cancelled exceptions their place in the series. */
export function listedEvent(calendar: Calendar, event: StoredEvent, view: View): JsonObject {
  const head = { kind: 'calendar#event', etag: etagOf(event.etagUs), id: event.id, status: event.status }
  if (event.isTombstone) return head
  if (event.status === 'cancelled' && event.recurringEventId !== null && event.originalStart !== null) {
    const { recurringEventId, originalStart } = event
    return { ...head, recurringEventId, originalStartTime: renderMoment(originalStart, view.zone ?? calendar.timeZone) }
  }
  return fullEvent(calendar, event, view)
}

/** An event with all its fields (absent ones undefined), in the order of the recordings. What `events.get` answers, for deleted ones too. */
export function fullEvent(calendar: Calendar, event: StoredEvent, view: View): JsonObject {
  const zone = view.zone ?? calendar.timeZone
  const fields = visibleFields(event, view.role)
  const has = (key: string): Json | undefined => fields[key]
  return {
    kind: 'calendar#event',
    etag: etagOf(event.etagUs),
    id: event.id,
    status: event.status,
    htmlLink: `https://www.google.com/calendar/event?eid=${Buffer.from(`${event.id} ${calendar.id}`).toString('base64url')}`,
    created: new Date(Math.floor(event.createdMs / 1000) * 1000).toISOString(),
    updated: new Date(event.updatedMs).toISOString(),
    summary: has('summary'),
    description: has('description'),
    location: has('location'),
    colorId: has('colorId'),
    creator: person(event.creator, calendar),
    organizer: person(event.organizer, calendar),
    start: renderMoment(event.start, zone),
    end: renderMoment(event.end, zone),
    recurrence: event.isTombstone ? undefined : (event.recurrence ?? undefined),
    recurringEventId: event.recurringEventId ?? undefined,
    originalStartTime: event.originalStart ? renderMoment(event.originalStart, zone) : undefined,
    transparency: has('transparency'),
    visibility: has('visibility'),
    iCalUID: event.iCalUID,
    sequence: event.sequence,
    ...attendees(event, fields, calendar, view),
    extendedProperties: has('extendedProperties'),
    hangoutLink: has('hangoutLink'),
    conferenceData: has('conferenceData'),
    ...Object.fromEntries(FLAGS.map(flag => [flag, has(flag)])),
    reminders: has('reminders') ?? { useDefault: true },
    source: has('source'),
    attachments: has('attachments'),
    ...Object.fromEntries(TYPED.map(key => [key, has(key)])),
    eventType: has('eventType') ?? 'default',
  }
}

const FLAGS = ['anyoneCanAddSelf', 'guestsCanInviteOthers', 'guestsCanModify', 'guestsCanSeeOtherGuests', 'privateCopy']
const TYPED = ['workingLocationProperties', 'outOfOfficeProperties', 'focusTimeProperties', 'birthdayProperties']
const MASKED = ['transparency', 'visibility', 'reminders', 'eventType']

/** What a role may see: free/busy readers no content at all, readers nothing of private events. */
function visibleFields(event: StoredEvent, role: Role): JsonObject {
  const visibility = stringAt(event.fields, 'visibility')
  const isPrivate = visibility === 'private' || visibility === 'confidential'
  if (isAtLeast(role, 'reader') && (!isPrivate || seesPrivate(role))) return event.fields
  return compact(Object.fromEntries(MASKED.map(key => [key, event.fields[key]])))
}

const person = ({ email, displayName }: Person, calendar: Calendar): JsonObject => ({
  email,
  displayName,
  self: email === calendar.id ? true : undefined,
})

function attendees(event: StoredEvent, fields: JsonObject, calendar: Calendar, view: View): JsonObject {
  const list = fields['attendees']
  if (!Array.isArray(list) || list.length === 0) return {}
  const rows = list.map(item => {
    const row: JsonObject = typeof item === 'object' && item !== null && !Array.isArray(item) ? item : {}
    const email = stringAt(row, 'email') ?? ''
    return {
      email,
      displayName: stringAt(row, 'displayName'),
      organizer: email === event.organizer.email ? true : undefined,
      self: email === calendar.id ? true : undefined,
      ...Object.fromEntries(ATTENDEE_EXTRAS.map(key => [key, row[key]])),
      responseStatus: stringAt(row, 'responseStatus') ?? 'needsAction',
    }
  })
  if (view.maxAttendees === null || rows.length <= view.maxAttendees) return { attendees: rows }
  return { attendees: rows.filter(row => row['email'] === view.viewer), attendeesOmitted: true }
}

const ATTENDEE_EXTRAS = ['resource', 'optional', 'comment', 'additionalGuests', 'id']

/** Whether an event takes time from its owner: not transparent, not cancelled, not declined by them. */
export function isBusy(calendar: Calendar, event: StoredEvent): boolean {
  if (event.status === 'cancelled' || stringAt(event.fields, 'transparency') === 'transparent') return false
  const list = event.fields['attendees']
  if (!Array.isArray(list)) return true
  return !list.some(
    row =>
      typeof row === 'object' &&
      row !== null &&
      !Array.isArray(row) &&
      row['email'] === calendar.id &&
      row['responseStatus'] === 'declined',
  )
}

/** Whether the writable part of two field sets is the same: which changes count as a change of shared properties. */
export const isSameJson = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Whether the reminders use the calendar's defaults. */
export const usesDefaultReminders = (fields: JsonObject): boolean =>
  booleanAt(objectAt(fields, 'reminders') ?? {}, 'useDefault') ?? true
