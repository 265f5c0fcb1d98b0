import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Instant } from '../../core/model/time.ts'
import type { ConnectLink } from '../../ports/store/connections.ts'
import type { Tenant } from '../../ports/store/tenants.ts'
import type { Deps } from '../deps.ts'
import { openFlow } from './start-oauth.ts'
import { IS_SWITCHED_OFF } from './switch-for-all.ts'

const LINK_LIFE_MS = 15 * 60_000
const SECRET_BYTES = 32
const URL_LENGTH_MAX = 2_000

type ConnectLinkInput = { tenantId: string; userId: string; role: string | null; returnUrl: string | null }

/**
 * An invitation for one user to connect a Google account: a hosted page (`url`) or straight to Google (`googleUrl`).
 * Whichever is gone through first uses the link up.
 */
export async function createConnectLink(
  deps: Pick<Deps, 'store' | 'system' | 'names' | 'vault' | 'oauth' | 'settings'>,
  input: ConnectLinkInput,
): Promise<Result<{ url: string; googleUrl: string; expiresAt: Instant }, DomainError>> {
  const { tenantId, userId, role } = input
  const returnUrl = input.returnUrl === null ? null : readReturnUrl(input.returnUrl)
  if (returnUrl === false)
    return fail({
      kind: 'invalid',
      problems: [{ path: 'returnUrl', message: 'must be an http or https address without user name or password' }],
    })
  const secret = deps.system.newSecret(SECRET_BYTES)
  const createdAt = deps.system.now()
  const expiresAt = createdAt + LINK_LIFE_MS
  const hash = deps.names.hash(secret)
  const link: ConnectLink = { tenantId, hash, userId, role, returnUrl, createdAt, expiresAt, usedAt: null }
  const flow = await openFlow(deps, { link, browserSecret: null })
  return deps.store.transaction(tenantId, async tx => {
    const tenant = await tx.tenant(tenantId)
    if (tenant === null) return fail({ kind: 'not-found' })
    if (tenant.settings.isSyncing === false) return fail(IS_SWITCHED_OFF)
    if (!mayConnect(tenant, role)) return fail({ kind: 'forbidden', detail: 'This role may not connect a calendar.' })
    await tx.saveConnectLink(link)
    await tx.saveOAuthFlow(flow.row)
    return succeed({ url: `${deps.settings.publicUrl}/connect/${secret}`, googleUrl: flow.urlFor(tenant), expiresAt })
  })
}

export function mayConnect(tenant: Tenant, role: string | null): boolean {
  const roles = tenant.settings.connectRoles
  return roles === null || (role !== null && roles.includes(role))
}

/** Normalised; false: not an address a browser may be sent to. */
function readReturnUrl(text: string): string | false {
  if (text.length > URL_LENGTH_MAX || !URL.canParse(text)) return false
  const url = new URL(text)
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  return isWeb && url.username === '' && url.password === '' ? url.href : false
}
