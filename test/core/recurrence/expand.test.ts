import { describe, expect, test } from 'vitest'
import type { Slot, Span } from '../../../src/core/model/time.ts'
import { formatDateTime, slotKey } from '../../../src/core/model/time.ts'
import type { Series, SeriesException } from '../../../src/core/recurrence/expand.ts'
import {
  countBefore,
  expandSeries,
  isGenerated,
  notGenerated,
  seriesBounds,
} from '../../../src/core/recurrence/expand.ts'
import { OCCURRENCES_MAX } from '../../../src/core/recurrence/generate.ts'
import { allDay, at, EVER, HOUR_MS, starts, timed } from './series.ts'

describe("Google's rules", () => {
  const weekly = (...more: string[]) =>
    timed('2026-12-01T09:00:00', 'America/New_York', 'RRULE:FREQ=WEEKLY;COUNT=4', ...more)

  test('a start off the rule is the first occurrence and counts', () => {
    const series = timed('2026-12-01T09:00:00', 'UTC', 'RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=3') // a Tuesday
    expect(starts(series, ...EVER)).toEqual(['2026-12-01T09:00', '2026-12-04T09:00', '2026-12-11T09:00'])
  })
  test('UNTIL is inclusive', () => {
    const until = (text: string) =>
      starts(timed('2026-12-01T09:00:00', 'UTC', `RRULE:FREQ=DAILY;UNTIL=${text}`), ...EVER)
    expect(until('20261203T090000Z')).toHaveLength(3)
    expect(until('20261203T085959Z')).toHaveLength(2)
    expect(until('20261203')).toHaveLength(3) // a day means all of it
    expect(starts(allDay('2026-12-01', 'RRULE:FREQ=DAILY;UNTIL=20261203'), ...EVER)).toHaveLength(3)
  })
  test('UNTIL as a day means that day in the zone of the series', () => {
    const series = timed('2026-12-01T22:00:00', 'America/Los_Angeles', 'RRULE:FREQ=DAILY;UNTIL=20261202')
    expect(starts(series, ...EVER)).toEqual(['2026-12-01T22:00', '2026-12-02T22:00'])
  })
  test('UNTIL before the start leaves nothing', () => {
    expect(starts(timed('2026-12-01T09:00:00', 'UTC', 'RRULE:FREQ=DAILY;UNTIL=20261130T000000Z'), ...EVER)).toEqual([])
    expect(starts(allDay('2026-12-01', 'RRULE:FREQ=DAILY;UNTIL=20261130'), ...EVER)).toEqual([])
  })
  test('EXDATE takes an occurrence out, and it still counts', () => {
    expect(starts(weekly('EXDATE:20261208T140000Z'), ...EVER)).toEqual([
      '2026-12-01T09:00',
      '2026-12-15T09:00',
      '2026-12-22T09:00',
    ])
  })
  test('EXDATE can take out the start itself', () => {
    expect(starts(weekly('EXDATE:20261201T140000Z'), ...EVER)).toHaveLength(3)
  })
  test('EXDATE in a zone, and one that hits nothing', () => {
    expect(starts(weekly('EXDATE;TZID=America/New_York:20261208T090000,20261209T090000'), ...EVER)).toHaveLength(3)
  })
  test('RDATE adds, once', () => {
    expect(starts(weekly('RDATE:20261203T140000Z,20261208T140000Z'), ...EVER)).toEqual([
      '2026-12-01T09:00',
      '2026-12-03T09:00',
      '2026-12-08T09:00',
      '2026-12-15T09:00',
      '2026-12-22T09:00',
    ])
  })
  test('RDATE alone adds to the start', () => {
    expect(starts(allDay('2026-12-01', 'RDATE;VALUE=DATE:20261224'), ...EVER)).toEqual(['2026-12-01', '2026-12-24'])
  })
  test('EXDATE wins over RDATE', () => {
    expect(starts(weekly('RDATE:20261203T140000Z', 'EXDATE:20261203T140000Z'), ...EVER)).toHaveLength(4)
  })
  test('several rules are united, an EXRULE is taken away', () => {
    const series = allDay('2026-12-01', 'RRULE:FREQ=DAILY;COUNT=4', 'RRULE:FREQ=WEEKLY;COUNT=2')
    expect(starts(series, ...EVER)).toEqual(['2026-12-01', '2026-12-02', '2026-12-03', '2026-12-04', '2026-12-08'])
    const less = allDay('2026-12-01', 'RRULE:FREQ=DAILY;COUNT=4', 'EXRULE:FREQ=DAILY;INTERVAL=2')
    expect(starts(less, ...EVER)).toEqual(['2026-12-02', '2026-12-04'])
  })
  test('no recurrence at all is one occurrence', () => {
    expect(starts(timed('2026-12-01T09:00:00', 'UTC'), ...EVER)).toEqual(['2026-12-01T09:00'])
  })
})

