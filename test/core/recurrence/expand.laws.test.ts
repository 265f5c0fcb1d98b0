import fc from 'fast-check'
import ICAL from 'ical.js'
import { expect, test } from 'vitest'
import type { Span } from '../../../src/core/model/time.ts'
import { addDays, dateMs, dateOfMs, DAY_MS, instantOfWallClock, slotKey } from '../../../src/core/model/time.ts'
import type { Series } from '../../../src/core/recurrence/expand.ts'
import { countBefore, expandSeries, isGenerated, seriesBounds } from '../../../src/core/recurrence/expand.ts'
import type { Rule } from '../../../src/core/recurrence/rrule.ts'
import { readRule } from '../../../src/core/recurrence/rrule.ts'
import { daysByDefinition, fits } from './definition.ts'

/** Three readings of a rule, by different hands: the library, the definition written out, and ical.js. */

/** `RUNS=50` looks fifty times as far; a failure prints its seed. */
const runs = (usual: number): number => usual * Number(process.env['RUNS'] ?? 1)

const WEEKDAY_NAMES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
const none = fc.constant('')
const days = (ordinals: fc.Arbitrary<string>) =>
  fc
    .uniqueArray(fc.tuple(ordinals, fc.constantFrom(...WEEKDAY_NAMES)), { minLength: 1, maxLength: 4 })
    .map(pairs => `;BYDAY=${pairs.map(pair => pair.join('')).join(',')}`)
const list = (name: string, values: number[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 4 }).map(items => `;${name}=${items.join(',')}`)
const maybe = (part: fc.Arbitrary<string>) => fc.oneof({ weight: 2, arbitrary: none }, { weight: 1, arbitrary: part })
const interval = maybe(fc.integer({ min: 2, max: 5 }).map(value => `;INTERVAL=${value}`))
const byMonth = list('BYMONTH', [1, 2, 3, 6, 9, 12])
const byMonthDay = list('BYMONTHDAY', [1, 15, 28, 29, 30, 31, -1, -2, -31])
const weekStart = maybe(fc.constantFrom(';WKST=SU', ';WKST=WE'))
const inMonth = fc.constantFrom('', '1', '2', '-1', '5')

const ruleTexts = fc
  .oneof(
    fc.tuple(fc.constant('FREQ=DAILY'), interval, maybe(days(none)), maybe(byMonth), maybe(byMonthDay)),
    fc.tuple(fc.constant('FREQ=WEEKLY'), interval, maybe(days(none)), weekStart, maybe(byMonth)),
    fc.tuple(fc.constant('FREQ=MONTHLY'), interval, maybe(byMonthDay), maybe(days(inMonth)), maybe(byMonth)),
    fc.tuple(fc.constant('FREQ=MONTHLY'), interval, days(none), list('BYSETPOS', [1, 2, -1])),
    fc.tuple(fc.constant('FREQ=YEARLY'), interval, maybe(byMonth), maybe(byMonthDay)),
    fc.tuple(fc.constant('FREQ=YEARLY'), interval, byMonth, days(inMonth)),
    fc.tuple(fc.constant('FREQ=YEARLY'), interval, days(fc.constantFrom('1', '20', '-1'))),
    fc.tuple(fc.constant('FREQ=YEARLY'), interval, days(none), maybe(byMonthDay), maybe(byMonth)),
  )
  .map(parts => parts.join(''))

const startDays = fc.integer({ min: 0, max: 2_000 }).map(offset => addDays('2019-01-01', offset))
const zones = fc.constantFrom(
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Asia/Kolkata',
  'Pacific/Apia',
  'UTC',
)
const counts = fc.option(fc.integer({ min: 1, max: 40 }))

const ruleOf = (text: string): Rule => {
  const rule = readRule(text, null)
  if (!rule.ok) throw new Error(rule.error)
  return rule.value
}
const withCount = (text: string, count: number | null): string => (count === null ? text : `${text};COUNT=${count}`)
const allDay = (date: string): Span => ({ kind: 'all-day', startDate: date, endDate: addDays(date, 1) })
const series = (time: Span, rule: string): Series => ({ time, recurrence: [`RRULE:${rule}`] })
const keysIn = (given: Series, startAt: number, endAt: number): string[] =>
  expandSeries(given, [], { startAt, endAt }, 'UTC').occurrences.map(({ slot }) => slotKey(slot))
const dayKey = (ms: number): string => dateOfMs(ms).replaceAll('-', '')

test('every rule of whole days yields what its definition says, counted from the start', () => {
  fc.assert(
    fc.property(ruleTexts, startDays, counts, (text, date, count) => {
      const endMs = dateMs(date) + 3_000 * DAY_MS
      const expected = daysByDefinition(ruleOf(withCount(text, count)), dateMs(date), endMs)
      const found = keysIn(series(allDay(date), withCount(text, count)), dateMs(date), endMs)
      expect(found).toEqual(expected.map(dayKey))
      expect(found.length).toBeGreaterThan(0)
    }),
    { numRuns: runs(250) },
  )
})

test('a window far from the start shows the same occurrences as the whole', () => {
  fc.assert(
    fc.property(ruleTexts, startDays, counts, fc.integer({ min: -40, max: 2_900 }), (text, date, count, offset) => {
      const given = series(allDay(date), withCount(text, count))
      const [startMs, endMs] = [dateMs(date) + offset * DAY_MS, dateMs(date) + (offset + 35) * DAY_MS]
      const whole = keysIn(given, dateMs(date) - 50 * DAY_MS, dateMs(date) + 3_000 * DAY_MS)
      const expected = whole.filter(key => key >= dayKey(startMs) && key < dayKey(endMs))
      expect(keysIn(given, startMs, endMs)).toEqual(expected)
    }),
    { numRuns: runs(200) },
  )
})

