import type { Scope } from '../../core/model/key-scopes.ts'
import type { Instant } from '../../core/model/time.ts'
import { withoutWish } from '../../core/model/policies.ts'
import { controlsOf } from './tenant-settings.ts'
import type { ApiKey, Tenant } from '../../ports/store/tenants.ts'

/** How a tenant looks to the operator: no secret, sealed or not, is part of it. */
export type TenantResource = {
  id: string
  name: string
  createdAt: string
  settings: {
    branding: { productName: string | null; logoUrl: string | null; colour: string | null }
    connectRoles: readonly string[] | null
    oauthClient: { clientId: string } | null
    policies: Readonly<Record<string, unknown>>
    syncing: boolean
    locked: readonly string[]
    offers: readonly string[] | null
  }
  keys: readonly KeyResource[]
}

type KeyResource = {
  id: string
  prefix: string
  scopes: readonly Scope[]
  createdAt: string
  expiresAt: string | null
  lastUsedAt: string | null
  revokedAt: string | null
}

export function tenantResource(tenant: Tenant, keys: readonly ApiKey[]): TenantResource {
  const { branding, connectRoles, oauthClient, policies, window } = tenant.settings
  const { isSyncing, locked, offers } = controlsOf(tenant.settings)
  return {
    id: tenant.id,
    name: tenant.name,
    createdAt: new Date(tenant.createdAt).toISOString(),
    settings: {
      branding,
      connectRoles,
      oauthClient: oauthClient === null ? null : { clientId: oauthClient.clientId },
      policies: { ...withoutWish(policies), ...(window === undefined ? {} : { window }) },
      syncing: isSyncing,
      locked,
      offers,
    },
    keys: keys.map(keyResource),
  }
}

function keyResource(key: ApiKey): KeyResource {
  return {
    id: key.id,
    prefix: key.prefix,
    scopes: key.scopes,
    createdAt: new Date(key.createdAt).toISOString(),
    expiresAt: textOf(key.expiresAt),
    lastUsedAt: textOf(key.lastUsedAt),
    revokedAt: textOf(key.revokedAt),
  }
}

const textOf = (at: Instant | null): string | null => (at === null ? null : new Date(at).toISOString())
