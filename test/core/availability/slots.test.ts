import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BusyBlock } from '../../../src/core/availability/busy.ts'
import { mergeBusy } from '../../../src/core/availability/busy.ts'
import { checkSlots, conflictsOf } from '../../../src/core/availability/slots.ts'

const block = (startAt: number, endAt: number, id: string): BusyBlock => ({
  startAt,
  endAt,
  source: { kind: 'appointment', id },
})
const busy = [block(30, 40, 'late'), block(10, 20, 'early'), block(12, 14, 'inner')]
const ids = (blocks: readonly BusyBlock[]): string[] => blocks.map(({ source }) => source.id)

test.each([
  ['before all', [0, 5], []],
  ['up to the edge', [0, 10], []],
  ['over the edge', [0, 11], ['early']],
  ['from the end on', [20, 30], []],
  ['inside one', [15, 16], ['early']],
  ['over everything, in order of time', [0, 100], ['early', 'inner', 'late']],
  ['an instant inside', [13, 13], ['early', 'inner']],
  ['an instant where one begins', [30, 30], ['late']],
  ['an instant where one ends', [40, 40], []],
] as const)('a slot %s', (_sentence, [startAt, endAt], expected) => {
  expect(ids(conflictsOf({ startAt, endAt }, busy))).toEqual(expected)
})

test('what is being moved does not stand in its own way, but others do', () => {
  expect(ids(conflictsOf({ startAt: 12, endAt: 14 }, busy, new Set(['early'])))).toEqual(['inner'])
  expect(conflictsOf({ startAt: 12, endAt: 14 }, busy, new Set(['early', 'inner']))).toEqual([])
})

test("a block without length stands in nobody's way", () => {
  expect(conflictsOf({ startAt: 0, endAt: 100 }, [block(50, 50, 'x')])).toEqual([])
})

test('each slot gets its own answer, in the order of the question', () => {
  const verdicts = checkSlots(
    [
      { startAt: 35, endAt: 45 },
      { startAt: 0, endAt: 10 },
    ],
    busy,
    new Set(),
  )
  expect(verdicts.map(({ startAt, free, conflicts }) => [startAt, free, ids(conflicts)])).toEqual([
    [35, false, ['late']],
    [0, true, []],
  ])
})

test('a slot is free exactly if it meets no merged interval', () => {
  const blocks = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 1, max: 10 }))
      .map(([start, length]) => block(start, start + length, 'b')),
  )
  fc.assert(
    fc.property(blocks, fc.integer({ min: 0, max: 95 }), fc.integer({ min: 1, max: 5 }), (given, start, length) => {
      const slot = { startAt: start, endAt: start + length }
      const [verdict] = checkSlots([slot], given)
      expect(verdict?.free).toBe(mergeBusy(given, slot).length === 0)
    }),
  )
})
