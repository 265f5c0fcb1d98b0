import { IANAZone } from 'luxon'
import type { Result } from './failures.ts'
import { fail, succeed } from './failures.ts'

/** Milliseconds since the epoch. */
export type Instant = number

/**
 * When something takes place, half-open. Timed: two instants, each with the IANA zone it is written in (the start's zone expands a
 * series). All-day: two calendar dates `YYYY-MM-DD`, the end exclusive; no zone.
 */
export type Span =
  | { kind: 'timed'; startAt: Instant; endAt: Instant; startZone: string; endZone: string }
  | { kind: 'all-day'; startDate: string; endDate: string }

/** The place of an occurrence in its series: where the rule put it, however it was moved since. */
export type Slot = { kind: 'timed'; at: Instant } | { kind: 'all-day'; date: string }

/** A half-open stretch of time: `startAt` belongs to it, `endAt` does not. */
export type Range = { startAt: Instant; endAt: Instant }

const MINUTE_MS = 60_000
export const DAY_MS = 86_400_000

/** The first and last instants the engine knows: years 0001 to 9999 in UTC, what RFC 3339 and Google can write. */
export const FIRST_INSTANT: Instant = -62_135_596_800_000
export const LAST_INSTANT: Instant = 253_402_300_799_999
/** Bounds the cache of zone names: a stranger's spelling must not grow memory. */
const ZONES_MAX = 2_000
const ZONE_NAME = /^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)*$/
const zones = new Map<string, IANAZone>()
/** Offsets are kept for instants this far apart; where two neighbours agree, so does what lies between them. */
const EDGE_MS = 6 * 3_600_000
/** Bounds the offsets kept per zone: three years of edges. */
const EDGES_MAX = 4_400
const edges = new Map<string, Map<number, number>>()

/**
 * Is this an IANA zone that this machine knows ('Europe/Berlin', 'UTC')? Spelled as IANA spells it: Google refuses other cases.
 * Offsets ('+02:00') and Windows names are not zones.
 */
export function isZone(name: string): boolean {
  return zoneNamed(name) !== null
}

function zoneNamed(name: string): IANAZone | null {
  const known = zones.get(name)
  if (known !== undefined) return known
  if (!ZONE_NAME.test(name) || !IANAZone.isValidZone(name)) return null
  if (zones.size >= ZONES_MAX) zones.clear()
  const zone = IANAZone.create(name)
  zones.set(name, zone)
  return zone
}

/**
 * What must be added to UTC for the wall clock of `zone` at `at`, in milliseconds.
 * @throws RangeError for a zone that `isZone` refuses: names are checked where they enter, so this is a caller's bug.
 */
export function offsetMs(at: Instant, zone: string): number {
  if (zone === 'UTC') return 0
  const edge = Math.floor(at / EDGE_MS)
  const before = offsetAtEdge(edge, zone)
  if (before === offsetAtEdge(edge + 1, zone)) return before
  return at < WHOLE_QUARTERS_SINCE ? readOffsetMs(at, zone) : offsetInQuarter(Math.floor(at / QUARTER_MS), zone)
}

/** Clocks have changed on a quarter of an hour since Liberia gave up its local mean time in 1972. */
const WHOLE_QUARTERS_SINCE = 94_694_400_000
const QUARTER_MS = 15 * MINUTE_MS

/** Between two edges that differ; a window that ends near a change of clocks asks for the same few again and again. */
function offsetInQuarter(quarter: number, zone: string): number {
  const key = `${zone} ${quarter}`
  const known = quarters.get(key)
  if (known !== undefined) return known
  const read = readOffsetMs(quarter * QUARTER_MS, zone)
  if (quarters.size >= EDGES_MAX) quarters.clear()
  quarters.set(key, read)
  return read
}
const quarters = new Map<string, number>()

/** Asking the machine costs microseconds, and a page of events asks some twenty thousand times. */
function offsetAtEdge(edge: number, zone: string): number {
  let known = edges.get(zone)
  const offset = known?.get(edge)
  if (offset !== undefined) return offset
  const read = readOffsetMs(edge * EDGE_MS, zone)
  if (known === undefined || known.size >= EDGES_MAX) {
    if (edges.size >= ZONES_MAX) edges.clear()
    edges.set(zone, (known = new Map()))
  }
  known.set(edge, read)
  return read
}

function readOffsetMs(at: Instant, zone: string): number {
  const known = zoneNamed(zone)
  if (known === null) throw new RangeError(`not an IANA zone: ${zone}`)
  return Math.round(known.offset(at) * MINUTE_MS)
}

/** The wall clock of `zone` at `at`, written as if it were UTC: the arithmetic of calendars happens on this number. */
export function wallClockAt(at: Instant, zone: string): number {
  return at + offsetMs(at, zone)
}

