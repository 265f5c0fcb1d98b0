import { describe, expect, test } from 'vitest'
import { livePoints } from './crash-points.ts'
import { SCENARIOS } from './crash-scenarios.ts'

/** `CRASH_POINTS=full` for every point (`npm run crash-points`); else each fourth of them. */
const every = process.env['CRASH_POINTS'] === 'full' ? 1 : 4

test('there are forty scenarios', () => expect(Object.keys(SCENARIOS)).toHaveLength(40))

describe.each(Object.entries(SCENARIOS))('%s', (_name, steps) => {
  test('survives whatever goes wrong at its calls', { timeout: 300_000 }, async () => {
    const { points, failed } = await livePoints(steps, undefined, every)
    expect(points).toBeGreaterThan(2)
    expect(failed).toEqual([])
  })
})
