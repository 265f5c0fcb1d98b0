import { gaxios } from 'google-auth-library'
import { fail, succeed } from '../../core/model/failures.ts'
import type { RemoteFailure, Result } from '../../core/model/failures.ts'
import type { Instant } from '../../core/model/time.ts'
import type { GoogleAccount, GoogleOAuth, OAuthClient, Tokens } from '../../ports/google-oauth.ts'
import { REQUEST_HABITS, REQUEST_TIMEOUT_MS, settle } from './client.ts'
import type { ObservedCall, Unanswered } from './client.ts'
import { failureOfOAuthAnswer, failureOfOAuthSilence, oauthErrorOf } from './failures.ts'
import type { OAuthCall } from './failures.ts'
import { isObject, numberOf, textOf } from './wire.ts'
import type { WireObject } from './wire.ts'

export type OAuthOptions = {
  /** The service's own client, used where a call names none. */
  client: NonNullable<OAuthClient>
  /** Where Google leads the user back to; must be registered with each client. */
  redirectUri: string
  now: () => Instant
  authUrl?: string
  tokenUrl?: string
  revokeUrl?: string
  timeoutMs?: number
  fetch?: typeof fetch
  /** In place of the library's own request; a simulated world may hand in one that spares the wire. */
  request?: (url: string, form: URLSearchParams) => Promise<{ data: unknown }>
  observe?: (call: ObservedCall) => void
}

const GOOGLE_AUTH_URL = 'https://accounts.google.com/o/oauth2/v2/auth'
const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token'
const GOOGLE_REVOKE_URL = 'https://oauth2.googleapis.com/revoke'

const SCOPE = 'https://www.googleapis.com/auth/'

/** What is asked for: who it is, their events, the list of their calendars, and a calendar of our own to write to. */
export const REQUIRED_SCOPES: readonly string[] = [
  'openid',
  'email',
  `${SCOPE}calendar.events`,
  `${SCOPE}calendar.calendarlist.readonly`,
  `${SCOPE}calendar.app.created`,
]

const ISSUERS: readonly unknown[] = ['https://accounts.google.com', 'accounts.google.com']
/** How far Google's clock and ours may differ before an id_token is refused. */
const CLOCK_SKEW_MS = 300_000
/** Taken for the lifetime of an access token where the answer names none. */
const ASSUMED_LIFETIME_S = 300
const SUB_LENGTH_MAX = 255

/**
 * Google's OAuth endpoints. The requests are made here and not by the library's OAuth2Client, which repeats a token request up to three times
 * after a 5xx; one call of ours is one request.
 * Source: "Using OAuth 2.0 for Web Server Applications", RFC 7636 (PKCE).
 */
export function googleOAuth(options: OAuthOptions): GoogleOAuth {
  const clientOf = (client: OAuthClient) => client ?? options.client
  const tokenUrl = options.tokenUrl ?? GOOGLE_TOKEN_URL

  return {
    consentUrl: (client, request) => consentUrl(options, clientOf(client).clientId, request),

    exchangeCode: (client, { code, codeVerifier }) =>
      observed(options, 'oauth.exchange', async () => {
        const { clientId, clientSecret } = clientOf(client)
        const askedAt = options.now()
        const answer = await post(options, tokenUrl, {
          grant_type: 'authorization_code',
          code,
          code_verifier: codeVerifier,
          redirect_uri: options.redirectUri,
          client_id: clientId,
          client_secret: clientSecret,
        })
        if (!answer.ok) return fail(failureOf(options, 'oauth.exchange', answer.error))
        const tokens = readTokens(answer.value, askedAt)
        if (tokens === null) return fail(unreadable('oauth.exchange'))
        const account = readAccount(answer.value, clientId, options.now())
        if (account === null) return fail(NO_IDENTITY)
        // RFC 6749 §5.1: a scope that is left out is the one that was asked for.
        const scopes = tokens.scopes.length === 0 ? [...REQUIRED_SCOPES] : tokens.scopes
        return succeed({ tokens: { ...tokens, scopes }, account })
      }),

    refresh: (client, refreshToken) =>
      observed(options, 'oauth.refresh', async () => {
        const { clientId, clientSecret } = clientOf(client)
        const askedAt = options.now()
        const answer = await post(options, tokenUrl, {
          grant_type: 'refresh_token',
          refresh_token: refreshToken,
          client_id: clientId,
          client_secret: clientSecret,
        })
        if (!answer.ok) return fail(failureOf(options, 'oauth.refresh', answer.error))
        const tokens = readTokens(answer.value, askedAt)
        return tokens === null ? fail(unreadable('oauth.refresh')) : succeed(tokens)
      }),

    revoke: (_client, token) =>
      observed(options, 'oauth.revoke', async () => {
        const answer = await post(options, options.revokeUrl ?? GOOGLE_REVOKE_URL, { token })
        return answer.ok || isDeadAlready(answer.error)
          ? succeed(null)
          : fail(failureOf(options, 'oauth.revoke', answer.error))
      }),
  }
}

