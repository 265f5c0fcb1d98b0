import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import type { SimulatorOptions } from '../../src/simulator/simulator.ts'
import { ANNA, aWorld, CALENDAR_SCOPE, caller, control, reasonOf } from './world-builder.ts'

const EVENTS_SCOPE = 'https://www.googleapis.com/auth/calendar.events'
const CALLBACK = 'http://127.0.0.1:8080/callback'

function signIn(options: SimulatorOptions = {}) {
  const made = aWorld({ autoConsent: { account: ANNA }, ...options })
  const { simulator } = made
  const raw = (method: string, path: string, query: Record<string, string> = {}, body = '') =>
    simulator.handle({ method, path, query: new URLSearchParams(query), headers: {}, body })
  const authorize = (extra: Record<string, string> = {}) =>
    raw('GET', '/o/oauth2/v2/auth', {
      client_id: 'client-1',
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: `openid email ${CALENDAR_SCOPE} ${EVENTS_SCOPE}`,
      access_type: 'offline',
      state: 'st&te',
      ...extra,
    })
  const codeOf = (response: { headers: Record<string, string> }): URLSearchParams =>
    new URL(response.headers['location'] ?? '').searchParams
  const token = (form: Record<string, string>) => {
    const defaults = { client_id: 'client-1', client_secret: 's' }
    const response = raw('POST', '/token', {}, new URLSearchParams({ ...defaults, ...form }).toString())
    return { status: response.status, body: JSON.parse(response.body) }
  }
  const exchange = (code: string, extra: Record<string, string> = {}) =>
    token({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...extra })
  const tokens = (extra: Record<string, string> = {}) => exchange(codeOf(authorize(extra)).get('code') ?? '').body
  return { ...made, raw, authorize, codeOf, token, exchange, tokens }
}

describe('consent', () => {
  test('gives a code once, and for it tokens in Google’s shape', () => {
    const { authorize, codeOf, exchange } = signIn()
    const params = codeOf(authorize())
    expect(params.get('state')).toBe('st&te')
    const { status, body } = exchange(params.get('code') ?? '')
    expect(status).toBe(200)
    expect(body).toMatchObject({ expires_in: 3599, token_type: 'Bearer' })
    expect(body.scope.split(' ')).toContain('https://www.googleapis.com/auth/userinfo.email')
    expect(body.refresh_token).toMatch(/^1\/\/0/)
    const claims = JSON.parse(Buffer.from(body.id_token.split('.')[1], 'base64url').toString())
    expect(claims).toMatchObject({ iss: 'https://accounts.google.com', aud: 'client-1', email: ANNA })
    expect(exchange(params.get('code') ?? '')).toEqual({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Bad Request' },
    })
  })

  test('gives a refresh token only offline, and only the first time unless asked again', () => {
    const { tokens } = signIn()
    expect(tokens({ access_type: 'online' })).not.toHaveProperty('refresh_token')
    const again = signIn()
    expect(again.tokens()).toHaveProperty('refresh_token')
    expect(again.tokens()).not.toHaveProperty('refresh_token')
    expect(again.tokens({ prompt: 'consent' })).toHaveProperty('refresh_token')
  })

  test('may leave scopes out, and a method outside the scopes is refused', () => {
    const { tokens, simulator } = signIn({ autoConsent: { account: ANNA, denyScopes: [CALENDAR_SCOPE] } })
    const { access_token, scope } = tokens()
    expect(scope).not.toContain(`${CALENDAR_SCOPE} `)
    const call = caller(simulator, access_token)
    expect(call('GET', '/calendars/primary/events').status).toBe(200)
    const denied = call('GET', '/users/me/calendarList')
    expect([denied.status, reasonOf(denied)]).toEqual([403, 'insufficientPermissions'])
    expect(denied.body['error']).toMatchObject({
      status: 'PERMISSION_DENIED',
      message: 'Request had insufficient authentication scopes.',
      details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }],
    })
  })

  test('refused comes back as access_denied; a broken request goes nowhere', () => {
    const { authorize, codeOf, simulator } = signIn({ autoConsent: { deny: true } })
    expect(Object.fromEntries(codeOf(authorize()))).toEqual({ error: 'access_denied', state: 'st&te' })
    for (const wrong of [{ redirect_uri: 'javascript:alert(1)' }, { scope: '' }, { response_type: 'token' }]) {
      expect([authorize(wrong).status, authorize(wrong).headers['location']]).toEqual([400, undefined])
    }
    control(simulator, 'POST', 'consent', { auto: false })
    const page = authorize({ client_id: '<script>alert(1)</script>' })
    expect(page.body).not.toContain('<script')
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
  })

  test('by the form grants what was left ticked, to the account that was chosen or typed', () => {
    const { raw, authorize, codeOf, exchange, simulator } = signIn({ autoConsent: {} })
    control(simulator, 'POST', 'consent', { auto: false })
    const page = authorize()
    const request = /name="request" value="([^"]*)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(page.body.match(/type="checkbox"/g)).toHaveLength(2)
    const form = new URLSearchParams({
      request,
      decision: 'allow',
      new_account: 'Zoe@Example.com',
      scope: EVENTS_SCOPE,
    })
    const { body } = exchange(codeOf(raw('POST', '/o/oauth2/v2/auth', {}, form.toString())).get('code') ?? '')
    expect(body.scope.split(' ').sort()).toEqual([
      EVENTS_SCOPE,
      'https://www.googleapis.com/auth/userinfo.email',
      'openid',
    ])
    expect(simulator.world.accounts.has('zoe@example.com')).toBe(true)
  })
})

