import { type Json, type JsonObject, numberAt, objectAt, stringAt } from './json.ts'
import type { DeliveryFate } from './push.ts'
import { Refusal } from './refusal.ts'

/** What goes wrong with a request. `before`: nothing was done; `after`: the work is done, the answer is lost. */
export type Effect =
  | {
      kind: 'status'
      status: number
      reason: string
      message: string
      domain: string
      retryAfterSeconds: number | null
    }
  | { kind: 'html'; status: number }
  | { kind: 'cut'; when: 'before' | 'after' }
  | { kind: 'slow'; ms: number }
  | { kind: 'truncate'; bytes: number }
  | { kind: 'lag'; ms: number }
  | { kind: 'short-page'; items: number }
  | { kind: 'reverse' }

/** Which requests a fault meets; what is not said does not matter. `path` is a part of the path, `kind` as in `events.list`. */
type FaultMatch = {
  method?: string
  path?: string
  kind?: string
  account?: string
  calendarId?: string
  /** A query parameter that must be there: `syncToken` meets increments alone. */
  has?: string
}

type Fault = { id: number; match: FaultMatch; effect: Effect; remaining: number; probability: number }

/** Trouble with notifications: shares in [0, 1], and by how many milliseconds at most each is late (which reorders them). */
type NotificationTrouble = { dropShare: number; doubleShare: number; lateMs: number; dropNext: number }

export type Faults = { nextId: number; rules: Fault[]; notifications: NotificationTrouble }

const noTrouble = (): NotificationTrouble => ({ dropShare: 0, doubleShare: 0, lateMs: 0, dropNext: 0 })
export const createFaults = (): Faults => ({ nextId: 1, rules: [], notifications: noTrouble() })

/** What each reason usually comes with, so that a script need only name it. Source: the table of errors in the guide. */
const KNOWN_REASONS: Record<string, { status: number; domain: string; message: string }> = {
  rateLimitExceeded: { status: 403, domain: 'usageLimits', message: 'Rate Limit Exceeded' },
  userRateLimitExceeded: { status: 403, domain: 'usageLimits', message: 'User Rate Limit Exceeded' },
  quotaExceeded: { status: 403, domain: 'usageLimits', message: 'Calendar usage limits exceeded.' },
  dailyLimitExceeded: { status: 403, domain: 'usageLimits', message: 'Daily Limit Exceeded' },
  accessNotConfigured: { status: 403, domain: 'usageLimits', message: 'Access Not Configured.' },
  insufficientPermissions: {
    status: 403,
    domain: 'global',
    message: 'Request had insufficient authentication scopes.',
  },
  forbidden: { status: 403, domain: 'global', message: 'Forbidden' },
  requiredAccessLevel: {
    status: 403,
    domain: 'calendar',
    message: 'You need to have writer access to this calendar.',
  },
  forbiddenForNonOrganizer: {
    status: 403,
    domain: 'calendar',
    message: 'Shared properties can only be changed by the organizer of the event.',
  },
  notACalendarUser: { status: 403, domain: 'global', message: 'The user must be signed up for Google Calendar.' },
  authError: { status: 401, domain: 'global', message: 'Invalid Credentials' },
  notFound: { status: 404, domain: 'global', message: 'Not Found' },
  duplicate: { status: 409, domain: 'global', message: 'The requested identifier already exists.' },
  conflict: { status: 409, domain: 'global', message: 'Conflict' },
  deleted: { status: 410, domain: 'global', message: 'Resource has been deleted' },
  fullSyncRequired: {
    status: 410,
    domain: 'calendar',
    message: 'Sync token is no longer valid, a full sync is required.',
  },
  conditionNotMet: { status: 412, domain: 'global', message: 'Precondition Failed' },
  backendError: { status: 503, domain: 'global', message: 'Backend Error' },
  internalError: { status: 500, domain: 'global', message: 'Internal Error' },
  invalid: { status: 400, domain: 'global', message: 'Invalid Value' },
}

/**
 * Reads a fault as JSON spells it: `{match?, times?, probability?, status|reason|html|cut|slowMs|truncateBytes|lagMs|
 * shortPage|reverse…}`. A string is what is wrong with it.
 */
export function readFault(id: number, body: JsonObject): Fault | string {
  const effect = readEffect(body)
  if (typeof effect === 'string') return effect
  const match: FaultMatch = {}
  const given = objectAt(body, 'match') ?? {}
  for (const key of ['method', 'path', 'kind', 'account', 'calendarId', 'has'] as const) {
    const value = stringAt(given, key)
    if (value !== undefined) match[key] = value
  }
  const probability = numberAt(body, 'probability') ?? 1
  const isEndless = body['times'] === 'always' || (body['times'] === undefined && body['probability'] !== undefined)
  return { id, match, effect, probability, remaining: isEndless ? Infinity : (numberAt(body, 'times') ?? 1) }
}

