import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Slot, Span } from '../../../src/core/model/time.ts'
import { addDays, parseDateTime, slotKey } from '../../../src/core/model/time.ts'
import type { Scope, SeriesEdit, SeriesWrite } from '../../../src/core/recurrence/edit-series.ts'
import { decideSeriesEdit, readSplitId, splitOf } from '../../../src/core/recurrence/edit-series.ts'
import type { Series, SeriesException } from '../../../src/core/recurrence/expand.ts'
import { expandSeries } from '../../../src/core/recurrence/expand.ts'

const ZONE = 'Europe/Berlin'
const HOUR_MS = 3_600_000
const at = (text: string): number => {
  const read = parseDateTime(text, ZONE)
  if (!read.ok) throw new Error(read.error)
  return read.value.at
}
const span = (text: string, hours = 1): Span => ({
  kind: 'timed',
  startAt: at(text),
  endAt: at(text) + hours * HOUR_MS,
  startZone: ZONE,
  endZone: ZONE,
})
const slot = (text: string): Slot => ({ kind: 'timed', at: at(text) })
const weekly = (...recurrence: string[]): Series => ({ time: span('2026-12-01T09:00:00'), recurrence }) // a Tuesday, 08:00Z
const change = (scope: Scope, when: string, to: string, recurrence: string[] | null = null): SeriesEdit => ({
  kind: 'change',
  scope,
  slot: slot(when),
  time: span(to),
  recurrence,
})
const cancel = (scope: Scope, when: string): SeriesEdit => ({ kind: 'cancel', scope, slot: slot(when) })
const moved = (from: string, to: string): SeriesException => ({ originalStart: slot(from), time: span(to) })
const dropped = (from: string): SeriesException => ({ originalStart: slot(from), time: null })
const decide = (
  series: Series,
  edit: SeriesEdit,
  exceptions: SeriesException[] = [],
): SeriesWrite<SeriesException>[] => {
  const decided = decideSeriesEdit(series, exceptions, edit)
  if (!decided.ok) throw new Error(decided.error)
  return decided.value
}
const COUNTED = weekly('RRULE:FREQ=WEEKLY;COUNT=8')
const ENDLESS = weekly('RRULE:FREQ=WEEKLY;BYDAY=TU')

describe('this', () => {
  test('a change is an exception in its slot, and the series is not touched', () => {
    expect(decide(COUNTED, change('this', '2026-12-08T09:00:00', '2026-12-09T11:00:00'))).toEqual([
      { kind: 'put-exception', slot: slot('2026-12-08T09:00:00'), time: span('2026-12-09T11:00:00') },
    ])
  })
  test('a cancellation is a cancelled exception, not an EXDATE', () => {
    expect(decide(COUNTED, cancel('this', '2026-12-08T09:00:00'))).toEqual([
      { kind: 'cancel-occurrence', slot: slot('2026-12-08T09:00:00') },
    ])
  })
  test('an occurrence that was moved is still named by its slot', () => {
    const stale = moved('2026-12-09T09:00:00', '2026-12-10T09:00:00')
    expect(decide(COUNTED, cancel('this', '2026-12-09T09:00:00'), [stale])).toHaveLength(1)
  })
})

