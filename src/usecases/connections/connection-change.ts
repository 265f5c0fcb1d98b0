import { connectionResource, type ConnectionResource } from '../../core/model/connection-resource.ts'
import type { Connection } from '../../core/model/connection.ts'
import type { ChangeType, JournalEntry } from '../../core/model/journal.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Reads, Tx } from '../../ports/store/store.ts'

/** The connection as the platform sees it now. */
export async function readResource(reads: Reads, connection: Connection): Promise<ConnectionResource> {
  const { tenantId, id } = connection
  const tenant = await reads.tenant(tenantId)
  return connectionResource({
    connection,
    calendars: await reads.calendarsOf(tenantId, id),
    tenantPolicies: tenant?.settings.policies ?? {},
    counts: await reads.countMissing(tenantId, id),
  })
}

type ConnectionChange = Pick<JournalEntry, 'side' | 'action' | 'rule' | 'reason'> & {
  at: Instant
  /** Null: history only, nothing that the platform is told. */
  type: ChangeType | null
}

/** Stores the connection under its next version, with a row that says why. Answers what was stored. */
export async function changeConnection(
  tx: Tx,
  before: Connection,
  next: Connection,
  change: ConnectionChange,
): Promise<Connection> {
  const connection = { ...next, version: before.version + 1 }
  await tx.saveConnection(connection)
  await noteConnection(tx, before, connection, change)
  return connection
}

/** The journal row of a connection's change; the change feed carries the whole resource. */
export async function noteConnection(
  tx: Tx,
  before: Connection | null,
  after: Connection,
  { type, ...why }: ConnectionChange,
): Promise<void> {
  const resource = type === null ? null : await readResource(tx, after)
  const entry: JournalEntry = {
    ...why,
    appointmentId: null,
    connectionId: after.id,
    before: before === null ? null : { status: before.status, statusReason: before.statusReason },
    after: { status: after.status, statusReason: after.statusReason },
    change: type === null || resource === null ? null : { type, data: resource },
  }
  await tx.apply(after.tenantId, { journal: [entry] })
}
