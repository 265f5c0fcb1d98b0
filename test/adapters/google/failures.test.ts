import { describe, expect, test } from 'vitest'
import {
  failureOfAnswer,
  failureOfOAuthAnswer,
  failureOfOAuthSilence,
  failureOfSilence,
  failureOfUnreadable,
  retryAfterMs,
} from '../../../src/adapters/google/failures.ts'
import type { Call, GoogleMethod, OAuthCall } from '../../../src/adapters/google/failures.ts'
import type { RemoteFailure } from '../../../src/core/model/failures.ts'
import { NOW } from './conversation.ts'

type Said = { domain?: string; location?: string; message?: string }

const refusal = (
  code: number,
  reason: string,
  { domain = 'global', message = 'Said by Google', location }: Said = {},
) => ({
  error: { errors: [{ domain, reason, message, ...(location ? { location } : {}) }], code, message },
})

const ask = (
  call: Call | GoogleMethod,
  status: number,
  body: unknown,
  retryAfter: string | null = null,
): RemoteFailure =>
  failureOfAnswer(typeof call === 'string' ? { method: call } : call, { status, body, retryAfter }, NOW)

const increment: Call = { method: 'events.list', hasSyncToken: true }
const laterIncrement: Call = { method: 'events.list', hasSyncToken: true, hasPageToken: true }
const laterFull: Call = { method: 'events.list', hasPageToken: true }
const usage = { domain: 'usageLimits' }
const own = { domain: 'calendar' }
const limited = (scope: 'user' | 'project'): RemoteFailure => ({ kind: 'rate-limited', scope, retryAfterMs: 0 })

