import type { Connection } from '../../core/model/connection.ts'
import type { Policies } from '../../core/model/policies.ts'
import { isMassDeletion } from '../../core/sync/mass-change.ts'
import type { Deps } from '../deps.ts'

/**
 * Too much is gone at once, from one calendar or from all together: nothing is cancelled, the connection waits for a person. What a person
 * has answered for is not counted again.
 * @returns whether the connection is held.
 */
export async function holdByGuard(
  deps: Pick<Deps, 'store' | 'system' | 'log'>,
  connection: Connection,
  policies: Policies,
): Promise<boolean> {
  const { tenantId, id: connectionId } = connection
  const counts = await deps.store.missingByCalendar(tenantId, connectionId, connection.guardAnswer?.at ?? null)
  if (counts.length === 0) return false
  const { linked } = await deps.store.countMissing(tenantId, connectionId)
  const missing = counts.reduce((sum, each) => sum + each.missing, 0)
  const worst = [...counts, { missing, linked }].find(each =>
    isMassDeletion(each.missing, each.linked, policies.deletionGuard),
  )
  if (worst === undefined) return false
  const reason = `${worst.missing} of ${worst.linked} events are gone from Google at once; nothing was cancelled.`
  deps.log.warn('held by the deletion guard', { tenantId, connectionId, count: worst.missing })
  const at = deps.system.now()
  await deps.store.transaction(tenantId, async tx => {
    const current = await tx.connection(tenantId, connectionId)
    if (current === null || current.status === 'held') return
    const held: Connection = { ...current, status: 'held', statusReason: reason, version: current.version + 1 }
    await tx.saveConnection(held)
    const data = { id: held.id, userId: held.userId, status: held.status, statusReason: reason }
    const told = { side: 'lockstep' as const, action: 'held', rule: 'deletion-guard', reason }
    await tx.apply(tenantId, {
      journal: [
        {
          at,
          appointmentId: null,
          connectionId,
          ...told,
          before: { status: current.status },
          after: { missing: worst.missing, linked: worst.linked },
          change: { type: 'connection.held', data },
        },
      ],
    })
  })
  return true
}
