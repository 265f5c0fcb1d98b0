import type { Range, Slot, Span } from '../model/time.ts'
import {
  addDays,
  dateMs,
  dateOfMs,
  DAY_MS,
  durationMs,
  FIRST_INSTANT,
  instantOfWallClock,
  isZone,
  LAST_INSTANT,
  overlaps,
  sameSlot,
  slotKey,
  slotOf,
  spanBounds,
  wallClockAt,
} from '../model/time.ts'
import { generateTimes, OCCURRENCES_MAX } from './generate.ts'
import type { Rule } from './rrule.ts'
import type { Recurrence } from './rule.ts'
import { parseRecurrence } from './rule.ts'

/** A series as it is stored: the time of its first occurrence and its recurrence lines. */
export type Series = { time: Span; recurrence: readonly string[] }

/** An occurrence that differs from what the rule says: moved (or changed otherwise) to `time`; null: cancelled. */
export type SeriesException = { originalStart: Slot; time: Span | null }

/** `exception` is the one that took the slot, null where the rule itself speaks. */
export type Occurrence<E extends SeriesException = SeriesException> = { slot: Slot; time: Span; exception: E | null }

/** `isComplete` false: a bound was reached, or part of the recurrence could not be read. */
export type Expansion<E extends SeriesException = SeriesException> = {
  occurrences: Occurrence<E>[]
  isComplete: boolean
}

/**
 * The occurrences of a series that reach into `window`, by start. An exception takes its slot away from the rule and stands where
 * it was moved to, also when the rule no longer yields its slot: Google goes on showing it. Never throws.
 * Times keep their wall clock in the zone of the start; the length in hours stays the same across a change of clocks.
 * @param zoneForAllDay the user's zone: where the days of an all-day series begin and end.
 * Source: RFC 5545 §3.8.5; Google, "Events and calendars" › recurrence.
 */
export function expandSeries<E extends SeriesException>(
  series: Series,
  exceptions: readonly E[],
  window: Range,
  zoneForAllDay: string,
): Expansion<E> {
  const taken = new Set(exceptions.map(({ originalStart }) => slotKey(originalStart)))
  const placed = slotsAround(series, window)
  const regular = placed.slots
    .filter(slot => !taken.has(slotKey(slot)))
    .map((slot): Occurrence<E> => ({ slot, time: spanInSlot(series.time, slot), exception: null }))
  const moved = exceptions.flatMap((exception): Occurrence<E>[] =>
    exception.time === null ? [] : [{ slot: exception.originalStart, time: exception.time, exception }],
  )
  const within = [...regular, ...moved]
    .map(occurrence => ({ occurrence, bounds: spanBounds(occurrence.time, zoneForAllDay) }))
    .filter(({ bounds }) => reachesInto(bounds, window))
    .sort(
      (a, b) =>
        a.bounds.startAt - b.bounds.startAt || (slotKey(a.occurrence.slot) < slotKey(b.occurrence.slot) ? -1 : 1),
    )
  return {
    occurrences: within.slice(0, OCCURRENCES_MAX).map(({ occurrence }) => occurrence),
    isComplete: placed.isComplete && within.length <= OCCURRENCES_MAX,
  }
}

/** Like `overlaps`, but something without length counts where it stands at the window's very start. */
const reachesInto = (bounds: Range, window: Range): boolean =>
  overlaps(bounds, window) ||
  (bounds.startAt === bounds.endAt && bounds.startAt === window.startAt && window.startAt < window.endAt)

/** The time of the occurrence that the rule puts into `slot`. A slot of the other kind (day, instant) keeps the series' length. */
export function spanInSlot(time: Span, slot: Slot): Span {
  if (slot.kind === 'all-day') {
    const days = Math.max(1, Math.round(durationMs(time) / DAY_MS))
    return { kind: 'all-day', startDate: slot.date, endDate: addDays(slot.date, days) }
  }
  const zones = time.kind === 'timed' ? time : { startZone: 'UTC', endZone: 'UTC' }
  const { startZone, endZone } = zones
  return { kind: 'timed', startAt: slot.at, endAt: slot.at + durationMs(time), startZone, endZone }
}

/** Does the rule, with its EXDATEs and RDATEs, yield this slot? An exception whose slot it does not yield is stale. */
export function isGenerated(series: Series, slot: Slot): boolean {
  const bounds = slot.kind === 'timed' ? { startAt: slot.at, endAt: slot.at + 1 } : dayAnywhere(slot.date)
  return slotsAround(series, bounds).slots.some(known => sameSlot(known, slot))
}

