import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Deps } from '../deps.ts'
import { tenantResource, type TenantResource } from './tenant-resource.ts'

export async function getTenant(
  { store }: Pick<Deps, 'store'>,
  tenantId: string,
): Promise<Result<TenantResource, DomainError>> {
  const tenant = await store.tenant(tenantId)
  if (tenant === null) return fail({ kind: 'not-found' })
  return succeed(tenantResource(tenant, await store.apiKeys(tenantId)))
}
