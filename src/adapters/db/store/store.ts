import type { WakeUp } from '../../../ports/jobs.ts'
import type { Reads, Store, Tx } from '../../../ports/store/store.ts'
import type { Database, SqlExecutor } from '../database.ts'
import { insideTransaction, mustBeOutside } from '../inside-transaction.ts'
import { isMigrated } from '../migrate.ts'
import { run, type Db } from '../statements.ts'
import { appointmentReads } from './appointments.ts'
import { changeSignal } from './await-change.ts'
import { appointmentWrites } from './changes.ts'
import { comparisonReads } from './comparison.ts'
import { connectionReads, connectionWrites } from './connections.ts'
import { feedReads, feedWrites } from './feeds.ts'
import { intake } from './intake.ts'
import { operationReads, operationWrites } from './operations.ts'
import { overviewReads } from './overview.ts'
import { retried } from './retried.ts'
import type { Scope } from './scope.ts'
import { tenantReads, tenantWrites } from './tenants.ts'
import { webhookReads, webhookWrites } from './webhooks.ts'

/** A large statement blocks the one thread that the embedded database shares with everything else. */
const EMBEDDED_ROWS_MAX = 250

/**
 * The store over either database.
 * @param enqueue hands wake-ups to the job engine, within the transaction whose statements `executor` runs.
 */
export function createStore(deps: {
  database: Database
  enqueue: (executor: SqlExecutor, wakeUps: readonly WakeUp[]) => Promise<void>
}): Store {
  const { database } = deps
  const outer = (): Db => {
    mustBeOutside()
    return database.db
  }
  const awaitChange = changeSignal(database)
  return {
    ...reads(outer),
    ...overviewReads(outer),
    ...intake(outer),
    transaction: (tenantId, work) => {
      mustBeOutside()
      return retried(() => database.db.transaction(tx => insideTransaction(() => underLock(deps, tx, tenantId, work))))
    },
    awaitChange: async (tenantId, after, timeoutMs, signal) => {
      mustBeOutside()
      await awaitChange(tenantId, after, timeoutMs, signal)
    },
    ping: async () => {
      if (!(await isMigrated(outer()))) throw new Error('the database lacks a migration: run `lockstep migrate`')
    },
  }
}

const reads = (db: () => Db): Reads => ({
  ...tenantReads(db),
  ...connectionReads(db),
  ...appointmentReads(db),
  ...operationReads(db),
  ...webhookReads(db),
  ...feedReads(db),
  ...comparisonReads(db),
})

async function underLock<T>(
  { database, enqueue }: Parameters<typeof createStore>[0],
  tx: Db,
  tenantId: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  let isOpen = true
  const db = (): Db => {
    if (!isOpen) throw new Error(`the transaction of ${tenantId} is over`)
    return tx
  }
  const rowsMax = database.kind === 'embedded' ? EMBEDDED_ROWS_MAX : Number.MAX_SAFE_INTEGER
  const scope: Scope = { tenantId, db, rowsMax, isFounded: await isLocked(tx, tenantId) }
  try {
    return await work({
      ...reads(db),
      ...tenantWrites(scope),
      ...connectionWrites(scope),
      ...appointmentWrites(scope),
      ...operationWrites(scope),
      ...webhookWrites(scope),
      ...feedWrites(scope),
      wake: wakeUps => enqueue(database.executor(db()), wakeUps),
    })
  } finally {
    isOpen = false
  }
}

/**
 * Takes the tenant's lock: its row. While there is none (the tenant is being created) a number made of its id stands in for it; whoever
 * had to wait for that number looks for the row again.
 * @returns whether the row is there.
 */
async function isLocked(tx: Db, tenantId: string): Promise<boolean> {
  const row = 'select from tenants where tenant_id = $1 for update'
  if ((await run(tx, row, [tenantId])).length > 0) return true
  await run(tx, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [tenantId])
  return (await run(tx, row, [tenantId])).length > 0
}
