import { CLOSING } from '../../core/model/connection-status.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { closeConnection } from '../connections/close-connection.ts'
import { disconnect } from '../connections/disconnect.ts'
import type { Deps } from '../deps.ts'

/**
 * Erases a tenant and everything under it. Its grants are revoked first, once each; what Google does not accept now is left to
 * Google's own expiry, for the right to be forgotten does not wait for a third party.
 */
export async function eraseTenant(
  deps: Pick<Deps, 'store' | 'system' | 'google' | 'oauth' | 'vault' | 'log'>,
  tenantId: string,
): Promise<Result<null, DomainError>> {
  if ((await deps.store.tenant(tenantId)) === null) return fail({ kind: 'not-found' })
  for (const { id: connectionId, statusReason } of await deps.store.connections(tenantId)) {
    if (statusReason === CLOSING.done) continue
    await disconnect(deps, { tenantId, connectionId, googleEvents: 'keep' })
    const closed = await closeConnection(deps, { tenantId, connectionId })
    if (closed.kind === 'again') deps.log.warn('a grant outlives its tenant', { tenantId, connectionId })
  }
  await deps.store.transaction(tenantId, tx => tx.eraseTenant(tenantId))
  return succeed(null)
}
