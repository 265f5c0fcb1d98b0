import { buryEvent, putEvent } from './event-store.ts'
import { isObject, type JsonObject, stringAt } from './json.ts'
import { isSameJson } from './event-json.ts'
import type { Calendar, StoredEvent, World } from './world.ts'

const SHARED_STRUCTURE = [
  'status',
  'start',
  'end',
  'recurrence',
  'sequence',
  'recurringEventId',
  'originalStart',
] as const
const OWN_FIELDS = ['reminders', 'colorId', 'transparency', 'visibility']

const rowsOf = (event: StoredEvent): JsonObject[] => {
  const list = event.fields['attendees']
  return Array.isArray(list) ? list.filter(isObject) : []
}

const guestsOf = (calendar: Calendar, event: StoredEvent): string[] =>
  rowsOf(event)
    .map(row => stringAt(row, 'email') ?? '')
    .filter(email => email !== calendar.id && email !== event.organizer.email)

/**
 * The mails a write sends: one per guest with `sendUpdates=all`, to guests outside Google with `externalOnly`, none
 * otherwise. Guests without an account in this world are outside.
 */
export function countMails(world: World, calendar: Calendar, event: StoredEvent, query: URLSearchParams): number {
  const mode = query.get('sendUpdates') ?? (query.get('sendNotifications') === 'true' ? 'all' : 'none')
  if (mode === 'none') return 0
  const people = event.organizer.email === calendar.id ? guestsOf(calendar, event) : [event.organizer.email]
  return people.filter(email => mode === 'all' || !world.accounts.has(email)).length
}

/**
 * After a write by the organizer: every guest with an account here has a copy in their primary calendar, under the same id,
 * whose shared part is the organizer's and whose private part is their own. Guests taken off the list lose theirs.
 * @returns the calendars that changed.
 */
export function spreadToGuests(world: World, calendar: Calendar, event: StoredEvent): Calendar[] {
  const changed: Calendar[] = []
  const guests = new Set(event.isTombstone ? [] : guestsOf(calendar, event))
  for (const email of guests) {
    const home = world.calendars.get(email)
    if (home && world.accounts.has(email) && shareWith(world, home, event)) changed.push(home)
  }
  for (const email of world.guestCopies.get(event.id) ?? []) {
    const home = world.calendars.get(email)
    const copy = home?.events.get(event.id)
    if (!home || !copy || copy.isTombstone || guests.has(email)) continue
    if (copy.organizer.email !== event.organizer.email) continue
    buryEvent(world, home, copy)
    changed.push(home)
  }
  return changed
}

function shareWith(world: World, home: Calendar, event: StoredEvent): boolean {
  const copy = home.events.get(event.id)
  if (copy?.organizer.email === home.id) return false
  const isShared = ([key]: [string, unknown]): boolean => !OWN_FIELDS.includes(key) && key !== 'extendedProperties'
  const shared: JsonObject = Object.fromEntries(Object.entries(event.fields).filter(isShared))
  const properties = event.fields['extendedProperties']
  if (isObject(properties) && properties['shared'] !== undefined) {
    shared['extendedProperties'] = { shared: properties['shared'] }
  }
  if (!copy) {
    putEvent(world, home, { ...event, fields: shared, rendered: null, hull: null })
    world.guestCopies.set(event.id, new Set([...(world.guestCopies.get(event.id) ?? []), home.id]))
    return true
  }
  const own: JsonObject = {}
  for (const key of OWN_FIELDS) if (copy.fields[key] !== undefined) own[key] = copy.fields[key]
  const kept = copy.fields['extendedProperties']
  const ownPrivate = isObject(kept) ? kept['private'] : undefined
  if (ownPrivate !== undefined) {
    const sharedPart = shared['extendedProperties']
    own['extendedProperties'] = { ...(isObject(sharedPart) ? sharedPart : {}), private: ownPrivate }
  }
  for (const key of SHARED_STRUCTURE) Object.assign(copy, { [key]: event[key] })
  Object.assign(copy, { fields: { ...shared, ...own }, isTombstone: event.isTombstone })
  putEvent(world, home, copy)
  return true
}

/**
 * After a write on a guest's copy: the guest's answer goes back to the organizer's event, nothing else does. A guest who
 * deletes their copy has declined.
 * @returns the calendars that changed.
 */
export function tellOrganizer(world: World, home: Calendar, copy: StoredEvent): Calendar[] {
  const organizers = world.calendars.get(copy.organizer.email)
  const original = organizers?.events.get(copy.id)
  if (!organizers || !original || original.isTombstone) return []
  const mine = rowsOf(copy).find(row => row['email'] === home.id)
  const responseStatus = copy.status === 'cancelled' ? 'declined' : mine?.['responseStatus']
  const attendees = rowsOf(original).map(row => (row['email'] === home.id ? { ...row, responseStatus } : row))
  if (isSameJson(attendees, original.fields['attendees'])) return []
  original.fields = { ...original.fields, attendees }
  putEvent(world, organizers, original)
  return [organizers]
}