/** One row for each reason that Google is known to give, in the order of statuses. */
const reasons: [
  sentence: string,
  call: Call | GoogleMethod,
  status: number,
  reason: string,
  said: Said,
  failure: object,
][] = [
  [
    'a bad field is ours to mend',
    'events.insert',
    400,
    'invalid',
    {},
    { kind: 'rejected', status: 400, reason: 'invalid' },
  ],
  ['a bad request is ours to mend', 'events.update', 400, 'badRequest', {}, { kind: 'rejected', reason: 'badRequest' }],
  [
    'JSON that Google cannot parse is ours',
    'events.insert',
    400,
    'parseError',
    {},
    { kind: 'rejected', reason: 'parseError' },
  ],
  [
    'a missing end is ours',
    'events.insert',
    400,
    'required',
    { message: 'Missing end time.' },
    { kind: 'rejected', detail: 'events.insert: Missing end time.' },
  ],
  [
    'an empty time range is parked',
    'events.insert',
    400,
    'timeRangeEmpty',
    own,
    { kind: 'rejected', reason: 'timeRangeEmpty' },
  ],
  ['a free/busy range that is too long', 'events.list', 400, 'timeRangeTooLong', own, { kind: 'rejected' }],
  [
    'an event type that forbids the edit',
    'events.update',
    400,
    'eventTypeRestriction',
    own,
    { kind: 'rejected', reason: 'eventTypeRestriction' },
  ],
  ['a malformed working location', 'events.update', 400, 'malformedWorkingLocationEvent', own, { kind: 'rejected' }],
  [
    'an organizer that cannot be changed',
    'events.move',
    403,
    'cannotChangeOrganizer',
    own,
    { kind: 'rejected', reason: 'cannotChangeOrganizer' },
  ],
  [
    'an instance has no organizer of its own',
    'events.move',
    400,
    'cannotChangeOrganizerOfInstance',
    own,
    { kind: 'rejected' },
  ],
  [
    'a stranger to the event',
    'events.insert',
    400,
    'participantIsNeitherOrganizerNorAttendee',
    own,
    { kind: 'rejected' },
  ],
  ['an event that lasts too long', 'events.insert', 400, 'eventDurationExceedsLimit', own, { kind: 'rejected' }],
  [
    'an outdated sequence is an edit by another',
    'events.update',
    400,
    'invalid',
    { message: 'Invalid sequence value. The specified sequence number is below the current one.' },
    { kind: 'edited-meanwhile' },
  ],
  [
    'a malformed sync token, named',
    increment,
    400,
    'invalid',
    { message: 'Invalid sync token value.' },
    { kind: 'sync-token-expired' },
  ],
  [
    'a malformed sync token, by its place',
    increment,
    400,
    'invalid',
    { location: 'syncToken' },
    { kind: 'sync-token-expired' },
  ],
  [
    'a malformed sync token, as recorded',
    increment,
    400,
    'invalid',
    { message: 'Invalid Value' },
    { kind: 'sync-token-expired' },
  ],
  [
    'a bad page token of an increment restarts the listing',
    laterIncrement,
    400,
    'invalid',
    { message: 'Invalid Value' },
    { kind: 'page-token-expired' },
  ],
  [
    'a bad sync token on a later page is still that',
    laterIncrement,
    400,
    'invalid',
    { location: 'syncToken' },
    { kind: 'sync-token-expired' },
  ],
  [
    'a bad page token of a full list',
    laterFull,
    400,
    'invalid',
    { location: 'pageToken' },
    { kind: 'page-token-expired' },
  ],
  ['a full list that is refused at once is our bug', 'events.list', 400, 'invalid', {}, { kind: 'rejected' }],
  [
    'a filter beside a sync token is our bug, not the token',
    increment,
    400,
    'invalid',
    { message: 'Sync token cannot be used with other request restrictions' },
    { kind: 'rejected' },
  ],
  ['a channel id used before', 'events.watch', 400, 'channelIdNotUnique', {}, { kind: 'channel-id-taken' }],
  ['the same under its other name', 'events.watch', 400, 'push.channelIdNotUnique', {}, { kind: 'channel-id-taken' }],
  [
    'a channel id of bad characters is our bug',
    'events.watch',
    400,
    'push.channelIdInvalid',
    {},
    { kind: 'rejected', reason: 'channelIdInvalid' },
  ],
  [
    'a calendar that cannot be watched',
    'events.watch',
    400,
    'pushNotSupportedForRequestedResource',
    {},
    { kind: 'push-unsupported' },
  ],
  [
    'a callback without https',
    'events.watch',
    400,
    'push.webhookUrlNotHttps',
    {},
    { kind: 'project-broken', reason: 'webhookUrlNotHttps' },
  ],
  [
    'a callback without a host',
    'events.watch',
    400,
    'push.webhookUrlNoHostOrAddress',
    {},
    { kind: 'project-broken', reason: 'webhookUrlNoHostOrAddress' },
  ],
  [
    'a callback that is not ours, 400',
    'events.watch',
    400,
    'push.webhookUrlUnauthorized',
    {},
    { kind: 'project-broken', reason: 'webhookUrlUnauthorized' },
  ],
  [
    'a callback that is not ours, 401',
    'events.watch',
    401,
    'push.webhookUrlUnauthorized',
    {},
    { kind: 'project-broken', reason: 'webhookUrlUnauthorized' },
  ],
  [
    'a dead access token',
    'events.list',
    401,
    'authError',
    { message: 'Invalid Credentials' },
    { kind: 'access-rejected' },
  ],
  ['no access token', 'events.list', 401, 'required', { message: 'Login Required.' }, { kind: 'access-rejected' }],
  ["the user's rate, 403", 'events.list', 403, 'userRateLimitExceeded', usage, limited('user')],
  ["the user's rate, 429", 'events.list', 429, 'userRateLimitExceeded', usage, limited('user')],
  ["a calendar's rate counts as its user's", 'events.insert', 403, 'rateLimitExceeded', usage, limited('user')],
  ['too many requests', 'events.insert', 429, 'rateLimitExceeded', usage, limited('user')],
  [
    "the project's rate, by its text",
    'events.list',
    403,
    'rateLimitExceeded',
    { ...usage, message: "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service" },
    limited('project'),
  ],
  [
    "the user's rate, by its text",
    'events.list',
    429,
    'rateLimitExceeded',
    { ...usage, message: "limit 'Queries per minute per user'" },
    limited('user'),
  ],
  [
    'a per-minute quota is no pause of hours',
    'events.list',
    403,
    'quotaExceeded',
    { ...usage, message: "limit 'Queries per minute per user'" },
    limited('user'),
  ],
  ['a rate is a rate in whatever domain', 'events.list', 403, 'rateLimitExceeded', {}, limited('user')],
  ['any other 429 is a rate', 'events.list', 429, 'somethingNew', {}, limited('user')],
  ['an unknown usage limit is a rate', 'events.list', 403, 'someLimitOfTomorrow', usage, limited('user')],
  [
    'the account made too much',
    'events.insert',
    403,
    'quotaExceeded',
    { ...usage, message: 'Calendar usage limits exceeded.' },
    { kind: 'quota-exceeded' },
  ],
  ['the day is used up', 'events.list', 403, 'dailyLimitExceeded', usage, { kind: 'daily-limit' }],
  ['the term is used up', 'events.list', 403, 'variableTermLimitExceeded', usage, { kind: 'daily-limit' }],
  [
    'the API is off in the project',
    'events.list',
    403,
    'accessNotConfigured',
    usage,
    { kind: 'project-broken', reason: 'accessNotConfigured' },
  ],
  ['a permission was not granted', 'calendarList.list', 403, 'insufficientPermissions', {}, { kind: 'scope-missing' }],
  ['no right', 'events.update', 403, 'forbidden', {}, { kind: 'role-too-low' }],
  ['writer access is gone', 'events.insert', 403, 'requiredAccessLevel', own, { kind: 'role-too-low' }],
  ["another's event", 'events.update', 403, 'forbiddenForNonOrganizer', own, { kind: 'not-organizer' }],
  [
    'the source of another creator',
    'events.update',
    403,
    'forbiddenForNonCreator',
    own,
    { kind: 'rejected', reason: 'forbiddenForNonCreator' },
  ],
  [
    'an account without a calendar',
    'events.watch',
    403,
    'notACalendarUser',
    { message: 'The user must be signed up for Google Calendar.' },
    { kind: 'rejected', reason: 'notACalendarUser' },
  ],
  ['an event that is not there', 'events.get', 404, 'notFound', {}, { kind: 'not-found' }],
  ['a calendar that is not there, asked with a token', increment, 404, 'notFound', {}, { kind: 'not-found' }],
  ['a channel that is not there', 'channels.stop', 404, 'notFound', {}, { kind: 'not-found' }],
  ['an id that is taken', 'events.insert', 409, 'duplicate', {}, { kind: 'id-taken' }],
  ['an id that is taken where an event moves to', 'events.move', 409, 'duplicate', {}, { kind: 'id-taken' }],
  ["a sibling's insert came first", 'events.insert', 409, 'conflict', {}, { kind: 'collided' }],
  ['a sibling came first', 'events.update', 409, 'conflict', {}, { kind: 'collided' }],
  ['an unknown conflict of an insert is its id', 'events.insert', 409, 'somethingNew', {}, { kind: 'id-taken' }],
  ['an unknown conflict of an update is a collision', 'events.update', 409, 'somethingNew', {}, { kind: 'collided' }],
  [
    'a dead sync token',
    increment,
    410,
    'fullSyncRequired',
    { ...own, location: 'syncToken' },
    { kind: 'sync-token-expired' },
  ],
  ['any 410 of an increment', laterIncrement, 410, 'gone', {}, { kind: 'sync-token-expired' }],
  ['too old a lower bound', increment, 410, 'updatedMinTooLongAgo', own, { kind: 'sync-token-expired' }],
  ['a 410 on a later page of a full list', laterFull, 410, 'fullSyncRequired', own, { kind: 'page-token-expired' }],
  ['a 410 on a full list', 'events.list', 410, 'fullSyncRequired', own, { kind: 'sync-token-expired' }],
  ['deleted before', 'events.delete', 410, 'deleted', {}, { kind: 'already-gone' }],
  ['edited meanwhile', 'events.update', 412, 'conditionNotMet', { location: 'If-Match' }, { kind: 'edited-meanwhile' }],
  [
    'trouble at Google during a read',
    'events.list',
    500,
    'backendError',
    {},
    { kind: 'unavailable', ambiguous: false },
  ],
  [
    'trouble at Google during a write',
    'events.update',
    503,
    'backendError',
    {},
    { kind: 'unavailable', ambiguous: true, detail: 'http-503' },
  ],
  [
    'an internal error during an insert',
    'events.insert',
    500,
    'internalError',
    {},
    { kind: 'unavailable', ambiguous: true },
  ],
  [
    'a reason of tomorrow is not repeated',
    'events.insert',
    422,
    'reasonOfTomorrow',
    {},
    { kind: 'rejected', status: 422, reason: 'reasonOfTomorrow' },
  ],
]

