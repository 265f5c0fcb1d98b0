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