test('in a zone, each occurrence shows the wall clock of the start, on the days of the all-day series', () => {
  fc.assert(
    fc.property(
      ruleTexts,
      startDays,
      zones,
      fc.integer({ min: 0, max: 1_439 }),
      counts,
      (text, date, zone, minutes, count) => {
        const rule = withCount(text, count)
        const startAt = instantOfWallClock(dateMs(date) + minutes * 60_000, zone)
        const time: Span = { kind: 'timed', startAt, endAt: startAt + 1_800_000, startZone: zone, endZone: zone }
        const endMs = dateMs(date) + 1_500 * DAY_MS
        const walls = daysByDefinition(ruleOf(rule), dateMs(date), endMs).map(ms => ms + minutes * 60_000)
        const expected = new Set(walls.map(ms => slotKey({ kind: 'timed', at: instantOfWallClock(ms, zone) })))
        expect(keysIn(series(time, rule), startAt, instantOfWallClock(endMs, zone))).toEqual([...expected])
      },
    ),
    { numRuns: runs(120) },
  )
})

/**
 * ical.js is asked where it follows the RFC: from a start that fits the rule, and not for BYMONTHDAY in YEARLY (31 February
 * becomes 3 March; one month instead of all) or DAILY (the last of the month is passed over), nor for BYMONTH but in YEARLY
 * (it jumps over months, and with INTERVAL back in time; and 29 February becomes 1 March).
 */
test('agrees with ical.js where that follows the RFC', () => {
  let compared = 0
  fc.assert(
    fc.property(ruleTexts, startDays, fc.integer({ min: 1, max: 30 }), (text, from, count) => {
      const rule = ruleOf(text)
      fc.pre(rule.byMonthDay.length === 0 || (rule.frequency === 'MONTHLY' && rule.byDay.length === 0))
      fc.pre(rule.frequency === 'YEARLY' ? rule.byDay.length === 0 : rule.byMonth.length === 0)
      const startMs = firstFitting(rule, dateMs(from))
      fc.pre(startMs !== null && (rule.frequency !== 'YEARLY' || new Date(startMs).getUTCDate() < 29))
      const iterator = ICAL.Recur.fromString(text).iterator(ICAL.Time.fromJSDate(new Date(startMs), true))
      const theirs: string[] = []
      for (let next = iterator.next(); next && theirs.length < count; next = iterator.next())
        theirs.push(dayKey(next.toUnixTime() * 1_000))
      const endMs = dateMs('2400-01-01')
      expect(keysIn(series(allDay(dateOfMs(startMs)), withCount(text, count)), startMs, endMs)).toEqual(theirs)
      compared += theirs.length
    }),
    { numRuns: runs(200) },
  )
  expect(compared).toBeGreaterThan(500)
})

function firstFitting(rule: Rule, fromMs: number): number | null {
  for (let ms = fromMs; ms < fromMs + 800 * DAY_MS; ms += DAY_MS) {
    if (!fits(rule, ms, ms)) continue
    if (
      rule.bySetPos.length === 0 ||
      daysByDefinition({ ...rule, interval: 1 }, ms - 62 * DAY_MS, ms + DAY_MS).includes(ms)
    )
      return ms
  }
  return null
}

test('what the rule yields is generated, is counted, and lies within the bounds of the series', () => {
  fc.assert(
    fc.property(ruleTexts, startDays, zones, counts, (text, date, zone, count) => {
      const startAt = instantOfWallClock(dateMs(date) + 9 * 3_600_000, zone)
      const time: Span = { kind: 'timed', startAt, endAt: startAt + 3_600_000, startZone: zone, endZone: zone }
      const given = series(time, withCount(text, count))
      const window = { startAt: startAt - DAY_MS, endAt: startAt + 1_000 * DAY_MS }
      const { occurrences } = expandSeries(given, [], window, 'UTC')
      const bounds = seriesBounds(given.time, given.recurrence)
      const last = occurrences.length - 1
      for (const at of new Set([0, last >> 1, last])) {
        const occurrence = occurrences[at]
        if (occurrence === undefined || occurrence.time.kind !== 'timed') throw new Error('no occurrence')
        expect(isGenerated(given, occurrence.slot)).toBe(true)
        expect(countBefore(given, occurrence.slot)).toBe(at)
        expect(occurrence.time.startAt).toBeGreaterThanOrEqual(bounds.startAt)
        expect(occurrence.time.endAt).toBeLessThanOrEqual(bounds.endAt ?? Number.POSITIVE_INFINITY)
        expect(isGenerated(given, { kind: 'timed', at: occurrence.time.startAt + 60_000 })).toBe(false)
      }
      if (count === null) expect(bounds.endAt).toBe(null)
      if (occurrences.length === count) expect(bounds.endAt).not.toBe(null)
    }),
    { numRuns: runs(80) },
  )
})

test('the end of a plain rule with a COUNT is the one that is found by counting it out', () => {
  const plain = fc.tuple(
    fc.constantFrom('DAILY', 'WEEKLY'),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 40 }),
  )
  fc.assert(
    fc.property(
      plain,
      startDays,
      zones,
      fc.integer({ min: 0, max: 47 }),
      ([frequency, step, count], day, zone, half) => {
        const startAt = instantOfWallClock(dateMs(day) + (half * DAY_MS) / 48, zone)
        const time: Span = { kind: 'timed', startAt, endAt: startAt + 1_800_000, startZone: zone, endZone: zone }
        const rule = `RRULE:FREQ=${frequency};INTERVAL=${step};COUNT=${count}`
        const counted = seriesBounds(time, [`${rule};BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12`])
        expect(seriesBounds(time, [rule])).toEqual(counted)
      },
    ),
    { numRuns: runs(100) },
  )
})