describe("Google's refusals", () => {
  test.each(reasons)('%s', (_sentence, call, status, reason, said, failure) =>
    expect(ask(call, status, refusal(status, reason, said))).toMatchObject(failure),
  )

  test('a reason that only the newer shape names is understood', () => {
    const error = (reason: string) => ({
      error: { code: 403, message: 'No', status: 'PERMISSION_DENIED', details: [{ '@type': 'ErrorInfo', reason }] },
    })
    expect(ask('events.list', 403, error('ACCESS_TOKEN_SCOPE_INSUFFICIENT'))).toEqual({ kind: 'scope-missing' })
    expect(ask('events.list', 403, error('SERVICE_DISABLED'))).toEqual({
      kind: 'project-broken',
      reason: 'SERVICE_DISABLED',
    })
    expect(ask('events.list', 429, error('RATE_LIMIT_EXCEEDED'))).toEqual(limited('user'))
  })

  test('a disabled project is not a lost role, though errors[0] says forbidden', () => {
    const body = refusal(403, 'forbidden')
    const both = { error: { ...body.error, details: [{ reason: 'SERVICE_DISABLED' }] } }
    expect(ask('events.list', 403, both).kind).toBe('project-broken')
  })

  test.each([400, 403, 404, 409, 410, 412])(
    'a %i that is not from Google says nothing about event or calendar',
    status => {
      for (const body of [
        '<!DOCTYPE html>',
        '',
        undefined,
        null,
        '{"error":{"errors":[{"rea',
        { message: 'blocked' },
      ]) {
        for (const method of ['events.get', 'events.delete', 'events.insert'] as const) {
          expect(ask(method, status, body)).toEqual({ kind: 'unavailable', ambiguous: false, detail: `http-${status}` })
        }
        expect(ask(increment, status, body).kind).toBe('unavailable')
      }
    },
  )

  test('a 429 is a rate whoever said it, and redirects are followed by nobody', () => {
    expect(ask('events.list', 429, '<html>sorry</html>', '3')).toEqual({
      kind: 'rate-limited',
      scope: 'user',
      retryAfterMs: 3000,
    })
    expect(ask('events.insert', 302, '')).toEqual({ kind: 'unavailable', ambiguous: false, detail: 'http-302' })
  })

  test('what a user typed never reaches the detail', () => {
    const failure = ask(
      'events.insert',
      400,
      refusal(400, 'invalid', { message: 'Invalid attendee email: jane@example.com' }),
    )
    expect(failure).toEqual({ kind: 'rejected', status: 400, reason: 'invalid', detail: 'events.insert' })
    expect(ask('events.insert', 400, refusal(400, 'jane@example.com said'))).toMatchObject({ reason: 'unknown' })
  })
})

