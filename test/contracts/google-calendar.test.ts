import { createHash, randomUUID } from 'node:crypto'
import { describe, expect, test, onTestFinished } from 'vitest'
import { googleCalendar } from '../../src/adapters/google/calendar.ts'
import { googleOAuth, REQUIRED_SCOPES } from '../../src/adapters/google/oauth.ts'
import { missingScopes } from '../../src/core/model/scopes.ts'
import { succeed } from '../../src/core/model/failures.ts'
import type { RemoteFailure, Result } from '../../src/core/model/failures.ts'
import type { Grantee } from '../../src/ports/google-calendar.ts'
import type { AccessTokens, GoogleOAuth } from '../../src/ports/google-oauth.ts'
import { startSimulator } from '../../src/simulator/server.ts'
import type { RunningSimulator } from '../../src/simulator/server.ts'
import { googleCalendarContract } from './google-calendar.contract.ts'
import type { CalendarUnderTest } from './google-calendar.contract.ts'

const WHO: Grantee = { tenantId: 'tenant-1', connectionId: 'connection-1' }
const USER = 'clinic@example.com'
const ZONE = 'America/New_York'
const CLIENT = { clientId: 'client-1', clientSecret: 'secret-1' }

function valueOf<T>(result: Result<T, RemoteFailure>): T {
  if (!result.ok) throw new Error(`failed: ${JSON.stringify(result.error)}`)
  return result.value
}

const oauthAt = (url: string): GoogleOAuth =>
  googleOAuth({
    client: CLIENT,
    redirectUri: 'http://127.0.0.1:1/callback',
    now: Date.now,
    authUrl: `${url}/o/oauth2/v2/auth`,
    tokenUrl: `${url}/token`,
    revokeUrl: `${url}/revoke`,
  })

/** The whole way that a user goes: consent page, code, tokens. */
async function consent(oauth: GoogleOAuth) {
  const codeVerifier = randomUUID() + randomUUID()
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url')
  const url = oauth.consentUrl(null, { state: 'state-1', codeChallenge, loginHint: USER })
  const answer = await fetch(url, { redirect: 'manual' })
  const back = new URL(answer.headers.get('location') ?? '')
  const code = back.searchParams.get('code') ?? ''
  return { code, codeVerifier, state: back.searchParams.get('state') }
}

/** A token that is kept until it is refused, then refreshed. */
function tokensFrom(
  oauth: GoogleOAuth,
  refreshToken: string,
  first: string,
): AccessTokens & { refreshes: () => number } {
  let current = first
  let refreshes = 0
  return {
    refreshes: () => refreshes,
    async accessToken(_who, rejected) {
      if (rejected !== current) return succeed(current)
      refreshes++
      const renewed = await oauth.refresh(null, refreshToken)
      if (!renewed.ok) return renewed
      current = renewed.value.accessToken
      return succeed(current)
    },
  }
}

async function signIn(simulator: RunningSimulator) {
  const oauth = oauthAt(simulator.url)
  const { tokens, account } = valueOf(await oauth.exchangeCode(null, await consent(oauth)))
  const access = tokensFrom(oauth, tokens.refreshToken ?? '', tokens.accessToken)
  const google = googleCalendar({ tokens: access, now: Date.now, rootUrl: simulator.url, timeoutMs: 2_000 })
  return { oauth, tokens, account, access, google }
}

async function started(options: Parameters<typeof startSimulator>[0] = {}): Promise<RunningSimulator> {
  const simulator = await startSimulator({ autoConsent: true, ...options })
  const made = await control(simulator, 'accounts', { email: USER, timeZone: ZONE })
  expect(made['email']).toBe(USER)
  return simulator
}

