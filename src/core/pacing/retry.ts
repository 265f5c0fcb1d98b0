export const BASE_DELAY_MS = 1_000
export const MAX_DELAY_MS = 64_000

/**
 * Milliseconds to wait before attempt `attempt` (1 is the first retry).
 * Full jitter: uniform in [0, min(MAX_DELAY_MS, BASE_DELAY_MS · 2^(attempt−1))). A server's `retryAfterMs` is never shortened.
 * @param retryAfterMs 0 where the server named no time.
 * @param random uniform in [0, 1); handed in, so tests are exact.
 * @throws RangeError if attempt < 1: a caller's bug, not an outcome.
 * Source: Google Calendar API, "Handle API errors" › exponential backoff.
 */
export function retryDelayMs(attempt: number, retryAfterMs: number, random: () => number): number {
  if (!(attempt >= 1)) throw new RangeError(`attempt must be >= 1, got ${attempt}`)
  const ceilingMs = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (attempt - 1))
  return Math.max(retryAfterMs, Math.floor(random() * ceilingMs))
}
