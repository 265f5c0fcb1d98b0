import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Span } from '../../../src/core/model/time.ts'
import {
  DATES_MAX,
  formatRecurrence,
  LINE_LENGTH_MAX,
  LINES_MAX,
  normaliseRecurrence,
  parseRecurrence,
  validateRecurrence,
  withExdate,
  withUntil,
} from '../../../src/core/recurrence/rule.ts'

describe('normalising', () => {
  const cases: [sentence: string, lines: string[], expected: string[]][] = [
    [
      'parts in one order, names in upper case',
      ['rrule:byday=we,mo;freq=weekly;count=8'],
      ['RRULE:FREQ=WEEKLY;COUNT=8;BYDAY=MO,WE'],
    ],
    ['INTERVAL=1 says nothing', ['RRULE:FREQ=DAILY;INTERVAL=1'], ['RRULE:FREQ=DAILY']],
    [
      'leading zeros and plus signs say nothing',
      ['RRULE:FREQ=MONTHLY;INTERVAL=02;BYDAY=+1MO;BYMONTH=03'],
      ['RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO;BYMONTH=3'],
    ],
    [
      'WKST=MO is the default',
      ['RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO'],
      ['RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU'],
    ],
    [
      'WKST as Google adds it goes where it has no effect',
      ['RRULE:FREQ=WEEKLY;WKST=SU;COUNT=8;BYDAY=TU'],
      ['RRULE:FREQ=WEEKLY;COUNT=8;BYDAY=TU'],
    ],
    [
      'WKST stays where weeks are skipped',
      ['RRULE:WKST=SU;FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU'],
      ['RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU'],
    ],
    [
      'WKST stays where a place in the week is counted',
      ['RRULE:WKST=SU;FREQ=WEEKLY;BYDAY=MO,SU;BYSETPOS=1'],
      ['RRULE:FREQ=WEEKLY;BYDAY=MO,SU;BYSETPOS=1;WKST=SU'],
    ],
    [
      'WKST stays where weeks are counted',
      ['RRULE:WKST=SU;FREQ=YEARLY;BYWEEKNO=20'],
      ['RRULE:FREQ=YEARLY;BYWEEKNO=20;WKST=SU'],
    ],
    ['repeats go', ['RRULE:FREQ=MONTHLY;BYMONTHDAY=5,1,5'], ['RRULE:FREQ=MONTHLY;BYMONTHDAY=1,5']],
    [
      'EXDATEs in a known zone become UTC, one a line, sorted',
      ['EXDATE;TZID=America/New_York:20261208T090000,20261201T090000'],
      ['EXDATE:20261201T140000Z', 'EXDATE:20261208T140000Z'],
    ],
    [
      'the same instant twice is once',
      ['EXDATE:20261201T140000Z', 'EXDATE;TZID=America/New_York:20261201T090000'],
      ['EXDATE:20261201T140000Z'],
    ],
    [
      'days keep VALUE=DATE',
      ['exdate;value=date:20150610,20150612'],
      ['EXDATE;VALUE=DATE:20150610', 'EXDATE;VALUE=DATE:20150612'],
    ],
    ['a bare day is a day', ['RDATE:20150610'], ['RDATE;VALUE=DATE:20150610']],
    ['VALUE=DATE-TIME is the default', ['EXDATE;VALUE=DATE-TIME:20261201T140000Z'], ['EXDATE:20261201T140000Z']],
    ['a quoted zone is a zone', ['RDATE;TZID="Europe/Berlin":20260701T090000'], ['RDATE:20260701T070000Z']],
    [
      'a time that calls itself a day keeps its line',
      ['EXDATE;VALUE=DATE:20261208T140000Z'],
      ['EXDATE;VALUE=DATE:20261208T140000Z'],
    ],
    [
      'an unknown zone keeps its line',
      ['EXDATE;TZID=Eastern Standard Time:20261208T090000'],
      ['EXDATE;TZID=Eastern Standard Time:20261208T090000'],
    ],
    ['a floating time without a zone beside it keeps its line', ['EXDATE:20261208T090000'], ['EXDATE:20261208T090000']],
    [
      'folded lines are joined, joined lines parted, blanks dropped',
      ['RRULE:FREQ=DAI\r\n LY\r\nEXDATE:20261208T090000Z\n', ' '],
      ['EXDATE:20261208T090000Z', 'RRULE:FREQ=DAILY'],
    ],
    [
      'what cannot be read stays, trimmed',
      ['  X-ODD  ', 'RRULE:freq=FORTNIGHTLY', 'RDATE;VALUE=PERIOD:20260101T000000Z/PT1H'],
      ['RDATE;VALUE=PERIOD:20260101T000000Z/PT1H', 'RRULE:FREQ=FORTNIGHTLY', 'X-ODD'],
    ],
    ['nothing is nothing', [], []],
  ]
  test.each(cases)('%s', (_sentence, lines, expected) => {
    expect(normaliseRecurrence(lines)).toEqual(expected)
    expect(normaliseRecurrence(expected)).toEqual(expected)
  })

  test('floating times are read in the zone of the series', () => {
    expect(
      normaliseRecurrence(['RRULE:FREQ=DAILY;UNTIL=20261208T090000', 'EXDATE:20260701T090000'], 'Europe/Berlin'),
    ).toEqual(['EXDATE:20260701T070000Z', 'RRULE:FREQ=DAILY;UNTIL=20261208T080000Z'])
  })

  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .tuple(
        fc.constantFrom('RRULE:', 'EXDATE:', 'RDATE;', 'EXDATE;TZID=', 'EXRULE:'),
        fc.string({ unit: 'grapheme', maxLength: 60 }),
      )
      .map(parts => parts.join('')),
    fc
      .array(
        fc.constantFrom(
          'FREQ=DAILY',
          'INTERVAL=0',
          'COUNT=0',
          'COUNT=9',
          'UNTIL=99991231T235959Z',
          'BYDAY=0MO',
          'BYDAY=5FR',
          'BYMONTHDAY=32',
          'BYSETPOS=-1',
          ';',
          '=',
          'FREQ=',
          'WKST=SU',
          'X=1',
        ),
      )
      .map(parts => `RRULE:${parts.join(';')}`),
  )
  const time: Span = { kind: 'timed', startAt: 0, endAt: 1, startZone: 'UTC', endZone: 'UTC' }
  test('nothing throws, and twice is once', () =>
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 4 }), lines => {
        const once = normaliseRecurrence(lines)
        expect(normaliseRecurrence(once)).toEqual(once)
        expect(Array.isArray(validateRecurrence(lines, time))).toBe(true)
      }),
      { numRuns: 2_000 },
    ))

  test.each([
    ['one endless line', ['A'.repeat(3_000_000)]],
    ['an endless list', [`EXDATE:${'20261208T090000Z,'.repeat(100_000)}`]],
    ['endless parameters', [`EXDATE${';A=1'.repeat(200_000)}:20261208`]],
    ['endless parts', [`RRULE:${'FREQ=DAILY;'.repeat(200_000)}`]],
    [
      'many lines',
      Array.from({ length: 50_000 }, (_, at) => `EXDATE:20261208T${String(at % 24).padStart(2, '0')}0000Z`),
    ],
    ['a quote that never ends', [`EXDATE;TZID="${'a'.repeat(19_000)}:20261208`]],
  ])('%s is read within the time of a test', (_sentence, lines) => {
    expect(normaliseRecurrence(lines).length).toBeLessThanOrEqual(24)
    expect(validateRecurrence(lines, time)).not.toEqual([])
  })
})