describe('clocks', () => {
  const day = (zone: string, start: string, from: string, to: string): string[] => {
    const series = timed(start, zone, 'RRULE:FREQ=DAILY')
    return expandSeries(series, [], { startAt: at(from, zone), endAt: at(to, zone) }, 'UTC').occurrences.map(
      ({ time }) => (time.kind === 'timed' ? formatDateTime(time.startAt, zone) : ''),
    )
  }
  test('forward in the north: nine stays nine', () => {
    expect(day('Europe/Berlin', '2026-01-01T09:00:00', '2026-03-28T00:00:00', '2026-03-31T00:00:00')).toEqual([
      '2026-03-28T09:00:00+01:00',
      '2026-03-29T09:00:00+02:00',
      '2026-03-30T09:00:00+02:00',
    ])
  })
  test('back in the north', () => {
    expect(day('America/New_York', '2026-01-01T09:00:00', '2026-10-31T00:00:00', '2026-11-03T00:00:00')).toEqual([
      '2026-10-31T09:00:00-04:00',
      '2026-11-01T09:00:00-05:00',
      '2026-11-02T09:00:00-05:00',
    ])
  })
  test('forward in the south, when the north goes back', () => {
    expect(day('Australia/Sydney', '2026-01-01T09:00:00', '2026-10-03T00:00:00', '2026-10-05T00:00:00')).toEqual([
      '2026-10-03T09:00:00+10:00',
      '2026-10-04T09:00:00+11:00',
    ])
  })
  test('a time that does not exist is moved on for that day alone', () => {
    expect(day('Europe/Berlin', '2026-01-01T02:30:00', '2026-03-28T00:00:00', '2026-03-31T00:00:00')).toEqual([
      '2026-03-28T02:30:00+01:00',
      '2026-03-29T03:30:00+02:00',
      '2026-03-30T02:30:00+02:00',
    ])
  })
  test('a time that exists twice takes place once, the first time', () => {
    expect(day('Europe/Berlin', '2026-01-01T02:30:00', '2026-10-25T00:00:00', '2026-10-26T00:00:00')).toEqual([
      '2026-10-25T02:30:00+02:00',
    ])
  })
  test('a start in the second of the two hours keeps its instant', () => {
    const startAt = at('2026-10-25T02:30:00+01:00')
    const time: Span = {
      kind: 'timed',
      startAt,
      endAt: startAt + HOUR_MS,
      startZone: 'Europe/Berlin',
      endZone: 'Europe/Berlin',
    }
    const { occurrences } = expandSeries(
      { time, recurrence: ['RRULE:FREQ=DAILY;COUNT=2'] },
      [],
      { startAt, endAt: startAt + 48 * HOUR_MS },
      'UTC',
    )
    expect(
      occurrences.map(({ time }) => time.kind === 'timed' && formatDateTime(time.startAt, 'Europe/Berlin')),
    ).toEqual(['2026-10-25T02:30:00+01:00', '2026-10-26T02:30:00+01:00'])
  })
  test('a weekday is a weekday in the zone, not in UTC', () => {
    const series = timed('2026-12-04T20:00:00', 'America/Los_Angeles', 'RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=3') // Saturday in UTC
    expect(starts(series, ...EVER)).toEqual(['2026-12-04T20:00', '2026-12-11T20:00', '2026-12-18T20:00'])
  })
  test('the length in hours stays the same over the night of the change', () => {
    const startAt = at('2026-03-27T22:00:00', 'Europe/Berlin')
    const time: Span = {
      kind: 'timed',
      startAt,
      endAt: startAt + 8 * HOUR_MS,
      startZone: 'Europe/Berlin',
      endZone: 'Europe/Berlin',
    }
    const window = { startAt, endAt: startAt + 72 * HOUR_MS }
    const { occurrences } = expandSeries({ time, recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] }, [], window, 'UTC')
    expect(occurrences.map(({ time }) => time.kind === 'timed' && (time.endAt - time.startAt) / HOUR_MS)).toEqual([
      8, 8, 8,
    ])
  })
})

