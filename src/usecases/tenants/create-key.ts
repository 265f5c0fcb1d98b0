import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { ApiKey } from '../../ports/store/tenants.ts'
import type { Deps } from '../deps.ts'

const KEY_BYTES = 32
/** Enough to tell keys apart by eye, far too little to guess the rest. */
const PREFIX_LENGTH = 12

/** A further key, so that one can be changed without a pause. The key is shown this once and stored only as a hash. */
export async function createKey(
  deps: Pick<Deps, 'store' | 'system' | 'names'>,
  tenantId: string,
): Promise<Result<{ id: string; apiKey: string }, DomainError>> {
  const { key, apiKey } = newKey(deps, tenantId)
  return deps.store.transaction(tenantId, async tx => {
    if ((await tx.tenant(tenantId)) === null) return fail({ kind: 'not-found' })
    await tx.saveApiKey(key)
    return succeed({ id: key.id, apiKey })
  })
}

export function newKey(
  { system, names }: Pick<Deps, 'system' | 'names'>,
  tenantId: string,
): { key: ApiKey; apiKey: string } {
  const apiKey = `lsk_${system.newSecret(KEY_BYTES)}`
  const key: ApiKey = {
    tenantId,
    id: `key_${system.newId()}`,
    hash: names.hash(apiKey),
    prefix: apiKey.slice(0, PREFIX_LENGTH),
    createdAt: system.now(),
    expiresAt: null,
    revokedAt: null,
  }
  return { key, apiKey }
}
