import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Slot, Span } from '../../../src/core/model/time.ts'
import {
  addDays,
  dayInZone,
  durationMs,
  FIRST_INSTANT,
  formatDateTime,
  instantOfWallClock,
  isZone,
  LAST_INSTANT,
  offsetMs,
  overlaps,
  parseDate,
  parseDateTime,
  parseSlotKey,
  sameSlot,
  sameSpan,
  slotKey,
  slotOf,
  spanBounds,
  startOfDay,
  wallClockAt,
  windowBounds,
} from '../../../src/core/model/time.ts'

const HOUR_MS = 3_600_000
const utc = (text: string): number => Date.parse(text)
const zones = fc.constantFrom(
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Africa/Casablanca',
  'UTC',
)
const instants = fc
  .integer({ min: utc('1990-01-01T00:00Z') / 1_000, max: utc('2060-01-01T00:00Z') / 1_000 })
  .map(s => s * 1_000)

describe('zones', () => {
  test.each([
    'UTC',
    'Europe/Berlin',
    'America/Argentina/Buenos_Aires',
    'Etc/GMT+1',
    'Asia/Kolkata',
    'America/Port-au-Prince',
  ])('%s is an IANA zone, each time it is asked for', name => {
    expect(isZone(name)).toBe(true)
    expect(isZone(name)).toBe(true)
  })
  test.each([
    '',
    'Z',
    '+02:00',
    'local',
    'W. Europe Standard Time',
    'europe/berlin',
    'Europe/Atlantis',
    'Europe/Berlin ',
    '../etc',
    'A'.repeat(9_999),
  ])('%j is not', name => expect(isZone(name)).toBe(false))
})

describe('reading a date and time', () => {
  const read: [sentence: string, text: string, zone: string | null, at: string, zoneOut: string][] = [
    ['an offset decides', '2026-12-01T09:00:00-05:00', null, '2026-12-01T14:00:00Z', 'UTC'],
    [
      'an offset decides against the zone, which is kept',
      '2026-12-01T09:00:00-05:00',
      'Europe/Berlin',
      '2026-12-01T14:00:00Z',
      'Europe/Berlin',
    ],
    ['Z is UTC', '2026-12-01T09:00:00Z', null, '2026-12-01T09:00:00Z', 'UTC'],
    ['small letters are allowed', '2026-12-01t09:00:00z', null, '2026-12-01T09:00:00Z', 'UTC'],
    ['seconds may be left out', '2026-12-01T09:00+01:00', null, '2026-12-01T08:00:00Z', 'UTC'],
    ['fractions are dropped', '2026-12-01T09:00:00.999999Z', null, '2026-12-01T09:00:00Z', 'UTC'],
    ['half-hour offsets count', '2026-12-01T09:00:00+05:30', null, '2026-12-01T03:30:00Z', 'UTC'],
    [
      'local time is read in its zone',
      '2026-07-01T09:00:00',
      'America/New_York',
      '2026-07-01T13:00:00Z',
      'America/New_York',
    ],
    [
      'a time in the gap is moved on by the hour that is missing',
      '2026-03-29T02:30:00',
      'Europe/Berlin',
      '2026-03-29T01:30:00Z',
      'Europe/Berlin',
    ],
    [
      'a time that happens twice is the first',
      '2026-10-25T02:30:00',
      'Europe/Berlin',
      '2026-10-25T00:30:00Z',
      'Europe/Berlin',
    ],
    ['in the south too: gap', '2026-10-04T02:30:00', 'Australia/Sydney', '2026-10-03T16:30:00Z', 'Australia/Sydney'],
    ['in the south too: fold', '2026-04-05T02:30:00', 'Australia/Sydney', '2026-04-04T15:30:00Z', 'Australia/Sydney'],
    ['the first instant', '0001-01-01T00:00:00Z', null, '0001-01-01T00:00:00Z', 'UTC'],
    ['the last second', '9999-12-31T23:59:59Z', null, '9999-12-31T23:59:59Z', 'UTC'],
    ['29 February in a leap year', '2028-02-29T00:00:00Z', null, '2028-02-29T00:00:00Z', 'UTC'],
  ]
  test.each(read)('%s: %s', (_sentence, text, zone, at, zoneOut) =>
    expect(parseDateTime(text, zone)).toEqual({ ok: true, value: { at: utc(at), zone: zoneOut } }),
  )

  const refused: [text: string, zone: string | null, message: RegExp][] = [
    ['2026-12-01T09:00:00', null, /offset/],
    ['2026-12-01T09:00:00Z', 'Mars/Olympus', /IANA/],
    ['2026-12-01T09:00:00Z', '', /IANA/],
    ['2026-12-01', null, /RFC 3339/],
    ['2026-12-01 09:00:00Z', null, /RFC 3339/],
    ['2026-02-30T09:00:00Z', null, /calendar/],
    ['2027-02-29T09:00:00Z', null, /calendar/],
    ['2026-13-01T09:00:00Z', null, /calendar/],
    ['2026-00-01T09:00:00Z', null, /calendar/],
    ['2026-12-01T24:00:00Z', null, /calendar/],
    ['2026-12-01T23:59:60Z', null, /calendar/],
    ['2026-12-01T09:00:00+24:00', null, /offset/],
    ['2026-12-01T09:00:00+01:60', null, /offset/],
    ['0000-12-01T09:00:00Z', null, /calendar/],
    ['0001-01-01T00:00:00+01:00', null, /0001 to 9999/],
    ['9999-12-31T23:59:59-01:00', null, /0001 to 9999/],
    ['+012026-12-01T09:00:00Z', null, /RFC 3339/],
    ['tomorrow', 'UTC', /RFC 3339/],
    [`2026-12-01T09:00:00.${'9'.repeat(100_000)}Z`, null, /RFC 3339/],
  ]
  test.each(refused)('%.40s in %s is refused with a sentence', (text, zone, message) => {
    const result = parseDateTime(text, zone)
    expect(result.ok).toBe(false)
    expect(result.ok ? '' : result.error).toMatch(message)
  })

  test('what is written is read back, in every zone, as the same instant', () =>
    fc.assert(
      fc.property(instants, zones, (at, zone) => {
        expect(parseDateTime(formatDateTime(at, zone), zone)).toEqual({ ok: true, value: { at, zone } })
      }),
    ))

  test('a wall clock that happened is shown by the instant it is turned into', () =>
    fc.assert(
      fc.property(instants, zones, (at, zone) => {
        const wallMs = wallClockAt(at, zone)
        const found = instantOfWallClock(wallMs, zone)
        expect(wallClockAt(found, zone)).toBe(wallMs)
        expect(found).toBeLessThanOrEqual(at) // the first of two
      }),
    ))
})

