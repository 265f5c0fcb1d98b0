import { draftContext } from './event-writes.ts'
import { exceptionsOf, putEvent } from './event-store.ts'
import { findEvent } from './instances.ts'
import { type JsonObject, mergePatch } from './json.ts'
import { endOf, occurrences } from './recurrence.ts'
import { refuse } from './refusal.ts'
import { compactMoment, instantOf, type Moment, startOfDateMs, toWallMs } from './times.ts'
import { readDraft, writableJson } from './event-draft.ts'
import type { Calendar, StoredEvent, World } from './world.ts'

/**
 * "This and following events", as Google's own page does it (the API has no such method): the series ends on the evening
 * before, and a second master `{base}_R{original start}` begins, with a copy of everything, private properties included.
 * Exceptions from there on belong to the second half. Source: recorded increments after such an edit.
 * @returns the second half.
 */
export function splitSeries(
  world: World,
  calendar: Calendar,
  request: { instanceId: string; changes: JsonObject },
): StoredEvent {
  const found = findEvent(calendar, request.instanceId)?.event
  const master = found?.recurringEventId ? calendar.events.get(found.recurringEventId) : undefined
  const original = found?.originalStart
  if (!found || !master?.recurrence || !original) throw refuse.notFound()
  const second = secondHalf(world, calendar, { master, original, changes: request.changes })
  const later = exceptionsOf(calendar, master).filter(
    exception => exception.originalStart && instantAt(exception.originalStart) >= instantAt(original),
  )
  master.recurrence = trimmed(calendar, master.recurrence, original)
  for (const exception of later) exception.recurringEventId = second.id
  putEvent(world, calendar, second)
  putEvent(world, calendar, master)
  return second
}

const instantAt = (moment: Moment): number => instantOf(moment, 'UTC')

function secondHalf(
  world: World,
  calendar: Calendar,
  given: { master: StoredEvent; original: Moment; changes: JsonObject },
): StoredEvent {
  const { master, original, changes } = given
  const base = master.id.replace(/_R\d{8}(T\d{6})?$/, '')
  const id = `${base}_R${compactMoment(original).replace('Z', '')}`
  const whole: StoredEvent = {
    ...master,
    id,
    iCalUID: `${id}@google.com`,
    createdMs: world.now(),
    start: original,
    end: endOf(master, original),
    recurrence: remaining(master, original),
    fields: { ...master.fields },
    hull: null,
    rendered: null,
  }
  const body = mergePatch(writableJson(calendar, whole), changes)
  const draft = readDraft(body, draftContext(world, calendar, whole.fields, { hasConferenceVersion: true }))
  const { start, end, recurrence, fields, status } = draft
  return Object.assign(whole, { start, end, recurrence, fields, status })
}

/** The rule's last day is the one before, to the last second of the calendar's day, as in the recordings. */
function trimmed(calendar: Calendar, recurrence: string[], original: Moment): string[] {
  const date = dateOf(calendar, original)
  const untilMs = startOfDateMs(date, calendar.timeZone) - 1000
  const dayBefore = new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')
  const until = original.kind === 'date' ? dayBefore : compactMoment({ kind: 'time', ms: untilMs, zone: 'UTC' })
  return recurrence.map(line => (line.startsWith('RRULE') ? `${withoutEnd(line)};UNTIL=${until}` : line))
}

const dateOf = (calendar: Calendar, moment: Moment): string =>
  moment.kind === 'date' ? moment.date : new Date(toWallMs(calendar.timeZone, moment.ms)).toISOString().slice(0, 10)

const withoutEnd = (line: string): string => line.replace(/;?(COUNT|UNTIL)=[^;]*/gi, '')

/** The rule from here on: a COUNT loses what already happened. */
function remaining(master: StoredEvent, original: Moment): string[] {
  const recurrence = master.recurrence ?? []
  const at = instantAt(original)
  const passed = [...occurrences({ start: master.start, recurrence }, -Infinity, at)].length
  return recurrence.map(line =>
    line.replace(/(RRULE:.*COUNT=)(\d+)/i, (_whole, head: string, count: string) => `${head}${Number(count) - passed}`),
  )
}

/** Deletes this and all following occurrences: the series just ends before. Exceptions past its end become tombstones. */
export function endSeriesBefore(calendar: Calendar, instanceId: string): { masterId: string; recurrence: string[] } {
  const found = findEvent(calendar, instanceId)?.event
  const master = found?.recurringEventId ? calendar.events.get(found.recurringEventId) : undefined
  if (!found?.originalStart || !master?.recurrence) throw refuse.notFound()
  return { masterId: master.id, recurrence: trimmed(calendar, master.recurrence, found.originalStart) }
}