describe('the window', () => {
  const series = timed('2026-12-01T09:00:00', 'UTC', 'RRULE:FREQ=DAILY') // 9 to 10
  test.each([
    ['ends before it begins', '2026-12-05T07:00:00Z', '2026-12-05T09:00:00Z', 0],
    ['reaches into its first second', '2026-12-05T07:00:00Z', '2026-12-05T09:00:01Z', 1],
    ['lies within it', '2026-12-05T09:20:00Z', '2026-12-05T09:30:00Z', 1],
    ['begins in its last second', '2026-12-05T09:59:59Z', '2026-12-05T12:00:00Z', 1],
    ['begins when it ends', '2026-12-05T10:00:00Z', '2026-12-05T12:00:00Z', 0],
    ['lies before the series', '2026-11-05T10:00:00Z', '2026-11-15T12:00:00Z', 0],
    ['is empty', '2026-12-05T12:00:00Z', '2026-12-05T12:00:00Z', 0],
  ])('that %s', (_sentence, from, to, expected) => expect(starts(series, from, to)).toHaveLength(expected))

  test('shows an occurrence that began days ago', () => {
    const startAt = at('2026-12-01T09:00:00Z')
    const time: Span = { kind: 'timed', startAt, endAt: startAt + 10 * 24 * HOUR_MS, startZone: 'UTC', endZone: 'UTC' }
    expect(
      starts({ time, recurrence: ['RRULE:FREQ=MONTHLY'] }, '2027-02-08T00:00:00Z', '2027-02-09T00:00:00Z'),
    ).toEqual(['2027-02-01T09:00'])
  })
  test('shows something without length where it begins, once', () => {
    const startAt = at('2026-12-01T09:00:00Z')
    const instant: Series = {
      time: { kind: 'timed', startAt, endAt: startAt, startZone: 'UTC', endZone: 'UTC' },
      recurrence: ['RRULE:FREQ=DAILY'],
    }
    expect(starts(instant, '2026-12-02T09:00:00Z', '2026-12-03T09:00:00Z')).toEqual(['2026-12-02T09:00'])
  })
  test('shows the day on which the user still is, though UTC has left it', () => {
    const window = { startAt: at('2026-12-06T09:00:00Z'), endAt: at('2026-12-06T09:30:00Z') }
    const { occurrences } = expandSeries(allDay('2026-12-01', 'RRULE:FREQ=DAILY'), [], window, 'Pacific/Honolulu')
    expect(occurrences.map(({ slot }) => slotKey(slot))).toEqual(['20261205'])
  })
  test('of many years holds every day of them, once', () => {
    const days = starts(allDay('2000-01-01', 'RRULE:FREQ=DAILY'), '2010-01-01T00:00:00Z', '2030-01-01T00:00:00Z')
    expect(days).toHaveLength(7_305)
    expect(new Set(days).size).toBe(7_305)
  })
  test('holds the days of an all-day series by the zone of the user', () => {
    const days = (zone: string): number =>
      expandSeries(
        allDay('2026-12-01', 'RRULE:FREQ=DAILY'),
        [],
        { startAt: at('2026-12-05T12:00:00Z'), endAt: at('2026-12-05T13:00:00Z') },
        zone,
      )
        .occurrences.map(({ slot }) => Number(slotKey(slot)))
        .at(0) ?? 0
    expect([days('UTC'), days('Pacific/Auckland'), days('Pacific/Honolulu')]).toEqual([20261205, 20261206, 20261205])
  })
})

