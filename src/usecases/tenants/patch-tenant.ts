import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Deps } from '../deps.ts'
import { tenantResource, type TenantResource } from './tenant-resource.ts'
import { changedSettings } from './tenant-settings.ts'

/** Changes what is mentioned; everything else stays. */
export async function patchTenant(
  { store, vault }: Pick<Deps, 'store' | 'vault'>,
  input: { tenantId: string; name?: string; settings?: unknown },
): Promise<Result<TenantResource, DomainError>> {
  return store.transaction(input.tenantId, async tx => {
    const tenant = await tx.tenant(input.tenantId)
    if (tenant === null) return fail({ kind: 'not-found' })
    const settings = changedSettings(vault, tenant.id, tenant.settings, input.settings ?? {})
    if (!settings.ok) return fail({ kind: 'invalid', problems: settings.error })
    const changed = { ...tenant, name: input.name ?? tenant.name, settings: settings.value }
    await tx.saveTenant(changed)
    return succeed(tenantResource(changed, await tx.apiKeys(tenant.id)))
  })
}