describe('validating', () => {
  const timed: Span = {
    kind: 'timed',
    startAt: Date.parse('2026-12-01T14:00:00Z'),
    endAt: Date.parse('2026-12-01T14:30:00Z'),
    startZone: 'America/New_York',
    endZone: 'America/New_York',
  }
  const allDay: Span = { kind: 'all-day', startDate: '2026-12-01', endDate: '2026-12-02' }

  test.each([
    ['weekly, counted', timed, ['RRULE:FREQ=WEEKLY;COUNT=8']],
    ['until an instant', timed, ['RRULE:FREQ=WEEKLY;UNTIL=20270101T045959Z']],
    ['until its own start', timed, ['RRULE:FREQ=WEEKLY;UNTIL=20261201T140000Z']],
    ['until a day', allDay, ['RRULE:FREQ=WEEKLY;UNTIL=20261201']],
    ['a rule its start does not match', timed, ['RRULE:FREQ=WEEKLY;BYDAY=FR']],
    ['dates alone', timed, ['RDATE:20261205T140000Z']],
    ['EXDATE in a zone', timed, ['RRULE:FREQ=DAILY', 'EXDATE;TZID=America/New_York:20261208T090000']],
    ['EXDATE of a day', allDay, ['RRULE:FREQ=DAILY', 'EXDATE;VALUE=DATE:20261208']],
    ['the last working day of the month', timed, ['RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1']],
    ['29 February', allDay, ['RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29']],
    ['a day that few months have', allDay, ['RRULE:FREQ=MONTHLY;BYMONTHDAY=31']],
    ['no recurrence', timed, []],
  ] as const)('allowed: %s', (_sentence, time, lines) => expect(validateRecurrence(lines, time)).toEqual([]))

  const refused: [line: string, time: Span, message: RegExp][] = [
    ['FREQ=DAILY', timed, /begin with/],
    ['DTSTART:20261201T140000Z', timed, /begin with/],
    ['EXRULE:FREQ=DAILY', timed, /begin with/],
    ['RRULE;X=1:FREQ=DAILY', timed, /no parameters/],
    ['RRULE:', timed, /FREQ is missing/],
    ['RRULE:INTERVAL=2', timed, /FREQ is missing/],
    ['RRULE:FREQ=FORTNIGHTLY', timed, /FREQ=FORTNIGHTLY is not known/],
    ['RRULE:FREQ=SECONDLY', timed, /DAILY, WEEKLY/],
    ['RRULE:FREQ=MINUTELY', timed, /DAILY, WEEKLY/],
    ['RRULE:FREQ=HOURLY', timed, /DAILY, WEEKLY/],
    ['RRULE:FREQ=DAILY;FREQ=WEEKLY', timed, /twice/],
    ['RRULE:FREQ=DAILY;INTERVAL=0', timed, /INTERVAL/],
    ['RRULE:FREQ=DAILY;INTERVAL=-1', timed, /INTERVAL/],
    ['RRULE:FREQ=DAILY;INTERVAL=99999999999999999999', timed, /INTERVAL/],
    ['RRULE:FREQ=DAILY;COUNT=0', timed, /COUNT/],
    ['RRULE:FREQ=DAILY;COUNT=1.5', timed, /COUNT/],
    ['RRULE:FREQ=DAILY;COUNT=3;UNTIL=20270101T000000Z', timed, /exclude/],
    ['RRULE:FREQ=DAILY;UNTIL=20270101', timed, /UTC/],
    ['RRULE:FREQ=DAILY;UNTIL=20270101T000000', timed, /UNTIL/],
    ['RRULE:FREQ=DAILY;UNTIL=20270101T000000Z', allDay, /date/],
    ['RRULE:FREQ=DAILY;UNTIL=20261201T135959Z', timed, /before the start/],
    ['RRULE:FREQ=DAILY;UNTIL=20261130', allDay, /before the start/],
    ['RRULE:FREQ=DAILY;UNTIL=20270230', allDay, /UNTIL/],
    ['RRULE:FREQ=MONTHLY;BYMONTHDAY=32', timed, /BYMONTHDAY/],
    ['RRULE:FREQ=MONTHLY;BYMONTHDAY=0', timed, /BYMONTHDAY/],
    ['RRULE:FREQ=YEARLY;BYMONTH=13', timed, /BYMONTH/],
    ['RRULE:FREQ=YEARLY;BYMONTH=-1', timed, /BYMONTH/],
    ['RRULE:FREQ=MONTHLY;BYDAY=0MO', timed, /BYDAY/],
    ['RRULE:FREQ=MONTHLY;BYDAY=MONDAY', timed, /BYDAY/],
    ['RRULE:FREQ=WEEKLY;BYDAY=1MO', timed, /BYDAY takes numbers/],
    ['RRULE:FREQ=WEEKLY;BYMONTHDAY=1', timed, /BYMONTHDAY/],
    ['RRULE:FREQ=MONTHLY;BYWEEKNO=1', timed, /BYWEEKNO/],
    ['RRULE:FREQ=MONTHLY;BYYEARDAY=1', timed, /BYYEARDAY/],
    ['RRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO', timed, /BYWEEKNO/],
    ['RRULE:FREQ=YEARLY;BYDAY=1MO;BYMONTHDAY=1', timed, /BYMONTHDAY/],
    ['RRULE:FREQ=YEARLY;BYDAY=1MO,TU', timed, /unnumbered/],
    ['RRULE:FREQ=DAILY;BYSETPOS=1', timed, /BYSETPOS/],
    ['RRULE:FREQ=DAILY;BYHOUR=9', timed, /BYHOUR/],
    ['RRULE:FREQ=DAILY;WKST=XX', timed, /WKST/],
    ['RRULE:FREQ=DAILY;RSCALE=HEBREW', timed, /RSCALE is not a part/],
    ['RRULE:FREQ=DAILY;BYDAY', timed, /NAME=value/],
    ['RRULE:FREQ=DAILY\nEXDATE:20261208T140000Z', timed, /one line/],
    ['EXDATE:20261208T090000', timed, /Z|UTC/],
    ['EXDATE;TZID=Eastern Standard Time:20261208T090000', timed, /TZID/],
    ['EXDATE;VALUE=DATE:20261208', timed, /UTC/],
    ['EXDATE:20261208T140000Z', allDay, /VALUE=DATE/],
    ['EXDATE:', timed, /EXDATE/],
    ['RDATE;VALUE=PERIOD:20261208T140000Z/PT1H', timed, /RDATE/],
    [`EXDATE:${'2'.repeat(LINE_LENGTH_MAX)}`, timed, /longer/],
  ]
  test.each(refused)('refused: %.60s', (line, time, message) => {
    const problems = validateRecurrence(['RRULE:FREQ=DAILY', line], time)
    expect(problems).toHaveLength(1)
    expect(problems[0]?.path).toBe('recurrence[1]')
    expect(problems[0]?.message).toMatch(message)
  })

  test.each([
    ['two rules', ['RRULE:FREQ=DAILY', 'RRULE:FREQ=WEEKLY'], /one RRULE/],
    ['a date taken from nothing', ['EXDATE:20261208T140000Z'], /no RRULE/],
    ['too many lines', Array.from({ length: LINES_MAX + 1 }, () => 'RRULE:FREQ=DAILY'), /lines/],
    [
      'too many dates',
      [
        'RRULE:FREQ=DAILY',
        ...[0, 1, 2].map(
          year =>
            `EXDATE:${Array.from({ length: 1_000 }, (_, at) => `203${year}0101T00${String(at % 60).padStart(2, '0')}${String(Math.floor(at / 60)).padStart(2, '0')}Z`).join(',')}`,
        ),
      ],
      new RegExp(String(DATES_MAX)),
    ],
  ])('refused as a whole: %s', (_sentence, lines, message) => {
    const problems = validateRecurrence(lines, timed)
    expect(problems.map(({ path }) => path)).toEqual(['recurrence'])
    expect(problems[0]?.message).toMatch(message)
  })
})

