import type { Appointment } from '../model/appointment.ts'
import { addDays, dayInZone, sameSlot, slotKey, startOfDay, type Slot } from '../model/time.ts'
import { readSplitId } from '../recurrence/edit-series.ts'
import { isGenerated } from '../recurrence/expand.ts'
import { formatRecurrence, parseRecurrence, withUntil } from '../recurrence/rule.ts'
import { exceptionKey, type Known } from './pull-context.ts'

export const FOLLOWS_REASON = 'Its series was split in Google; it is an occurrence of the later part.'

/** The id of the appointment that continues a series from `slot` on. Tails of tails name the first series, as in Google. */
export function tailId(seriesId: string, slot: Slot): string {
  return `${rootId(seriesId)}~R${slotKey(slot)}`
}

/** The id of the series that a tail came of; any other id is its own root. */
function rootId(seriesId: string): string {
  return seriesId.replace(/~R\d{8}(T\d{6}Z)?$/, '')
}

/** What all parts of a series split in Google share: the id of the first part. */
export function familyOf(eventId: string): string {
  return readSplitId(eventId)?.baseId ?? eventId
}

export function isUnder(exception: Appointment, master: Appointment, slot: Slot): boolean {
  const { recurringId, originalStart } = exception
  return recurringId === master.id && originalStart !== null && sameSlot(originalStart, slot)
}

export function underMaster(exception: Appointment, master: Appointment, slot: Slot): Appointment {
  return { ...exception, recurringId: master.id, originalStart: slot }
}

/**
 * The exception that replaces this occurrence, also where it still stands under another part of a series that was split in Google.
 * @param eventId of the part that Google names.
 */
export function exceptionAt(known: Known, master: Appointment, slot: Slot, eventId: string): Appointment | undefined {
  const own = known.exceptions.get(exceptionKey(master.id, slot))
  if (own !== undefined || readSplitId(eventId) === null) return own
  for (const part of partsOf(known, familyOf(eventId))) {
    const exception = part.id === master.id ? undefined : known.exceptions.get(exceptionKey(part.id, slot))
    if (exception !== undefined && !isGenerated(part, slot)) return exception
  }
  return undefined
}

/** The known parts of a series, whole ones and halves. */
export function partsOf(known: Known, family: string): Appointment[] {
  return [...known.links.values()]
    .filter(link => link.recurringEventId === null && link.role !== 'parked' && familyOf(link.eventId) === family)
    .flatMap(link => (link.appointmentId === null ? [] : (known.appointments.get(link.appointmentId) ?? [])))
    .filter(appointment => appointment.recurrence.length > 0)
}

/**
 * The series as Google ends it when it splits it: on the evening before, to the last second of the calendar's day.
 * Source: recorded increments after "this and following".
 */
export function endedBefore(series: Appointment, slot: Slot, calendarZone: string): Appointment {
  const zone = series.time.kind === 'timed' ? series.time.startZone : null
  const recurrence = withUntil(parseRecurrence(series.recurrence, zone), dayBefore(slot, calendarZone))
  const isEarlier = (date: Slot): boolean => slotKey(date) < slotKey(slot)
  return {
    ...series,
    recurrence: formatRecurrence({ ...recurrence, rdates: recurrence.rdates.filter(isEarlier) }),
  }
}

function dayBefore(slot: Slot, zone: string): Slot {
  if (slot.kind === 'all-day') return { kind: 'all-day', date: addDays(slot.date, -1) }
  return { kind: 'timed', at: startOfDay(dayInZone(slot.at, zone), zone) - 1_000 }
}
