import { and, asc, eq, getTableColumns, gt, isNull, or } from 'drizzle-orm'
import type { TenantReads, TenantWrites } from '../../../ports/store/tenants.ts'
import { apiKeys, tenants } from '../schema.ts'
import { all, first, run, type Db } from '../statements.ts'
import { codecs } from './rows.ts'
import { save, type Scope } from './scope.ts'

export function tenantReads(db: () => Db): TenantReads {
  return {
    tenant: async tenantId => {
      const { tenantId: id, name, settings, createdAt } = getTableColumns(tenants)
      return first(db().select({ id, name, settings, createdAt }).from(tenants).where(eq(id, tenantId)))
    },
    apiKeys: tenantId =>
      all(
        db()
          .select()
          .from(apiKeys)
          .where(eq(apiKeys.tenantId, tenantId))
          .orderBy(asc(apiKeys.createdAt), asc(apiKeys.id)),
      ),
    apiKeyByHash: (hash, now) =>
      first(
        db()
          .select()
          .from(apiKeys)
          .where(
            and(
              eq(apiKeys.hash, hash),
              isNull(apiKeys.revokedAt),
              or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now)),
            ),
          )
          .limit(1),
      ),
  }
}

export function tenantWrites(scope: Scope): TenantWrites {
  return {
    saveTenant: async ({ id, ...tenant }) => {
      scope.isFounded = true
      await save(scope, codecs.tenants, [{ ...tenant, tenantId: id }])
    },
    saveApiKey: key => save(scope, codecs.apiKeys, [key], USED),
    eraseTenant: async tenantId => {
      if (tenantId !== scope.tenantId) throw new Error(`a transaction of ${scope.tenantId} cannot erase ${tenantId}`)
      await run(scope.db(), ERASE, [tenantId])
      scope.isFounded = false
    },
  }
}

/** Noted beside any transaction: a key read before must not take it back. */
const USED = { last_used_at: 'greatest(api_keys.last_used_at, excluded.last_used_at)' }

/** One statement over every table there is. */
const ERASE = Object.values(codecs)
  .map(({ table }) => `"erased_${table}" as (delete from "${table}" where tenant_id = $1)`)
  .join(', ')
  .replace(/^/, 'with ')
  .concat(' select 1')