describe('changing', () => {
  const read = (...lines: string[]) => parseRecurrence(lines)
  test('an end replaces COUNT and a later end, not an earlier one', () => {
    const until = { kind: 'timed', at: Date.parse('2026-12-08T13:59:59Z') } as const
    expect(formatRecurrence(withUntil(read('RRULE:FREQ=DAILY;COUNT=9'), until))).toEqual([
      'RRULE:FREQ=DAILY;UNTIL=20261208T135959Z',
    ])
    expect(formatRecurrence(withUntil(read('RRULE:FREQ=DAILY;UNTIL=20270101T000000Z'), until))).toEqual([
      'RRULE:FREQ=DAILY;UNTIL=20261208T135959Z',
    ])
    expect(formatRecurrence(withUntil(read('RRULE:FREQ=DAILY;UNTIL=20261201T000000Z'), until))).toEqual([
      'RRULE:FREQ=DAILY;UNTIL=20261201T000000Z',
    ])
  })
  test('an EXDATE is added once', () => {
    const slot = { kind: 'all-day', date: '2026-12-08' } as const
    const once = withExdate(read('RRULE:FREQ=DAILY'), slot)
    expect(formatRecurrence(once)).toEqual(['EXDATE;VALUE=DATE:20261208', 'RRULE:FREQ=DAILY'])
    expect(withExdate(once, slot)).toBe(once)
  })
})