function readEffect(body: JsonObject): Effect | string {
  const cut = body['cut']
  if (cut === 'before' || cut === 'after') return { kind: 'cut', when: cut }
  const slowMs = numberAt(body, 'slowMs')
  if (slowMs !== undefined) return { kind: 'slow', ms: slowMs }
  const bytes = numberAt(body, 'truncateBytes')
  if (bytes !== undefined) return { kind: 'truncate', bytes }
  const lagMs = numberAt(body, 'lagMs')
  if (lagMs !== undefined) return { kind: 'lag', ms: lagMs }
  const items = numberAt(body, 'shortPage')
  if (items !== undefined) return { kind: 'short-page', items }
  if (body['reverse'] === true) return { kind: 'reverse' }
  const html = numberAt(body, 'html')
  if (html !== undefined) return { kind: 'html', status: html }
  return readStatusEffect(body)
}

function readStatusEffect(body: JsonObject): Effect | string {
  const reason = stringAt(body, 'reason')
  const known = reason === undefined ? undefined : KNOWN_REASONS[reason]
  const status = numberAt(body, 'status') ?? known?.status
  if (status === undefined)
    return 'a fault needs one of: status, reason, html, cut, slowMs, truncateBytes, lagMs, shortPage, reverse'
  const domain = stringAt(body, 'domain') ?? known?.domain ?? 'global'
  const message = stringAt(body, 'message') ?? known?.message ?? 'Backend Error'
  const retryAfterSeconds = numberAt(body, 'retryAfterSeconds') ?? null
  return { kind: 'status', status, reason: reason ?? 'backendError', message, domain, retryAfterSeconds }
}

type FaultSubject = {
  method: string
  path: string
  kind: string
  account: string | null
  calendarId: string | null
  query: Record<string, string>
}

/** The faults that strike this request; each counts itself down. Several may strike at once: slow, then cut. */
export function strike(faults: Faults, subject: FaultSubject, random: () => number): Effect[] {
  const struck: Effect[] = []
  for (const rule of faults.rules) {
    if (rule.remaining <= 0 || !isMatch(rule.match, subject)) continue
    if (rule.probability < 1 && random() >= rule.probability) continue
    rule.remaining -= 1
    struck.push(rule.effect)
  }
  faults.rules = faults.rules.filter(rule => rule.remaining > 0)
  return struck
}

/** Trouble at the endpoints of OAuth strikes only where a fault names them (`oauth.token`, `oauth.revoke`): all else is the calendar's. */
export function strikeOAuth(faults: Faults, kind: string, path: string, random: () => number): Effect[] {
  const named = { ...faults, rules: faults.rules.filter(rule => rule.match.kind === kind) }
  return strike(named, { method: 'POST', path, kind, account: null, calendarId: null, query: {} }, random)
}

function isMatch(match: FaultMatch, subject: FaultSubject): boolean {
  return (
    (match.method === undefined || match.method === subject.method) &&
    (match.path === undefined || subject.path.includes(match.path)) &&
    (match.kind === undefined || match.kind === subject.kind) &&
    (match.has === undefined || match.has in subject.query) &&
    (match.account === undefined || match.account === subject.account) &&
    (match.calendarId === undefined || match.calendarId === subject.calendarId)
  )
}

/** The refusal a status fault stands for. */
export const faultRefusal = (effect: Extract<Effect, { kind: 'status' }>): Refusal => {
  const isToken = effect.reason === 'fullSyncRequired'
  const place = { location: 'syncToken', locationType: 'parameter' as const }
  return new Refusal(effect.status, effect.reason, effect.message, {
    domain: effect.domain,
    ...(isToken ? { place } : {}),
  })
}

export const FRONT_END_ERROR =
  '<!DOCTYPE html>\n<html lang=en>\n<title>Error 502 (Server Error)!!1</title>\n<p><b>502.</b> <ins>That’s an error.</ins>\n' +
  '<p>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.\n'

/** What becomes of the next notification. */
export function fateOf(faults: Faults, random: () => number): DeliveryFate {
  const trouble = faults.notifications
  const isDropped = trouble.dropNext > 0 || (trouble.dropShare > 0 && random() < trouble.dropShare)
  if (trouble.dropNext > 0) trouble.dropNext -= 1
  const copies = trouble.doubleShare > 0 && random() < trouble.doubleShare ? 2 : 1
  const extraDelayMs = trouble.lateMs > 0 ? Math.round(random() * trouble.lateMs) : 0
  return { isDropped, copies, extraDelayMs }
}

/** Sets the trouble that the JSON names and keeps the rest. */
export function setNotificationTrouble(faults: Faults, body: JsonObject): void {
  const share = (value: Json | undefined, now: number): number => (typeof value === 'number' ? value : now)
  const now = faults.notifications
  faults.notifications = {
    dropShare: share(body['dropShare'], now.dropShare),
    doubleShare: share(body['doubleShare'], now.doubleShare),
    lateMs: share(body['lateMs'], now.lateMs),
    dropNext: share(body['dropNext'], now.dropNext),
  }
}
