import type { ConnectionResource } from '../../core/model/connection-resource.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Deps } from '../deps.ts'
import { readResource } from './connection-change.ts'

export async function getConnection(
  { store }: Pick<Deps, 'store'>,
  input: { tenantId: string; connectionId: string },
): Promise<Result<ConnectionResource, DomainError>> {
  const connection = await store.connection(input.tenantId, input.connectionId)
  return connection === null ? fail({ kind: 'not-found' }) : succeed(await readResource(store, connection))
}

/** Oldest first; those that were disconnected stay readable. */
export async function listConnections(
  { store }: Pick<Deps, 'store'>,
  input: { tenantId: string; userId: string },
): Promise<ConnectionResource[]> {
  const connections = await store.connectionsOfUser(input.tenantId, input.userId)
  const ordered = connections.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  return Promise.all(ordered.map(connection => readResource(store, connection)))
}
