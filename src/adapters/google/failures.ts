import type { RemoteFailure } from '../../core/model/failures.ts'
import type { Instant } from '../../core/model/time.ts'
import { isObject, textOf } from './wire.ts'
import type { WireObject } from './wire.ts'

export type GoogleMethod =
  | 'calendarList.list'
  | 'calendarList.watch'
  | 'calendars.insert'
  | 'channels.stop'
  | 'events.delete'
  | 'events.get'
  | 'events.insert'
  | 'events.list'
  | 'events.move'
  | 'events.patch'
  | 'events.update'
  | 'events.watch'

/** The call that was answered, as far as the meaning of the answer depends on it. */
export type Call = { method: GoogleMethod; hasSyncToken?: boolean; hasPageToken?: boolean }

export type Answer = { status: number; body: unknown; retryAfter: string | null }

/** An answer taken apart: every reason it names (without the `push.` that some carry), its domain, message and location. */
type Refusal = {
  call: Call
  status: number
  isGoogles: boolean
  reasons: readonly string[]
  domain: string
  message: string
  location: string
  retryAfterMs: number
}

/** One line of the table: all that is given must fit. `reasons`: any of them. */
type Rule = {
  status?: readonly number[]
  methods?: readonly GoogleMethod[]
  reasons?: readonly string[]
  message?: RegExp
  domain?: string
  if?: (refusal: Refusal) => boolean
  means: RemoteFailure | ((refusal: Refusal) => RemoteFailure)
}

