import type { Instant } from '../model/time.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** How long to wait after each failed attempt. Source: Standard Webhooks 1.0.0, "Deliverability and reliability". */
const GAPS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
]

/** The first attempt and one after each gap. */
export const ATTEMPTS_MAX = GAPS_MS.length + 1
/** A gap is stretched by up to this share of itself: what failed together does not come back together. */
const JITTER = 0.2
/** What an endpoint may ask for at most. */
export const RETRY_AFTER_MS_MAX = 24 * HOUR_MS

/**
 * When a delivery that has failed `attempts` times is tried again; null: never by itself. What the endpoint asked for is never shortened.
 * @param retryAfterMs 0 where the endpoint named no time.
 * @param random uniform in [0, 1).
 */
export function nextAttemptAt(
  attempts: number,
  now: Instant,
  retryAfterMs: number,
  random: () => number,
): Instant | null {
  const gapMs = GAPS_MS[attempts - 1]
  if (gapMs === undefined) return null
  return now + Math.max(Math.min(retryAfterMs, RETRY_AFTER_MS_MAX), Math.floor(gapMs * (1 + JITTER * random())))
}
