import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Deps } from '../deps.ts'
import { connectionInTheWay } from './exclusion.ts'

const SECRET_BYTES = 32

/** Gives a user a calendar feed. Its address is the key to it and is answered this once; the one before stops working. */
export async function openFeed(
  { store, system, names, settings }: Pick<Deps, 'store' | 'system' | 'names' | 'settings'>,
  { tenantId, userId }: { tenantId: string; userId: string },
): Promise<Result<{ url: string }, DomainError>> {
  const secret = system.newSecret(SECRET_BYTES)
  return store.transaction(tenantId, async tx => {
    const obstacle = await connectionInTheWay(tx, { tenantId, userId })
    if (obstacle !== null) return fail(obstacle)
    await tx.saveFeed({ tenantId, userId, hash: names.hash(secret), createdAt: system.now() })
    return succeed({ url: `${settings.publicUrl}/feeds/${secret}.ics` })
  })
}

export async function retireFeed(
  { store }: Pick<Deps, 'store'>,
  { tenantId, userId }: { tenantId: string; userId: string },
): Promise<Result<null, DomainError>> {
  return store.transaction(tenantId, async tx => {
    if ((await tx.feedOf(tenantId, userId)) === null) return fail({ kind: 'not-found' })
    await tx.eraseFeed(tenantId, userId)
    return succeed(null)
  })
}