describe('tokens', () => {
  test('PKCE: the verifier must match the challenge', () => {
    const { authorize, codeOf, exchange } = signIn()
    const verifier = 'v'.repeat(43)
    const code_challenge = createHash('sha256').update(verifier).digest('base64url')
    const code = () => codeOf(authorize({ code_challenge, code_challenge_method: 'S256' })).get('code') ?? ''
    expect(exchange(code(), { code_verifier: 'w'.repeat(43) }).body.error).toBe('invalid_grant')
    expect(exchange(code()).body.error).toBe('invalid_grant')
    expect(exchange(code(), { code_verifier: verifier }).status).toBe(200)
  })

  test('a code is bound to its client and its redirect address', () => {
    const { authorize, codeOf, exchange } = signIn()
    const code = codeOf(authorize()).get('code') ?? ''
    expect(exchange(code, { client_id: 'client-2' }).body.error).toBe('invalid_grant')
    expect(exchange(code, { redirect_uri: 'http://127.0.0.1/other' }).body.error).toBe('redirect_uri_mismatch')
    expect(exchange('nonsense').body).toEqual({ error: 'invalid_grant', error_description: 'Malformed auth code.' })
  })

  test('an access token ends after an hour; a refresh brings another and no refresh token', async () => {
    const { tokens, token, simulator } = signIn()
    const { access_token, refresh_token } = tokens()
    await simulator.advance(3_600_000)
    const expired = caller(simulator, access_token)('GET', '/calendars/primary/events')
    expect([expired.status, reasonOf(expired)]).toEqual([401, 'authError'])
    const refreshed = token({ grant_type: 'refresh_token', refresh_token })
    expect(refreshed.body).not.toHaveProperty('refresh_token')
    expect(caller(simulator, refreshed.body.access_token)('GET', '/calendars/primary/events').status).toBe(200)
  })

  test('revoking either token ends both, and the next consent is a first one again', () => {
    const { tokens, token, raw, simulator } = signIn()
    const { access_token, refresh_token } = tokens()
    const revoked = raw('POST', '/revoke', {}, new URLSearchParams({ token: access_token }).toString())
    expect(revoked.status).toBe(200)
    expect(token({ grant_type: 'refresh_token', refresh_token })).toEqual({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
    })
    expect(caller(simulator, access_token)('GET', '/calendars/primary/events').status).toBe(401)
    expect(raw('POST', '/revoke', { token: access_token }).status).toBe(400)
    expect(tokens()).toHaveProperty('refresh_token')
  })

  test('with clients listed, another id or secret is invalid_client', () => {
    const { token } = signIn({ clients: [{ id: 'client-1', secret: 'right' }] })
    const refresh = { grant_type: 'refresh_token', refresh_token: 'x' }
    expect(token({ ...refresh, client_secret: 'wrong' })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
    expect(token({ ...refresh, client_secret: 'right' }).body.error).toBe('invalid_grant')
  })

  test('past a hundred refresh tokens the oldest dies without a word', () => {
    const { tokens, token } = signIn()
    const first = tokens().refresh_token
    for (let i = 0; i < 99; i++) tokens({ prompt: 'consent' })
    expect(token({ grant_type: 'refresh_token', refresh_token: first }).status).toBe(200)
    tokens({ prompt: 'consent' })
    expect(token({ grant_type: 'refresh_token', refresh_token: first }).body.error).toBe('invalid_grant')
  })

  test('a request without a token is asked to log in', () => {
    const { simulator } = signIn()
    const request = {
      method: 'GET',
      path: '/calendar/v3/users/me/calendarList',
      query: new URLSearchParams(),
      headers: {},
      body: '',
    }
    const response = simulator.handle(request)
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Bearer realm="https://accounts.google.com/"')
    expect(JSON.parse(response.body).error.errors[0].reason).toBe('required')
  })
})
