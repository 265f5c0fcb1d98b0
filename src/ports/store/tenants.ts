import type { PolicyOverrides, SyncWindow } from '../../core/model/policies.ts'
import type { Scope } from '../../core/model/key-scopes.ts'
import type { Offer } from '../../core/model/tenant-controls.ts'
import type { Instant } from '../../core/model/time.ts'

export type TenantSettings = {
  branding: { productName: string | null; logoUrl: string | null; colour: string | null }
  /** Roles that may connect a calendar; null: any. */
  connectRoles: readonly string[] | null
  /** A Google project of the tenant's own; the secret is sealed. */
  oauthClient: { clientId: string; sealedClientSecret: string } | null
  /** With what is `locked` in it. */
  policies: PolicyOverrides
  /** False: switched off for everyone; absent: on. */
  isSyncing?: boolean
  /** What the connect page offers; absent: everything. */
  offers?: readonly Offer[]
  /** What a new connection starts with; absent: the default window. */
  window?: SyncWindow
}

export type Tenant = { id: string; name: string; settings: TenantSettings; createdAt: Instant }

/** The key itself is never stored: `hash` is. `prefix` tells a person which one it is. */
export type ApiKey = {
  tenantId: string
  id: string
  hash: string
  prefix: string
  createdAt: Instant
  expiresAt: Instant | null
  revokedAt: Instant | null
  scopes: readonly Scope[]
  /** Not to the minute: written every now and then. */
  lastUsedAt: Instant | null
}

export interface TenantReads {
  tenant(tenantId: string): Promise<Tenant | null>
  /** All keys ever given out, oldest first. */
  apiKeys(tenantId: string): Promise<ApiKey[]>
  /** The live key with this hash (not revoked, not expired at `now`), across tenants. */
  apiKeyByHash(hash: string, now: Instant): Promise<ApiKey | null>
}

export interface TenantWrites {
  saveTenant(tenant: Tenant): Promise<void>
  saveApiKey(key: ApiKey): Promise<void>
  /** Erases the tenant and everything under it. */
  eraseTenant(tenantId: string): Promise<void>
}
