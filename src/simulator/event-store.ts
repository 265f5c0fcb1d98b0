import { type Calendar, nextUs, type StoredEvent, type World } from './world.ts'

/** The series an id belongs to: the id of the first master, without the `_R…` of a later half or an instance's time. */
const familyOf = (event: StoredEvent): string | null =>
  event.recurrence === null && event.recurringEventId === null
    ? null
    : (event.recurringEventId ?? event.id).replace(/_R\d{8}(T\d{6})?$/, '')

/** `dead`: exceptions whose occurrences the change took away; they become tombstones under the etag of their series, as recorded. */
type Touch = { keepsUpdated?: boolean; dead?: readonly StoredEvent[] }

/**
 * Stores a new or changed event as the calendar's newest change.
 * A series is one thing to Google: in the recordings its halves and exceptions share one etag and one `updated`, and an
 * increment brings them together. So a change of one member is logged as a change of all that are not tombstones.
 */
export function putEvent(world: World, calendar: Calendar, event: StoredEvent, touch: Touch = {}): void {
  const us = nextUs(world)
  const former = calendar.events.get(event.id)
  if (former && former !== event) unindex(calendar, former)
  if (former !== event) {
    event.ordinal = former?.ordinal ?? calendar.ordered.length
    calendar.ordered[event.ordinal] = event
    calendar.events.set(event.id, event)
  }
  index(calendar, event)
  logChange(calendar, event, us, touch)
  for (const exception of touch.dead ?? []) {
    exception.isTombstone = true
    exception.status = 'cancelled'
    logChange(calendar, exception, us, {})
  }
  const family = familyOf(event)
  if (family === null) return
  for (const member of calendar.families.get(family) ?? []) {
    if (member !== event && !member.isTombstone) logChange(calendar, member, us, touch)
  }
}

/** What held the id before is forgotten: an occurrence comes back where an exception died, a moved event comes home. */
function unindex(calendar: Calendar, former: StoredEvent): void {
  calendar.byUid.get(former.iCalUID)?.delete(former)
  const family = familyOf(former)
  if (family !== null) calendar.families.get(family)?.delete(former)
  former.isPurged = true
}

function index(calendar: Calendar, event: StoredEvent): void {
  const sameUid = calendar.byUid.get(event.iCalUID)
  if (sameUid) sameUid.add(event)
  else calendar.byUid.set(event.iCalUID, new Set([event]))
  const family = familyOf(event)
  if (family === null) return
  const members = calendar.families.get(family)
  if (members) members.add(event)
  else calendar.families.set(family, new Set([event]))
}

function logChange(calendar: Calendar, event: StoredEvent, us: number, { keepsUpdated = false }: Touch): void {
  event.etagUs = us
  if (!keepsUpdated) event.updatedMs = Math.floor(us / 1000)
  event.rendered = null
  calendar.log.push(event)
  event.seq = calendar.log.length
  calendar.etagUs = us
  calendar.updatedMs = Math.floor(us / 1000)
}

/** The stored exceptions of one master, cancelled ones included, tombstones not. */
export function exceptionsOf(calendar: Calendar, master: StoredEvent): StoredEvent[] {
  const family = familyOf(master)
  if (family === null) return []
  return [...(calendar.families.get(family) ?? [])].filter(
    member => member.recurringEventId === master.id && !member.isTombstone,
  )
}

/** A master comes back without the exceptions that died with it; now they are announced as gone. */
export function announceDeadExceptions(world: World, calendar: Calendar, master: StoredEvent): void {
  for (const member of calendar.families.get(familyOf(master) ?? '') ?? []) {
    if (member.recurringEventId === master.id && member.isTombstone) putEvent(world, calendar, member)
  }
}

/**
 * Turns an event into a tombstone. The exceptions of a deleted master die unannounced: no increment names them.
 */
export function buryEvent(world: World, calendar: Calendar, event: StoredEvent): void {
  const exceptions = event.recurrence === null ? [] : exceptionsOf(calendar, event)
  for (const exception of exceptions) {
    exception.isTombstone = true
    exception.status = 'cancelled'
    exception.rendered = null
  }
  event.isTombstone = true
  event.status = 'cancelled'
  putEvent(world, calendar, event)
}

/** Forgets a tombstone for good, as Google does after a while. Its id stays used. */
export function purgeEvent(calendar: Calendar, event: StoredEvent): void {
  event.fields = {}
  event.rendered = null
  event.isPurged = true
  calendar.byUid.get(event.iCalUID)?.delete(event)
}

/**
 * Changes after `seq` up to `upTo`, each event once, at its newest, at most `limit` of them; `next` is where to go on.
 * Costs what changed, never what is stored.
 */
export function changesBetween(
  calendar: Calendar,
  range: { seq: number; upTo: number; limit: number },
): { events: StoredEvent[]; next: number } {
  const events: StoredEvent[] = []
  let position = range.seq
  for (; position < range.upTo && events.length < range.limit; position++) {
    const event = calendar.log[position]
    if (event && event.seq === position + 1 && !event.isPurged) events.push(event)
  }
  return { events, next: position }
}
