import type { Deps } from '../deps.ts'
import { checkConnection, type Check, type CheckDeps } from './check-connection.ts'

export type CheckedConnection = { tenantId: string; connectionId: string; userId: string; checks: readonly Check[] }

/** One by one, so that an operator's question does not take the quota from the service. @param of `connectionId` null: all that are active. */
export async function checkConnections(
  deps: CheckDeps & Pick<Deps, 'store'>,
  of: { connectionId: string | null; limit: number },
): Promise<{ checked: CheckedConnection[]; isAll: boolean }> {
  const { connectionId, limit } = of
  const filter = { tenantId: null, trouble: null, text: connectionId, offset: 0, limit }
  const { rows, found } = await deps.store.connectionHealth(filter, deps.system.now())
  const wanted = rows.filter(({ connectionId: id, status }) =>
    connectionId === null ? status === 'active' : id === connectionId,
  )
  const checked: CheckedConnection[] = []
  for (const { tenantId, connectionId: id, userId } of wanted) {
    const outcome = await checkConnection(deps, { tenantId, connectionId: id })
    if (outcome.ok) checked.push({ tenantId, connectionId: id, userId, checks: outcome.value.checks })
  }
  return { checked, isAll: found <= limit }
}
