import { expect, test } from 'vitest'
import { ownQuota } from '../../../src/adapters/worker/own-quota.ts'
import { createPacing, type Pacing } from '../../../src/adapters/worker/pacing.ts'
import type { Quota } from '../../../src/ports/quota.ts'

const MINUTE_MS = 60_000
const ann = { tenantId: 't', connectionId: 'ann' }
const bob = { tenantId: 't', connectionId: 'bob' }

/** A clock whose sleepers wake in order when it is moved. */
function handMovedClock() {
  let now = 0
  const sleepers: { at: number; wake: () => void }[] = []
  const rest = () => new Promise(resolve => setImmediate(resolve))
  return {
    now: () => now,
    sleep: (ms: number) => new Promise<void>(wake => void sleepers.push({ at: now + ms, wake })),
    async advance(ms: number) {
      const until = now + ms
      for (;;) {
        await rest()
        sleepers.sort((a, b) => a.at - b.at)
        const next = sleepers[0]
        if (next === undefined || next.at > until) break
        sleepers.shift()
        now = Math.max(now, next.at)
        next.wake()
      }
      now = until
    },
    /** Time passes, and nobody gets to run meanwhile. */
    stall(ms: number) {
      now += ms
    },
  }
}

function paced(limits: { projectPerMinute: number; userPerMinute: number }, wrap = (quota: Quota) => quota) {
  const clock = handMovedClock()
  const quota = wrap(ownQuota(clock))
  const pacing = createPacing({ quota, system: clock, limits, projectOf: () => Promise.resolve('project') })
  return { clock, pacing, quota }
}

/** The instants at which `count` requests of `who` were let through, for ever topped up by `atOnce` askers. */
function hammer(pacing: Pacing, now: () => number, who: typeof ann, atOnce: number): number[] {
  const passed: number[] = []
  const ask = async (): Promise<never> => {
    for (;;) {
      await pacing.pace(who, 1, null)
      passed.push(now())
    }
  }
  for (let asker = 0; asker < atOnce; asker++) void ask()
  return passed
}

function busiestMinute(instants: readonly number[]): number {
  let most = 0
  let first = 0
  for (const [last, at] of instants.entries()) {
    while ((instants[first] ?? at) <= at - MINUTE_MS) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

test('no minute, wherever it begins, holds more than the quota, and at least 95 % of it is used while work waits', async () => {
  const { clock, pacing } = paced({ projectPerMinute: 10_000, userPerMinute: 600 })
  const passed = hammer(pacing, clock.now, ann, 16)
  await clock.advance(5 * MINUTE_MS)
  expect(busiestMinute(passed)).toBeLessThanOrEqual(600)
  expect(passed.length).toBeGreaterThanOrEqual(5 * 600 * 0.95)
})

test("the project's quota holds for all users together, and each of them gets on", async () => {
  const { clock, pacing } = paced({ projectPerMinute: 900, userPerMinute: 600 })
  const anns = hammer(pacing, clock.now, ann, 4)
  const bobs = hammer(pacing, clock.now, bob, 4)
  await clock.advance(3 * MINUTE_MS)
  const all = [...anns, ...bobs].sort((a, b) => a - b)
  expect(busiestMinute(all)).toBeLessThanOrEqual(900)
  expect(all.length).toBeGreaterThanOrEqual(3 * 900 * 0.95)
  expect(Math.min(anns.length, bobs.length)).toBeGreaterThan(all.length * 0.4)
})

test('one user at the limit does not slow another', async () => {
  const { clock, pacing } = paced({ projectPerMinute: 10_000, userPerMinute: 60 })
  hammer(pacing, clock.now, ann, 16)
  await clock.advance(10_000)
  const asked = clock.now()
  let passedAt = NaN
  void pacing.pace(bob, 1, null).then(() => (passedAt = clock.now()))
  await clock.advance(5)
  expect(passedAt).toBe(asked)
})

test('what slept through its place, because the process stood still, queues again instead of passing in a crowd', async () => {
  const { clock, pacing } = paced({ projectPerMinute: 10_000, userPerMinute: 600 })
  const passed = hammer(pacing, clock.now, ann, 64)
  for (let stall = 0; stall < 6; stall++) {
    await clock.advance(20_000)
    clock.stall(5_000)
  }
  await clock.advance(20_000)
  expect(busiestMinute(passed)).toBeLessThanOrEqual(600)
})

test('a refusal for speed slows its user at once and only that user; the rate comes back with the time', async () => {
  const { clock, pacing } = paced({ projectPerMinute: 10_000, userPerMinute: 600 })
  const anns = hammer(pacing, clock.now, ann, 4)
  const bobs = hammer(pacing, clock.now, bob, 4)
  await clock.advance(MINUTE_MS)
  const refusal = { kind: 'rate-limited', scope: 'user', retryAfterMs: 0 } as const
  await Promise.all([1, 2, 3].map(() => pacing.noteFailure(ann, refusal)))
  const before = { ann: anns.length, bob: bobs.length }
  await clock.advance(MINUTE_MS)
  expect(anns.length - before.ann).toBeLessThan(400)
  expect(anns.length - before.ann).toBeGreaterThan(250)
  expect(bobs.length - before.bob).toBeGreaterThan(570)
  await clock.advance(6 * MINUTE_MS)
  const recovered = anns.length
  await clock.advance(MINUTE_MS)
  expect(anns.length - recovered).toBeGreaterThan(570)
})

test('other refusals slow nobody', async () => {
  const { clock, pacing } = paced({ projectPerMinute: 10_000, userPerMinute: 600 })
  await pacing.noteFailure(ann, { kind: 'access-revoked' })
  const passed = hammer(pacing, clock.now, ann, 4)
  await clock.advance(MINUTE_MS)
  expect(passed.length).toBeGreaterThan(570)
})

test('writes to one calendar pass one after the other, in the order they were asked for', async () => {
  const { clock, pacing } = paced({ projectPerMinute: 10_000, userPerMinute: 60 })
  const order: number[] = []
  for (let write = 0; write < 10; write++) void pacing.pace(ann, 1, 'calendar').then(() => order.push(write))
  await clock.advance(MINUTE_MS)
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('many askers share their questions to the database', async () => {
  let questions = 0
  const counted = (quota: Quota): Quota => ({ ...quota, reserve: (...all) => (questions++, quota.reserve(...all)) })
  const { clock, pacing } = paced({ projectPerMinute: 10_000, userPerMinute: 10_000 }, counted)
  const all = Promise.all(Array.from({ length: 200 }, () => pacing.pace(ann, 1, null)))
  await clock.advance(1_000)
  await all
  expect(questions).toBeLessThan(20)
})

test('F35: a database that does not answer lets nothing through', async () => {
  const broken = (quota: Quota): Quota => ({ ...quota, reserve: () => Promise.reject(new Error('away')) })
  const { pacing } = paced({ projectPerMinute: 10_000, userPerMinute: 600 }, broken)
  await expect(pacing.pace(ann, 1, null)).rejects.toThrow('away')
})
