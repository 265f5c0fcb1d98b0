import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Deps } from '../deps.ts'
import { DEFAULT_WINDOW, effectivePolicies } from '../../core/model/policies.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Tenant } from '../../ports/store/tenants.ts'
import { changeConnection } from '../connections/connection-change.ts'
import { followChange } from '../connections/follow-change.ts'
import { switchOff, switchOn } from '../connections/switch-for-all.ts'
import { tenantResource, type TenantResource } from './tenant-resource.ts'
import { changedSettings, controlsOf } from './tenant-settings.ts'

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
    await followSwitch(tx, tenant, changed, system.now())
    return succeed(tenantResource(changed, await tx.apiKeys(tenant.id)))
  })
}

async function followPolicies(tx: Tx, before: Tenant, after: Tenant, now: Instant): Promise<void> {
  if (levelOf(before) === levelOf(after)) return
  const { locked = [] } = after.settings.policies
  for (const connection of await tx.connections(after.id)) {
    const policies = {
      before: effectivePolicies(before.settings.policies, connection.policies),
      after: effectivePolicies(after.settings.policies, connection.policies),
    }
    const window = locked.includes('window') ? (after.settings.window ?? DEFAULT_WINDOW) : connection.window
    const isSame = isAlike(policies.before, policies.after) && isAlike(window, connection.window)
    if (isSame || connection.status === 'disconnected') continue
    const next = { ...connection, window }
    const changed = isAlike(window, connection.window)
      ? connection
      : await changeConnection(tx, connection, next, { ...RULED, at: now })
    await followChange(tx, { before: connection, after: changed, policies, now })
  }
}

const levelOf = ({ settings: { policies, window } }: Tenant): string => JSON.stringify([policies, window])
const isAlike = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other)

const RULED = {
  side: 'platform',
  action: 'changed',
  rule: 'locked-by-tenant',
  reason: 'The tenant has locked how far its connections reach.',
  type: null,
} as const

/** Off for everyone, or on again. */
async function followSwitch(tx: Tx, before: Tenant, after: Tenant, now: Instant): Promise<void> {
  const isOn = controlsOf(after.settings).isSyncing
  if (isOn === controlsOf(before.settings).isSyncing) return
  for (const connection of await tx.connections(after.id))
    await (isOn ? switchOn(tx, connection, now) : switchOff(tx, connection, now))
}
