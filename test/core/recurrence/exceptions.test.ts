import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Slot } from '../../../src/core/model/time.ts'
import { attachExceptions, partStale, readInstanceId } from '../../../src/core/recurrence/exceptions.ts'

const day = (date: string): Slot => ({ kind: 'all-day', date })
const exception = (recurringId: string, date: string, text = '') => ({ recurringId, originalStart: day(date), text })

describe('attaching', () => {
  test('gives each exception to its master, in any order, and keeps orphans for later', () => {
    const [a1, b1, c1] = [exception('a', '2026-12-01'), exception('b', '2026-12-01'), exception('c', '2026-12-01')]
    const attached = attachExceptions([{ id: 'b' }, { id: 'a' }, { id: 'd' }], [a1, b1, c1])
    expect(attached.series).toEqual([
      { master: { id: 'b' }, exceptions: [b1] },
      { master: { id: 'a' }, exceptions: [a1] },
      { master: { id: 'd' }, exceptions: [] },
    ])
    expect(attached.orphans).toEqual([c1])
    expect(attachExceptions([{ id: 'c' }], attached.orphans).orphans).toEqual([])
  })

  test('of two in one slot the later counts, and the other is named', () => {
    const [first, second, other] = [
      exception('a', '2026-12-01', 'first'),
      exception('a', '2026-12-01', 'second'),
      exception('a', '2026-12-02'),
    ]
    const attached = attachExceptions([{ id: 'a' }], [first, other, second])
    expect(attached.series[0]?.exceptions).toEqual([second, other])
    expect(attached.superseded).toEqual([first])
  })

  test('a day and the instant it begins are two slots', () => {
    const timed = {
      recurringId: 'a',
      originalStart: { kind: 'timed', at: Date.parse('2026-12-01T00:00:00Z') } as const,
      text: '',
    }
    expect(attachExceptions([{ id: 'a' }], [exception('a', '2026-12-01'), timed]).superseded).toEqual([])
  })

  test('nothing is lost and nothing is doubled', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')),
        fc.array(
          fc
            .tuple(fc.constantFrom('a', 'b', 'c', 'd', '__proto__'), fc.integer({ min: 1, max: 9 }))
            .map(([id, at]) => exception(id, `2026-12-0${at}`)),
        ),
        (ids, given) => {
          const { series, orphans, superseded } = attachExceptions(
            ids.map(id => ({ id })),
            given,
          )
          const all = [...series.flatMap(({ exceptions }) => exceptions), ...orphans, ...superseded]
          expect(all).toHaveLength(given.length)
          expect(new Set(all)).toEqual(new Set(given))
        },
      ),
    ))
})

test('after a change of the rule, exceptions whose slot is gone are stale', () => {
  const time = { kind: 'all-day', startDate: '2026-12-01', endDate: '2026-12-02' } as const
  const [kept, gone] = [exception('a', '2026-12-08'), exception('a', '2026-12-09')]
  expect(partStale({ time, recurrence: ['RRULE:FREQ=DAILY'] }, [kept, gone])).toEqual({
    current: [kept, gone],
    stale: [],
  })
  expect(partStale({ time, recurrence: ['RRULE:FREQ=WEEKLY'] }, [kept, gone])).toEqual({
    current: [kept],
    stale: [gone],
  })
  expect(partStale({ time, recurrence: ['RRULE:FREQ=WEEKLY', 'EXDATE;VALUE=DATE:20261208'] }, [kept])).toEqual({
    current: [],
    stale: [kept],
  })
  expect(partStale({ time, recurrence: ['RRULE:FREQ=WEEKLY'] }, [])).toEqual({ current: [], stale: [] })
})

test.each([
  ['abc123_20261208T140000Z', 'abc123', { kind: 'timed', at: Date.parse('2026-12-08T14:00:00Z') }],
  ['abc123_20261208', 'abc123', { kind: 'all-day', date: '2026-12-08' }],
  [
    'abc_R20261201T140000_20261208T140000Z',
    'abc_R20261201T140000',
    { kind: 'timed', at: Date.parse('2026-12-08T14:00:00Z') },
  ],
  ['_6p332d1g_20261208', '_6p332d1g', { kind: 'all-day', date: '2026-12-08' }],
])('the id %s names its series and slot', (eventId, recurringEventId, originalStart) => {
  expect(readInstanceId(eventId)).toEqual({ recurringEventId, originalStart })
})
test.each(['abc123', 'abc_20261308', 'abc_20261208T140000', '_20261208', 'abc_R20261208T140000', ''])(
  'the id %j names none',
  eventId => {
    expect(readInstanceId(eventId)).toBeNull()
  },
)
