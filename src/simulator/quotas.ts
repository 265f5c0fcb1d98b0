import { Refusal } from './refusal.ts'

/**
 * Units a minute, per account and for the whole project; null is no limit. `status` is how Google says so: either, at will.
 * `newEventsPerDay`: what an account may make before its writes are refused for misuse of the calendar, until a day has passed.
 */
export type QuotaSettings = {
  userPerMinute: number | null
  projectPerMinute: number | null
  newEventsPerDay: number | null
  status: 403 | 429
}

/** The defaults of a Google project of today, switched on by asking for them. */
export const GOOGLE_QUOTAS: QuotaSettings = {
  userPerMinute: 600,
  projectPerMinute: 10_000,
  newEventsPerDay: 100_000,
  status: 403,
}
export const NO_QUOTAS: QuotaSettings = {
  userPerMinute: null,
  projectPerMinute: null,
  newEventsPerDay: null,
  status: 403,
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

type Window = { spent: { at: number; units: number }[]; first: number; total: number }

export type Quotas = { settings: QuotaSettings; windows: Map<string, Window> }

export const createQuotas = (settings: QuotaSettings): Quotas => ({ settings, windows: new Map() })

/**
 * Spends units of the sliding minute, the project's and the account's, or refuses and spends nothing.
 * @throws Refusal rateLimitExceeded or userRateLimitExceeded.
 */
export function spend(quotas: Quotas, call: { project: string; account: string; units: number; now: number }): void {
  const { userPerMinute, projectPerMinute, status } = quotas.settings
  const project = windowAt(quotas, `project ${call.project}`, call.now, MINUTE_MS)
  const user = windowAt(quotas, `user ${call.project} ${call.account}`, call.now, MINUTE_MS)
  if (projectPerMinute !== null && project.total + call.units > projectPerMinute) {
    throw overQuota(status, 'rateLimitExceeded', 'Rate Limit Exceeded')
  }
  if (userPerMinute !== null && user.total + call.units > userPerMinute) {
    throw overQuota(status, status === 429 ? 'rateLimitExceeded' : 'userRateLimitExceeded', 'User Rate Limit Exceeded')
  }
  for (const window of [project, user]) {
    window.spent.push({ at: call.now, units: call.units })
    window.total += call.units
  }
}

/**
 * The account's own limit, whichever project asks: once it has made so many events within a day, everything that it writes is refused.
 * @throws Refusal quotaExceeded.
 */
export function noteUsage(quotas: Quotas, call: { account: string; isNew: boolean; now: number }): void {
  const { newEventsPerDay } = quotas.settings
  if (newEventsPerDay === null) return
  const made = windowAt(quotas, `usage ${call.account}`, call.now, DAY_MS)
  if (made.total >= newEventsPerDay) throw overQuota(403, 'quotaExceeded', 'Calendar usage limits exceeded.')
  if (!call.isNew) return
  made.spent.push({ at: call.now, units: 1 })
  made.total += 1
}

const overQuota = (status: number, reason: string, message: string): Refusal =>
  new Refusal(status, reason, message, { domain: 'usageLimits' })

function windowAt(quotas: Quotas, key: string, now: number, lengthMs: number): Window {
  let window = quotas.windows.get(key)
  if (!window) quotas.windows.set(key, (window = { spent: [], first: 0, total: 0 }))
  for (
    let oldest = window.spent[window.first];
    oldest && oldest.at <= now - lengthMs;
    oldest = window.spent[window.first]
  ) {
    window.total -= oldest.units
    window.first += 1
  }
  if (window.first > 1000) {
    window.spent.splice(0, window.first)
    window.first = 0
  }
  return window
}
