import type { Instant } from '../model/time.ts'

/**
 * A token bucket as a value: `tokens` at `filledAt`, growing by `perMinute` a minute up to `capacity`. Tokens may be below zero:
 * then they are promised to callers who already wait.
 */
export type Bucket = { tokens: number; filledAt: Instant; perMinute: number; capacity: number }

const MINUTE_MS = 60_000
/** What a refusal leaves of the rate, and what a quiet minute gives back (as a share of the most). */
const SHRINK_FACTOR = 0.5
const GROWTH_PER_MINUTE = 0.1

/** A full bucket. `capacity` is the burst: how much may be spent at once after a rest. */
export function fullBucket(perMinute: number, capacity: number, now: Instant): Bucket {
  return { tokens: capacity, filledAt: now, perMinute, capacity }
}

/**
 * Takes `cost` out and says how long the caller must wait before it acts: 0 where the tokens are there. Each answer is a place in
 * the queue: the next caller waits behind it. In any stretch of time, to the millisecond, no more than `capacity` plus the rate's share is granted.
 * A clock that steps back neither gives nor takes tokens. A bucket that never fills (`perMinute` 0) says Infinity, and takes nothing.
 * @throws RangeError if the cost is below 0 or above `capacity` (it could never be paid): a caller's bug.
 */
export function take(bucket: Bucket, now: Instant, cost: number): { bucket: Bucket; waitMs: number } {
  if (!(cost >= 0 && cost <= bucket.capacity))
    throw new RangeError(`cost must be from 0 to the capacity ${bucket.capacity}, got ${cost}`)
  const filled = fill(bucket, now)
  const tokens = filled.tokens - cost
  if (tokens >= 0) return { bucket: { ...filled, tokens }, waitMs: 0 }
  if (!(bucket.perMinute > 0)) return { bucket: filled, waitMs: Number.POSITIVE_INFINITY }
  // Fractions of a token are fractions in binary: without the rounding 1 ms would become 2.
  const untilPaidMs = Math.ceil(Math.round((-tokens * MINUTE_MS * 1_000) / bucket.perMinute) / 1_000)
  return { bucket: { ...filled, tokens }, waitMs: untilPaidMs + (filled.filledAt - now) }
}

function fill(bucket: Bucket, now: Instant): Bucket {
  if (now <= bucket.filledAt) return bucket
  const gained = ((now - bucket.filledAt) * bucket.perMinute) / MINUTE_MS
  return { ...bucket, tokens: Math.min(bucket.capacity, bucket.tokens + gained), filledAt: now }
}

/** The bucket at another rate; what was earned until `now` stays, as far as it fits. */
export function withRate(bucket: Bucket, perMinute: number, capacity: number, now: Instant): Bucket {
  const filled = fill(bucket, now)
  return { ...filled, perMinute, capacity, tokens: Math.min(filled.tokens, capacity) }
}

/** The rate after Google refused for speed (403 or 429): half, but never under `min`. */
export function shrink(rate: number, min: number): number {
  return Math.max(min, rate * SHRINK_FACTOR)
}

/** The rate after `elapsedMs` without a refusal: back to `max` in steady steps, a tenth of it a minute. */
export function grow(rate: number, max: number, elapsedMs: number): number {
  const gained = (max * GROWTH_PER_MINUTE * Math.max(0, elapsedMs)) / MINUTE_MS
  return Math.min(max, rate + gained)
}
