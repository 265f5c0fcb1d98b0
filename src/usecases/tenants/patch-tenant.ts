import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Deps } from '../deps.ts'
import { effectivePolicies } from '../../core/model/policies.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Tenant } from '../../ports/store/tenants.ts'
import { followChange } from '../connections/follow-change.ts'
import { tenantResource, type TenantResource } from './tenant-resource.ts'
import { changedSettings } from './tenant-settings.ts'

/** Changes what is mentioned; everything else stays. Connections that follow the tenant's policies are brought to the new ones. */
export async function patchTenant(
  { store, vault, system }: Pick<Deps, 'store' | 'vault' | 'system'>,
  input: { tenantId: string; name?: string; settings?: unknown },
): Promise<Result<TenantResource, DomainError>> {
  return store.transaction(input.tenantId, async tx => {
    const tenant = await tx.tenant(input.tenantId)
    if (tenant === null) return fail({ kind: 'not-found' })
    const settings = changedSettings(vault, tenant.id, tenant.settings, input.settings ?? {})
    if (!settings.ok) return fail({ kind: 'invalid', problems: settings.error })
    const changed = { ...tenant, name: input.name ?? tenant.name, settings: settings.value }
    await tx.saveTenant(changed)
    await followPolicies(tx, tenant, changed, system.now())
    return succeed(tenantResource(changed, await tx.apiKeys(tenant.id)))
  })
}

async function followPolicies(tx: Tx, before: Tenant, after: Tenant, now: Instant): Promise<void> {
  if (JSON.stringify(before.settings.policies) === JSON.stringify(after.settings.policies)) return
  for (const connection of await tx.connections(after.id)) {
    const policies = {
      before: effectivePolicies(before.settings.policies, connection.policies),
      after: effectivePolicies(after.settings.policies, connection.policies),
    }
    if (JSON.stringify(policies.before) === JSON.stringify(policies.after)) continue
    await followChange(tx, { before: connection, after: connection, policies, now })
  }
}
