import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { SCOPES, type Scope } from '../../core/model/key-scopes.ts'
import type { Instant } from '../../core/model/time.ts'
import type { ApiKey } from '../../ports/store/tenants.ts'
import type { Deps } from '../deps.ts'

const KEY_BYTES = 32
/** Enough to tell keys apart by eye, far too little to guess the rest. */
const PREFIX_LENGTH = 12

/** What a key is good for (left out: everything) and until when (null: until it is revoked). */
export type KeyLimits = { scopes?: readonly Scope[]; expiresAt?: Instant | null }

/** A further key, so that one can be changed without a pause. The key is shown this once and stored only as a hash. */
export async function createKey(
  deps: Pick<Deps, 'store' | 'system' | 'names'>,
  tenantId: string,
  limits: KeyLimits = {},
): Promise<Result<{ id: string; apiKey: string }, DomainError>> {
  const { key, apiKey } = newKey(deps, tenantId, limits)
  if (key.expiresAt !== null && key.expiresAt <= key.createdAt)
    return fail({ kind: 'invalid', problems: [{ path: 'expiresAt', message: 'must be in the future' }] })
  return deps.store.transaction(tenantId, async tx => {
    if ((await tx.tenant(tenantId)) === null) return fail({ kind: 'not-found' })
    await tx.saveApiKey(key)
    return succeed({ id: key.id, apiKey })
  })
}

export function newKey(
  { system, names }: Pick<Deps, 'system' | 'names'>,
  tenantId: string,
  { scopes = SCOPES, expiresAt = null }: KeyLimits = {},
): { key: ApiKey; apiKey: string } {
  const apiKey = `lsk_${system.newSecret(KEY_BYTES)}`
  const key: ApiKey = {
    tenantId,
    id: `key_${system.newId()}`,
    hash: names.hash(apiKey),
    prefix: apiKey.slice(0, PREFIX_LENGTH),
    createdAt: system.now(),
    expiresAt,
    revokedAt: null,
    scopes: SCOPES.filter(scope => scopes.includes(scope)),
    lastUsedAt: null,
  }
  return { key, apiKey }
}
