import type { FastifyReply } from 'fastify'
import type { Instant } from '../../core/model/time.ts'
import { fullBucket, take, type Bucket } from '../../core/pacing/rate-limit.ts'
import { PROBLEMS } from './errors.ts'
import { sendProblem } from './problem.ts'

export type Rate = { perMinute: number; burst: number }

/** What each caller may ask of one instance. */
export type Rates = {
  /** One API key: far more than a platform needs that sends its backlog in batches. */
  key: Rate
  /** One address that sends no key or a wrong one. A good key from there is never refused for it. */
  refused: Rate
  /** One address on the pages and feeds that anybody may open. Behind a proxy that is the proxy: all of them together. */
  visitor: Rate
}

export const RATES: Rates = {
  key: { perMinute: 12_000, burst: 12_000 },
  refused: { perMinute: 600, burst: 600 },
  visitor: { perMinute: 3_000, burst: 3_000 },
}

const CALLERS_MAX = 10_000
const SECOND_MS = 1_000
const MINUTE_MS = 60_000

export type Verdict = { limit: number; remaining: number; resetSeconds: number; waitMs: number }

/** Counts in this process, by the clock that is handed in. A refused request takes nothing, so waiting as told is enough. */
export function rateLimit({ perMinute, burst }: Rate): (who: string, now: Instant) => Verdict {
  const buckets = new Map<string, Bucket>()
  return (who, now) => {
    const known = buckets.get(who) ?? fullBucket(perMinute, burst, now)
    const { bucket, waitMs } = take(known, now, 1)
    const left = waitMs === 0 ? bucket : known
    keep(buckets, who, left)
    const { tokens } = take(left, now, 0).bucket
    const resetMs = perMinute > 0 ? ((burst - tokens) * MINUTE_MS) / perMinute : MINUTE_MS
    const remaining = Math.max(0, Math.floor(tokens))
    return { limit: burst, remaining, resetSeconds: Math.ceil(resetMs / SECOND_MS), waitMs }
  }
}

/** Those that asked longest ago go first: a stream of made-up callers does not forget a busy one. */
function keep(buckets: Map<string, Bucket>, who: string, bucket: Bucket): void {
  buckets.delete(who)
  buckets.set(who, bucket)
  const [oldest] = buckets.keys()
  if (buckets.size > CALLERS_MAX && oldest !== undefined) buckets.delete(oldest)
}

/** Says how much is left; @returns the answer 429 where it is nothing. */
export function answerVerdict(reply: FastifyReply, verdict: Verdict): FastifyReply | null {
  const { limit, remaining, resetSeconds, waitMs } = verdict
  reply.headers({ 'ratelimit-limit': limit, 'ratelimit-remaining': remaining, 'ratelimit-reset': resetSeconds })
  if (waitMs === 0) return null
  return sendProblem(reply.header('retry-after', Math.min(3_600, Math.ceil(waitMs / SECOND_MS))), PROBLEMS.tooMany)
}
