import { describe, expect, test } from 'vitest'
import {
  DISABLED_AFTER_MS,
  enabled,
  FAILURES_TO_REST,
  noteSign,
  REST_MS_MAX,
  type Sign,
} from '../../../src/core/webhooks/health.ts'
import { ATTEMPTS_MAX, nextAttemptAt, RETRY_AFTER_MS_MAX } from '../../../src/core/webhooks/retry-schedule.ts'
import { DAY, HOUR, MINUTE, NOW } from '../../support/builders.ts'
import { anEndpoint } from '../../support/webhook-builders.ts'

const never = (): number => 0
const always = (): number => 1 - Number.EPSILON
const failed = (retryAfterMs = 0): Sign => ({ kind: 'failed', retryAfterMs })
const FAILING = { failures: 3, lastFailureAt: NOW - HOUR, failingSince: NOW - DAY, restUntil: NOW }

describe('the next attempt', () => {
  const gaps: [attempts: number, earliestMs: number][] = [
    [1, 5_000],
    [2, 5 * MINUTE],
    [3, 30 * MINUTE],
    [4, 2 * HOUR],
    [5, 5 * HOUR],
    [6, 10 * HOUR],
    [7, 14 * HOUR],
    [8, 20 * HOUR],
    [9, 24 * HOUR],
  ]
  test.each(gaps)('after %i failed is due in %i ms, or up to a fifth later', (attempts, gapMs) => {
    expect(nextAttemptAt(attempts, NOW, 0, never)).toBe(NOW + gapMs)
    const latest = nextAttemptAt(attempts, NOW, 0, always) ?? 0
    expect(latest - NOW).toBeGreaterThan(gapMs * 1.19)
    expect(latest - NOW).toBeLessThanOrEqual(gapMs * 1.2)
  })

  test('does not come by itself after the last', () => {
    expect(gaps).toHaveLength(ATTEMPTS_MAX - 1)
    expect(nextAttemptAt(ATTEMPTS_MAX, NOW, HOUR, never)).toBeNull()
    expect(nextAttemptAt(ATTEMPTS_MAX + 1, NOW, 0, never)).toBeNull()
  })

  test('is never earlier than asked for, and never a year away', () => {
    expect(nextAttemptAt(1, NOW, HOUR, never)).toBe(NOW + HOUR)
    expect(nextAttemptAt(4, NOW, HOUR, never)).toBe(NOW + 2 * HOUR)
    expect(nextAttemptAt(1, NOW, 365 * DAY, never)).toBe(NOW + RETRY_AFTER_MS_MAX)
  })
})

describe('an endpoint', () => {
  test('is well after one success, whatever was before', () => {
    expect(noteSign(anEndpoint(FAILING), { kind: 'delivered' }, NOW, never)).toEqual(
      anEndpoint({ lastDeliveredAt: NOW }),
    )
  })

  const clocks: [sentence: string, before: Parameters<typeof anEndpoint>[0], failingSince: number | null][] = [
    ['one failure starts no clock', {}, null],
    ['a second one within a day starts it', { failures: 1, lastFailureAt: NOW - DAY }, NOW],
    ['a second one later is an accident of its own', { failures: 1, lastFailureAt: NOW - DAY - 1 }, null],
    ['a clock that runs goes on, however far apart they are', { ...FAILING, lastFailureAt: NOW - 2 * DAY }, NOW - DAY],
  ]
  test.each(clocks)('%s', (_sentence, before, failingSince) => {
    const after = noteSign(anEndpoint(before), failed(), NOW, never)
    expect(after).toMatchObject({
      failingSince,
      lastFailureAt: NOW,
      failures: (before?.failures ?? 0) + 1,
      status: 'enabled',
    })
  })

  test('is given up after five days of failure and not a moment before', () => {
    const since = (ms: number) => anEndpoint({ ...FAILING, failingSince: NOW - ms })
    expect(noteSign(since(DISABLED_AFTER_MS - 1), failed(), NOW, never).status).toBe('enabled')
    expect(noteSign(since(DISABLED_AFTER_MS), failed(), NOW, never)).toMatchObject({
      status: 'disabled',
      disabledReason: 'failing',
    })
  })

  test('that is gone is disabled, and what comes late changes nothing', () => {
    const gone = noteSign(anEndpoint(), { kind: 'gone' }, NOW, never)
    expect(gone).toMatchObject({ status: 'disabled', disabledReason: 'gone' })
    for (const sign of [failed(), { kind: 'delivered' } as const])
      expect(noteSign(gone, sign, NOW + 1, never)).toEqual(gone)
    const byRequest = anEndpoint({
      ...FAILING,
      failingSince: NOW - 9 * DAY,
      status: 'disabled',
      disabledReason: 'request',
    })
    expect(noteSign(byRequest, failed(), NOW, never)).toEqual(byRequest)
  })

  test('rests after many failures in a row, twice as long each time, an hour at most', () => {
    const restMs = (failures: number): number | null => {
      const { restUntil } = noteSign(anEndpoint({ failures: failures - 1 }), failed(), NOW, never)
      return restUntil === null ? null : restUntil - NOW
    }
    expect([FAILURES_TO_REST - 1, FAILURES_TO_REST, FAILURES_TO_REST + 1, FAILURES_TO_REST + 2].map(restMs)).toEqual([
      null,
      5_000,
      10_000,
      20_000,
    ])
    expect(restMs(FAILURES_TO_REST + 500)).toBe(REST_MS_MAX)
  })

  test('rests as long as it asked for', () => {
    expect(noteSign(anEndpoint(), failed(MINUTE), NOW, never).restUntil).toBe(NOW + MINUTE)
    expect(noteSign(anEndpoint(), failed(90 * DAY), NOW, never).restUntil).toBe(NOW + RETRY_AFTER_MS_MAX)
  })

  test('that is enabled again begins without a past, where it stopped', () => {
    const disabled = anEndpoint({ ...FAILING, cursor: 42, status: 'disabled', disabledReason: 'failing' })
    expect(enabled(disabled)).toEqual(anEndpoint({ cursor: 42 }))
  })
})
