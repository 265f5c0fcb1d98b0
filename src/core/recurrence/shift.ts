import type { Slot, Span } from '../model/time.ts'
import { DAY_MS, dateMs, dateOfMs, instantOfWallClock, slotOf, wallClockAt } from '../model/time.ts'
import type { Rule } from './rrule.ts'
import { WEEKDAYS } from './rrule.ts'
import type { Recurrence } from './rule.ts'

/** One occurrence as it was and as it shall be; the rest of its series moves along. */
export type Shift = { from: Span; to: Span }

const wallOf = (slot: Slot, zone: string): number =>
  slot.kind === 'timed' ? wallClockAt(slot.at, zone) : dateMs(slot.date)
const zoneOf = (span: Span): string => (span.kind === 'timed' ? span.startZone : 'UTC')
const wallStart = (span: Span): number => wallOf(slotOf(span), zoneOf(span))

/** Where a slot of the series lands: as many hours on the wall clock as the occurrence moves, so that 09:00 becomes 10:00 all year. */
export function shiftSlot({ from, to }: Shift, slot: Slot): Slot {
  const wallMs = wallOf(slot, zoneOf(from)) + wallStart(to) - wallStart(from)
  if (to.kind === 'all-day') return { kind: 'all-day', date: dateOfMs(wallMs) }
  const isUnmoved = from.kind === 'timed' && from.startAt === to.startAt && from.startZone === to.startZone
  return isUnmoved ? slot : { kind: 'timed', at: instantOfWallClock(wallMs, to.startZone) }
}

/** The recurrence for the moved series: dates and UNTIL move along, and a rule that names the old day names the new one. */
export function shiftRecurrence(shift: Shift, recurrence: Recurrence): Recurrence {
  return {
    rules: recurrence.rules.map(rule => shiftRule(shift, rule)),
    exclusionRules: recurrence.exclusionRules.map(rule => shiftRule(shift, rule)),
    rdates: recurrence.rdates.map(slot => shiftSlot(shift, slot)),
    exdates: recurrence.exdates.map(slot => shiftSlot(shift, slot)),
    unread: recurrence.unread,
  }
}

/**
 * From Tuesday to Wednesday, BYDAY=TU becomes WE and 2TU the number of the new day; from the 8th to the 9th, BYMONTHDAY=8 becomes 9.
 * Days that the moved occurrence is not on stay, as in Google's own "this and following".
 */
function shiftRule(shift: Shift, rule: Rule): Rule {
  const until = rule.until === null ? null : shiftSlot(shift, rule.until)
  const from = Math.floor(wallStart(shift.from) / DAY_MS) * DAY_MS
  const to = Math.floor(wallStart(shift.to) / DAY_MS) * DAY_MS
  const replaced = (list: readonly number[], old: number, now: number): number[] =>
    list.map(item => (item === old ? now : item))
  return {
    ...rule,
    until,
    byDay: rule.byDay.map(day => shiftDay(day, from, to)),
    byMonthDay: replaced(rule.byMonthDay, new Date(from).getUTCDate(), new Date(to).getUTCDate()),
    byMonth: replaced(rule.byMonth, new Date(from).getUTCMonth() + 1, new Date(to).getUTCMonth() + 1),
  }
}

function shiftDay(day: Rule['byDay'][number], from: number, to: number): Rule['byDay'][number] {
  const { ordinal } = day
  if (day.weekday !== weekdayOf(from)) return day
  if (ordinal === null) return { ordinal, weekday: weekdayOf(to) }
  const isFromEnd = ordinal < 0
  return ordinal === ordinalInMonth(from, isFromEnd)
    ? { ordinal: ordinalInMonth(to, isFromEnd), weekday: weekdayOf(to) }
    : day
}

/** The how-manieth of its weekday a day is in its month: 2 for the second Tuesday, or −1 for the last, counted from the end. */
function ordinalInMonth(ms: number, isFromEnd: boolean): number {
  const day = new Date(ms)
  if (!isFromEnd) return Math.floor((day.getUTCDate() - 1) / 7) + 1
  const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate()
  return -(Math.floor((last - day.getUTCDate()) / 7) + 1)
}

const weekdayOf = (ms: number) => WEEKDAYS[(new Date(ms).getUTCDay() + 6) % 7] ?? 'MO'