describe('exceptions', () => {
  const series = timed('2026-12-01T09:00:00', 'UTC', 'RRULE:FREQ=WEEKLY;COUNT=4')
  const slot = (text: string): Slot => ({ kind: 'timed', at: at(text) })
  const span = (text: string): Span => ({
    kind: 'timed',
    startAt: at(text),
    endAt: at(text) + HOUR_MS,
    startZone: 'UTC',
    endZone: 'UTC',
  })
  const moved = (from: string, to: string): SeriesException => ({ originalStart: slot(from), time: span(to) })
  const cancelled = (from: string): SeriesException => ({ originalStart: slot(from), time: null })

  test('a cancelled occurrence is gone, the others stay', () => {
    expect(starts(series, ...EVER, [cancelled('2026-12-08T09:00:00Z')])).toEqual([
      '2026-12-01T09:00',
      '2026-12-15T09:00',
      '2026-12-22T09:00',
    ])
  })
  test('a moved one leaves no ghost behind', () => {
    expect(starts(series, ...EVER, [moved('2026-12-08T09:00:00Z', '2026-12-30T11:00:00Z')])).toEqual([
      '2026-12-01T09:00',
      '2026-12-15T09:00',
      '2026-12-22T09:00',
      '2026-12-30T11:00',
    ])
  })
  test('one moved into the window is shown, one moved out is not', () => {
    const week = ['2026-12-07T00:00:00Z', '2026-12-14T00:00:00Z'] as const
    expect(starts(series, ...week, [moved('2026-12-22T09:00:00Z', '2026-12-09T09:00:00Z')])).toEqual([
      '2026-12-08T09:00',
      '2026-12-09T09:00',
    ])
    expect(starts(series, ...week, [moved('2026-12-08T09:00:00Z', '2026-12-20T09:00:00Z')])).toEqual([])
  })
  test('one whose slot the rule no longer yields is shown where it is, a stale cancellation changes nothing', () => {
    expect(starts(series, ...EVER, [moved('2026-12-09T09:00:00Z', '2026-12-10T09:00:00Z')])).toHaveLength(5)
    expect(starts(series, ...EVER, [cancelled('2026-12-09T09:00:00Z')])).toHaveLength(4)
  })
  test('the occurrence names its slot and its exception', () => {
    const exception = moved('2026-12-08T09:00:00Z', '2026-12-08T11:00:00Z')
    const { occurrences } = expandSeries(series, [exception], { startAt: at(EVER[0]), endAt: at(EVER[1]) }, 'UTC')
    expect(occurrences.map(occurrence => occurrence.exception)).toEqual([null, exception, null, null])
    expect(occurrences[1]?.slot).toEqual(exception.originalStart)
  })
  test('more than can be shown are cut, and that is said', () => {
    const many = Array.from({ length: OCCURRENCES_MAX + 1 }, (_, second): SeriesException => ({
      originalStart: { kind: 'timed', at: at('2027-01-01T00:00:00Z') + second * 1_000 },
      time: span('2026-12-02T09:00:00Z'),
    }))
    const { occurrences, isComplete } = expandSeries(series, many, { startAt: at(EVER[0]), endAt: at(EVER[1]) }, 'UTC')
    expect(occurrences).toHaveLength(OCCURRENCES_MAX)
    expect(isComplete).toBe(false)
  })
  test('700 exceptions of an endless series are each found', () => {
    const daily = timed('2026-01-01T09:00:00', 'UTC', 'RRULE:FREQ=DAILY')
    const startAt = at('2026-01-01T09:00:00Z')
    const many = Array.from({ length: 700 }, (_, day): SeriesException => ({
      originalStart: { kind: 'timed', at: startAt + day * 24 * HOUR_MS },
      time: null,
    }))
    expect(starts(daily, '2026-01-01T00:00:00Z', '2028-01-01T00:00:00Z', many)).toHaveLength(30)
    expect(
      notGenerated(
        daily,
        many.map(({ originalStart }) => originalStart),
      ),
    ).toEqual([])
  })
})

