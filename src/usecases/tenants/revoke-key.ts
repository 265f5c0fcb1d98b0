import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Deps } from '../deps.ts'

/** Ends a key at once; ending it again changes nothing. */
export async function revokeKey(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  input: { tenantId: string; keyId: string },
): Promise<Result<null, DomainError>> {
  return store.transaction(input.tenantId, async tx => {
    const key = (await tx.apiKeys(input.tenantId)).find(each => each.id === input.keyId)
    if (key === undefined) return fail({ kind: 'not-found' })
    if (key.revokedAt === null) await tx.saveApiKey({ ...key, revokedAt: system.now() })
    return succeed(null)
  })
}
