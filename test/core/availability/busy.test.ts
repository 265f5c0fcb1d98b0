import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BusyBlock } from '../../../src/core/availability/busy.ts'
import { blockOf, isAppointmentBusy, isEventBusy, mergeBusy } from '../../../src/core/availability/busy.ts'

const block = (startAt: number, endAt: number, id = `${startAt}-${endAt}`): BusyBlock => ({
  startAt,
  endAt,
  source: { kind: 'appointment', id },
})

describe('what blocks time', () => {
  const appointment = { busy: true, status: 'confirmed', archivedAt: null } as const
  test.each([
    ['a confirmed appointment', appointment, true],
    ['a tentative one', { ...appointment, status: 'tentative' }, true],
    ['a completed one', { ...appointment, status: 'completed' }, true],
    ['a cancelled one', { ...appointment, status: 'cancelled' }, false],
    ['one nobody came to', { ...appointment, status: 'no_show' }, false],
    ['an archived one', { ...appointment, archivedAt: 1 }, false],
    ['one that is marked free', { ...appointment, busy: false }, false],
  ] as const)('%s', (_sentence, given, expected) => expect(isAppointmentBusy(given)).toBe(expected))

  const event = { eventType: 'default', selfResponse: null, content: { busy: true } } as const
  test.each([
    ["an event of one's own", event, true],
    ['a transparent one', { ...event, content: { busy: false } }, false],
    ['a declined invitation', { ...event, selfResponse: 'declined' }, false],
    ['an accepted one', { ...event, selfResponse: 'accepted' }, true],
    ['one answered with perhaps', { ...event, selfResponse: 'tentative' }, true],
    ['one not yet answered', { ...event, selfResponse: 'needsAction' }, true],
    ['out of office', { ...event, eventType: 'outOfOffice' }, true],
    ['focus time', { ...event, eventType: 'focusTime' }, true],
    ['a working location', { ...event, eventType: 'workingLocation' }, false],
    ['a birthday', { ...event, eventType: 'birthday' }, false],
  ] as const)('%s', (_sentence, given, expected) => expect(isEventBusy(given)).toBe(expected))
})

test("an all-day block is bracketed in the user's zone", () => {
  const time = { kind: 'all-day', startDate: '2026-03-29', endDate: '2026-03-30' } as const
  const blocked = blockOf(time, { kind: 'calendar', id: 'e' }, 'Europe/Berlin')
  expect(blocked).toEqual({
    startAt: Date.parse('2026-03-28T23:00:00Z'),
    endAt: Date.parse('2026-03-29T22:00:00Z'),
    source: { kind: 'calendar', id: 'e' },
  })
})

test.each([
  [5, 5],
  [5, 4],
])('a span from %i to %i blocks nothing', (startAt, endAt) => {
  const time = { kind: 'timed', startAt, endAt, startZone: 'UTC', endZone: 'UTC' } as const
  expect(blockOf(time, { kind: 'calendar', id: 'e' }, 'UTC')).toBeNull()
})

describe('merging', () => {
  const merged = (...blocks: BusyBlock[]) =>
    mergeBusy(blocks, { startAt: 0, endAt: 100 }).map(({ startAt, endAt, sources }) => [
      startAt,
      endAt,
      sources.map(source => source.id).join(' '),
    ])
  test('joins what overlaps or touches and names every source once', () => {
    expect(
      merged(
        block(10, 20, 'a'),
        block(30, 40, 'd'),
        block(15, 25, 'b'),
        block(25, 30, 'c'),
        block(60, 70, 'e'),
        block(61, 62, 'e'),
      ),
    ).toEqual([
      [10, 40, 'a b c d'],
      [60, 70, 'e'],
    ])
  })
  test('tells an appointment and an event of the same id apart', () => {
    const event: BusyBlock = { startAt: 10, endAt: 20, source: { kind: 'calendar', id: 'a' } }
    expect(mergeBusy([block(10, 20, 'a'), event], { startAt: 0, endAt: 100 })[0]?.sources).toHaveLength(2)
  })
  test('keeps a long block open over short ones inside it', () => {
    expect(merged(block(10, 50, 'long'), block(12, 14, 's'), block(45, 55, 't'))).toEqual([[10, 55, 'long s t']])
  })
  test('cuts at the window and leaves out what is outside it', () => {
    expect(merged(block(-10, 5), block(95, 200), block(-20, 0), block(100, 110))).toEqual([
      [0, 5, '-10-5'],
      [95, 100, '95-200'],
    ])
  })
  test('of nothing is nothing', () => expect(merged()).toEqual([]))

  const blocks = fc.array(
    fc
      .tuple(fc.integer({ min: -5, max: 105 }), fc.integer({ min: 1, max: 30 }))
      .map(([start, length]) => block(start, start + length)),
    { maxLength: 30 },
  )
  test('an instant is in an interval exactly if some block covers it, and intervals stand apart', () =>
    fc.assert(
      fc.property(blocks, given => {
        const intervals = mergeBusy(given, { startAt: 0, endAt: 100 })
        for (let at = 0; at < 100; at += 1) {
          const covers = ({ startAt, endAt }: { startAt: number; endAt: number }): boolean =>
            startAt <= at && at < endAt
          expect(intervals.filter(covers)).toHaveLength(given.some(covers) ? 1 : 0)
        }
        intervals
          .slice(1)
          .forEach((interval, index) => expect(interval.startAt).toBeGreaterThan(intervals[index]?.endAt ?? 0))
        expect(mergeBusy(given.toReversed(), { startAt: 0, endAt: 100 }).map(i => [i.startAt, i.endAt])).toEqual(
          intervals.map(i => [i.startAt, i.endAt]),
        )
      }),
    ))
})