async function control(simulator: RunningSimulator, path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${simulator.url}/_control/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  if (!answer.ok) throw new Error(`control ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

async function simulated(): Promise<CalendarUnderTest> {
  const simulator = await started()
  const { google } = await signIn(simulator)
  const make = async (summary: string) => valueOf(await google.createCalendar(WHO, { summary, timeZone: ZONE })).id
  const [calendarId, otherCalendarId] = [await make('Practice'), await make('Other')]
  return {
    google,
    who: WHO,
    calendarId,
    otherCalendarId,
    watchAddress: `${simulator.url}/nowhere`,
    close: simulator.close,
  }
}

/** Google itself, with a refresh token of a test account; both calendars are left behind there. */
async function real(): Promise<CalendarUnderTest> {
  const { GOOGLE_LIVE_CLIENT_ID = '', GOOGLE_LIVE_CLIENT_SECRET = '', GOOGLE_LIVE_REFRESH_TOKEN = '' } = process.env
  const client = { clientId: GOOGLE_LIVE_CLIENT_ID, clientSecret: GOOGLE_LIVE_CLIENT_SECRET }
  const oauth = googleOAuth({ client, redirectUri: 'http://127.0.0.1:1/callback', now: Date.now })
  const first = valueOf(await oauth.refresh(null, GOOGLE_LIVE_REFRESH_TOKEN)).accessToken
  const google = googleCalendar({ tokens: tokensFrom(oauth, GOOGLE_LIVE_REFRESH_TOKEN, first), now: Date.now })
  const make = async (summary: string) => valueOf(await google.createCalendar(WHO, { summary, timeZone: ZONE })).id
  const [calendarId, otherCalendarId] = [await make('Lockstep contract'), await make('Lockstep contract, other')]
  const watchAddress = process.env['GOOGLE_LIVE_WATCH_ADDRESS'] ?? null
  return { google, who: WHO, calendarId, otherCalendarId, watchAddress, close: () => Promise.resolve() }
}

googleCalendarContract('the simulator', simulated)
if (process.env['GOOGLE_LIVE'] === '1') googleCalendarContract('Google itself', real)

describe('the simulator’s sign-in', () => {
  test('ends with who it is, what was granted and a token that refreshes until it is revoked', async () => {
    const simulator = await started()
    onTestFinished(simulator.close)
    const { oauth, tokens, account } = await signIn(simulator)
    expect(account).toEqual({ sub: expect.any(String) as string, email: USER })
    expect(missingScopes(REQUIRED_SCOPES, tokens.scopes)).toEqual([])
    const refreshToken = tokens.refreshToken ?? ''
    const renewed = valueOf(await oauth.refresh(null, refreshToken))
    expect(renewed.accessToken).not.toBe(tokens.accessToken)
    expect(await oauth.revoke(null, refreshToken)).toEqual({ ok: true, value: null })
    expect(await oauth.refresh(null, refreshToken)).toEqual({ ok: false, error: { kind: 'access-revoked' } })
    expect(await oauth.revoke(null, refreshToken)).toEqual({ ok: true, value: null })
  })

  test('hands the state back, takes a code once and only with its verifier', async () => {
    const simulator = await started()
    onTestFinished(simulator.close)
    const oauth = oauthAt(simulator.url)
    const { code, codeVerifier, state } = await consent(oauth)
    expect(state).toBe('state-1')
    const stranger = await consent(oauth)
    expect(await oauth.exchangeCode(null, { code: stranger.code, codeVerifier })).toMatchObject({ ok: false })
    expect(await oauth.exchangeCode(null, { code, codeVerifier })).toMatchObject({ ok: true })
    const again = await oauth.exchangeCode(null, { code, codeVerifier })
    expect(again).toEqual({ ok: false, error: { kind: 'access-revoked' } })
  })

  test('tells which permissions were unticked', async () => {
    const list = 'https://www.googleapis.com/auth/calendar.calendarlist.readonly'
    const simulator = await started({ autoConsent: { denyScopes: [list] } })
    onTestFinished(simulator.close)
    const { tokens, google } = await signIn(simulator)
    expect(missingScopes(REQUIRED_SCOPES, tokens.scopes)).toEqual([list])
    expect(await google.listCalendars(WHO)).toEqual({ ok: false, error: { kind: 'scope-missing' } })
  })
})

describe('the simulator’s trouble means what Google’s does', () => {
  async function aPractice() {
    const simulator = await started()
    onTestFinished(simulator.close)
    const session = await signIn(simulator)
    const { google } = session
    const { id: calendarId } = valueOf(await google.createCalendar(WHO, { summary: 'Practice', timeZone: ZONE }))
    const list = (syncToken: string | null = null) =>
      google.listEvents(WHO, { calendarId, syncToken, pageToken: null, timeMin: null, pageSize: 10 })
    const eventId = randomUUID().replaceAll('-', '')
    const insert = () =>
      google.insertEvent(
        WHO,
        { calendarId, eventId },
        {
          content: {
            time: { kind: 'all-day', startDate: '2031-03-04', endDate: '2031-03-05' },
            recurrence: [],
            title: 'Closed',
            description: '',
            location: '',
            busy: true,
            status: 'confirmed',
            colour: null,
          },
          marker: { key: 'k', revision: 1 },
          visibility: 'default',
        },
      )
    return { ...session, simulator, calendarId, eventId, list, insert }
  }

  test('an expired access token is renewed without a word', async () => {
    const { simulator, access, list } = await aPractice()
    await control(simulator, `accounts/${USER}/expire-tokens`, {})
    expect((await list()).ok).toBe(true)
    expect(access.refreshes()).toBe(1)
  })

  test('a revoked grant is one', async () => {
    const { simulator, list } = await aPractice()
    await control(simulator, `accounts/${USER}/revoke`, {})
    expect(await list()).toEqual({ ok: false, error: { kind: 'access-revoked' } })
  })

  test('a killed sync token starts a full list', async () => {
    const { simulator, calendarId, list } = await aPractice()
    const token = valueOf(await list()).nextSyncToken
    await control(simulator, `calendars/${calendarId}/kill-sync-tokens`, {})
    expect(await list(token)).toEqual({ ok: false, error: { kind: 'sync-token-expired' } })
    expect((await list()).ok).toBe(true)
  })

  test('a calendar that cannot be watched is polled', async () => {
    const { simulator, calendarId, google } = await aPractice()
    await control(simulator, `calendars/${calendarId}/watchable`, { watchable: false })
    const channel = { id: randomUUID(), calendarId, address: `${simulator.url}/nowhere`, token: 't', ttlSeconds: 60 }
    expect(await google.watch(WHO, channel)).toEqual({ ok: false, error: { kind: 'push-unsupported' } })
  })

  test('a lost role reads on and writes no more', async () => {
    const { simulator, google } = await aPractice()
    const other = await control(simulator, 'calendars', { owner: 'other@example.com', summary: 'Theirs' })
    const calendarId = String(other['id'])
    await control(simulator, `calendars/${calendarId}/role`, { email: USER, role: 'reader', inList: true })
    const page = await google.listEvents(WHO, {
      calendarId,
      syncToken: null,
      pageToken: null,
      timeMin: null,
      pageSize: 10,
    })
    expect(valueOf(page).accessRole).toBe('reader')
    const event = { calendarId, eventId: 'lostrole1' }
    expect(await google.deleteEvent(WHO, event, null)).toEqual({ ok: false, error: { kind: 'role-too-low' } })
  })

  const reads: [fault: object, failure: object][] = [
    [{ reason: 'userRateLimitExceeded' }, { kind: 'rate-limited', scope: 'user' }],
    [{ reason: 'quotaExceeded' }, { kind: 'quota-exceeded' }],
    [{ reason: 'dailyLimitExceeded' }, { kind: 'daily-limit' }],
    [{ reason: 'accessNotConfigured' }, { kind: 'project-broken', reason: 'accessNotConfigured' }],
    [{ reason: 'notACalendarUser' }, { kind: 'rejected', reason: 'notACalendarUser' }],
    [{ reason: 'backendError' }, { kind: 'unavailable', ambiguous: false }],
    [{ html: 502 }, { kind: 'unavailable', ambiguous: false, detail: 'http-502' }],
    [{ cut: 'before' }, { kind: 'unavailable', ambiguous: false }],
    [{ truncateBytes: 40 }, { kind: 'unavailable', ambiguous: false }],
  ]
  test.each(reads)('reading under %j', async (fault, failure) => {
    const { simulator, list } = await aPractice()
    await control(simulator, 'faults', { ...fault, times: 1, match: { kind: 'events.list' } })
    expect(await list()).toMatchObject({ ok: false, error: failure })
    expect((await list()).ok).toBe(true)
  })

  const writes: [fault: object, isThere: boolean][] = [
    [{ cut: 'before' }, false],
    [{ cut: 'after' }, true],
    [{ truncateBytes: 40 }, true],
  ]
  test.each(writes)('an insert under %j may have been done, and asking tells', async (fault, isThere) => {
    const { simulator, google, calendarId, eventId, insert } = await aPractice()
    await control(simulator, 'faults', { ...fault, times: 1, match: { kind: 'events.insert' } })
    expect(await insert()).toMatchObject({ ok: false, error: { kind: 'unavailable', ambiguous: true } })
    expect((await google.getEvent(WHO, { calendarId, eventId })).ok).toBe(isThere)
  })

  test('a quota that is used up is a rate', async () => {
    const { simulator, list } = await aPractice()
    await control(simulator, 'quotas', { userPerMinute: 1, status: 403 })
    await list()
    expect(await list()).toEqual({ ok: false, error: { kind: 'rate-limited', scope: 'user', retryAfterMs: 0 } })
  })
})
