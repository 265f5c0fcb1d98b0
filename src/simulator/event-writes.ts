import { type Draft, type DraftContext, readDraft, writableJson } from './event-draft.ts'
import { isSameJson, usesDefaultReminders } from './event-json.ts'
import { announceDeadExceptions, buryEvent, exceptionsOf, putEvent } from './event-store.ts'
import { findEvent, orphanedExceptions } from './instances.ts'
import { compact, isObject, type JsonObject, mergePatch, objectAt, stringAt } from './json.ts'
import { refuse } from './refusal.ts'
import { instantOf, isSameMoment } from './times.ts'
import {
  type Calendar,
  etagOf,
  idFromUid,
  nextUs,
  type Person,
  randomId,
  type StoredEvent,
  type World,
} from './world.ts'

/** How a write is meant: who writes, against which version, declaring what. */
export type WriteContext = { writer: Person; ifMatch: string | null; hasConferenceVersion: boolean }

const ID = /^[a-v0-9]{5,1024}$/
/** Fields that belong to one copy of an event; all others are shared, and the organizer's to change. */
const OWN_FIELDS = ['reminders', 'colorId', 'transparency', 'visibility']

/**
 * `events.insert`.
 * @throws Refusal invalid for an id outside a–v0–9, duplicate for an id ever used here or an iCalUID alive here.
 */
export function insertEvent(world: World, calendar: Calendar, body: JsonObject, context: WriteContext): StoredEvent {
  const id = stringAt(body, 'id')
  if (id !== undefined && !ID.test(id)) throw refuse.invalid('Invalid resource id value.')
  const uid = stringAt(body, 'iCalUID')
  const draft = readDraft(body, draftContext(world, calendar, {}, context))
  if (uid !== undefined && livingByUid(calendar, uid)) throw refuse.duplicate()
  const eventId = id ?? (uid === undefined ? randomId(world, 26) : unusedId(world, calendar, idFromUid(uid)))
  if (calendar.events.has(eventId)) throw refuse.duplicate()
  const event = newEvent(world, calendar, { id: eventId, uid, draft, context })
  putEvent(world, calendar, event)
  return event
}

const unusedId = (world: World, calendar: Calendar, id: string): string =>
  calendar.events.has(id) ? `_${randomId(world, 26)}` : id

/** What a body is read with: the calendar, the fields it may keep, and how this Google treats rules. */
export const draftContext = (
  world: World,
  calendar: Calendar,
  previous: JsonObject,
  { hasConferenceVersion }: Pick<WriteContext, 'hasConferenceVersion'>,
): DraftContext => ({ calendar, previous, hasConferenceVersion, ruleOrder: world.settings.ruleOrder })

/** The living event (or master) with this iCalUID; the instances of a series share their master's. */
export function livingByUid(calendar: Calendar, uid: string): StoredEvent | undefined {
  for (const event of calendar.byUid.get(uid) ?? []) {
    if (!event.isTombstone && event.recurringEventId === null) return event
  }
  return undefined
}

type NewEvent = { id: string; uid: string | undefined; draft: Draft; context: WriteContext; organizer?: Person }

export function newEvent(world: World, calendar: Calendar, input: NewEvent): StoredEvent {
  const { draft, context } = input
  const ownOrganizer: Person = calendar.isPrimary
    ? { email: calendar.id }
    : { email: calendar.id, displayName: calendar.summary }
  return {
    id: input.id,
    ordinal: 0,
    seq: 0,
    etagUs: 0,
    updatedMs: world.now(),
    createdMs: Math.floor(nextUs(world) / 1000),
    status: draft.status,
    isTombstone: draft.status === 'cancelled',
    isPurged: false,
    iCalUID: input.uid ?? `${input.id}@google.com`,
    sequence: draft.sequence ?? 0,
    creator: context.writer,
    organizer: input.organizer ?? ownOrganizer,
    start: draft.start,
    end: draft.end,
    recurrence: draft.recurrence,
    recurringEventId: null,
    originalStart: null,
    fields: draft.fields,
    hull: null,
    rendered: null,
  }
}

/**
 * `events.update` (PUT) and `events.patch`: one path, since a patch is an update of the merged resource.
 * Writing an occurrence makes it an exception; writing status `cancelled` deletes; `confirmed` brings a deleted event back.
 */
export function writeEvent(
  world: World,
  calendar: Calendar,
  request: { id: string; body: JsonObject; mode: 'update' | 'patch' },
  context: WriteContext,
): StoredEvent {
  const found = findEvent(calendar, request.id)
  if (!found) throw refuse.notFound()
  const event = found.event
  if (context.ifMatch !== null && !matches(context.ifMatch, event)) throw refuse.conditionNotMet()
  const before = writableJson(calendar, event)
  const wanted = request.mode === 'patch' ? mergePatch(before, request.body) : request.body
  if (event.isTombstone && event.recurringEventId !== null) throw refuse.notFound() // its series is gone, or its slot
  if (event.isTombstone) checkUndelete(world, wanted)
  const isCancelling = wanted['status'] === 'cancelled'
  const body = isCancelling ? { ...before, ...compact(wanted), status: 'cancelled' } : wanted
  const draft = readDraft(body, draftContext(world, calendar, event.fields, context))
  checkSequence(event, draft)
  checkOrganizer(calendar, event, draft)
  checkType(event, draft)
  if (isCancelling) {
    removeEvent(world, calendar, event, found.isVirtual)
    return event
  }
  applyDraft(world, calendar, event, draft)
  return event
}

