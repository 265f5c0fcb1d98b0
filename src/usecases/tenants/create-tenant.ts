import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Tenant } from '../../ports/store/tenants.ts'
import type { Deps } from '../deps.ts'
import { newKey } from './create-key.ts'
import { changedSettings } from './tenant-settings.ts'

/**
 * A platform and its first API key, which is shown this once.
 * @param input.id chosen by the caller where a repeat must find the same tenant; unique by the caller's care.
 */
export async function createTenant(
  deps: Pick<Deps, 'store' | 'system' | 'names' | 'vault'>,
  input: { name: string; settings?: unknown; id?: string },
): Promise<Result<{ id: string; apiKey: string }, DomainError>> {
  const id = input.id ?? `ten_${deps.system.newId()}`
  const settings = changedSettings(deps.vault, id, null, input.settings ?? {})
  if (!settings.ok) return fail({ kind: 'invalid', problems: settings.error })
  const tenant: Tenant = { id, name: input.name, settings: settings.value, createdAt: deps.system.now() }
  const { key, apiKey } = newKey(deps, id)
  return deps.store.transaction(id, async tx => {
    await tx.saveTenant(tenant)
    await tx.saveApiKey(key)
    return succeed({ id, apiKey })
  })
}