describe('bounds and counts', () => {
  test('of an endless series', () => {
    expect(seriesBounds(timed('2026-12-01T09:00:00', 'UTC').time, ['RRULE:FREQ=DAILY'])).toEqual({
      startAt: at('2026-12-01T09:00:00Z'),
      endAt: null,
    })
  })
  test('of a counted one, to the end of its last occurrence', () => {
    expect(seriesBounds(timed('2026-12-01T09:00:00', 'UTC').time, ['RRULE:FREQ=WEEKLY;COUNT=3']).endAt).toBe(
      at('2026-12-15T10:00:00Z'),
    )
  })
  test('of one that ends by UNTIL, not before its last occurrence ends', () => {
    expect(
      seriesBounds(timed('2026-12-01T09:00:00', 'UTC').time, ['RRULE:FREQ=WEEKLY;UNTIL=20261215T090000Z']).endAt,
    ).toBe(at('2026-12-15T10:00:00Z'))
  })
  test('of a single appointment, and with dates on both sides', () => {
    const { time } = timed('2026-12-01T09:00:00', 'UTC')
    expect(seriesBounds(time, [])).toEqual({ startAt: at('2026-12-01T09:00:00Z'), endAt: at('2026-12-01T10:00:00Z') })
    expect(seriesBounds(time, ['RDATE:20261101T090000Z', 'RDATE:20270101T090000Z'])).toEqual({
      startAt: at('2026-11-01T09:00:00Z'),
      endAt: at('2027-01-01T10:00:00Z'),
    })
  })
  test('of days, wherever on earth they are', () => {
    expect(seriesBounds(allDay('2026-12-01').time, [])).toEqual({
      startAt: at('2026-11-30T10:00:00Z'),
      endAt: at('2026-12-02T12:00:00Z'),
    })
  })
  test('of what cannot be read: perhaps endless', () => {
    expect(seriesBounds(allDay('2026-12-01').time, ['RRULE:FREQ=ODD']).endAt).toBeNull()
  })
  test('a slot is generated only at its very time and kind', () => {
    const series = timed('2026-12-01T09:00:00', 'UTC', 'RRULE:FREQ=WEEKLY', 'EXDATE:20261215T090000Z')
    expect(isGenerated(series, { kind: 'timed', at: at('2026-12-08T09:00:00Z') })).toBe(true)
    expect(isGenerated(series, { kind: 'timed', at: at('2026-12-08T09:00:01Z') })).toBe(false)
    expect(isGenerated(series, { kind: 'timed', at: at('2026-12-15T09:00:00Z') })).toBe(false)
    expect(isGenerated(series, { kind: 'all-day', date: '2026-12-08' })).toBe(false)
    expect(
      notGenerated(series, [
        { kind: 'timed', at: at('2026-12-08T09:00:00Z') },
        { kind: 'timed', at: at('2026-12-09T09:00:00Z') },
      ]),
    ).toEqual([{ kind: 'timed', at: at('2026-12-09T09:00:00Z') }])
  })
  test('what EXDATE took out is counted, what RDATE added is not', () => {
    const series = timed(
      '2026-12-01T09:00:00',
      'UTC',
      'RRULE:FREQ=WEEKLY',
      'EXDATE:20261208T090000Z',
      'RDATE:20261209T090000Z',
    )
    expect(countBefore(series, { kind: 'timed', at: at('2026-12-15T09:00:00Z') })).toBe(2)
    expect(countBefore(series, { kind: 'timed', at: at('2026-12-01T09:00:00Z') })).toBe(0)
  })
})