/**
 * The instant at which the wall clock of `zone` shows `wallMs` (see `wallClockAt`).
 * Fold (clocks go back, a time happens twice): the first of the two. Gap (clocks go forward, a time never happens): the time is
 * read with the offset before the gap, so 02:30 becomes 03:30. Source: RFC 5545 §3.3.5. Not left to the library: its answer for
 * a fold depends on the offset of the day on which it is asked.
 */
export function instantOfWallClock(wallMs: number, zone: string): Instant {
  if (zone === 'UTC') return wallMs
  const before = offsetMs(wallMs - DAY_MS, zone)
  const after = offsetMs(wallMs + DAY_MS, zone)
  const asBefore = wallMs - before
  if (before === after || offsetMs(asBefore, zone) === before) return asBefore
  const asAfter = wallMs - after
  return offsetMs(asAfter, zone) === after ? asAfter : asBefore
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,18})?)?([Zz]|[+-]\d{2}:\d{2})?$/

/** A real calendar day as `YYYY-MM-DD`, years 0001 to 9999. The error is a sentence for the sender. */
export function parseDate(text: string): Result<string, string> {
  const match = DATE.exec(text)
  if (match === null) return fail('must be a date as YYYY-MM-DD')
  const [, year, month, day] = match
  return wallMsOf([year, month, day]) === null ? fail('is not a day of the calendar') : succeed(text)
}

/**
 * An instant from RFC 3339. With an offset, the offset decides and `zone` only says where the time is written; without one the
 * time is local to `zone`, which is then needed (folds and gaps: `instantOfWallClock`). No zone: the answer's is 'UTC'.
 * Fractions of a second are dropped, as Google drops them. The error is a sentence for the sender.
 */
export function parseDateTime(text: string, zone: string | null): Result<{ at: Instant; zone: string }, string> {
  if (zone !== null && !isZone(zone)) return fail('names a time zone that is not in the IANA database')
  const match = DATE_TIME.exec(text)
  if (match === null) return fail('must be a date and time as RFC 3339, such as 2026-12-01T09:00:00-05:00')
  const wallMs = wallMsOf(match.slice(1, 7))
  if (wallMs === null) return fail('is not a time of the calendar')
  const offset = readOffset(match[7])
  if (offset === null) return fail('has an offset that is not between -23:59 and +23:59')
  if (offset === 'none' && zone === null) return fail('needs an offset such as Z or -05:00, or a time zone beside it')
  const at = offset === 'none' ? instantOfWallClock(wallMs, zone ?? 'UTC') : wallMs - offset
  return isInRange(at) ? succeed({ at, zone: zone ?? 'UTC' }) : fail('lies outside the years 0001 to 9999')
}

function readOffset(text: string | undefined): number | 'none' | null {
  if (text === undefined) return 'none'
  if (text.length === 1) return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(4, 6))
  if (hours > 23 || minutes > 59) return null
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS
}

/** Year, month, day, hour, minute, second as text → the same on a UTC clock; null where the calendar has no such time. */
function wallMsOf(fields: readonly (string | undefined)[]): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.map(field => Number(field ?? 0))
  if (year < 1 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return null
  if (day > (month === 2 && isLeapYear(year) ? 29 : (DAYS_OF_MONTH[month - 1] ?? 0))) return null
  // Date.UTC takes the years below 100 for those of the last century.
  const firstMs = year >= 100 ? Date.UTC(year, month - 1, day) : new Date(0).setUTCFullYear(year, month - 1, day)
  return firstMs + ((hour * 60 + minute) * 60 + second) * 1_000
}

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

/** Is this a whole number of milliseconds between the years 0001 and 9999? */
export function isInRange(at: number): at is Instant {
  return Number.isInteger(at) && at >= FIRST_INSTANT && at <= LAST_INSTANT
}

/**
 * RFC 3339 in `zone`, whole seconds, with its offset ('Z' only for UTC itself). Offsets that had seconds (before standard time)
 * are rounded to the minute, and the wall clock with them: the instant stays exact.
 */
