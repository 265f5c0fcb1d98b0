import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ObservedCall } from '../../../src/adapters/google/client.ts'
import { missingScopes } from '../../../src/core/model/scopes.ts'
import { googleOAuth, REQUIRED_SCOPES } from '../../../src/adapters/google/oauth.ts'
import type { OAuthOptions } from '../../../src/adapters/google/oauth.ts'
import type { RemoteFailure } from '../../../src/core/model/failures.ts'
import { NOW, play, valueOf } from './conversation.ts'

const CLIENT = { clientId: 'client-1', clientSecret: 'secret-1' }
const REDIRECT = 'https://sync.example/oauth/google/callback'
const AUTH = 'https://www.googleapis.com/auth/'
const GRANT = { code: '4/code', codeVerifier: 'verifier' }
const NOW_S = NOW / 1000

const oauth = (options: Partial<OAuthOptions> = {}) =>
  googleOAuth({ client: CLIENT, redirectUri: REDIRECT, now: () => NOW, ...options })

const aClaim = (claims: Record<string, unknown> = {}) => ({
  iss: 'https://accounts.google.com',
  aud: 'client-1',
  sub: '1001',
  email: 'jane@example.com',
  exp: NOW_S + 3_600,
  ...claims,
})
const signed = (claims: unknown): string =>
  ['{"alg":"RS256"}', JSON.stringify(claims), 'signature']
    .map(part => Buffer.from(part).toString('base64url'))
    .join('.')

const anAnswer = (fields: Record<string, unknown> = {}) => ({
  access_token: 'access-1',
  expires_in: 3599,
  refresh_token: 'refresh-1',
  scope: `openid ${AUTH}userinfo.email ${AUTH}calendar.events`,
  token_type: 'Bearer',
  id_token: signed(aClaim()),
  ...fields,
})
const exchange = (answer: unknown, options: Partial<OAuthOptions> = {}) => {
  nock('https://oauth2.googleapis.com')
    .post('/token')
    .reply(200, answer as nock.Body)
  return oauth(options).exchangeCode(null, GRANT)
}

beforeEach(() => nock.disableNetConnect())
afterEach(() => {
  nock.cleanAll()
  nock.enableNetConnect()
})

describe('the consent page', () => {
  test('is asked for everything at once, offline, with PKCE', () => {
    const url = new URL(
      oauth().consentUrl(null, { state: 's&1', codeChallenge: 'challenge', loginHint: 'jane@example.com' }),
    )
    expect(url.origin + url.pathname).toBe('https://accounts.google.com/o/oauth2/v2/auth')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'client-1',
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope: `openid email ${AUTH}calendar.events ${AUTH}calendar.calendarlist.readonly ${AUTH}calendar.app.created`,
      access_type: 'offline',
      prompt: 'consent select_account',
      include_granted_scopes: 'true',
      state: 's&1',
      code_challenge: 'challenge',
      code_challenge_method: 'S256',
      login_hint: 'jane@example.com',
    })
  })

  test('may be elsewhere, for a client of the tenant’s own', () => {
    const request = { state: 's', codeChallenge: 'c', loginHint: null }
    const own = oauth({ authUrl: 'http://127.0.0.1:9/auth?tenant=1' }).consentUrl(
      { clientId: 'own', clientSecret: 'x' },
      request,
    )
    const url = new URL(own)
    expect(url.origin + url.pathname).toBe('http://127.0.0.1:9/auth')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ tenant: '1', client_id: 'own' })
    expect(url.searchParams.has('login_hint')).toBe(false)
    expect(own).not.toContain('client_secret')
  })
})

describe('the permissions that are missing', () => {
  const rows: [sentence: string, granted: string[], missing: string[]][] = [
    ['none, as asked', [...REQUIRED_SCOPES], []],
    ['none, the address under its long name', ['openid', `${AUTH}userinfo.email`, ...REQUIRED_SCOPES.slice(2)], []],
    ['none with the widest grant', ['openid', 'email', `${AUTH}calendar`], []],
    [
      'the unticked list',
      ['openid', 'email', `${AUTH}calendar.events`, `${AUTH}calendar.app.created`],
      [`${AUTH}calendar.calendarlist.readonly`],
    ],
    [
      'writing, where reading alone was granted',
      ['openid', 'email', `${AUTH}calendar.readonly`],
      [`${AUTH}calendar.events`, `${AUTH}calendar.app.created`],
    ],
    ['every one', [], [...REQUIRED_SCOPES]],
  ]
  test.each(rows)('%s', (_sentence, granted, missing) =>
    expect(missingScopes(REQUIRED_SCOPES, granted)).toEqual(missing),
  )
})

