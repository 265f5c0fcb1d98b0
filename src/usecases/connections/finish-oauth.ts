import { hasCalendars } from '../../core/model/connection-resource.ts'
import { nextStatus } from '../../core/model/connection-status.ts'
import type { Connection, ConnectionStatus } from '../../core/model/connection.ts'
import { DEFAULT_WINDOW } from '../../core/model/policies.ts'
import { missingScopes } from '../../core/model/scopes.ts'
import type { GoogleAccount, Tokens } from '../../ports/google-oauth.ts'
import type { OAuthFlow } from '../../ports/store/connections.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Tenant } from '../../ports/store/tenants.ts'
import type { Deps } from '../deps.ts'
import { mayConnect } from './create-connect-link.ts'
import { accessContext, refreshContext } from './access-tokens.ts'
import { changeConnection, noteConnection } from './connection-change.ts'
import { oauthClientOf } from '../tenants/tenant-settings.ts'
import { verifierContext } from './start-oauth.ts'
import { catchUp, continueRun, releaseWrites } from './wake-connection.ts'

type FinishDeps = Pick<Deps, 'store' | 'system' | 'names' | 'vault' | 'oauth' | 'settings' | 'log'>

/** What Google's redirect brought, and the secret its browser holds (null: none). */
type Callback = { state: string; code: string | null; error: string | null; browserSecret: string | null }

/** How the way to Google and back ended. `refused`: not a way that we opened, or not this browser's, or gone before. */
type FinishOutcome =
  | { kind: 'connected'; flow: OAuthFlow; connection: Connection }
  | { kind: 'denied'; flow: OAuthFlow }
  | {
      kind: 'failed'
      flow: OAuthFlow
      slug: 'exchange-failed' | 'no-refresh-token' | 'role-may-not-connect' | 'syncing-off'
    }
  | { kind: 'refused' }

/**
 * Ends an OAuth flow. The state is used up before the code is exchanged, so neither happens twice. The same user and Google account
 * mend their connection under its id; another account becomes a further connection.
 */
export async function finishOAuth(deps: FinishDeps, callback: Callback): Promise<FinishOutcome> {
  const { store, names, system, vault, oauth, log } = deps
  const flow = await store.oauthFlowByState(names.hash(callback.state))
  if (flow === null || !isOurs(deps, flow, callback.browserSecret)) return { kind: 'refused' }
  const tenant = await takeFlow(deps, flow, callback.code !== null)
  if (tenant === null) return { kind: 'refused' }
  if (callback.code === null || callback.error !== null) return { kind: 'denied', flow }
  const codeVerifier = vault.open(flow.sealedCodeVerifier, verifierContext(flow.tenantId, flow.stateHash))
  const exchanged = await oauth.exchangeCode(oauthClientOf(vault, tenant), { code: callback.code, codeVerifier })
  if (!exchanged.ok) {
    log.warn('a code could not be exchanged', { tenantId: flow.tenantId, kind: exchanged.error.kind })
    return { kind: 'failed', flow, slug: 'exchange-failed' }
  }
  const { tokens, account } = exchanged.value
  const grant: Grant = { flow, tokens, account, missing: missingScopes(deps.settings.requiredScopes, tokens.scopes) }
  return store.transaction(flow.tenantId, tx => storeGrant(deps, tx, grant, system.now()))
}

function isOurs({ system, names }: FinishDeps, flow: OAuthFlow, browserSecret: string | null): boolean {
  if (flow.usedAt !== null || flow.expiresAt <= system.now()) return false
  return flow.browserHash === null || (browserSecret !== null && names.hash(browserSecret) === flow.browserHash)
}

/** Uses the flow up, and the link with it where the browser did not come through the hosted page (which has used it). */
function takeFlow({ store, system }: FinishDeps, flow: OAuthFlow, hasCode: boolean): Promise<Tenant | null> {
  return store.transaction(flow.tenantId, async tx => {
    const now = system.now()
    const tenant = await tx.tenant(flow.tenantId)
    if (tenant === null || !(await tx.useOAuthFlow(flow.stateHash, now))) return null
    if (flow.browserHash === null && hasCode && !(await tx.useConnectLink(flow.linkHash, now))) return null
    return tenant
  })
}

type Grant = { flow: OAuthFlow; tokens: Tokens; account: GoogleAccount; missing: string[] }