export function formatDateTime(at: Instant, zone: string): string {
  if (zone === 'UTC') return `${secondsText(at)}Z`
  const offset = Math.round(offsetMs(at, zone) / MINUTE_MS)
  const minutes = Math.abs(offset)
  const hhmm = `${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)}`
  return `${secondsText(at + offset * MINUTE_MS)}${offset < 0 ? '-' : '+'}${hhmm}`
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0')

/** `YYYY-MM-DDTHH:MM:SS`; a wall clock past the year 9999, as zones east of UTC show it at the end of the last one, has a sign before it. */
function secondsText(wallMs: number): string {
  const text = new Date(wallMs).toISOString()
  return text.slice(0, text.length - '.000Z'.length)
}

function dateText(wallMs: number): string {
  const text = new Date(wallMs).toISOString()
  return text.slice(0, text.length - 'T00:00:00.000Z'.length)
}

/**
 * Midnight at the beginning of `date` as a UTC clock shows it.
 * @throws RangeError if `date` is none: dates are checked where they enter (`parseDate`).
 */
export function dateMs(date: string): number {
  const match = DATE.exec(date)
  const wallMs = match === null ? null : wallMsOf(match.slice(1))
  if (wallMs === null) throw new RangeError(`not a date: ${date}`)
  return wallMs
}

/** The date whose UTC day holds `wallMs`; kept within the years 0001 to 9999. */
export function dateOfMs(wallMs: number): string {
  return dateText(Math.min(Math.max(wallMs, FIRST_INSTANT), LAST_INSTANT))
}

/** Midnight of the same UTC day, kept within the same years. */
const dayOfMs = (wallMs: number): number =>
  Math.floor(Math.min(Math.max(wallMs, FIRST_INSTANT), LAST_INSTANT) / DAY_MS) * DAY_MS

/** `days` may be negative. The result stays within the years 0001 to 9999. */
export function addDays(date: string, days: number): string {
  return dateOfMs(dateMs(date) + days * DAY_MS)
}

/** The calendar day on which `at` falls in `zone`. */
export function dayInZone(at: Instant, zone: string): string {
  return dateOfMs(wallClockAt(at, zone))
}

/** The first instant of `date` in `zone`: 00:00, or 01:00 where clocks go forward at midnight. */
export function startOfDay(date: string, zone: string): Instant {
  return instantOfWallClock(dateMs(date), zone)
}

/** Do two half-open ranges share an instant? Touching ones do not; an empty range overlaps what surrounds it, not what it touches. */
export function overlaps(a: Range, b: Range): boolean {
  return a.startAt < b.endAt && b.startAt < a.endAt
}

/** The instants a span covers; an all-day one from midnight to midnight in `zoneForAllDay` (23 to 25 hours where clocks change). */
export function spanBounds(span: Span, zoneForAllDay: string): Range {
  if (span.kind === 'timed') return { startAt: span.startAt, endAt: span.endAt }
  return { startAt: startOfDay(span.startDate, zoneForAllDay), endAt: startOfDay(span.endDate, zoneForAllDay) }
}

/** Length in milliseconds; an all-day span counts 24 hours per day, whatever the clocks do. */
export function durationMs(span: Span): number {
  return span.kind === 'timed' ? span.endAt - span.startAt : dateMs(span.endDate) - dateMs(span.startDate)
}

/** Whole days around today in `zone`: from the start of the day `daysBack` ago to the end of the day `daysAhead` from now. */
export function windowBounds(window: { daysBack: number; daysAhead: number }, now: Instant, zone: string): Range {
  const todayMs = dayOfMs(wallClockAt(now, zone))
  const startOf = (days: number): Instant => instantOfWallClock(dayOfMs(todayMs + days * DAY_MS), zone)
  return { startAt: startOf(-window.daysBack), endAt: startOf(window.daysAhead + 1) }
}

/** The slot in which a span lies as long as nobody moved it: its start. */
export function slotOf(span: Span): Slot {
  return span.kind === 'timed' ? { kind: 'timed', at: span.startAt } : { kind: 'all-day', date: span.startDate }
}

/** `20261208T140000Z` or `20261208`: the suffix of Google's instance ids, and the form in which slots are compared and stored. */
export function slotKey(slot: Slot): string {
  if (slot.kind === 'all-day') return slot.date.replaceAll('-', '')
  return `${secondsText(slot.at).replace(/[-:]/g, '')}Z`
}

/** The reverse of `slotKey`; null for anything else, `20261208T140000` without Z included. */
export function parseSlotKey(text: string): Slot | null {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z)?$/.exec(text)
  const wallMs = match === null ? null : wallMsOf(match.slice(1))
  if (wallMs === null) return null
  return text.length === 8 ? { kind: 'all-day', date: dateText(wallMs) } : { kind: 'timed', at: wallMs }
}

export function sameSlot(a: Slot, b: Slot): boolean {
  return slotKey(a) === slotKey(b)
}

/** Same instants written in the same zones, or the same days. */
export function sameSpan(a: Span, b: Span): boolean {
  if (a.kind === 'timed' && b.kind === 'timed')
    return a.startAt === b.startAt && a.endAt === b.endAt && a.startZone === b.startZone && a.endZone === b.endZone
  if (a.kind === 'all-day' && b.kind === 'all-day') return a.startDate === b.startDate && a.endDate === b.endDate
  return false
}
