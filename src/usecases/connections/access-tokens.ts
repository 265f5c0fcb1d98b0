import { fail, succeed, type RemoteFailure, type Result } from '../../core/model/failures.ts'
import type { Instant } from '../../core/model/time.ts'
import type { AccessTokens } from '../../ports/google-oauth.ts'
import type { Credentials } from '../../ports/store/connections.ts'
import type { Deps } from '../deps.ts'
import { oauthClientOf } from '../tenants/tenant-settings.ts'
import { markNeedsReauth } from './mark-needs-reauth.ts'

type Who = { tenantId: string; connectionId: string }
type Answer = Result<string, RemoteFailure>
/** `obtainedAt` null: adopted, of unknown age. */
type Held = { token: string; expiresAt: Instant; obtainedAt: Instant | null }

/** A token with less life than this is not handed out. */
export const USE_MARGIN_MS = 60_000
/** A stored one with less life than this is refreshed: more than the former, or what was just adopted would be too old to hand out. */
export const ADOPT_MARGIN_MS = 120_000
/** Longer than a refresh may take, so that its holder is never overtaken while alive. */
export const LEASE_MS = 30_000
/** How long one waits for another instance's refresh: less than the lease, so nobody waits for the dead. */
export const WAIT_MS = 10_000
const WAIT_STEP_MS = 100
/** Google refusing a token this young is not cured by another one. */
const FRESH_MS = 60_000
const STRIKES_MAX = 3
const STRIKE_APART_MS = 60_000
const STRIKES_FORGOTTEN_MS = 15 * 60_000
const STORE_TRIES_MAX = 3
const HELD_MAX = 20_000

export function refreshContext({ tenantId, connectionId }: Who): string {
  return `${tenantId}/${connectionId}/refresh`
}

export function accessContext({ tenantId, connectionId }: Who): string {
  return `${tenantId}/${connectionId}/access`
}

type TokenDeps = Pick<Deps, 'store' | 'system' | 'vault' | 'oauth' | 'log'>

/**
 * One refresh however many ask: callers in this process share a flight, instances share a lease in the database whose losers
 * adopt the winner's token. A dead grant marks its connection and is not asked about again; an outage or a broken project marks nobody.
 */
export function createAccessTokens(deps: TokenDeps): AccessTokens {
  const held = new Map<string, Held>()
  const flights = new Map<string, Promise<Answer>>()
  const strikes = new Map<string, { count: number; at: Instant }>()

  return {
    async accessToken(who, rejected) {
      const key = `${who.tenantId}/${who.connectionId}`
      const known = held.get(key)
      if (known !== undefined && known.token === rejected && isFresh(known, deps.system.now()))
        return refusedFresh(key, who)
      if (known !== undefined && known.token !== rejected && known.expiresAt > deps.system.now() + USE_MARGIN_MS)
        return succeed(known.token)
      const flying = flights.get(key)
      if (flying !== undefined) {
        const answer = await flying
        if (!answer.ok || answer.value !== rejected) return answer
      }
      return flights.get(key) ?? takeOff(key, who, rejected)
    },
  }

  /** Google refuses even tokens it has just made: once is a hiccup of its own, three times with pauses is a grant that is dead. */
  async function refusedFresh(key: string, who: Who): Promise<Answer> {
    const now = deps.system.now()
    const last = strikes.get(key)
    if (last !== undefined && now - last.at < STRIKE_APART_MS) return fail({ kind: 'access-rejected' })
    const count = last === undefined || now - last.at > STRIKES_FORGOTTEN_MS ? 1 : last.count + 1
    strikes.set(key, { count, at: now })
    if (count < STRIKES_MAX) return fail({ kind: 'access-rejected' })
    strikes.delete(key)
    await markNeedsReauth(deps, { ...who, credentialsVersion: null })
    return fail({ kind: 'access-revoked' })
  }

  function takeOff(key: string, who: Who, rejected: string | undefined): Promise<Answer> {
    const flight = obtain(deps, who, rejected)
      .then(obtained => {
        if (!obtained.ok) {
          held.delete(key)
          return obtained
        }
        keep(key, obtained.value)
        return succeed(obtained.value.token)
      })
      .finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }

  function keep(key: string, token: Held): void {
    held.delete(key)
    const oldest = held.size >= HELD_MAX ? held.keys().next().value : undefined
    if (oldest !== undefined) held.delete(oldest)
    held.set(key, token)
  }
}

function isFresh(token: Held, now: Instant): boolean {
  return token.obtainedAt !== null && now - token.obtainedAt < FRESH_MS
}

