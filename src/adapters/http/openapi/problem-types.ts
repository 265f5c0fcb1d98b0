import type { ConflictSlug, DomainError } from '../../../core/model/failures.ts'
import type { PROBLEMS } from '../errors.ts'

/** Each `type` that a problem document can have. A new slug does not compile until it says here what it means. */
export type ProblemSlug =
  | ConflictSlug
  | Exclude<DomainError['kind'], 'conflict' | 'invalid'>
  | (typeof PROBLEMS)[keyof typeof PROBLEMS]['type']
  | 'invalid-request'

type ProblemType = {
  status: number
  /** What it means, and what to do. */
  meaning: string
  /** Members that it carries besides the common ones. */
  members?: Readonly<Record<string, object>>
}

const text = { type: 'string' }

export const PROBLEM_TYPES: Readonly<Record<ProblemSlug, ProblemType>> = {
  'invalid-request': { status: 400, meaning: 'The input is wrong; `errors` names every place. Nothing was changed.' },
  'invalid-json': { status: 400, meaning: 'The body is not JSON.' },
  'bad-request': { status: 400, meaning: 'The request itself cannot be read: its path, its headers.' },
  unauthorized: {
    status: 401,
    meaning: 'No key, or one that is unknown, revoked, expired, or not meant for this route.',
  },
  'rate-limited': {
    status: 429,
    meaning:
      'Too many requests with this key, or without a good one from this address: go on after `Retry-After` seconds.',
  },
  forbidden: { status: 403, meaning: 'The key is good, and this is not allowed to it or to the role that was named.' },
  'not-found': { status: 404, meaning: 'There is no such object, or it is another tenant’s: the two answer alike.' },
  'method-not-allowed': { status: 405, meaning: 'The path is known by other methods; `Allow` names them.' },
  'slot-taken': {
    status: 409,
    meaning: 'With `onConflict=reject`: the user is busy then.',
    members: {
      conflicts: {
        type: 'array',
        items: {
          type: 'object',
          properties: { start: text, end: text, source: text },
          required: ['start', 'end', 'source'],
        },
      },
    },
  },
  'idempotency-in-progress': {
    status: 409,
    meaning: 'The first request with this key is still at work: ask again in a moment.',
  },
  'status-move': { status: 409, meaning: 'An appointment in this status cannot take that one.' },
  'occurrence-taken': { status: 409, meaning: 'Another exception stands for that occurrence already.' },
  'series-called-off': { status: 409, meaning: 'The series was cancelled, and so are its occurrences.' },
  'series-split-before': { status: 409, meaning: 'The series was split at this occurrence before.' },
  'series-not-splittable': { status: 409, meaning: 'The rule cannot be cut in two: book two series instead.' },
  'not-a-series': { status: 409, meaning: 'It does not recur, so there is nothing to split.' },
  disconnected: { status: 409, meaning: 'The connection was ended: connect again.' },
  'wrong-status': { status: 409, meaning: 'The connection’s status does not allow this now.' },
  'choice-needed': {
    status: 409,
    meaning: 'The deletion guard holds the connection: say `deletions`, `accept` or `restore`.',
  },
  'no-target': { status: 409, meaning: 'The connection has no target calendar to write to: choose one.' },
  'target-exists': { status: 409, meaning: 'The user’s appointments go to another connection already.' },
  'syncing-off': { status: 409, meaning: 'The tenant has switched calendar sync off for everyone.' },
  'feed-active': { status: 409, meaning: 'The user has a calendar feed: retire it, or say `replaceFeed: true`.' },
  'two-way-active': { status: 409, meaning: 'The user syncs both ways, and a feed would show everything twice.' },
  'needs-reauth': { status: 409, meaning: 'Google does not accept the grant any more: send the user a connect link.' },
  'scope-missing': { status: 409, meaning: 'The user left out a permission that this needs: send a connect link.' },
  'role-too-low': { status: 409, meaning: 'The Google account may not do this in that calendar.' },
  'gone-in-google': { status: 409, meaning: 'Google knows no such calendar, or the account does not see it.' },
  'refused-by-google': { status: 409, meaning: 'Google refused, for the reason in `detail`.' },
  'run-finished': { status: 409, meaning: 'The run has ended already.' },
  'proposal-settled': { status: 409, meaning: 'The proposal was answered, or what it was about has changed since.' },
  'duplicate-resolved': { status: 409, meaning: 'The duplicate was resolved before.' },
  'duplicate-gone': { status: 409, meaning: 'One of the two is gone: nothing is left to resolve.' },
  'still-being-written': { status: 409, meaning: 'The appointment is on its way to Google: try again in a moment.' },
  'too-many-endpoints': { status: 409, meaning: 'The tenant has as many webhook endpoints as there may be.' },
  'endpoint-disabled': { status: 409, meaning: 'Nothing is sent to a disabled endpoint: enable it first.' },
  'stale-version': {
    status: 412,
    meaning: 'It was changed since the version that `If-Match` names: read it again.',
    members: { currentVersion: { type: 'integer' } },
  },
  'too-large': { status: 413, meaning: 'The body is larger than this route takes.' },
  'unsupported-media-type': { status: 415, meaning: 'The body is not sent as `application/json`.' },
  'idempotency-mismatch': { status: 422, meaning: 'The key came before with another request.' },
  'google-owned': {
    status: 423,
    meaning: 'It was made in Google Calendar and is changed there; `htmlLink` leads to it.',
    members: { htmlLink: { type: ['string', 'null'] } },
  },
  internal: { status: 500, meaning: 'A fault of ours; the request id leads to it in the log.' },
  unavailable: {
    status: 503,
    meaning: 'Not possible just now: the instance is closing, or Google does not answer. Ask again.',
  },
}

/** What Google can answer where a call asks it something. */
export const FROM_GOOGLE: readonly ProblemSlug[] = [
  'needs-reauth',
  'scope-missing',
  'role-too-low',
  'gone-in-google',
  'refused-by-google',
]