describe('this and following', () => {
  test('the tail is inserted before the head is trimmed, and COUNT is shared out', () => {
    expect(decide(COUNTED, change('following', '2026-12-15T09:00:00', '2026-12-15T10:00:00'))).toEqual([
      {
        kind: 'insert-series',
        series: { time: span('2026-12-15T10:00:00'), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=6'] },
        exceptions: [],
      },
      {
        kind: 'update-series',
        series: { time: COUNTED.time, recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] },
        exceptions: [],
      },
    ])
  })
  test('without COUNT the head ends just before, and the tail goes on for ever, on its new day', () => {
    expect(decide(ENDLESS, change('following', '2026-12-15T09:00:00', '2026-12-16T09:00:00'))).toEqual([
      {
        kind: 'insert-series',
        series: { time: span('2026-12-16T09:00:00'), recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=WE'] },
        exceptions: [],
      },
      {
        kind: 'update-series',
        series: { time: ENDLESS.time, recurrence: ['RRULE:FREQ=WEEKLY;UNTIL=20261215T075959Z;BYDAY=TU'] },
        exceptions: [],
      },
    ])
  })
  test('days end the day before', () => {
    const series: Series = {
      time: { kind: 'all-day', startDate: '2026-12-01', endDate: '2026-12-02' },
      recurrence: ['RRULE:FREQ=DAILY'],
    }
    const edit: SeriesEdit = { kind: 'cancel', scope: 'following', slot: { kind: 'all-day', date: '2026-12-10' } }
    expect(decide(series, edit)).toEqual([
      { kind: 'update-series', series: { ...series, recurrence: ['RRULE:FREQ=DAILY;UNTIL=20261209'] }, exceptions: [] },
    ])
  })
  test('UNTIL moves with the tail, so its last occurrence is not lost', () => {
    const [tail] = decide(
      weekly('RRULE:FREQ=WEEKLY;UNTIL=20261229T080000Z'),
      change('following', '2026-12-15T09:00:00', '2026-12-15T10:00:00'),
    )
    expect(tail).toMatchObject({ series: { recurrence: ['RRULE:FREQ=WEEKLY;UNTIL=20261229T090000Z'] } })
  })
  test('dates go to the half that holds them, those of the tail moved along', () => {
    const series = weekly(
      'RRULE:FREQ=WEEKLY',
      'EXDATE:20261208T080000Z,20261222T080000Z',
      'RDATE:20261203T080000Z,20261224T080000Z',
    )
    const [tail, head] = decide(series, change('following', '2026-12-15T09:00:00', '2026-12-15T10:00:00'))
    expect(tail).toMatchObject({
      series: { recurrence: ['EXDATE:20261222T090000Z', 'RDATE:20261224T090000Z', 'RRULE:FREQ=WEEKLY'] },
    })
    expect(head).toMatchObject({
      series: {
        recurrence: ['EXDATE:20261208T080000Z', 'RDATE:20261203T080000Z', 'RRULE:FREQ=WEEKLY;UNTIL=20261215T075959Z'],
      },
    })
  })
  test('exceptions go to the half that holds their slot; that of the edited occurrence is overwritten', () => {
    const [early, own, late, gone] = [
      moved('2026-12-08T09:00:00', '2026-12-30T09:00:00'),
      moved('2026-12-15T09:00:00', '2026-12-14T09:00:00'),
      moved('2026-12-22T09:00:00', '2026-12-23T09:00:00'),
      dropped('2026-12-29T09:00:00'),
    ]
    expect(
      decide(COUNTED, change('following', '2026-12-15T09:00:00', '2026-12-15T10:00:00'), [late, early, own, gone]),
    ).toMatchObject([
      {
        kind: 'insert-series',
        exceptions: [
          { ...late, originalStart: slot('2026-12-22T10:00:00') },
          { ...gone, originalStart: slot('2026-12-29T10:00:00') },
        ],
      },
      { kind: 'update-series', exceptions: [early] },
    ])
  })
  test('what has no slot in a new rule is dropped by name', () => {
    const late = moved('2026-12-22T09:00:00', '2026-12-23T09:00:00')
    const writes = decide(
      COUNTED,
      change('following', '2026-12-15T09:00:00', '2026-12-15T09:00:00', ['RRULE:FREQ=MONTHLY']),
      [late],
    )
    expect(writes.map(({ kind }) => kind)).toEqual(['insert-series', 'update-series', 'drop-exception'])
    expect(writes[2]).toEqual({ kind: 'drop-exception', exception: late })
    expect(writes[0]).toMatchObject({ series: { recurrence: ['RRULE:FREQ=MONTHLY'] } })
  })
  test('cancelling ends the series and drops what was to come', () => {
    const late = moved('2026-12-22T09:00:00', '2026-12-23T09:00:00')
    expect(decide(ENDLESS, cancel('following', '2026-12-15T09:00:00'), [late])).toEqual([
      {
        kind: 'update-series',
        series: { time: ENDLESS.time, recurrence: ['RRULE:FREQ=WEEKLY;UNTIL=20261215T075959Z;BYDAY=TU'] },
        exceptions: [],
      },
      { kind: 'drop-exception', exception: late },
    ])
  })
  test('from the first occurrence on it is the whole series', () => {
    expect(decide(COUNTED, cancel('following', '2026-12-01T09:00:00'))).toEqual([{ kind: 'delete-series' }])
    expect(
      decide(COUNTED, change('following', '2026-12-01T09:00:00', '2026-12-01T10:00:00')).map(({ kind }) => kind),
    ).toEqual(['update-series'])
  })
})

describe('all', () => {
  test('cancelling deletes', () =>
    expect(decide(COUNTED, cancel('all', '2026-12-15T09:00:00'))).toEqual([{ kind: 'delete-series' }]))
  test('moving a later occurrence moves the start by as much, exceptions with their slots', () => {
    const exception = moved('2026-12-08T09:00:00', '2026-12-30T09:00:00')
    expect(decide(COUNTED, change('all', '2026-12-15T09:00:00', '2026-12-16T10:00:00'), [exception])).toEqual([
      {
        kind: 'update-series',
        series: { time: span('2026-12-02T10:00:00'), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=8'] },
        exceptions: [{ ...exception, originalStart: slot('2026-12-09T10:00:00') }],
      },
    ])
  })
  test('across a change of clocks the wall clock moves, not the instant', () => {
    const [write] = decide(
      { time: span('2026-03-24T09:00:00'), recurrence: ['RRULE:FREQ=WEEKLY'] },
      change('all', '2026-03-31T09:00:00', '2026-03-31T10:00:00'),
    )
    expect(write).toMatchObject({ series: { time: span('2026-03-24T10:00:00') } })
  })
  test('a change of other fields leaves times, lines and exceptions as they are', () => {
    const exception = moved('2026-12-08T09:00:00', '2026-12-30T09:00:00')
    expect(decide(COUNTED, change('all', '2026-12-15T09:00:00', '2026-12-15T09:00:00'), [exception])).toEqual([
      { kind: 'update-series', series: COUNTED, exceptions: [exception] },
    ])
  })
  test('a start in the second of two equal hours stays there', () => {
    const startAt = at('2026-10-25T02:30:00+01:00')
    const time: Span = { kind: 'timed', startAt, endAt: startAt + HOUR_MS, startZone: ZONE, endZone: ZONE }
    const series = { time, recurrence: ['RRULE:FREQ=DAILY'] }
    const edit: SeriesEdit = {
      kind: 'change',
      scope: 'all',
      slot: { kind: 'timed', at: startAt },
      time,
      recurrence: null,
    }
    expect(decide(series, edit)).toEqual([{ kind: 'update-series', series, exceptions: [] }])
  })
  test('from timed to all-day, UNTIL and dates become days', () => {
    const series = weekly('RRULE:FREQ=WEEKLY;UNTIL=20261229T080000Z', 'EXDATE:20261208T080000Z')
    const edit: SeriesEdit = {
      kind: 'change',
      scope: 'all',
      slot: slot('2026-12-15T09:00:00'),
      time: { kind: 'all-day', startDate: '2026-12-15', endDate: '2026-12-16' },
      recurrence: null,
    }
    expect(decide(series, edit)).toEqual([
      {
        kind: 'update-series',
        series: {
          time: { kind: 'all-day', startDate: '2026-12-01', endDate: '2026-12-02' },
          recurrence: ['EXDATE;VALUE=DATE:20261208', 'RRULE:FREQ=WEEKLY;UNTIL=20261229'],
        },
        exceptions: [],
      },
    ])
  })
  const days: [sentence: string, rule: string, start: string, to: string, expected: string][] = [
    ['a weekday among several', 'FREQ=WEEKLY;BYDAY=TU,FR', '2026-12-01', '2026-12-02', 'FREQ=WEEKLY;BYDAY=WE,FR'],
    ['onto a weekday that is there', 'FREQ=WEEKLY;BYDAY=TU,FR', '2026-12-01', '2026-12-04', 'FREQ=WEEKLY;BYDAY=FR'],
    ['a numbered weekday', 'FREQ=MONTHLY;BYDAY=1TU', '2026-12-01', '2026-12-09', 'FREQ=MONTHLY;BYDAY=2WE'],
    [
      'one numbered weekday of two',
      'FREQ=MONTHLY;BYDAY=1TU,-1TU',
      '2026-12-01',
      '2026-12-02',
      'FREQ=MONTHLY;BYDAY=-1TU,1WE',
    ],
    [
      'only the hour of a numbered weekday',
      'FREQ=MONTHLY;BYDAY=1TU,-1TU',
      '2026-12-29',
      '2026-12-29',
      'FREQ=MONTHLY;BYDAY=-1TU,1TU',
    ],
    ['the last weekday', 'FREQ=MONTHLY;BYDAY=-1TU', '2026-12-29', '2026-12-24', 'FREQ=MONTHLY;BYDAY=-2TH'],
    ['a day of the month', 'FREQ=MONTHLY;BYMONTHDAY=1,15', '2026-12-01', '2026-12-03', 'FREQ=MONTHLY;BYMONTHDAY=3,15'],
    [
      'a day of the year',
      'FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=1',
      '2026-12-01',
      '2027-01-02',
      'FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=2',
    ],
    ['only the hour: no day changes', 'FREQ=WEEKLY;BYDAY=TU,FR', '2026-12-01', '2026-12-01', 'FREQ=WEEKLY;BYDAY=TU,FR'],
  ]
  test.each(days)('the rule follows %s', (_sentence, rule, start, to, expected) => {
    const series: Series = { time: span(`${start}T09:00:00`), recurrence: [`RRULE:${rule}`] }
    const [write] = decide(series, change('all', `${start}T09:00:00`, `${to}T10:00:00`))
    expect(write).toMatchObject({ series: { time: span(`${to}T10:00:00`), recurrence: [`RRULE:${expected}`] } })
  })
})

test.each([
  ['a slot that is none', COUNTED, '2026-12-09T09:00:00', 'following', 'not-an-occurrence'],
  ['a slot after the end', COUNTED, '2027-02-02T09:00:00', 'this', 'not-an-occurrence'],
  [
    'a slot that EXDATE took out',
    weekly('RRULE:FREQ=WEEKLY', 'EXDATE:20261208T080000Z'),
    '2026-12-08T09:00:00',
    'all',
    'not-an-occurrence',
  ],
  [
    'several rules',
    weekly('RRULE:FREQ=WEEKLY', 'RRULE:FREQ=MONTHLY'),
    '2026-12-15T09:00:00',
    'following',
    'several-rules',
  ],
  [
    'lines that cannot be read',
    weekly('RRULE:FREQ=WEEKLY', 'RRULE:FREQ=ODD'),
    '2026-12-15T09:00:00',
    'following',
    'unreadable-recurrence',
  ],
] as const)('refused: %s', (_sentence, series, when, scope, error) => {
  expect(decideSeriesEdit(series, [], cancel(scope, when))).toEqual({ ok: false, error })
})

test('a split without a move shows what the series showed, each occurrence in one half', () => {
  const rules = fc.constantFrom(
    'FREQ=DAILY',
    'FREQ=WEEKLY;BYDAY=MO,TU,SU',
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR;WKST=SU',
    'FREQ=MONTHLY',
    'FREQ=MONTHLY;BYDAY=1TU,-1FR',
    'FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=-1',
    'FREQ=DAILY;INTERVAL=3',
  )
  const ends = fc.oneof(
    fc.constant(''),
    fc.integer({ min: 3, max: 40 }).map(count => `;COUNT=${count}`),
    fc.constant(';UNTIL=20270331T070000Z'),
  )
  const window = { startAt: at('2026-11-01T00:00:00'), endAt: at('2027-06-01T00:00:00') }
  const shown = (series: Series, exceptions: readonly SeriesException[]): string[] =>
    expandSeries(series, exceptions, window, ZONE).occurrences.map(
      ({ slot, time }) => `${slotKey(slot)} ${JSON.stringify(time)}`,
    )
  fc.assert(
    fc.property(
      rules,
      ends,
      fc.nat(39),
      fc.array(fc.tuple(fc.nat(39), fc.option(fc.integer({ min: 1, max: 9 }))), { maxLength: 5 }),
      (rule, end, pick, changes) => {
        const series = weekly(`RRULE:${rule}${end}`, 'EXDATE:20261208T080000Z')
        const { occurrences } = expandSeries(series, [], window, ZONE)
        const exceptions = new Map<string, SeriesException>()
        for (const [which, hours] of changes) {
          const occurrence = occurrences[which % occurrences.length]
          if (occurrence?.time.kind !== 'timed') throw new Error('no occurrence')
          const { startAt, endAt } = occurrence.time
          const time =
            hours === null
              ? null
              : { ...occurrence.time, startAt: startAt + hours * HOUR_MS, endAt: endAt + hours * HOUR_MS }
          exceptions.set(slotKey(occurrence.slot), { originalStart: occurrence.slot, time })
        }
        const chosen = occurrences[pick % occurrences.length]
        if (chosen === undefined || exceptions.has(slotKey(chosen.slot))) return
        const all = [...exceptions.values()]
        const writes = decide(
          series,
          { kind: 'change', scope: 'following', slot: chosen.slot, time: chosen.time, recurrence: null },
          all,
        )
        expect(writes.some(({ kind }) => kind === 'drop-exception')).toBe(false)
        const after = writes.flatMap(write => ('series' in write ? shown(write.series, write.exceptions) : []))
        expect(after.sort()).toEqual(shown(series, all).sort())
        expect(after.length).toBeGreaterThan(0)
      },
    ),
    { numRuns: 300 },
  )
})

describe("Google's own splits", () => {
  const before = { eventId: 'abc', series: ENDLESS }
  const trimmed = { eventId: 'abc', series: weekly('RRULE:FREQ=WEEKLY;UNTIL=20261215T075959Z;BYDAY=TU') }
  const tail = (eventId: string) => ({
    eventId,
    series: { time: span('2026-12-15T10:00:00'), recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=TU'] },
  })

  test('are known by the id of the tail', () => {
    expect(splitOf(before, trimmed, tail('abc_R20261215T080000'))).toEqual({ slot: slot('2026-12-15T09:00:00') })
  })
  test('of a tail are known by the same base', () => {
    const half = { eventId: 'abc_R20261215T080000', series: tail('').series }
    const ended = { ...half, series: { ...half.series, recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] } }
    const next = {
      eventId: 'abc_R20261229T090000',
      series: { time: span('2026-12-29T10:00:00'), recurrence: ['RRULE:FREQ=WEEKLY'] },
    }
    expect(splitOf(half, ended, next)).toEqual({ slot: slot('2026-12-29T10:00:00') })
  })
  test.each([
    ['another series was added', before, trimmed, tail('xyz_R20261215T080000')],
    ['a series of its own was added', before, trimmed, tail('xyz')],
    ['the old one was not trimmed', before, before, tail('abc_R20261215T080000')],
    [
      'the old one was longer before no more than now',
      trimmed,
      { ...trimmed, series: weekly('RRULE:FREQ=WEEKLY;COUNT=9') },
      tail('abc_R20261215T080000'),
    ],
    ['the old one is another', before, { ...trimmed, eventId: 'xyz' }, tail('abc_R20261215T080000')],
    ['the added one begins no later', before, trimmed, { eventId: 'abc_R20261215T080000', series: ENDLESS }],
    [
      'the added one is the old one',
      { ...before, eventId: 'abc_R20261215T080000' },
      { ...trimmed, eventId: 'abc_R20261215T080000' },
      tail('abc_R20261215T080000'),
    ],
  ])('it is none when %s', (_sentence, was, is, added) => expect(splitOf(was, is, added)).toBeNull())
  test('ids', () => {
    expect(readSplitId('abc_R20261215')).toEqual({ baseId: 'abc', slot: { kind: 'all-day', date: '2026-12-15' } })
    expect(readSplitId('abc_20261215')).toBeNull()
    expect(readSplitId('abc_R20261315')).toBeNull()
    expect(readSplitId(`abc_R${addDays('2026-12-15', 0)}`)).toBeNull()
  })
})
