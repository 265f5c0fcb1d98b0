import fc from 'fast-check'
import { expect, test } from 'vitest'
// @ts-expect-error a script of the page, which the browser reads as it is
import { intoLanes } from '../../src/demo/page/lanes.js'

type Box = { from: number; to: number }
type Placed = Box & { lane: number; lanes: number }

const place = (boxes: Box[]): Placed[] => intoLanes(boxes) as Placed[] // checked by the laws below
const boxes = fc.array(
  fc
    .record({ from: fc.integer({ min: 0, max: 1_380 }), length: fc.integer({ min: 5, max: 180 }) })
    .map(({ from, length }) => ({ from, to: from + length })),
  { maxLength: 30 },
)

test('boxes that do not touch have the whole width', () => {
  expect(
    place([
      { from: 600, to: 630 },
      { from: 540, to: 600 },
    ]),
  ).toEqual([
    { from: 540, to: 600, lane: 0, lanes: 1 },
    { from: 600, to: 630, lane: 0, lanes: 1 },
  ])
})

test('boxes at the same time share it', () => {
  const placed = place([
    { from: 540, to: 600 },
    { from: 570, to: 630 },
    { from: 600, to: 660 },
  ])
  expect(placed.map(each => [each.from, each.lane, each.lanes])).toEqual([
    [540, 0, 2],
    [570, 1, 2],
    [600, 0, 2],
  ])
})

test('no box is lost, and no two cover each other', () => {
  fc.assert(
    fc.property(boxes, given => {
      const placed = place(given)
      expect(placed).toHaveLength(given.length)
      for (const [i, one] of placed.entries())
        for (const other of placed.slice(i + 1)) {
          const overlap = one.from < other.to && other.from < one.to
          if (overlap) expect([one.lane === other.lane, one.lanes === other.lanes]).toEqual([false, true])
          expect(one.lane).toBeLessThan(one.lanes)
        }
    }),
  )
})
