import { readDraft } from './event-draft.ts'
import { buryEvent, exceptionsOf, putEvent } from './event-store.ts'
import { draftContext, livingByUid, newEvent, type WriteContext } from './event-writes.ts'
import { findEvent } from './instances.ts'
import { isObject, type JsonObject, objectAt, stringAt } from './json.ts'
import { refuse } from './refusal.ts'
import { type Calendar, idFromUid, type Person, randomId, type StoredEvent, type World } from './world.ts'

/**
 * `events.import`: a private copy of somebody's event, found again by its iCalUID and then replaced in place.
 * @throws Refusal invalid when an id is sent, required without iCalUID, and when the calendar's owner has no part in it.
 */
export function importEvent(world: World, calendar: Calendar, body: JsonObject, context: WriteContext): StoredEvent {
  const uid = stringAt(body, 'iCalUID')
  if (uid === undefined) throw refuse.required('Missing iCalUID.')
  if (body['id'] !== undefined) throw refuse.invalid('Invalid resource id value.')
  const organizer = organizerOf(calendar, body)
  const draft = readDraft({ ...body, eventType: 'default' }, draftContext(world, calendar, {}, context))
  if (organizer.email !== calendar.id) draft.fields = { ...draft.fields, privateCopy: true }
  const existing = livingByUid(calendar, uid)
  if (!existing) {
    const named = idFromUid(uid)
    const id = calendar.events.has(named) ? `_${randomId(world, 26)}` : named
    const event = newEvent(world, calendar, { id, uid, draft, context, organizer })
    putEvent(world, calendar, event)
    return event
  }
  if (draft.sequence !== null && draft.sequence < existing.sequence) throw refuse.invalid('Invalid sequence value.')
  const { status, start, end, recurrence, fields } = draft
  Object.assign(existing, { status, start, end, recurrence, fields, organizer })
  putEvent(world, calendar, existing)
  return existing
}

function organizerOf(calendar: Calendar, body: JsonObject): Person {
  const given = objectAt(body, 'organizer')
  const email = given ? stringAt(given, 'email') : undefined
  if (email === undefined || email === calendar.id) return { email: calendar.id }
  const attendees = body['attendees']
  const isGuest = Array.isArray(attendees) && attendees.some(row => isObject(row) && row['email'] === calendar.id)
  if (!isGuest && calendar.isPrimary) {
    throw refuse.calendarRule(
      'participantIsNeitherOrganizerNorAttendee',
      'The owner of the calendar must either be the organizer or an attendee of an event that is imported.',
    )
  }
  const displayName = given ? stringAt(given, 'displayName') : undefined
  return displayName === undefined ? { email } : { email, displayName }
}

/**
 * `events.move`: the event leaves a tombstone behind and lives on in the destination under its id, with that calendar as
 * its organizer. A series moves with its exceptions.
 * @throws Refusal for instances, for typed events, and for events organised elsewhere.
 */
export function moveEvent(world: World, request: { source: Calendar; destination: Calendar; id: string }): StoredEvent {
  const { source, destination, id } = request
  const event = findEvent(source, id)?.event
  if (!event) throw refuse.notFound()
  if (event.status === 'cancelled') throw refuse.deleted()
  if (event.recurringEventId !== null) {
    throw refuse.calendarRule('cannotChangeOrganizerOfInstance', 'Cannot change the organizer of an instance.')
  }
  if (stringAt(event.fields, 'eventType') !== undefined) {
    throw refuse.calendarRule('eventTypeRestriction', 'Only default events can be moved.')
  }
  if (event.organizer.email !== source.id) {
    throw refuse.calendarRule('cannotChangeOrganizer', 'Cannot change the organizer of this event.')
  }
  if (livingByUid(destination, event.iCalUID)) throw refuse.duplicate()
  const exceptions = event.recurrence === null ? [] : exceptionsOf(source, event)
  const organizer: Person = { email: destination.id }
  const copies = [event, ...exceptions].map(member => ({ ...member, organizer, fields: { ...member.fields } }))
  buryEvent(world, source, event)
  for (const copy of copies) putEvent(world, destination, copy)
  return copies[0] ?? event
}
