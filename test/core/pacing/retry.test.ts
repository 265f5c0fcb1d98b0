import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BASE_DELAY_MS, MAX_DELAY_MS, retryDelayMs } from '../../../src/core/pacing/retry.ts'

const almostOne = (): number => 1 - Number.EPSILON

test.each([
  [1, 1_000],
  [2, 2_000],
  [3, 4_000],
  [7, 64_000],
  [8, 64_000],
  [5_000, 64_000],
])('attempt %i waits less than %i ms', (attempt, ceilingMs) => {
  expect(retryDelayMs(attempt, 0, almostOne)).toBe(ceilingMs - 1)
  expect(retryDelayMs(attempt, 0, () => 0.5)).toBe(ceilingMs / 2)
  expect(retryDelayMs(attempt, 0, () => 0)).toBe(0)
})

test('what the server asks for is never shortened, and prolongs nothing longer', () => {
  expect(retryDelayMs(1, 120_000, () => 0.99)).toBe(120_000)
  expect(retryDelayMs(7, 10, () => 0.5)).toBe(32_000)
})

test('attempts are counted from 1', () => {
  expect(() => retryDelayMs(0, 0, () => 0)).toThrow(RangeError)
  expect(() => retryDelayMs(Number.NaN, 0, () => 0)).toThrow(RangeError)
})

test("every delay is whole and lies between the server's word and the longest wait", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.integer({ min: 0, max: 600_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, retryAfterMs, chance) => {
        const delay = retryDelayMs(attempt, retryAfterMs, () => chance)
        expect(Number.isInteger(delay)).toBe(true)
        expect(delay).toBeGreaterThanOrEqual(retryAfterMs)
        expect(delay).toBeLessThanOrEqual(Math.max(retryAfterMs, MAX_DELAY_MS))
        if (attempt === 1 && retryAfterMs === 0) expect(delay).toBeLessThan(BASE_DELAY_MS)
      },
    ),
  ))