describe('calls without an answer', () => {
  const silences: [sentence: string, method: GoogleMethod, code: string | null, ambiguous: boolean][] = [
    ['a read is never ambiguous', 'events.list', 'TimeoutError', false],
    ['an insert that timed out may be there', 'events.insert', 'TimeoutError', true],
    ['an update that was reset may be done', 'events.update', 'ECONNRESET', true],
    ['a delete without a word may be done', 'events.delete', null, true],
    ['a watch that timed out may be open', 'events.watch', 'ETIMEDOUT', true],
    ['a refused connection carried nothing', 'events.insert', 'ECONNREFUSED', false],
    ['an unknown host got nothing', 'events.insert', 'ENOTFOUND', false],
    ['a bad certificate stops us before we speak', 'events.insert', 'ERR_TLS_CERT_ALTNAME_INVALID', false],
  ]
  test.each(silences)('%s', (_sentence, method, code, ambiguous) =>
    expect(failureOfSilence({ method }, code)).toEqual({ kind: 'unavailable', ambiguous, detail: code ?? 'no-answer' }),
  )

  test('an unreadable success leaves a write in doubt and a read only unread', () => {
    expect(failureOfUnreadable({ method: 'events.insert' })).toMatchObject({ kind: 'unavailable', ambiguous: true })
    expect(failureOfUnreadable({ method: 'events.list' })).toMatchObject({ kind: 'unavailable', ambiguous: false })
  })
})

describe('Retry-After', () => {
  const waits: [header: string | null, ms: number][] = [
    [null, 0],
    ['', 0],
    ['0', 0],
    ['120', 120_000],
    ['1.5', 1_500],
    ['-5', 0],
    ['Fri, 20 Nov 2026 12:00:30 GMT', 30_000],
    ['Fri, 20 Nov 2026 11:00:00 GMT', 0],
    ['soon', 0],
    ['99999999999', 86_400_000],
  ]
  test.each(waits)('%s is %i ms', (header, ms) => expect(retryAfterMs(header, NOW)).toBe(ms))

  test('is handed on with a rate limit', () => {
    const failure = ask('events.list', 403, refusal(403, 'userRateLimitExceeded', usage), '7')
    expect(failure).toEqual({ kind: 'rate-limited', scope: 'user', retryAfterMs: 7_000 })
  })
})