test.each([
  ['2026-12-01T14:00:00Z', 'America/New_York', '2026-12-01T09:00:00-05:00'],
  ['2026-07-01T12:00:00Z', 'Asia/Kathmandu', '2026-07-01T17:45:00+05:45'],
  ['2026-07-01T12:00:00Z', 'UTC', '2026-07-01T12:00:00Z'],
  ['2026-01-01T12:00:00Z', 'Europe/London', '2026-01-01T12:00:00+00:00'],
  ['0001-01-01T00:00:00Z', 'UTC', '0001-01-01T00:00:00Z'],
  ['1880-01-01T00:00:00Z', 'Europe/Paris', '1880-01-01T00:09:00+00:09'], // 9 min 21 s before there was standard time
])('%s in %s is written %s', (at, zone, text) => {
  expect(formatDateTime(utc(at), zone)).toBe(text)
})

test('an unknown zone in code that should have checked it is a bug, and says so', () => {
  expect(() => formatDateTime(0, 'Mars/Olympus')).toThrow(RangeError)
})

describe('dates', () => {
  test.each(['0001-01-01', '2028-02-29', '9999-12-31'])('%s is a date', text =>
    expect(parseDate(text)).toEqual({ ok: true, value: text }),
  )
  test.each([
    '2027-02-29',
    '2026-02-30',
    '0000-01-01',
    '2026-1-1',
    '20261201',
    '2026-12-01T00:00:00Z',
    '',
    '10000-01-01',
  ])('%j is none', text => expect(parseDate(text).ok).toBe(false))
  test.each([
    ['2026-02-28', 1, '2026-03-01'],
    ['2028-02-28', 1, '2028-02-29'],
    ['2026-01-01', -1, '2025-12-31'],
    ['2026-03-28', 2, '2026-03-30'],
    ['9999-12-31', 400, '9999-12-31'],
    ['0001-01-01', -1, '0001-01-01'],
  ])('%s and %i days is %s', (date, days, expected) => expect(addDays(date, days)).toBe(expected))
  test('the day depends on the zone', () => {
    expect(dayInZone(utc('2026-12-01T23:30:00Z'), 'Asia/Tokyo')).toBe('2026-12-02')
    expect(dayInZone(utc('2026-12-01T23:30:00Z'), 'America/New_York')).toBe('2026-12-01')
  })
  test('a day begins at one where clocks go forward at midnight', () => {
    expect(startOfDay('2026-04-24', 'Africa/Cairo')).toBe(utc('2026-04-23T22:00:00Z'))
    expect(formatDateTime(startOfDay('2026-04-24', 'Africa/Cairo'), 'Africa/Cairo')).toBe('2026-04-24T01:00:00+03:00')
  })
})

