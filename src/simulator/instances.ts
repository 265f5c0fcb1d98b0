import { endOf, hasOccurrence, instanceIdOf, occurrences, splitInstanceId } from './recurrence.ts'
import { instantOf, type Moment } from './times.ts'
import { exceptionsOf } from './event-store.ts'
import type { Calendar, StoredEvent } from './world.ts'

/** An event that exists: stored, or an occurrence of a stored series, which exists without being stored. */
type Found = { event: StoredEvent; isVirtual: boolean }

/** Finds an event by id. Instances need not have been listed before: the id says which occurrence is meant. */
export function findEvent(calendar: Calendar, id: string): Found | undefined {
  const stored = calendar.events.get(id)
  const isDeadException = stored?.isTombstone === true && stored.recurringEventId !== null
  if (stored && !isDeadException) return stored.isPurged ? undefined : { event: stored, isVirtual: false }
  return virtualAt(calendar, id) ?? (stored && !stored.isPurged ? { event: stored, isVirtual: false } : undefined)
}

function virtualAt(calendar: Calendar, id: string): Found | undefined {
  const named = splitInstanceId(id)
  if (!named) return undefined
  for (const master of mastersOf(calendar, named.baseId)) {
    const original = inZoneOf(master, named.original)
    if (!hasOccurrence(seriesOf(master), original)) continue
    const instance = virtualInstance(master, original)
    const stored = calendar.events.get(instance.id)
    const isStored = stored?.recurringEventId === master.id && !stored.isTombstone
    return isStored ? { event: stored, isVirtual: false } : { event: instance, isVirtual: true }
  }
  return undefined
}

/** The living masters an instance id may belong to: the one it names, and the later halves of a split series. */
function mastersOf(calendar: Calendar, baseId: string): StoredEvent[] {
  const named = calendar.events.get(baseId)
  const family = calendar.families.get(baseId.replace(/_R\d{8}(T\d{6})?$/, '')) ?? []
  return [...new Set([...(named ? [named] : []), ...family])].filter(
    event => event.recurrence !== null && !event.isTombstone,
  )
}

const seriesOf = (master: StoredEvent): { start: Moment; recurrence: string[] } => ({
  start: master.start,
  recurrence: master.recurrence ?? [],
})

const inZoneOf = (master: StoredEvent, moment: Moment): Moment =>
  moment.kind === 'time' && master.start.kind === 'time' ? { ...moment, zone: master.start.zone } : moment

/** The occurrence at `original` as an event of its own, inheriting everything from its master. */
function virtualInstance(master: StoredEvent, original: Moment): StoredEvent {
  return {
    ...master,
    id: instanceIdOf(master.id, original),
    start: original,
    end: endOf(master, original),
    recurrence: null,
    recurringEventId: master.id,
    originalStart: original,
    fields: { ...master.fields },
    rendered: null,
  }
}

export type Window = { fromMs: number; toMs: number }

/**
 * The instances of a master that overlap a window (exclusive bounds: end after `fromMs`, start before `toMs`), exceptions
 * in the place of the occurrences they replace, cancelled ones included (the caller decides about them).
 */
export function instancesOf(calendar: Calendar, master: StoredEvent, window: Window): StoredEvent[] {
  const zone = calendar.timeZone
  const exceptions = exceptionsOf(calendar, master)
  const replaced = new Map(exceptions.map(exception => [exception.id, exception]))
  const lengthMs = Math.max(0, instantOf(master.end, zone) - instantOf(master.start, zone))
  const slackMs = lengthMs + 86_400_000
  const found: StoredEvent[] = []
  for (const original of occurrences(seriesOf(master), window.fromMs - slackMs, window.toMs + 86_400_000)) {
    const id = instanceIdOf(master.id, original)
    if (!replaced.has(id)) found.push(virtualInstance(master, original))
  }
  return [...found, ...exceptions].filter(event => overlaps(event, window, zone))
}

/** Whether an event ends after the window's beginning and starts before its end; events without length by their start. */
export function overlaps(event: StoredEvent, window: Window, calendarZone: string): boolean {
  const startMs = instantOf(event.start, calendarZone)
  const endMs = instantOf(event.end, calendarZone)
  return startMs < window.toMs && (endMs > window.fromMs || (endMs === startMs && startMs >= window.fromMs))
}

/** Whether any occurrence of a stored event (a series, an exception, a single one) overlaps the window. */
export function touchesWindow(calendar: Calendar, event: StoredEvent, window: Window): boolean {
  if (event.recurrence === null) return overlaps(event, window, calendar.timeZone)
  if (window.toMs === Infinity && isEndless(event.recurrence)) return true
  const zone = calendar.timeZone
  const lengthMs = instantOf(event.end, zone) - instantOf(event.start, zone)
  for (const original of occurrences(seriesOf(event), window.fromMs - lengthMs, window.toMs)) {
    const startMs = instantOf(original, zone)
    if (startMs < window.toMs && startMs + lengthMs > window.fromMs) return true
  }
  return false
}

const isEndless = (recurrence: string[]): boolean =>
  recurrence.some(line => line.startsWith('RRULE') && !/(COUNT|UNTIL)=/i.test(line))

/** Exceptions whose occurrence the master no longer has: what a changed rule or time leaves behind. */
export function orphanedExceptions(calendar: Calendar, master: StoredEvent): StoredEvent[] {
  return exceptionsOf(calendar, master).filter(
    exception => exception.originalStart === null || !hasOccurrence(seriesOf(master), exception.originalStart),
  )
}
