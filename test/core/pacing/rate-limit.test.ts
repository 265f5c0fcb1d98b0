import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fullBucket, grow, shrink, take, withRate } from '../../../src/core/pacing/rate-limit.ts'

const NOW = 1_800_000_000_000

describe('the bucket', () => {
  test('grants its burst at once, then one per interval', () => {
    let bucket = fullBucket(600, 3, NOW) // one per 100 ms
    const waits = [0, 0, 0, 0, 0].map(() => {
      const taken = take(bucket, NOW, 1)
      bucket = taken.bucket
      return taken.waitMs
    })
    expect(waits).toEqual([0, 0, 0, 100, 200])
  })

  test('fills with time, up to its capacity and no further', () => {
    const empty = { ...fullBucket(600, 3, NOW), tokens: 0 }
    expect(take(empty, NOW + 100, 1).waitMs).toBe(0)
    expect(take(empty, NOW + 99, 1).waitMs).toBe(1)
    expect(take(empty, NOW + 3_600_000, 3).bucket.tokens).toBe(0)
  })

  test('a dear call waits for its whole price', () => {
    expect(take({ ...fullBucket(60, 5, NOW), tokens: 1 }, NOW, 3).waitMs).toBe(2_000)
  })

  test('a clock that steps back neither gives nor takes', () => {
    const bucket = { ...fullBucket(60, 5, NOW), tokens: 0 }
    const back = take(bucket, NOW - 10_000, 1)
    expect(back.bucket.filledAt).toBe(NOW)
    expect(back.waitMs).toBe(11_000)
  })

  test('a bucket that never fills says so and promises nothing', () => {
    const bucket = { ...fullBucket(0, 5, NOW), tokens: 0 }
    expect(take(bucket, NOW + 1e9, 1)).toMatchObject({ waitMs: Number.POSITIVE_INFINITY, bucket: { tokens: 0 } })
  })

  test.each([-1, 6, Number.NaN])('a cost of %d can never be paid: a bug', cost => {
    expect(() => take(fullBucket(60, 5, NOW), NOW, cost)).toThrow(RangeError)
  })

  test('a changed rate keeps what was earned until then', () => {
    const bucket = { ...fullBucket(60, 10, NOW), tokens: 0 }
    const slower = withRate(bucket, 6, 2, NOW + 1_500)
    expect(slower).toEqual({ tokens: 1.5, filledAt: NOW + 1_500, perMinute: 6, capacity: 2 })
    expect(withRate(bucket, 6, 2, NOW + 60_000).tokens).toBe(2)
  })

  test('never more than capacity and rate allow, in any stretch of time to the millisecond, and no needless wait', () =>
    fc.assert(
      fc.property(
        fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 5_000 }), cost: fc.integer({ min: 1, max: 3 }) }), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.integer({ min: 30, max: 3_000 }),
        fc.integer({ min: 3, max: 20 }),
        (calls, perMinute, capacity) => {
          let bucket = fullBucket(perMinute, capacity, NOW)
          let now = NOW
          let spent = 0
          const granted = calls.map(({ afterMs, cost }) => {
            now += afterMs
            const taken = take(bucket, now, cost)
            bucket = taken.bucket
            spent += cost
            const atMs = now + taken.waitMs
            if (spent <= capacity) expect(taken.waitMs).toBe(0)
            return { atMs, cost }
          })
          granted.forEach((first, from) => {
            let sum = 0
            for (const call of granted.slice(from)) {
              sum += call.cost
              expect(sum).toBeLessThanOrEqual(capacity + ((call.atMs - first.atMs + 1) * perMinute) / 60_000)
            }
          })
        },
      ),
    ))
})

describe('the adaptive rate', () => {
  test('halves on a refusal, never under the least', () => {
    expect(shrink(600, 10)).toBe(300)
    expect(shrink(15, 10)).toBe(10)
    expect(shrink(10, 10)).toBe(10)
  })
  test('comes back by a tenth of the most per minute, never above it', () => {
    expect(grow(300, 600, 60_000)).toBe(360)
    expect(grow(300, 600, 30_000)).toBe(330)
    expect(grow(590, 600, 60_000)).toBe(600)
    expect(grow(300, 600, 0)).toBe(300)
    expect(grow(300, 600, -60_000)).toBe(300)
  })
  test('stays between least and most whatever happens', () =>
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 600_000 }))), steps => {
        let rate = 600
        for (const elapsedMs of steps) {
          const was = rate
          rate = elapsedMs === null ? shrink(rate, 6) : grow(rate, 600, elapsedMs)
          expect(rate).toBeGreaterThanOrEqual(6)
          expect(rate).toBeLessThanOrEqual(600)
          expect(elapsedMs === null ? rate <= was : rate >= was).toBe(true)
        }
      }),
    ))
})