describe('spans', () => {
  const timed = (startAt: number, endAt: number, zone = 'UTC'): Span => ({
    kind: 'timed',
    startAt,
    endAt,
    startZone: zone,
    endZone: zone,
  })
  const days = (startDate: string, endDate: string): Span => ({ kind: 'all-day', startDate, endDate })

  const cases: [sentence: string, a: [number, number], b: [number, number], expected: boolean][] = [
    ['apart', [0, 10], [20, 30], false],
    ['touching', [0, 10], [10, 20], false],
    ['by a millisecond', [0, 11], [10, 20], true],
    ['within', [0, 30], [10, 20], true],
    ['the same', [0, 10], [0, 10], true],
    ['an instant inside', [5, 5], [0, 10], true],
    ['an instant at the edge', [0, 0], [0, 10], false],
  ]
  test.each(cases)('overlap: %s', (_sentence, [a, b], [c, d], expected) => {
    expect(overlaps({ startAt: a, endAt: b }, { startAt: c, endAt: d })).toBe(expected)
    expect(overlaps({ startAt: c, endAt: d }, { startAt: a, endAt: b })).toBe(expected)
  })

  test.each([
    ['an ordinary day', '2026-12-01', 'Europe/Berlin', 24],
    ['the day that loses an hour', '2026-03-29', 'Europe/Berlin', 23],
    ['the day that gains an hour', '2026-10-25', 'Europe/Berlin', 25],
    ['the day that loses an hour in the south', '2026-10-04', 'Australia/Sydney', 23],
    ['half an hour on Lord Howe', '2026-04-05', 'Australia/Lord_Howe', 24.5],
  ])('%s in its zone', (_sentence, date, zone, hours) => {
    const { startAt, endAt } = spanBounds(days(date, addDays(date, 1)), zone)
    expect((endAt - startAt) / HOUR_MS).toBe(hours)
    expect(formatDateTime(startAt, zone).slice(0, 19)).toBe(`${date}T00:00:00`)
  })

  test('a timed span is where it is, whatever the zone asked about', () => {
    expect(spanBounds(timed(5, 9), 'Asia/Tokyo')).toEqual({ startAt: 5, endAt: 9 })
    expect(durationMs(timed(5, 9))).toBe(4)
    expect(durationMs(days('2026-03-28', '2026-03-30'))).toBe(48 * HOUR_MS)
  })

  test('spans are the same only with the same instants and zones, or the same days', () => {
    expect(sameSpan(timed(1, 2), timed(1, 2))).toBe(true)
    expect(sameSpan(timed(1, 2), timed(1, 3))).toBe(false)
    expect(sameSpan(timed(1, 2), timed(0, 2))).toBe(false)
    expect(sameSpan(timed(1, 2), timed(1, 2, 'Europe/Berlin'))).toBe(false)
    expect(sameSpan(days('2026-01-01', '2026-01-02'), days('2026-01-01', '2026-01-02'))).toBe(true)
    expect(sameSpan(days('2026-01-01', '2026-01-02'), days('2026-01-01', '2026-01-03'))).toBe(false)
    expect(sameSpan(days('1970-01-01', '1970-01-02'), timed(0, 24 * HOUR_MS))).toBe(false)
  })
})

