import type { Instant } from '../model/time.ts'
import type { WebhookEndpoint } from './endpoint.ts'
import { RETRY_AFTER_MS_MAX } from './retry-schedule.ts'

type Health = Pick<
  WebhookEndpoint,
  'status' | 'disabledReason' | 'failures' | 'lastFailureAt' | 'failingSince' | 'lastDeliveredAt' | 'restUntil'
>

/** What an attempt says about the endpoint. `retryAfterMs`: how long it asked to be left alone; 0: it did not. */
export type Sign = { kind: 'delivered' } | { kind: 'gone' } | { kind: 'failed'; retryAfterMs: number }

const HOUR_MS = 3_600_000
/** Failures further apart than this are accidents of their own. */
const FAILURES_APART_MS = 24 * HOUR_MS
/** After so long without one success it is given up. */
export const DISABLED_AFTER_MS = 5 * 24 * HOUR_MS
/** After so many failures in a row it rests, and then one message tries the way for all. */
export const FAILURES_TO_REST = 10
const REST_MS = 5_000
export const REST_MS_MAX = HOUR_MS

/**
 * DECIDES what becomes of an endpoint after an attempt: a success wipes the slate; a second failure within a day starts the clock, and
 * after days of nothing but failure it is disabled (the rule of Svix); 410 disables at once (Standard Webhooks).
 */
export function noteSign<E extends Health>(endpoint: E, sign: Sign, now: Instant, random: () => number): E {
  if (endpoint.status === 'disabled') return endpoint
  switch (sign.kind) {
    case 'delivered':
      return {
        ...endpoint,
        failures: 0,
        lastFailureAt: null,
        failingSince: null,
        lastDeliveredAt: now,
        restUntil: null,
      }
    case 'gone':
      return { ...endpoint, status: 'disabled', disabledReason: 'gone', lastFailureAt: now }
    case 'failed':
      return noteFailure(endpoint, sign.retryAfterMs, now, random)
  }
}

function noteFailure<E extends Health>(endpoint: E, retryAfterMs: number, now: Instant, random: () => number): E {
  const failures = endpoint.failures + 1
  const isRepeated = endpoint.lastFailureAt !== null && now - endpoint.lastFailureAt <= FAILURES_APART_MS
  const failingSince = endpoint.failingSince ?? (isRepeated ? now : null)
  const noted = {
    ...endpoint,
    failures,
    lastFailureAt: now,
    failingSince,
    restUntil: rest(failures, retryAfterMs, now, random),
  }
  const isGivenUp = failingSince !== null && now - failingSince >= DISABLED_AFTER_MS
  return isGivenUp ? { ...noted, status: 'disabled', disabledReason: 'failing' } : noted
}

/** Doubles with each failure beyond the bound, so that one that is down is asked rarely, whatever waits for it. */
function rest(failures: number, retryAfterMs: number, now: Instant, random: () => number): Instant | null {
  const beyond = failures - FAILURES_TO_REST
  const ownMs = beyond < 0 ? 0 : Math.min(REST_MS_MAX, REST_MS * 2 ** Math.min(beyond, 20)) * (1 + 0.2 * random())
  const restMs = Math.max(Math.min(retryAfterMs, RETRY_AFTER_MS_MAX), Math.floor(ownMs))
  return restMs === 0 ? null : now + restMs
}

export function isAiling(endpoint: Pick<WebhookEndpoint, 'failures'>): boolean {
  return endpoint.failures >= FAILURES_TO_REST
}

/** As it is after somebody enabled it again: nothing held against it, nothing forgotten of what it missed. */
export function enabled<E extends Health>(endpoint: E): E {
  const clean = { failures: 0, lastFailureAt: null, failingSince: null, restUntil: null }
  return { ...endpoint, ...clean, status: 'enabled', disabledReason: null }
}
