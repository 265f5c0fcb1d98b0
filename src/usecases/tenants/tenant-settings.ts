import {
  NO_SETTINGS,
  readSettings,
  type SettingsBefore,
  type SettingsChanges,
} from '../../core/model/settings-input.ts'
import { withoutWish } from '../../core/model/policies.ts'
import type { TenantControls } from '../../core/model/tenant-controls.ts'
import { succeed, type Result } from '../../core/model/failures.ts'
import type { InputProblem } from '../../core/model/policy-input.ts'
import type { OAuthClient } from '../../ports/google-oauth.ts'
import type { Vault } from '../../ports/secrets.ts'
import type { Tenant, TenantSettings } from '../../ports/store/tenants.ts'

/** Lays `input` over `before` (null: a tenant in the making), the OAuth secret sealed. */
export function changedSettings(
  vault: Vault,
  tenantId: string,
  before: TenantSettings | null,
  input: unknown,
): Result<TenantSettings, InputProblem[]> {
  const read = readSettings(input, before === null ? NO_SETTINGS : settingsBefore(before))
  if (!read.ok) return read
  const { branding, connectRoles, policies, window } = read.value
  const { isSyncing, locked, offers } = read.value.controls
  return succeed({
    branding,
    connectRoles,
    policies: { ...policies, ...(locked.length === 0 ? {} : { locked }) },
    ...(isSyncing ? {} : { isSyncing }),
    ...(offers === null ? {} : { offers }),
    oauthClient: changedClient(vault, tenantId, before, read.value.oauthClient),
    ...(window === null ? {} : { window }),
  })
}

function settingsBefore(settings: TenantSettings): SettingsBefore {
  const { branding, connectRoles, policies, window } = settings
  const controls = controlsOf(settings)
  return { branding, connectRoles, policies: withoutWish(policies), window: window ?? null, controls }
}

export function controlsOf({ isSyncing = true, policies, offers }: TenantSettings): TenantControls {
  return { isSyncing, locked: policies.locked ?? [], offers: offers ?? null }
}

function changedClient(
  vault: Vault,
  tenantId: string,
  before: TenantSettings | null,
  change: SettingsChanges['oauthClient'],
): TenantSettings['oauthClient'] {
  if (change === 'keep') return before?.oauthClient ?? null
  if (change === null) return null
  return {
    clientId: change.clientId,
    sealedClientSecret: vault.seal(change.clientSecret, clientSecretContext(tenantId)),
  }
}

/** The Google project a tenant's calls are made with; null: the service's own. */
export function oauthClientOf(vault: Vault, tenant: Tenant): OAuthClient {
  const client = tenant.settings.oauthClient
  if (client === null) return null
  return {
    clientId: client.clientId,
    clientSecret: vault.open(client.sealedClientSecret, clientSecretContext(tenant.id)),
  }
}

function clientSecretContext(tenantId: string): string {
  return `${tenantId}/oauth-client/secret`
}