/** The slots that the series does not yield: of exceptions, those that are stale. One look at the rule for all of them. */
export function notGenerated(series: Series, slots: readonly Slot[]): Slot[] {
  const ranges = slots.map(slot => boundsAnywhere(spanInSlot(series.time, slot)))
  const startAt = ranges.reduce((least, range) => Math.min(least, range.startAt), LAST_INSTANT)
  const endAt = ranges.reduce((most, range) => Math.max(most, range.endAt), FIRST_INSTANT)
  const placed = slotsAround(series, { startAt, endAt })
  const yielded = new Set(placed.slots.map(slotKey))
  return slots.filter(slot => !yielded.has(slotKey(slot)) && (placed.isComplete || !isGenerated(series, slot)))
}

/**
 * How many of the occurrences that COUNT counts (EXDATEs included, RDATEs not) start before `slot`. Null: too many to count.
 */
export function countBefore(series: Series, slot: Slot): number | null {
  const clock = clockOf(series.time)
  const toMs = clock.wallOf(slot)
  let total = 0
  for (const rule of parseRecurrence(series.recurrence, clock.zone).rules) {
    const { times, isComplete } = placeRule(rule, clock, { fromMs: FIRST_INSTANT, toMs })
    if (!isComplete) return null
    total += times.length
  }
  return total
}

/**
 * The stretch of time in which a series can take place, for storing and searching; it may be wider than its occurrences, never
 * narrower (but says nothing of exceptions, which are stored with their own times). `endAt` null: it has no end, or none that
 * could be found. Days reach from where they begin first (UTC+14) to where they end last (UTC−12).
 */
export function seriesBounds(time: Span, recurrence: readonly string[]): { startAt: number; endAt: number | null } {
  if (recurrence.length === 0) return boundsAnywhere(time)
  const clock = clockOf(time)
  const parsed = parseRecurrence(recurrence, clock.zone)
  const first = boundsAnywhere(time)
  const bounds = parsed.rdates.map(slot => boundsAnywhere(spanInSlot(time, slot)))
  const startAt = Math.min(first.startAt, ...bounds.map(range => range.startAt))
  const ends = parsed.rules.map(rule => endOfRule(rule, time, clock))
  if (ends.includes(null) || parsed.unread.length > 0) return { startAt, endAt: null }
  const endAt = Math.max(first.endAt, ...bounds.map(range => range.endAt), ...ends.map(end => end ?? 0))
  return { startAt, endAt }
}

function endOfRule(rule: Rule, time: Span, clock: Clock): number | null {
  if (rule.until !== null) return boundsAnywhere(spanInSlot(time, clock.lastSlot(rule.until))).endAt
  if (rule.count === null) return null
  const regularMs = lastOfRegular(rule, rule.count, clock)
  if (regularMs !== null && regularMs <= LAST_INSTANT)
    return boundsAnywhere(spanInSlot(time, clock.slotAt(regularMs))).endAt
  const { times, isComplete } = placeRule(rule, clock, { fromMs: FIRST_INSTANT, toMs: LAST_INSTANT })
  const lastMs = times.at(-1)
  return isComplete && lastMs !== undefined ? boundsAnywhere(spanInSlot(time, clock.slotAt(lastMs))).endAt : null
}

/** Every so many days or weeks, nothing else said: the last one is reckoned, not counted out. Null: any other rule. */
function lastOfRegular(rule: Rule, count: number, { startMs }: Clock): number | null {
  const stepMs = rule.frequency === 'DAILY' ? DAY_MS : rule.frequency === 'WEEKLY' ? 7 * DAY_MS : null
  const isPlain = RULE_PARTS.every(part => rule[part].length === 0)
  return stepMs === null || !isPlain ? null : startMs + (count - 1) * rule.interval * stepMs
}
const RULE_PARTS = [
  'byMonth',
  'byWeekNo',
  'byYearDay',
  'byMonthDay',
  'byDay',
  'byHour',
  'byMinute',
  'bySecond',
  'bySetPos',
] as const

const EARLIEST_OFFSET_MS = 14 * 3_600_000
const LATEST_OFFSET_MS = 12 * 3_600_000

function boundsAnywhere(time: Span): Range {
  const { startAt, endAt } = spanBounds(time, 'UTC')
  return time.kind === 'timed'
    ? { startAt, endAt }
    : { startAt: startAt - EARLIEST_OFFSET_MS, endAt: endAt + LATEST_OFFSET_MS }
}