describe('slots', () => {
  const slots: fc.Arbitrary<Slot> = fc.oneof(
    fc
      .integer({ min: FIRST_INSTANT / 1_000, max: Math.floor(LAST_INSTANT / 1_000) })
      .map((s): Slot => ({ kind: 'timed', at: s * 1_000 })),
    fc.integer({ min: 0, max: 900_000 }).map((day): Slot => ({ kind: 'all-day', date: addDays('2000-01-01', day) })),
  )
  test('a key is read back as its slot', () =>
    fc.assert(
      fc.property(slots, slot => {
        const read = parseSlotKey(slotKey(slot))
        expect(read).toEqual(slot)
        expect(read !== null && sameSlot(read, slot)).toBe(true)
      }),
    ))
  test("keys have the form of Google's instance ids", () => {
    expect(slotKey({ kind: 'timed', at: utc('2026-12-08T14:00:00Z') })).toBe('20261208T140000Z')
    expect(slotKey({ kind: 'all-day', date: '2026-12-08' })).toBe('20261208')
  })
  test.each([
    '',
    '2026-12-08',
    '20261208T140000',
    '20261308',
    '20260230T000000Z',
    '20261208T250000Z',
    'x20261208',
    '20261208T140000Z ',
  ])('%j is no key', text => expect(parseSlotKey(text)).toBeNull())
  test('a day and the instant it begins are different slots', () => {
    expect(sameSlot({ kind: 'all-day', date: '2026-12-08' }, { kind: 'timed', at: utc('2026-12-08T00:00:00Z') })).toBe(
      false,
    )
  })
  test('the slot of a span is its start', () => {
    expect(slotOf({ kind: 'timed', startAt: 7, endAt: 9, startZone: 'UTC', endZone: 'UTC' })).toEqual({
      kind: 'timed',
      at: 7,
    })
    expect(slotOf({ kind: 'all-day', startDate: '2026-01-01', endDate: '2026-01-03' })).toEqual({
      kind: 'all-day',
      date: '2026-01-01',
    })
  })
})

describe('the window', () => {
  test('holds whole days around today in its zone, both ends across a change of clocks', () => {
    const now = utc('2026-03-28T23:30:00Z') // already the 29th in Berlin
    const { startAt, endAt } = windowBounds({ daysBack: 1, daysAhead: 1 }, now, 'Europe/Berlin')
    expect(formatDateTime(startAt, 'Europe/Berlin')).toBe('2026-03-28T00:00:00+01:00')
    expect(formatDateTime(endAt, 'Europe/Berlin')).toBe('2026-03-31T00:00:00+02:00')
  })
  test('of no days is today', () => {
    const { startAt, endAt } = windowBounds({ daysBack: 0, daysAhead: 0 }, utc('2026-06-01T12:00:00Z'), 'UTC')
    expect([startAt, endAt]).toEqual([utc('2026-06-01T00:00:00Z'), utc('2026-06-02T00:00:00Z')])
  })
  test('of absurd size stays within the years that exist', () => {
    const { startAt, endAt } = windowBounds({ daysBack: 1e9, daysAhead: 1e9 }, utc('2026-06-01T12:00:00Z'), 'UTC')
    expect(startAt).toBe(FIRST_INSTANT)
    expect(endAt).toBeLessThanOrEqual(LAST_INSTANT)
  })
})

/** What the machine itself says, asked anew each time. */
function offsetByIntl(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(instant)
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(parts.at(-1)?.value ?? '') ?? ['', '+', '0', '0']
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

test.each([
  ['America/New_York', 2],
  ['Australia/Lord_Howe', 2],
  ['Africa/Casablanca', 3],
  ['Asia/Kathmandu', 0],
  ['Europe/Lisbon', 2],
])(
  'the offsets of %s are those of the machine, on the minute of each of its %i changes of the clocks too',
  (zone, count) => {
    const changes: number[] = []
    const from = Date.parse('2026-01-01T00:00:00Z')
    for (let instant = from; instant < from + 400 * 86_400_000; instant += 3_600_000) {
      if (offsetMs(instant, zone) !== offsetMs(instant + 3_600_000, zone)) changes.push(instant)
    }
    const around = changes.flatMap(change => Array.from({ length: 63 }, (_, minute) => change + minute * 60_000))
    const spread = Array.from({ length: 60 }, (_, step) => from + step * 577_777_777)
    for (const instant of [...around, ...spread]) expect(offsetMs(instant, zone)).toBe(offsetByIntl(instant, zone))
    expect(changes.length).toBe(count)
  },
)