const READS: readonly GoogleMethod[] = ['calendarList.list', 'events.get', 'events.list']
/** A server that names a longer wait than a day is not believed. */
const RETRY_AFTER_MAX_MS = 24 * 60 * 60 * 1000
/** The connection was never made, so nothing can have taken effect. */
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'CERT_HAS_EXPIRED']
const NEVER_SENT_TLS = /^(ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/

const isRead = ({ method }: Call): boolean => READS.includes(method)

const rateLimited =
  (scope: 'user' | 'project') =>
  (refusal: Refusal): RemoteFailure => ({
    kind: 'rate-limited',
    scope,
    retryAfterMs: refusal.retryAfterMs,
  })
const projectBroken = (refusal: Refusal): RemoteFailure => ({ kind: 'project-broken', reason: reasonOf(refusal) })
const rejected = (refusal: Refusal): RemoteFailure => ({
  kind: 'rejected',
  status: refusal.status,
  reason: reasonOf(refusal),
  detail: detailOf(refusal),
})
const unavailable = ({ call, status }: Refusal): RemoteFailure => ({
  kind: 'unavailable',
  ambiguous: !isRead(call) && (status >= 500 || status === 408),
  detail: `http-${status}`,
})

/**
 * DECIDES what a refusal of the Calendar API means; the first rule that fits. The reason decides wherever Google gives one: 403 alone is
 * five different things, 400 three and 410 two. An answer that is not in Google's error shape (a proxy's page, the edge's HTML 404, a
 * cut-off body) says nothing about the event or the calendar: `unavailable`, never `not-found`.
 * `rateLimitExceeded` names the user's or the calendar's rate, except where the text names the project's quota; taking one user's
 * burst for the project's would slow everybody.
 * Sources: Calendar API guides "Handle API errors", "Synchronize resources efficiently", "Push notifications", "Manage quotas";
 * the `push.` reasons are those of the shared channel service. A malformed sync token was recorded as 400 `invalid` "Invalid Value", an expired one as
 * 410 `fullSyncRequired`; 410 was seen for malformed ones too.
 */
const RULES: readonly Rule[] = [
  { if: ({ status }) => status >= 500 || status < 400 || status === 408, means: unavailable },
  { status: [401, 400], reasons: ['webhookUrlUnauthorized'], means: projectBroken },
  { status: [401], means: { kind: 'access-rejected' } },
  { status: [429], if: ({ isGoogles }) => !isGoogles, means: rateLimited('user') },
  { if: ({ isGoogles }) => !isGoogles, means: unavailable },

  { methods: ['events.list'], message: /cannot be used with/i, means: rejected },
  { methods: ['events.list'], status: [410], if: isPlainPage, means: { kind: 'page-token-expired' } },
  { methods: ['events.list'], status: [410], means: { kind: 'sync-token-expired' } },
  { methods: ['events.list'], status: [400], if: namesSyncToken, means: { kind: 'sync-token-expired' } },
  { methods: ['events.list'], status: [400], if: isLaterPage, means: { kind: 'page-token-expired' } },
  { methods: ['events.list'], status: [400], if: isIncrement, means: { kind: 'sync-token-expired' } },

  { status: [400], reasons: ['channelIdNotUnique'], means: { kind: 'channel-id-taken' } },
  { status: [400], reasons: ['pushNotSupportedForRequestedResource'], means: { kind: 'push-unsupported' } },
  { status: [400], reasons: ['webhookUrlNotHttps', 'webhookUrlNoHostOrAddress'], means: projectBroken },
  { status: [400], message: /sequence value/i, means: { kind: 'edited-meanwhile' } },

  { status: [403], reasons: ['accessNotConfigured', 'SERVICE_DISABLED'], means: projectBroken },
  {
    status: [403, 429],
    reasons: ['dailyLimitExceeded', 'dailyLimitExceededUnreg', 'variableTermLimitExceeded'],
    means: { kind: 'daily-limit' },
  },
  { status: [403, 429], message: /per minute(?! per user)/i, means: rateLimited('project') },
  { status: [403, 429], message: /per minute per user/i, means: rateLimited('user') },
  { status: [403, 429], reasons: ['quotaExceeded'], means: { kind: 'quota-exceeded' } },
  {
    status: [403, 429],
    reasons: ['userRateLimitExceeded', 'rateLimitExceeded', 'RATE_LIMIT_EXCEEDED'],
    means: rateLimited('user'),
  },
  { status: [429], means: rateLimited('user') },
  { status: [403], domain: 'usageLimits', means: rateLimited('user') },
  {
    status: [403],
    reasons: ['insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'insufficientScope'],
    means: { kind: 'scope-missing' },
  },
  { status: [403], reasons: ['forbiddenForNonOrganizer'], means: { kind: 'not-organizer' } },
  { status: [403], reasons: ['requiredAccessLevel', 'forbidden'], means: { kind: 'role-too-low' } },

  { status: [404], means: { kind: 'not-found' } },
  { status: [409], reasons: ['conflict'], means: { kind: 'collided' } },
  { status: [409], reasons: ['duplicate'], means: { kind: 'id-taken' } },
  { status: [409], methods: ['events.insert'], means: { kind: 'id-taken' } },
  { status: [409], means: { kind: 'collided' } },
  { status: [410], means: { kind: 'already-gone' } },
  { status: [412], means: { kind: 'edited-meanwhile' } },
  { means: rejected },
]

function isPlainPage({ call }: Refusal): boolean {
  return call.hasPageToken === true && call.hasSyncToken !== true
}
function isLaterPage({ call }: Refusal): boolean {
  return call.hasPageToken === true
}
function isIncrement({ call }: Refusal): boolean {
  return call.hasSyncToken === true
}
function namesSyncToken(refusal: Refusal): boolean {
  return isIncrement(refusal) && (refusal.location === 'syncToken' || /sync token/i.test(refusal.message))
}

/** What a refused call means. `now` turns a Retry-After date into a wait. */
export function failureOfAnswer(call: Call, answer: Answer, now: Instant): RemoteFailure {
  const refusal = takeApart(call, answer, now)
  const rule = RULES.find(candidate => fits(candidate, refusal))
  if (rule === undefined) throw new Error('the last rule fits every refusal')
  return typeof rule.means === 'function' ? rule.means(refusal) : rule.means
}

/** What a call without an answer means: `code` is the socket's or the timer's. A write may have taken effect unless it was never sent. */
export function failureOfSilence(call: Call, code: string | null): RemoteFailure {
  return { kind: 'unavailable', ambiguous: !isRead(call) && !isNeverSent(code), detail: plainWord(code) ?? 'no-answer' }
}

const isNeverSent = (code: string | null): boolean =>
  code !== null && (NEVER_SENT.includes(code) || NEVER_SENT_TLS.test(code))

/** A success whose body is not what was promised (cut off, HTML, an error in a 200): a write has probably taken effect. */
export function failureOfUnreadable(call: Call): RemoteFailure {
  return { kind: 'unavailable', ambiguous: !isRead(call), detail: 'unreadable-answer' }
}

function fits(rule: Rule, refusal: Refusal): boolean {
  return (
    (rule.status?.includes(refusal.status) ?? true) &&
    (rule.methods?.includes(refusal.call.method) ?? true) &&
    (rule.reasons?.some(reason => refusal.reasons.includes(reason)) ?? true) &&
    (rule.message?.test(refusal.message) ?? true) &&
    (rule.domain === undefined || rule.domain === refusal.domain) &&
    (rule.if?.(refusal) ?? true)
  )
}

function takeApart(call: Call, { status, body, retryAfter }: Answer, now: Instant): Refusal {
  const error = isObject(body) && isObject(body['error']) ? body['error'] : null
  const errors = objectsIn(error?.['errors'])
  const details = objectsIn(error?.['details'])
  const named = [...errors, ...details, ...(error === null ? [] : [{ reason: error['status'] }])]
  return {
    call,
    status,
    isGoogles: error !== null,
    reasons: named
      .map(one => textOf(one, 'reason'))
      .filter(reason => reason !== null)
      .map(reason => reason.replace(/^push\./, '')),
    domain: (errors[0] && textOf(errors[0], 'domain')) ?? '',
    message: [...errors, ...(error === null ? [] : [error])].map(one => textOf(one, 'message') ?? '').join('\n'),
    location: (errors[0] && textOf(errors[0], 'location')) ?? '',
    retryAfterMs: retryAfterMs(retryAfter, now),
  }
}

const objectsIn = (value: unknown): WireObject[] => (Array.isArray(value) ? value.filter(isObject) : [])

export type OAuthCall = 'oauth.exchange' | 'oauth.refresh' | 'oauth.revoke'

/**
 * DECIDES what the token and revocation endpoints' `error` means. Only `invalid_grant` and its kin say that the user must return; what
 * is wrong with the client is the operator's, and no user's token may be dropped for it. Descriptions vary and decide nothing.
 * Source: "Using OAuth 2.0 for Web Server Applications", RFC 6749 §5.2; `access_denied` and `admin_policy_enforced` come when an
 * administrator restricts the account.
 */
const OAUTH_RULES: Readonly<Record<string, 'access-revoked' | 'project-broken' | 'unavailable' | 'rate-limited'>> = {
  invalid_grant: 'access-revoked',
  access_denied: 'access-revoked',
  admin_policy_enforced: 'access-revoked',
  invalid_client: 'project-broken',
  deleted_client: 'project-broken',
  disabled_client: 'project-broken',
  unauthorized_client: 'project-broken',
  redirect_uri_mismatch: 'project-broken',
  org_internal: 'project-broken',
  accessNotConfigured: 'project-broken',
  internal_failure: 'unavailable',
  server_error: 'unavailable',
  temporarily_unavailable: 'unavailable',
  rate_limit_exceeded: 'rate-limited',
  rateLimitExceeded: 'rate-limited',
}

/** What a refusal of the token or revocation endpoint means. Repeating a refresh harms nothing, so only the other two can be ambiguous. */
export function failureOfOAuthAnswer(
  call: OAuthCall,
  { status, body, retryAfter }: Answer,
  now: Instant,
): RemoteFailure {
  const error = oauthErrorOf(body)
  const meaning = error !== null && Object.hasOwn(OAUTH_RULES, error) ? OAUTH_RULES[error] : undefined
  if (status === 429 || meaning === 'rate-limited') {
    return { kind: 'rate-limited', scope: 'project', retryAfterMs: retryAfterMs(retryAfter, now) }
  }
  if (error === null || status >= 500 || status < 400 || status === 408 || meaning === 'unavailable') {
    return { kind: 'unavailable', ambiguous: call !== 'oauth.refresh' && status >= 500, detail: `http-${status}` }
  }
  if (meaning === 'access-revoked') return { kind: 'access-revoked' }
  const reason = plainWord(error) ?? 'unknown'
  return meaning === 'project-broken'
    ? { kind: 'project-broken', reason }
    : { kind: 'rejected', status, reason, detail: call }
}

/** The `error` of an OAuth answer, or the reason of an answer in the APIs' own shape; null where there is neither. */
export function oauthErrorOf(body: unknown): string | null {
  if (!isObject(body)) return null
  const error = body['error']
  if (isObject(error)) return textOf(objectsIn(error['errors'])[0] ?? {}, 'reason') ?? textOf(error, 'status')
  return textOf(body, 'error')
}

/** An OAuth call without a readable answer. */
export function failureOfOAuthSilence(call: OAuthCall, code: string | null): RemoteFailure {
  return {
    kind: 'unavailable',
    ambiguous: call !== 'oauth.refresh' && !isNeverSent(code),
    detail: plainWord(code) ?? 'no-answer',
  }
}

/** Retry-After in milliseconds: seconds or an HTTP date, 0 where there is none or it lies behind. */
export function retryAfterMs(header: string | null, now: Instant): number {
  if (header === null || header.trim() === '') return 0
  const seconds = Number(header)
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, Math.ceil(ms)), RETRY_AFTER_MAX_MS)
}

/**
 * Google's own sentences that name no person, calendar or id and say more than the reason does. Any other message stays out:
 * it may quote what a user typed.
 */
const SAYINGS: readonly RegExp[] = [
  /^Invalid start time\./,
  /^Invalid end time\./,
  /^Invalid resource id value\./,
  /^Missing (start|end) time\./,
  /^Missing time zone definition for (start|end) time\./,
  /^The specified time range is empty\./,
  /^Invalid recurrence rule\./,
  /^Sync token cannot be used with other request restrictions/,
  /^The user must be signed up for Google Calendar\./,
  /^Invalid Value/,
]

function detailOf({ call, message, location }: Refusal): string {
  const line = message.split('\n')[0] ?? ''
  const saying = SAYINGS.map(pattern => pattern.exec(line)?.[0]).find(found => found !== undefined)
  return [call.method, plainWord(location), saying].filter(part => part !== undefined && part !== null).join(': ')
}

const reasonOf = ({ reasons }: Refusal): string => plainWord(reasons[0] ?? null) ?? 'unknown'

/** A name fit for logs and screens, or null: letters, digits, dot, dash and underscore only. */
const plainWord = (text: string | null): string | null => (text !== null && /^[\w.-]{1,64}$/.test(text) ? text : null)