const matches = (ifMatch: string, event: StoredEvent): boolean =>
  ifMatch.trim() === '*' ||
  ifMatch
    .split(',')
    .map(etag => etag.trim().replace(/^W\//, ''))
    .includes(etagOf(event.etagUs))

function checkUndelete(world: World, wanted: JsonObject): void {
  if (wanted['status'] === 'cancelled' || world.settings.undelete === 'forbidden') throw refuse.forbidden()
}

function checkSequence(event: StoredEvent, draft: Draft): void {
  if (draft.sequence === null || draft.sequence >= event.sequence) return
  throw refuse.invalid(
    'Invalid sequence value. The specified sequence number is below the current sequence number of the resource. Re-fetch the resource and use its sequence number on the following request.',
  )
}

function checkType(event: StoredEvent, draft: Draft): void {
  if ((stringAt(event.fields, 'eventType') ?? 'default') !== (stringAt(draft.fields, 'eventType') ?? 'default')) {
    throw refuse.calendarRule('eventTypeRestriction', 'The event type cannot be changed.')
  }
}

/** On a guest's copy only what belongs to the copy may change, and the guest's own answer. */
function checkOrganizer(calendar: Calendar, event: StoredEvent, draft: Draft): void {
  if (event.organizer.email === calendar.id || event.fields['guestsCanModify'] === true) return
  if (event.fields['privateCopy'] === true) return
  const isMoved =
    !isSameMoment(event.start, draft.start) ||
    !isSameMoment(event.end, draft.end) ||
    !isSameJson(event.recurrence, draft.recurrence)
  if (isMoved || !isSameJson(sharedPart(calendar, event.fields), sharedPart(calendar, draft.fields))) {
    throw refuse.forbiddenForNonOrganizer()
  }
}

function sharedPart(calendar: Calendar, fields: JsonObject): JsonObject {
  const shared: JsonObject = {}
  for (const key of Object.keys(fields).sort()) {
    if (!OWN_FIELDS.includes(key)) shared[key] = fields[key]
  }
  shared['extendedProperties'] = objectAt(objectAt(fields, 'extendedProperties') ?? {}, 'shared')
  const attendees = fields['attendees']
  if (Array.isArray(attendees))
    shared['attendees'] = attendees.filter(row => isObject(row) && row['email'] !== calendar.id)
  return compact(shared)
}

function applyDraft(world: World, calendar: Calendar, event: StoredEvent, draft: Draft): void {
  const isRetimed = !isSameMoment(event.start, draft.start) || !isSameMoment(event.end, draft.end)
  const isInstance = event.recurringEventId !== null
  const recurrence = isInstance ? null : draft.recurrence
  const isReruled = !isSameJson(event.recurrence, recurrence)
  const keepsUpdated = !isRetimed && !isReruled && isReminderChangeOnly(event, draft)
  const formerExceptions = event.recurrence === null ? [] : exceptionsOf(calendar, event)
  const sequence = draft.sequence ?? (isRetimed || isReruled ? event.sequence + 1 : event.sequence)
  const { status, start, end, fields } = draft
  if (isRetimed) event.hull = widened(calendar, event)
  const isRevived = event.isTombstone
  Object.assign(event, {
    status,
    start,
    end,
    fields: keepCopy(event, fields),
    recurrence,
    sequence,
    isTombstone: false,
  })
  const dead = recurrence === null ? formerExceptions : orphanedExceptions(calendar, event)
  putEvent(world, calendar, event, { keepsUpdated, dead })
  if (isRevived && recurrence !== null) announceDeadExceptions(world, calendar, event)
}

function widened(calendar: Calendar, { hull, start, end }: StoredEvent): StoredEvent['hull'] {
  const fromMs = instantOf(start, calendar.timeZone)
  const toMs = instantOf(end, calendar.timeZone)
  return hull ? { fromMs: Math.min(hull.fromMs, fromMs), toMs: Math.max(hull.toMs, toMs) } : { fromMs, toMs }
}

/** Whether a copy is private is decided when it is made. */
const keepCopy = (event: StoredEvent, fields: JsonObject): JsonObject =>
  event.fields['privateCopy'] === true ? { ...fields, privateCopy: true } : fields

const isReminderChangeOnly = (event: StoredEvent, draft: Draft): boolean => {
  const { reminders: before, ...restBefore } = event.fields
  const { reminders: after, ...restAfter } = draft.fields
  const isChanged =
    !isSameJson(before, after) || usesDefaultReminders(event.fields) !== usesDefaultReminders(draft.fields)
  return isChanged && event.status === draft.status && isSameJson(sorted(restBefore), sorted(restAfter))
}

const sorted = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))

/**
 * `events.delete`: an occurrence becomes a cancelled exception, everything else a tombstone.
 * @throws Refusal deleted when it already is, notFound when it never was.
 */
export function deleteEvent(world: World, calendar: Calendar, id: string, ifMatch: string | null): StoredEvent {
  const found = findEvent(calendar, id)
  if (!found) throw refuse.notFound()
  if (found.event.status === 'cancelled') throw refuse.deleted()
  if (ifMatch !== null && !matches(ifMatch, found.event)) throw refuse.conditionNotMet()
  removeEvent(world, calendar, found.event, found.isVirtual)
  return found.event
}

function removeEvent(world: World, calendar: Calendar, event: StoredEvent, isVirtual: boolean): void {
  if (event.recurringEventId === null) {
    buryEvent(world, calendar, event)
    return
  }
  event.status = 'cancelled'
  if (isVirtual) event.createdMs = world.now()
  putEvent(world, calendar, event)
}