describe('refusals of the OAuth endpoints', () => {
  const rows: [sentence: string, call: OAuthCall, status: number, body: unknown, failure: object][] = [
    [
      'a dead grant',
      'oauth.refresh',
      400,
      { error: 'invalid_grant', error_description: 'Bad Request' },
      { kind: 'access-revoked' },
    ],
    [
      'a session that must be renewed',
      'oauth.refresh',
      400,
      { error: 'invalid_grant', error_subtype: 'invalid_rapt' },
      { kind: 'access-revoked' },
    ],
    ['a code used twice', 'oauth.exchange', 400, { error: 'invalid_grant' }, { kind: 'access-revoked' }],
    ['a restricted account', 'oauth.refresh', 403, { error: 'access_denied' }, { kind: 'access-revoked' }],
    ['an administrator said no', 'oauth.refresh', 400, { error: 'admin_policy_enforced' }, { kind: 'access-revoked' }],
    [
      'a wrong secret is no user’s fault',
      'oauth.refresh',
      401,
      { error: 'invalid_client' },
      { kind: 'project-broken', reason: 'invalid_client' },
    ],
    [
      'a deleted client',
      'oauth.refresh',
      401,
      { error: 'deleted_client' },
      { kind: 'project-broken', reason: 'deleted_client' },
    ],
    ["another client's token", 'oauth.refresh', 400, { error: 'unauthorized_client' }, { kind: 'project-broken' }],
    ['an unregistered redirect', 'oauth.exchange', 400, { error: 'redirect_uri_mismatch' }, { kind: 'project-broken' }],
    [
      'an API that is off',
      'oauth.refresh',
      403,
      refusal(403, 'accessNotConfigured', usage),
      { kind: 'project-broken', reason: 'accessNotConfigured' },
    ],
    [
      'a request of ours that is wrong',
      'oauth.exchange',
      400,
      { error: 'invalid_request' },
      { kind: 'rejected', status: 400, reason: 'invalid_request' },
    ],
    [
      'a grant type of ours that is wrong',
      'oauth.exchange',
      400,
      { error: 'unsupported_grant_type' },
      { kind: 'rejected' },
    ],
    ['a scope of ours that is wrong', 'oauth.exchange', 400, { error: 'invalid_scope' }, { kind: 'rejected' }],
    [
      'trouble at Google',
      'oauth.refresh',
      500,
      { error: 'internal_failure' },
      { kind: 'unavailable', ambiguous: false },
    ],
    ['trouble at Google in a 400', 'oauth.refresh', 400, { error: 'internal_failure' }, { kind: 'unavailable' }],
    ['a page instead of an answer', 'oauth.refresh', 400, '<!DOCTYPE html>', { kind: 'unavailable', ambiguous: false }],
    [
      'a dead grant in a 5xx is no dead grant',
      'oauth.refresh',
      503,
      { error: 'invalid_grant' },
      { kind: 'unavailable' },
    ],
    ['a code may be spent by a 502', 'oauth.exchange', 502, '', { kind: 'unavailable', ambiguous: true }],
    ['too fast', 'oauth.refresh', 429, { error: 'rate_limit_exceeded' }, { kind: 'rate-limited', scope: 'project' }],
    ['too fast, as 403', 'oauth.refresh', 403, refusal(403, 'rateLimitExceeded', usage), { kind: 'rate-limited' }],
  ]
  test.each(rows)('%s', (_sentence, call, status, body, failure) =>
    expect(failureOfOAuthAnswer(call, { status, body, retryAfter: null }, NOW)).toMatchObject(failure),
  )

  test('silence revokes nobody; only a repeated refresh harms nothing', () => {
    expect(failureOfOAuthSilence('oauth.refresh', 'TimeoutError')).toMatchObject({
      kind: 'unavailable',
      ambiguous: false,
    })
    expect(failureOfOAuthSilence('oauth.exchange', 'ECONNRESET')).toMatchObject({
      kind: 'unavailable',
      ambiguous: true,
    })
    expect(failureOfOAuthSilence('oauth.revoke', 'ECONNREFUSED')).toMatchObject({
      kind: 'unavailable',
      ambiguous: false,
    })
  })
})