/** The answer to a form, the body unread. A refresh token travels in the body only: addresses end up in logs. */
async function post(
  options: OAuthOptions,
  url: string,
  form: Record<string, string>,
): Promise<Result<unknown, Unanswered>> {
  const data = new URLSearchParams(form)
  const answer = await settle<{ data: unknown }>(() =>
    options.request !== undefined
      ? options.request(url, data)
      : new gaxios.Gaxios().request<unknown>({
          ...REQUEST_HABITS,
          noProxy: [...REQUEST_HABITS.noProxy],
          method: 'POST',
          url,
          data,
          timeout: options.timeoutMs ?? REQUEST_TIMEOUT_MS,
          ...(options.fetch === undefined ? {} : { fetchImplementation: options.fetch }),
        }),
  )
  return answer.ok ? succeed(answer.value.data) : answer
}

async function observed<T>(
  options: OAuthOptions,
  method: OAuthCall,
  work: () => Promise<Result<T, RemoteFailure>>,
): Promise<Result<T, RemoteFailure>> {
  const startedAt = options.now()
  const reply = await work()
  options.observe?.({ method, outcome: reply.ok ? 'ok' : reply.error.kind, ms: options.now() - startedAt })
  return reply
}

const failureOf = ({ now }: OAuthOptions, call: OAuthCall, error: Unanswered): RemoteFailure =>
  'code' in error ? failureOfOAuthSilence(call, error.code) : failureOfOAuthAnswer(call, error, now())

/** What revoking wants has happened before. */
const isDeadAlready = (error: Unanswered): boolean =>
  'body' in error && error.status === 400 && oauthErrorOf(error.body) === 'invalid_token'

const NO_IDENTITY: RemoteFailure = {
  kind: 'rejected',
  status: 200,
  reason: 'id-token-invalid',
  detail: 'oauth.exchange',
}

const unreadable = (call: OAuthCall): RemoteFailure => ({
  kind: 'unavailable',
  ambiguous: call !== 'oauth.refresh',
  detail: 'unreadable-answer',
})

/** `prompt=consent` because Google returns a refresh token only then, once a user has consented before. */
function consentUrl(
  { authUrl, redirectUri }: OAuthOptions,
  clientId: string,
  { state, codeChallenge, loginHint }: Parameters<GoogleOAuth['consentUrl']>[1],
): string {
  const url = new URL(authUrl ?? GOOGLE_AUTH_URL)
  const params = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: REQUIRED_SCOPES.join(' '),
    access_type: 'offline',
    prompt: 'consent select_account',
    include_granted_scopes: 'true',
    state,
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    ...(loginHint === null ? {} : { login_hint: loginHint }),
  }
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  return url.href
}

/** Counted from before the request was made: a token is never believed to live longer than it does. */
function readTokens(body: unknown, askedAt: Instant): Tokens | null {
  if (!isObject(body)) return null
  const accessToken = textOf(body, 'access_token')
  if (accessToken === null) return null
  const lifetimeS = numberOf(body['expires_in'])
  return {
    accessToken,
    accessTokenExpiresAt: askedAt + (lifetimeS > 0 ? lifetimeS : ASSUMED_LIFETIME_S) * 1000,
    refreshToken: textOf(body, 'refresh_token'),
    scopes: (textOf(body, 'scope') ?? '').split(' ').filter(scope => scope !== ''),
  }
}

/**
 * Who consented, from the id_token. It came from Google over TLS in answer to our own secret, so its signature needs no check
 * (OpenID Connect Core §3.1.3.7); issuer, audience and expiry do.
 */
function readAccount(body: unknown, clientId: string, now: Instant): GoogleAccount | null {
  const claims = isObject(body) ? claimsOf(textOf(body, 'id_token')) : null
  if (claims === null) return null
  const sub = textOf(claims, 'sub')
  const expiresAt = numberOf(claims['exp']) * 1000
  const isOurs = ISSUERS.includes(claims['iss']) && claims['aud'] === clientId
  if (!isOurs || sub === null || sub.length > SUB_LENGTH_MAX || !(expiresAt + CLOCK_SKEW_MS > now)) return null
  return { sub, email: textOf(claims, 'email') ?? '' }
}

function claimsOf(idToken: string | null): WireObject | null {
  const payload = idToken?.split('.')[1]
  if (payload === undefined) return null
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return isObject(claims) ? claims : null
  } catch {
    return null // not JSON: there is no identity to be had from it
  }
}