/** The stored token where it is good, else a refreshed one: by us under the lease, or by whoever holds it. */
async function obtain(deps: TokenDeps, who: Who, rejected: string | undefined): Promise<Result<Held, RemoteFailure>> {
  const { store, system } = deps
  const connection = await store.connection(who.tenantId, who.connectionId)
  if (connection === null || connection.status === 'needs_reauth') return fail({ kind: 'access-revoked' })
  for (let waitedMs = 0; waitedMs <= WAIT_MS; waitedMs += WAIT_STEP_MS) {
    const stored = await store.credentials(who.tenantId, who.connectionId)
    if (stored === null) return fail({ kind: 'access-revoked' })
    const adopted = adopt(deps, who, stored, rejected)
    if (adopted !== null) return succeed(adopted)
    const now = system.now()
    const leased = await store.leaseCredentials(who.tenantId, who.connectionId, now, now + LEASE_MS)
    if (leased !== null) return refresh(deps, who, leased, rejected)
    await system.sleep(WAIT_STEP_MS)
  }
  return fail({ kind: 'unavailable', ambiguous: false, detail: 'another instance is still refreshing the token' })
}

function adopt(deps: TokenDeps, who: Who, stored: Credentials, rejected: string | undefined): Held | null {
  const now = deps.system.now()
  if (stored.sealedAccessToken === null || stored.accessTokenExpiresAt <= now + ADOPT_MARGIN_MS) return null
  const token = deps.vault.open(stored.sealedAccessToken, accessContext(who))
  return token === rejected ? null : { token, expiresAt: stored.accessTokenExpiresAt, obtainedAt: null }
}

async function refresh(
  deps: TokenDeps,
  who: Who,
  leased: Credentials,
  rejected: string | undefined,
): Promise<Result<Held, RemoteFailure>> {
  const adopted = adopt(deps, who, leased, rejected) // its last holder was done between our look and our lease
  if (adopted !== null) {
    await release(deps, leased)
    return succeed(adopted)
  }
  const tenant = await deps.store.tenant(who.tenantId)
  if (tenant === null || leased.sealedRefreshToken === null) return fail({ kind: 'access-revoked' })
  const client = oauthClientOf(deps.vault, tenant)
  const refreshed = await deps.oauth.refresh(client, deps.vault.open(leased.sealedRefreshToken, refreshContext(who)))
  if (!refreshed.ok) return refusal(deps, who, leased, refreshed.error)
  const { accessToken, accessTokenExpiresAt, refreshToken } = refreshed.value
  const isStored = await storeAgain(deps, leased.version, {
    ...leased,
    sealedAccessToken: deps.vault.seal(accessToken, accessContext(who)),
    accessTokenExpiresAt,
    sealedRefreshToken:
      refreshToken === null ? leased.sealedRefreshToken : deps.vault.seal(refreshToken, refreshContext(who)),
    version: leased.version + 1,
    refreshLeaseUntil: null,
  })
  if (isStored) return succeed({ token: accessToken, expiresAt: accessTokenExpiresAt, obtainedAt: deps.system.now() })
  const newer = await deps.store.credentials(who.tenantId, who.connectionId) // the user connected again meanwhile, or disconnected
  const token = newer === null ? null : adopt(deps, who, newer, rejected)
  return token === null ? fail({ kind: 'access-revoked' }) : succeed(token)
}

async function refusal(
  deps: TokenDeps,
  who: Who,
  leased: Credentials,
  failure: RemoteFailure,
): Promise<Result<Held, RemoteFailure>> {
  deps.log.warn('an access token could not be refreshed', { ...who, kind: failure.kind })
  if (failure.kind === 'access-revoked') await markNeedsReauth(deps, { ...who, credentialsVersion: leased.version })
  await release(deps, leased)
  return fail(failure)
}

async function release(deps: TokenDeps, leased: Credentials): Promise<void> {
  await deps.store.storeRefreshed({ ...leased, refreshLeaseUntil: null }, leased.version)
}

/** A refreshed token that Google rotated must not be lost to a hiccup of the database: tried again, a bounded number of times. */
async function storeAgain(deps: TokenDeps, expectedVersion: number, credentials: Credentials): Promise<boolean> {
  for (let attempt = 1; ; attempt++)
    try {
      return await deps.store.storeRefreshed(credentials, expectedVersion)
    } catch (error) {
      if (attempt >= STORE_TRIES_MAX) throw new Error('a refreshed token could not be stored', { cause: error })
      await deps.system.sleep(WAIT_STEP_MS * attempt)
    }
}