describe('exchangeCode', () => {
  test('sends code, verifier and client in the body, and reads who consented', async () => {
    const form = {
      grant_type: 'authorization_code',
      code: '4/code',
      code_verifier: 'verifier',
      redirect_uri: REDIRECT,
      client_id: 'client-1',
      client_secret: 'secret-1',
    }
    nock('https://oauth2.googleapis.com', { reqheaders: { 'content-type': /^application\/x-www-form-urlencoded/ } })
      .post('/token', form)
      .reply(200, anAnswer())
    expect(valueOf(await oauth().exchangeCode(null, GRANT))).toEqual({
      tokens: {
        accessToken: 'access-1',
        accessTokenExpiresAt: NOW + 3_599_000,
        refreshToken: 'refresh-1',
        scopes: ['openid', `${AUTH}userinfo.email`, `${AUTH}calendar.events`],
      },
      account: { sub: '1001', email: 'jane@example.com' },
    })
  })

  test('uses the client and the endpoint it is given', async () => {
    nock('http://127.0.0.1:9')
      .post('/t', /client_id=own&client_secret=hush/)
      .reply(200, anAnswer({ id_token: signed(aClaim({ aud: 'own' })) }))
    const reply = await oauth({ tokenUrl: 'http://127.0.0.1:9/t' }).exchangeCode(
      { clientId: 'own', clientSecret: 'hush' },
      GRANT,
    )
    expect(reply.ok).toBe(true)
  })

  test('without a scope in the answer everything was granted; without a refresh token there is none', async () => {
    const { tokens } = valueOf(
      await exchange(anAnswer({ scope: undefined, refresh_token: undefined, expires_in: 'soon' })),
    )
    expect(tokens).toMatchObject({ scopes: REQUIRED_SCOPES, refreshToken: null, accessTokenExpiresAt: NOW + 300_000 })
  })

  test('bears a clock that is a little behind, either issuer, and an account without an address', async () => {
    for (const claims of [{ exp: NOW_S - 200 }, { iss: 'accounts.google.com' }]) {
      expect((await exchange(anAnswer({ id_token: signed(aClaim(claims)) }))).ok).toBe(true)
    }
    const { account } = valueOf(await exchange(anAnswer({ id_token: signed(aClaim({ email: undefined })) })))
    expect(account).toEqual({ sub: '1001', email: '' })
  })

  const identities: [sentence: string, idToken: unknown][] = [
    ['none', undefined],
    ['no JWT', 'nonsense'],
    ['no JSON', 'a.b.c'],
    ['no claims', signed([1])],
    ['another issuer', signed(aClaim({ iss: 'https://accounts.example' }))],
    ['another client', signed(aClaim({ aud: 'client-2' }))],
    ['long expired', signed(aClaim({ exp: NOW_S - 301 }))],
    ['no expiry', signed(aClaim({ exp: undefined }))],
    ['nobody', signed(aClaim({ sub: undefined }))],
    ['a sub that is too long', signed(aClaim({ sub: 'x'.repeat(256) }))],
  ]
  test.each(identities)('an id_token of %s identifies nobody', async (_sentence, idToken) => {
    const error = { kind: 'rejected', status: 200, reason: 'id-token-invalid', detail: 'oauth.exchange' }
    expect(await exchange(anAnswer({ id_token: idToken }))).toEqual({ ok: false, error })
  })

  test('an answer without a token leaves the code in doubt', async () => {
    for (const answer of [{}, '<html>', { access_token: '' }]) {
      expect(await exchange(answer)).toMatchObject({ ok: false, error: { kind: 'unavailable', ambiguous: true } })
    }
  })
})

describe('refresh', () => {
  test('returns a new access token and says that the refresh token stays', async () => {
    play('oauth.refresh/renewed')
    const tokens = valueOf(await oauth().refresh(null, 'refresh-1'))
    expect(tokens).toEqual({
      accessToken: 'access-2',
      accessTokenExpiresAt: NOW + 3_599_000,
      refreshToken: null,
      scopes: ['openid', `${AUTH}calendar.events`],
    })
  })

  test('counts a lifetime from before the request', async () => {
    let clock = NOW
    play('oauth.refresh/renewed')
    const tokens = valueOf(await oauth({ now: () => (clock += 1_000) }).refresh(null, 'refresh-1'))
    expect(tokens.accessTokenExpiresAt).toBeLessThanOrEqual(NOW + 2_000 + 3_599_000)
  })

  const failures: [fixture: string, error: RemoteFailure][] = [
    ['oauth.refresh/grant-dead', { kind: 'access-revoked' }],
    ['oauth.refresh/client-deleted', { kind: 'project-broken', reason: 'deleted_client' }],
    ['oauth.refresh/edge-html-503', { kind: 'unavailable', ambiguous: false, detail: 'http-503' }],
  ]
  test.each(failures)('%s', async (fixture, error) => {
    play(fixture)
    expect(await oauth().refresh(null, 'refresh-1')).toEqual({ ok: false, error })
  })

  test('is asked once, whatever the answer', async () => {
    const seen: ObservedCall[] = []
    const scope = nock('https://oauth2.googleapis.com').post('/token').times(4).reply(503, '')
    await oauth({ observe: call => seen.push(call) }).refresh(null, 'refresh-1')
    expect(scope.isDone()).toBe(false)
    expect(seen).toEqual([{ method: 'oauth.refresh', outcome: 'unavailable', ms: 0 }])
    expect(nock.activeMocks()).toHaveLength(1)
  })

  test('that nobody answers revokes nothing', async () => {
    nock('https://oauth2.googleapis.com')
      .post('/token')
      .replyWithError(Object.assign(new Error('x'), { code: 'ECONNRESET' }))
    const error = { kind: 'unavailable', ambiguous: false, detail: 'ECONNRESET' }
    expect(await oauth().refresh(null, 'refresh-1')).toEqual({ ok: false, error })
  })
})

describe('revoke', () => {
  test.each(['oauth.revoke/done', 'oauth.revoke/dead-before'])('%s: the grant is gone', async fixture => {
    play(fixture)
    expect(await oauth().revoke(null, 'refresh-1')).toEqual({ ok: true, value: null })
  })

  test('that Google did not hear of is not done', async () => {
    nock('https://oauth2.googleapis.com').post('/revoke').reply(500, { error: 'internal_failure' })
    expect(await oauth().revoke(null, 'refresh-1')).toMatchObject({
      ok: false,
      error: { kind: 'unavailable', ambiguous: true },
    })
  })
})