async function storeGrant(deps: FinishDeps, tx: Tx, grant: Grant, now: number): Promise<FinishOutcome> {
  const { flow, tokens, account } = grant
  const { tenantId, userId } = flow
  const tenant = await tx.tenant(tenantId)
  const link = await tx.connectLinkByHash(flow.linkHash)
  const isHis = link !== null && link.tenantId === tenantId && link.userId === userId
  if (tenant === null || !isHis) return { kind: 'refused' }
  if (tenant.settings.isSyncing === false) return { kind: 'failed', flow, slug: 'syncing-off' }
  if (!mayConnect(tenant, link.role)) return { kind: 'failed', flow, slug: 'role-may-not-connect' }
  const known = (await tx.connectionsOfUser(tenantId, userId)).find(each => each.googleSub === account.sub)
  const before = known === undefined ? null : await tx.credentials(tenantId, known.id)
  const connectionId = known?.id ?? `con_${deps.system.newId()}`
  const sealedRefreshToken =
    tokens.refreshToken === null
      ? (before?.sealedRefreshToken ?? null)
      : deps.vault.seal(tokens.refreshToken, refreshContext({ tenantId, connectionId }))
  if (sealedRefreshToken === null) return { kind: 'failed', flow, slug: 'no-refresh-token' }
  await tx.saveCredentials({
    tenantId,
    connectionId,
    sealedRefreshToken,
    sealedAccessToken: deps.vault.seal(tokens.accessToken, accessContext({ tenantId, connectionId })),
    accessTokenExpiresAt: tokens.accessTokenExpiresAt,
    version: (before?.version ?? 0) + 1,
    refreshLeaseUntil: null,
  })
  const connection =
    known === undefined ? await connectAnew(tx, tenant, grant, connectionId, now) : await mend(tx, known, grant, now)
  return { kind: 'connected', flow, connection }
}

async function connectAnew(tx: Tx, tenant: Tenant, grant: Grant, id: string, now: number): Promise<Connection> {
  const { flow, tokens, account, missing } = grant
  const connection: Connection = {
    tenantId: tenant.id,
    id,
    userId: flow.userId,
    googleSub: account.sub,
    googleEmail: account.email,
    mode: 'two_way',
    status: 'pending',
    statusReason: missing.length > 0 ? 'scopes_missing' : 'calendars_not_chosen',
    grantedScopes: tokens.scopes,
    missingScopes: missing,
    window: tenant.settings.window ?? DEFAULT_WINDOW,
    policies: {},
    version: 1,
    createdAt: now,
    lastSyncedAt: null,
    guardAnswer: null,
    writesPausedUntil: null,
    writeRefusals: 0,
  }
  await tx.saveConnection(connection)
  await noteConnection(tx, null, connection, {
    at: now,
    side: 'platform',
    action: 'connected',
    rule: 'connect',
    reason: 'The user granted access to a Google account.',
    type: null,
  })
  return connection
}

/** The same id, links and window as before; what was missed meanwhile is caught up at once. */
async function mend(tx: Tx, known: Connection, grant: Grant, now: number): Promise<Connection> {
  const { tenantId, id: connectionId } = known
  const calendars = await tx.calendarsOf(tenantId, connectionId)
  const status = mendedStatus(known.status, grant.missing.length > 0, hasCalendars(calendars))
  const next: Connection = {
    ...known,
    googleEmail: grant.account.email,
    grantedScopes: grant.tokens.scopes,
    missingScopes: grant.missing,
    status,
    statusReason: mendedReason(known, status, grant.missing.length > 0),
    writesPausedUntil: null,
    writeRefusals: 0,
  }
  const isNewlyActive = status === 'active' && known.status !== 'active'
  const isNewlyLost = status === 'needs_reauth' && known.status !== 'needs_reauth'
  const connection = await changeConnection(tx, known, next, {
    at: now,
    side: 'platform',
    action: 'reconnected',
    rule: 'reconnect-same-account',
    reason: 'The user granted access to the same Google account again.',
    type: isNewlyActive ? 'connection.active' : isNewlyLost ? 'connection.needs_reauth' : null,
  })
  if (status === 'active') await releaseWrites(tx, connection, calendars, now)
  if (status === 'active') await tx.wake(catchUp({ tenantId, connectionId }, calendars))
  if (status === 'active' || status === 'pending') await continueRun(tx, { tenantId, connectionId })
  return connection
}

/** A grant that lacks a permission mends nothing: what ran would only fail call by call. */
function mendedStatus(status: ConnectionStatus, isPartial: boolean, isChosen: boolean): ConnectionStatus {
  const mended = nextStatus(status, 'connect', isChosen) ?? status
  return isPartial && mended !== 'pending' && mended !== 'paused' ? 'needs_reauth' : mended
}

function mendedReason(known: Connection, status: ConnectionStatus, isPartial: boolean): string | null {
  if (isPartial) return 'scopes_missing'
  if (status === 'pending') return 'calendars_not_chosen'
  return status === known.status ? known.statusReason : null
}