const dayAnywhere = (date: string): Range =>
  boundsAnywhere({ kind: 'all-day', startDate: date, endDate: addDays(date, 1) })

/** How a series tells time: the wall clock of its zone for a timed one, bare days for an all-day one. */
type Clock = {
  zone: string | null
  startMs: number
  /** False: the zone is not one, and UTC stands in for it. */
  isKnown: boolean
  slotAt: (wallMs: number) => Slot
  wallOf: (slot: Slot) => number
  /** The stretch of its clock that surely holds what happens within a range. */
  stretchOf: (range: Range) => { fromMs: number; toMs: number }
  /** The latest slot that an UNTIL allows. A day includes all of it, also for a timed series. */
  lastSlot: (until: Slot) => Slot
}

/** More than clocks are ever moved at once (dates skipped as a whole apart). */
const CLOCK_CHANGE_MS = 7_200_000
const clamp = (at: number): number => Math.min(Math.max(at, FIRST_INSTANT), LAST_INSTANT)

function clockOf(time: Span): Clock {
  const dayOf = (slot: Slot): string => (slot.kind === 'all-day' ? slot.date : dateOfMs(slot.at))
  if (time.kind === 'all-day')
    return {
      zone: null,
      startMs: dateMs(time.startDate),
      isKnown: true,
      slotAt: wallMs => ({ kind: 'all-day', date: dateOfMs(wallMs) }),
      wallOf: slot => dateMs(dayOf(slot)),
      stretchOf: ({ startAt, endAt }) => ({ fromMs: startAt - DAY_MS, toMs: endAt + DAY_MS }),
      lastSlot: until => ({ kind: 'all-day', date: dayOf(until) }),
    }
  const isKnown = isZone(time.startZone)
  const zone = isKnown ? time.startZone : 'UTC'
  const startMs = wallClockAt(time.startAt, zone)
  return {
    zone,
    startMs,
    isKnown,
    // The start keeps its own instant: in a fold it may be the second of the two.
    slotAt: wallMs => ({ kind: 'timed', at: wallMs === startMs ? time.startAt : instantOfWallClock(wallMs, zone) }),
    stretchOf: ({ startAt, endAt }) => ({
      fromMs: wallClockAt(clamp(startAt), zone) - CLOCK_CHANGE_MS,
      toMs: wallClockAt(clamp(endAt), zone) + CLOCK_CHANGE_MS,
    }),
    wallOf: slot => (slot.kind === 'timed' ? wallClockAt(slot.at, zone) : dateMs(slot.date)),
    lastSlot: until =>
      until.kind === 'timed' ? until : { kind: 'timed', at: instantOfWallClock(dateMs(until.date) + DAY_MS - 1, zone) },
  }
}

function placeRule(rule: Rule, clock: Clock, { fromMs, toMs }: { fromMs: number; toMs: number }) {
  const lastMs = rule.until === null ? null : clock.wallOf(clock.lastSlot(rule.until))
  return generateTimes({ rule, startMs: clock.startMs, lastMs, fromMs, toMs })
}

/** All slots of the series that can reach into `window`, and perhaps a few beside it, each once, in no order. */
function slotsAround(series: Series, window: Range): { slots: Slot[]; isComplete: boolean } {
  const clock = clockOf(series.time)
  const recurrence = parseRecurrence(series.recurrence, clock.zone)
  const stretch = clock.stretchOf({
    startAt: window.startAt - Math.max(durationMs(series.time), 0),
    endAt: window.endAt,
  })
  const included = placeAll(recurrence.rules, clock, stretch)
  const excluded = placeAll(recurrence.exclusionRules, clock, stretch)
  if (recurrence.rules.length === 0) included.slots.push(slotOf(series.time))
  const slots = new Map([...included.slots, ...recurrence.rdates].map(slot => [slotKey(slot), slot]))
  for (const slot of [...excluded.slots, ...recurrence.exdates]) slots.delete(slotKey(slot))
  const isComplete = included.isComplete && excluded.isComplete && clock.isKnown && isRead(recurrence)
  return { slots: [...slots.values()], isComplete }
}

const isRead = (recurrence: Recurrence): boolean => recurrence.unread.length === 0

function placeAll(rules: readonly Rule[], clock: Clock, stretch: { fromMs: number; toMs: number }) {
  const generated = rules.map(rule => placeRule(rule, clock, stretch))
  return {
    slots: generated.flatMap(({ times }) => times.map(clock.slotAt)),
    isComplete: generated.every(({ isComplete }) => isComplete),
  }
}
