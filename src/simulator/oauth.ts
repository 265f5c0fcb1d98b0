import { createHash } from 'node:crypto'

import type { JsonObject } from './json.ts'
import { spelledScope } from './scopes.ts'
import { type AccessToken, type AuthCode, opaqueName, randomId, type World } from './world.ts'

const CODE_TTL_MS = 10 * 60_000
/** What Google answers for a token that lives an hour. */
const EXPIRES_IN_S = 3599
/** Past this many for one account and client, the oldest refresh token dies without a word. */
const REFRESH_TOKENS_MAX = 100
const ISSUER = 'https://accounts.google.com'

/** An answer of the token endpoint: its own error shape, not the API's. */
export type OAuthAnswer = { status: number; body: JsonObject }

const failure = (status: number, error: string, description: string): OAuthAnswer => ({
  status,
  body: { error, error_description: description },
})

/** A client that may use the simulator. None listed: any id and secret will do. */
export type OAuthClient = { id: string; secret: string }

export type AuthRequest = {
  clientId: string
  redirectUri: string
  scopes: string[]
  state: string | null
  isOffline: boolean
  prompt: string | null
  loginHint: string | null
  isIncremental: boolean
  nonce: string | null
  challenge: AuthCode['challenge']
}

/** Reads the consent page's address. A string is what is wrong with it, in Google's code; then nobody is redirected. */
export function readAuthRequest(query: URLSearchParams): AuthRequest | string {
  const clientId = query.get('client_id')
  const redirectUri = query.get('redirect_uri')
  const scopes = (query.get('scope') ?? '').split(' ').filter(scope => scope !== '')
  const method = query.get('code_challenge_method') ?? 'plain'
  const challenge = query.get('code_challenge')
  if (clientId === null || redirectUri === null || scopes.length === 0) return 'invalid_request'
  if (query.get('response_type') !== 'code') return 'unsupported_response_type'
  if (!/^https?:\/\/[^/#]+[^#]*$/.test(redirectUri)) return 'redirect_uri_mismatch'
  if (method !== 'S256' && method !== 'plain') return 'invalid_request'
  return {
    clientId,
    redirectUri,
    scopes,
    state: query.get('state'),
    isOffline: query.get('access_type') === 'offline',
    prompt: query.get('prompt'),
    loginHint: query.get('login_hint'),
    isIncremental: query.get('include_granted_scopes') === 'true',
    nonce: query.get('nonce'),
    challenge: challenge === null ? null : { value: challenge, method },
  }
}

/** Where the browser goes after the consent page: back with a code for what was granted, or with an error. */
export function redirectTo(request: AuthRequest, outcome: Record<string, string>): string {
  const url = new URL(request.redirectUri)
  for (const [key, value] of Object.entries(outcome)) url.searchParams.set(key, value)
  if (request.state !== null) url.searchParams.set('state', request.state)
  return url.href
}

const grantKey = (account: string, clientId: string): string => `${account} ${clientId}`

/** The person allowed `granted` (perhaps nothing): a code that stands for it, to be used once. */
export function issueCode(world: World, request: AuthRequest, account: string, granted: string[]): string {
  const code = `4/0A${randomId(world, 60)}`
  const { clientId, redirectUri, challenge, nonce, isOffline } = request
  const key = grantKey(account, clientId)
  const earlier = world.grants.get(key)
  const scopes = [...new Set([...granted, ...(request.isIncremental ? (earlier?.scopes ?? []) : [])].map(spelledScope))]
  const wantsRefresh = isOffline && (!earlier?.hasConsented || request.prompt?.split(' ').includes('consent') === true)
  world.grants.set(key, {
    account,
    clientId,
    scopes: new Set([...(earlier?.scopes ?? []), ...scopes]),
    hasConsented: true,
  })
  world.codes.set(code, {
    account,
    clientId,
    redirectUri,
    scopes,
    challenge,
    nonce,
    isOffline: wantsRefresh,
    expiresAt: world.now() + CODE_TTL_MS,
    isUsed: false,
  })
  return code
}

/** `POST /token`: a code or a refresh token for an access token. */
export function exchangeToken(world: World, clients: OAuthClient[], form: URLSearchParams): OAuthAnswer {
  const clientId = form.get('client_id') ?? ''
  const isKnown = clients.some(client => client.id === clientId && client.secret === form.get('client_secret'))
  if (clients.length > 0 && !isKnown) {
    const isOurs = clients.some(client => client.id === clientId)
    return failure(401, 'invalid_client', isOurs ? 'Unauthorized' : 'The OAuth client was not found.')
  }
  const type = form.get('grant_type')
  if (type === 'authorization_code') return exchangeCode(world, clientId, form)
  if (type === 'refresh_token') return refresh(world, clientId, form)
  return failure(400, 'unsupported_grant_type', `Invalid grant_type: ${type ?? ''}`)
}

function exchangeCode(world: World, clientId: string, form: URLSearchParams): OAuthAnswer {
  const code = world.codes.get(form.get('code') ?? '')
  if (!code) return failure(400, 'invalid_grant', 'Malformed auth code.')
  if (code.isUsed || code.expiresAt <= world.now() || code.clientId !== clientId) {
    return failure(400, 'invalid_grant', 'Bad Request')
  }
  if (code.redirectUri !== form.get('redirect_uri')) return failure(400, 'redirect_uri_mismatch', 'Bad Request')
  if (!provesChallenge(code, form.get('code_verifier'))) return failure(400, 'invalid_grant', 'Invalid code verifier.')
  code.isUsed = true
  const refreshToken = code.isOffline ? mintRefreshToken(world, code) : null
  const answer = tokenAnswer(world, mintAccessToken(world, code, refreshToken), code.nonce)
  return { status: 200, body: refreshToken === null ? answer : { ...answer, refresh_token: refreshToken } }
}

function provesChallenge({ challenge }: AuthCode, verifier: string | null): boolean {
  if (challenge === null) return true
  if (verifier === null) return false
  const proof = challenge.method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url')
  return proof === challenge.value
}

function refresh(world: World, clientId: string, form: URLSearchParams): OAuthAnswer {
  const token = world.refreshTokens.get(form.get('refresh_token') ?? '')
  if (!token || token.isRevoked) return failure(400, 'invalid_grant', 'Token has been expired or revoked.')
  if (token.clientId !== clientId) return failure(401, 'unauthorized_client', 'Unauthorized')
  return { status: 200, body: tokenAnswer(world, mintAccessToken(world, token, token.token), null) }
}

type Holder = { account: string; clientId: string; scopes: string[] }

/** A refresh token; beyond the limit for one account and client, the oldest dies. */
export function mintRefreshToken(world: World, { account, clientId, scopes }: Holder): string {
  const token = `1//0${randomId(world, 50)}`
  world.refreshTokens.set(token, { token, account, clientId, scopes, isRevoked: false })
  const living = [...world.refreshTokens.values()].filter(
    other => other.account === account && other.clientId === clientId && !other.isRevoked,
  )
  const oldest = living[0]
  if (living.length > REFRESH_TOKENS_MAX && oldest) oldest.isRevoked = true
  return token
}

export function mintAccessToken(world: World, holder: Holder, refreshToken: string | null): AccessToken {
  const { account, clientId, scopes } = holder
  const token = `ya29.${randomId(world, 60)}`
  const expiresAt = world.now() + EXPIRES_IN_S * 1000
  const minted = { token, account, clientId, scopes, isRevoked: false, expiresAt, refreshToken }
  world.accessTokens.set(token, minted)
  return minted
}

function tokenAnswer(world: World, token: AccessToken, nonce: string | null): JsonObject {
  const answer: JsonObject = {
    access_token: token.token,
    expires_in: EXPIRES_IN_S,
    scope: token.scopes.join(' '),
    token_type: 'Bearer',
  }
  return token.scopes.includes('openid') ? { ...answer, id_token: idToken(world, token, nonce) } : answer
}

/** A well-formed JWT with the claims of Google's. Its signature is no signature: nothing secret signs in a simulator. */
function idToken(world: World, token: AccessToken, nonce: string | null): string {
  const account = world.accounts.get(token.account)
  const issuedAt = Math.floor(world.now() / 1000)
  const hasEmail = token.scopes.some(scope => scope.endsWith('userinfo.email'))
  const claims = {
    iss: ISSUER,
    azp: token.clientId,
    aud: token.clientId,
    sub: account?.sub,
    ...(hasEmail ? { email: token.account, email_verified: true } : {}),
    ...(token.scopes.some(scope => scope.endsWith('userinfo.profile')) ? { name: account?.name } : {}),
    ...(nonce === null ? {} : { nonce }),
    iat: issuedAt,
    exp: issuedAt + 3600,
  }
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'RS256', kid: 'simulator', typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${Buffer.from(opaqueName(signed, 43)).toString('base64url')}`
}

/** `POST /revoke`: either token ends the whole grant of this account to this client. */
export function revokeToken(world: World, token: string): OAuthAnswer {
  const found = world.accessTokens.get(token) ?? world.refreshTokens.get(token)
  if (!found || found.isRevoked) return failure(400, 'invalid_token', 'Token expired or revoked')
  revokeGrant(world, found.account, found.clientId)
  return { status: 200, body: {} }
}

/** Ends what an account granted; all clients when none is named. */
export function revokeGrant(world: World, account: string, clientId: string | null): void {
  const isMeant = (holder: Holder): boolean =>
    holder.account === account && (clientId === null || holder.clientId === clientId)
  for (const token of world.refreshTokens.values()) if (isMeant(token)) token.isRevoked = true
  for (const token of world.accessTokens.values()) if (isMeant(token)) token.isRevoked = true
  for (const [key, grant] of world.grants) if (isMeant({ ...grant, scopes: [] })) world.grants.delete(key)
}

/** The holder of a living access token. */
export function holderOf(world: World, token: string): AccessToken | undefined {
  const found = world.accessTokens.get(token)
  if (found && found.expiresAt <= world.now()) world.accessTokens.delete(token)
  return found && !found.isRevoked && found.expiresAt > world.now() ? found : undefined
}

/** `GET /tokeninfo`: numbers as strings, as observed. */
export function tokenInfo(world: World, token: string): OAuthAnswer {
  const holder = holderOf(world, token)
  if (!holder) return failure(400, 'invalid_token', 'Invalid Value')
  const { clientId, account, expiresAt, scopes } = holder
  const body: JsonObject = {
    azp: clientId,
    aud: clientId,
    sub: world.accounts.get(account)?.sub ?? '',
    scope: scopes.join(' '),
    exp: String(Math.floor(expiresAt / 1000)),
    expires_in: String(Math.floor((expiresAt - world.now()) / 1000)),
    email: account,
    email_verified: 'true',
    access_type: holder.refreshToken === null ? 'online' : 'offline',
  }
  return { status: 200, body }
}

/** `GET /userinfo` of OpenID Connect. */
export function userInfo(world: World, token: string): OAuthAnswer {
  const holder = holderOf(world, token)
  const account = holder ? world.accounts.get(holder.account) : undefined
  if (!account) return failure(401, 'invalid_request', 'Invalid Credentials')
  return { status: 200, body: { sub: account.sub, name: account.name, email: account.email, email_verified: true } }
}