describe('hostile series', () => {
  const window = { startAt: at('2026-12-01T00:00:00Z'), endAt: at('2026-12-08T00:00:00Z') }
  const cases: [sentence: string, series: Series, count: number, isComplete: boolean][] = [
    ['30 February', allDay('2020-02-01', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'), 0, true],
    ['30 February, counted', allDay('2020-02-01', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3'), 0, true],
    [
      '31 February, daily, from the year 1',
      allDay('0001-01-01', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=9'),
      0,
      false,
    ],
    [
      '31 February, daily, from 1900: given up',
      allDay('1900-01-01', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=9'),
      0,
      false,
    ],
    [
      'every minute of 30 February',
      timed('2020-01-01T00:00:00', 'UTC', 'RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30;COUNT=9'),
      0,
      false,
    ],
    ['INTERVAL=0 cannot be read', timed('2026-12-02T00:00:00', 'UTC', 'RRULE:FREQ=DAILY;INTERVAL=0'), 1, false],
    ['COUNT=0 cannot be read', timed('2026-12-02T00:00:00', 'UTC', 'RRULE:FREQ=DAILY;COUNT=0'), 1, false],
    ['COUNT=1 is one', timed('2026-12-02T00:00:00', 'UTC', 'RRULE:FREQ=DAILY;COUNT=1'), 1, true],
    ['a count nobody lives to see', timed('2020-01-01T00:00:00', 'UTC', 'RRULE:FREQ=DAILY;COUNT=100000'), 7, true],
    ['an interval of ages', timed('2020-01-01T00:00:00', 'UTC', 'RRULE:FREQ=YEARLY;INTERVAL=10000'), 0, true],
    ['an unknown part', timed('2026-12-02T00:00:00', 'UTC', 'RRULE:FREQ=DAILY;RSCALE=HEBREW'), 1, false],
    [
      'parts that the library reads its own way',
      timed('2026-12-02T00:00:00', 'UTC', 'RRULE:FREQ=YEARLY;BYDAY=1MO,TU'),
      1,
      false,
    ],
    [
      'a zone that is none',
      {
        ...timed('2026-12-02T00:00:00', 'UTC', 'RRULE:FREQ=DAILY'),
        time: {
          kind: 'timed',
          startAt: window.startAt,
          endAt: window.startAt + 1,
          startZone: 'Mars/Olympus',
          endZone: '',
        },
      },
      7,
      false,
    ],
    [
      'a length of a thousand years',
      {
        time: {
          kind: 'timed',
          startAt: window.startAt,
          endAt: window.startAt + 3e13,
          startZone: 'UTC',
          endZone: 'UTC',
        },
        recurrence: ['RRULE:FREQ=YEARLY'],
      },
      1,
      true,
    ],
  ]
  test.each(cases)('%s', (_sentence, series, count, isComplete) => {
    const expansion = expandSeries(series, [], window, 'UTC')
    expect(expansion.occurrences).toHaveLength(count)
    expect(expansion.isComplete).toBe(isComplete)
    expect(seriesBounds(series.time, series.recurrence).startAt).toBeTypeOf('number')
  })

  test('a second-by-second series is shown as far as the bound, and says so', () => {
    const { occurrences, isComplete } = expandSeries(
      timed('2020-01-01T00:00:00', 'UTC', 'RRULE:FREQ=SECONDLY'),
      [],
      window,
      'UTC',
    )
    expect(occurrences.length).toBeGreaterThan(1_000)
    expect(occurrences.length).toBeLessThanOrEqual(OCCURRENCES_MAX)
    expect(isComplete).toBe(false)
  })

  test('an end before its start throws nothing', () => {
    const time: Span = {
      kind: 'timed',
      startAt: window.startAt,
      endAt: window.startAt - 99 * HOUR_MS,
      startZone: 'UTC',
      endZone: 'UTC',
    }
    expect(() => expandSeries({ time, recurrence: ['RRULE:FREQ=DAILY'] }, [], window, 'UTC')).not.toThrow()
  })

  test('the last days of the year 9999', () => {
    const series = timed('9999-12-29T09:00:00', 'Europe/Berlin', 'RRULE:FREQ=DAILY')
    const last = { startAt: at('9999-12-30T00:00:00Z'), endAt: at('9999-12-31T23:59:59Z') }
    expect(expandSeries(series, [], last, 'UTC').occurrences).toHaveLength(2)
    expect(
      starts(allDay('9999-12-31', 'RRULE:FREQ=DAILY'), '9999-12-30T00:00:00Z', '9999-12-31T23:59:59Z'),
    ).toBeDefined()
  })

  test('29 February comes every four years, and not in 2100', () => {
    const series = allDay('2024-02-29', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29')
    expect(starts(series, '2024-01-01T00:00:00Z', '2034-01-01T00:00:00Z')).toEqual([
      '2024-02-29',
      '2028-02-29',
      '2032-02-29',
    ])
    expect(starts(series, '2097-01-01T00:00:00Z', '2105-01-01T00:00:00Z')).toEqual(['2104-02-29'])
    expect(
      starts(
        allDay('2024-02-29', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1'),
        '2025-01-01T00:00:00Z',
        '2027-01-01T00:00:00Z',
      ),
    ).toEqual(['2025-02-28', '2026-02-28'])
  })
  test('the 31st comes only in months that have one', () => {
    expect(starts(allDay('2026-01-31', 'RRULE:FREQ=MONTHLY'), '2026-01-01T00:00:00Z', '2026-08-01T00:00:00Z')).toEqual([
      '2026-01-31',
      '2026-03-31',
      '2026-05-31',
      '2026-07-31',
    ])
  })
})
