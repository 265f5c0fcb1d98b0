import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { ConnectLink, OAuthFlow } from '../../ports/store/connections.ts'
import type { Tenant } from '../../ports/store/tenants.ts'
import type { Deps } from '../deps.ts'
import { oauthClientOf } from '../tenants/tenant-settings.ts'

export const FLOW_LIFE_MS = 10 * 60_000
const STATE_BYTES = 32
const VERIFIER_BYTES = 32

type FlowDeps = Pick<Deps, 'system' | 'names' | 'vault' | 'oauth'>

/**
 * A way to Google's consent page and back: `state` and the PKCE verifier are 256 bits each, kept as a hash and sealed.
 * @param browserSecret binds the way back to the browser that holds it; null where the platform draws its own page.
 */
export async function openFlow(
  deps: FlowDeps,
  { link, browserSecret, loginHint }: { link: ConnectLink; browserSecret: string | null; loginHint?: string },
): Promise<{ row: OAuthFlow; urlFor: (tenant: Tenant) => string }> {
  const { system, names, vault, oauth } = deps
  const state = system.newSecret(STATE_BYTES)
  const verifier = system.newSecret(VERIFIER_BYTES)
  const stateHash = names.hash(state)
  const codeChallenge = await challengeOf(verifier)
  const row: OAuthFlow = {
    tenantId: link.tenantId,
    stateHash,
    linkHash: link.hash,
    userId: link.userId,
    returnUrl: link.returnUrl,
    browserHash: browserSecret === null ? null : names.hash(browserSecret),
    sealedCodeVerifier: vault.seal(verifier, verifierContext(link.tenantId, stateHash)),
    createdAt: system.now(),
    expiresAt: system.now() + FLOW_LIFE_MS,
    usedAt: null,
  }
  const request = { state, codeChallenge, loginHint: loginHint ?? null }
  return { row, urlFor: tenant => oauth.consentUrl(oauthClientOf(vault, tenant), request) }
}

/** PKCE S256 (RFC 7636 §4.2). */
async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return Buffer.from(digest).toString('base64url')
}

export function verifierContext(tenantId: string, stateHash: string): string {
  return `${tenantId}/${stateHash}/verifier`
}

/**
 * Uses a connect link up and sends its browser to Google. The browser then holds `browserSecret`, without which the way back is closed.
 * A link that is unknown, used or too old: not-found.
 */
export async function startOAuth(
  deps: FlowDeps & Pick<Deps, 'store'>,
  input: { linkSecret: string; browserSecret: string },
): Promise<Result<{ link: ConnectLink; googleUrl: string }, DomainError>> {
  const link = await deps.store.connectLinkByHash(deps.names.hash(input.linkSecret))
  const now = deps.system.now()
  if (link === null || link.usedAt !== null || link.expiresAt <= now) return fail({ kind: 'not-found' })
  const flow = await openFlow(deps, { link, browserSecret: input.browserSecret })
  return deps.store.transaction(link.tenantId, async tx => {
    const tenant = await tx.tenant(link.tenantId)
    if (tenant === null || !(await tx.useConnectLink(link.hash, now))) return fail({ kind: 'not-found' })
    await tx.saveOAuthFlow(flow.row)
    return succeed({ link, googleUrl: flow.urlFor(tenant) })
  })
}

/** Sends a browser that already went through the link to Google again: after a refusal, or to grant what is missing. */
export async function restartOAuth(
  deps: FlowDeps & Pick<Deps, 'store'>,
  input: { link: ConnectLink; browserSecret: string; loginHint?: string },
): Promise<Result<{ googleUrl: string }, DomainError>> {
  const flow = await openFlow(deps, input)
  return deps.store.transaction(input.link.tenantId, async tx => {
    const tenant = await tx.tenant(input.link.tenantId)
    if (tenant === null) return fail({ kind: 'not-found' })
    await tx.saveOAuthFlow(flow.row)
    return succeed({ googleUrl: flow.urlFor(tenant) })
  })
}
