import type { Instant } from '../model/time.ts'
import { fullBucket, grow, shrink, take, withRate, type Bucket } from './rate-limit.ts'

/** A bucket and when Google last refused for speed; null: never. */
export type Meter = { bucket: Bucket; slowedAt: Instant | null }

/** What a quota of so many a minute allows: a steady rate and a burst that together never pass it in any minute. */
export type Allowance = { perMinute: number; burst: number }

/** Shares of the quota. What neither has covers requests that leave a little later than their place in the queue. */
const BURST_SHARE = 0.03
const LATENESS_SHARE = 0.01
/** The dearest request, a patch, must fit into the burst. */
const BURST_MIN = 3
const RATE_SHARE_MIN = 0.5
/** However often Google refuses, this share of the rate remains, so that recovery is noticed. */
const SLOWEST_SHARE = 0.02
/** Refusals of requests that were on their way together count once. */
const SLOW_ONCE_MS = 5_000

export function allowanceOf(quotaPerMinute: number): Allowance {
  const burst = Math.max(BURST_MIN, Math.floor(quotaPerMinute * BURST_SHARE))
  const perMinute = Math.max(quotaPerMinute * RATE_SHARE_MIN, quotaPerMinute * (1 - LATENESS_SHARE) - burst)
  return { perMinute, burst }
}

export function newMeter({ perMinute, burst }: Allowance, now: Instant): Meter {
  return { bucket: fullBucket(perMinute, burst, now), slowedAt: null }
}

/** How long each caller must wait, in their order. Reservations: whoever comes later waits behind them. */
export function reserve(
  meter: Meter,
  allowance: Allowance,
  now: Instant,
  costs: readonly number[],
): { meter: Meter; waitsMs: number[] } {
  let bucket = atPresentRate(meter, allowance, now)
  const waitsMs: number[] = []
  for (const cost of costs) {
    const taken = take(bucket, now, Math.min(cost, bucket.capacity))
    bucket = taken.bucket
    waitsMs.push(taken.waitMs)
  }
  return { meter: { bucket, slowedAt: meter.slowedAt }, waitsMs }
}

/** After a refusal for speed (403 or 429). */
export function slow(meter: Meter, allowance: Allowance, now: Instant): Meter {
  if (meter.slowedAt !== null && now - meter.slowedAt < SLOW_ONCE_MS) return meter
  const bucket = atPresentRate(meter, allowance, now)
  const rate = shrink(bucket.perMinute, allowance.perMinute * SLOWEST_SHARE)
  return {
    bucket: { ...withRate(bucket, rate, allowance.burst, now), tokens: Math.min(0, bucket.tokens) },
    slowedAt: now,
  }
}

/** A rate that was shrunk grows back with the time; one that never was follows the allowance. */
/**
 * How a meter stands at `now`, without taking anything. `capacity`: of a full bucket; where it is not known, the burst of the rate it has.
 */
export function reading(
  { bucket, slowedAt }: Meter,
  now: Instant,
): { perMinute: number; use: number; waitMs: number; slowedAt: Instant | null } {
  const { perMinute, capacity, tokens, filledAt } = bucket
  const present = Math.min(capacity, tokens + (Math.max(0, now - filledAt) * perMinute) / 60_000)
  const use = Math.min(1, Math.max(0, 1 - present / capacity))
  return { perMinute, use, waitMs: present >= 1 ? 0 : Math.ceil(((1 - present) * 60_000) / perMinute), slowedAt }
}

function atPresentRate({ bucket, slowedAt }: Meter, { perMinute, burst }: Allowance, now: Instant): Bucket {
  const elapsedMs = now - bucket.filledAt
  const rate = slowedAt === null ? perMinute : grow(Math.min(bucket.perMinute, perMinute), perMinute, elapsedMs)
  return withRate(bucket, rate, burst, now)
}
