import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgres } from '../../../src/adapters/db/postgres.ts'
import { createQuota } from '../../../src/adapters/db/quota.ts'
import { newPostgres, type TestDatabase } from '../../support/databases.ts'

let made: TestDatabase
beforeAll(async () => {
  made = await newPostgres()
})
afterAll(() => made.drop())

test('two instances that ask at once for the same meter get different places, and the burst is given once', async () => {
  const other = openPostgres(made.url ?? '', { max: 4 })
  const quotas = [createQuota(made.database), createQuota(other)]
  const allowance = { perMinute: 60, burst: 3 }
  const asked = Array.from({ length: 20 }, async (_, index) => quotas[index % 2]?.reserve('user t/c', allowance, [1]))
  const waitsMs = (await Promise.all(asked)).flatMap(each => each ?? []).sort((a, b) => a - b)
  await other.close()
  expect(waitsMs.filter(each => each === 0)).toHaveLength(3)
  for (const [index, waitMs] of waitsMs.slice(3).entries())
    expect(Math.abs(waitMs - (index + 1) * 1_000)).toBeLessThan(900)
  expect(waitsMs.at(-1)).toBeGreaterThan(16_000)
})

test('a refusal that one instance meets slows the other', async () => {
  const quota = createQuota(made.database)
  const allowance = { perMinute: 600, burst: 3 }
  await quota.reserve('user t/slow', allowance, [1])
  await quota.slow('user t/slow', allowance)
  const [waitMs = 0] = await quota.reserve('user t/slow', allowance, [3])
  expect(waitMs).toBeGreaterThan(500)
})

test('an instance that wrote a meter last writes it again in one statement, and one that was overtaken sees what the other took', async () => {
  const statements: string[] = []
  const other = openPostgres(made.url ?? '', { max: 4, onStatement: text => statements.push(text) })
  try {
    const [mine, theirs] = [createQuota(other), createQuota(made.database)]
    const allowance = { perMinute: 6, burst: 3 }
    const waitOf = async (quota: typeof mine, cost: number): Promise<number> =>
      (await quota.reserve('user t/swapped', allowance, [cost]))[0] ?? NaN
    expect(await waitOf(mine, 1)).toBe(0)
    statements.length = 0
    expect(await waitOf(mine, 1)).toBe(0)
    expect(statements).toHaveLength(1)
    expect(await waitOf(theirs, 1)).toBe(0)
    statements.length = 0
    const waitMs = await waitOf(mine, 1) // the burst of three is gone
    expect(waitMs).toBeGreaterThan(0)
    expect(waitMs).toBeLessThanOrEqual(10_000)
    expect(statements).toHaveLength(3)
    await theirs.slow('user t/swapped', allowance)
    expect(await waitOf(mine, 1)).toBeGreaterThan(waitMs + 5_000)
  } finally {
    await other.close()
  }
})
