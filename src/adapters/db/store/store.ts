import type { WakeUp } from '../../../ports/jobs.ts'
import type { Reads, Store, Tx } from '../../../ports/store/store.ts'
import type { Database, SqlExecutor } from '../database.ts'
import { insideTransaction, mustBeOutside } from '../inside-transaction.ts'
import { isMigrated } from '../migrate.ts'
import { run, type Db } from '../statements.ts'
import { aloneFor } from './alone.ts'
import { appointmentReads } from './appointments.ts'
import { changeSignal } from './await-change.ts'
import { appointmentWrites, prepare } from './changes.ts'
import { comparisonReads } from './comparison.ts'
import { connectionReads, connectionWrites } from './connections.ts'
import { feedReads, feedWrites } from './feeds.ts'
import { intake } from './intake.ts'
import { operationReads, operationWrites } from './operations.ts'
import { overviewReads } from './overview.ts'
import { retried } from './retried.ts'
import { sampleReads, sampleWrites } from './samples.ts'
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
  const fleet = (): Db => {
    mustBeOutside()
    return database.fleet
  }
  const awaitChange = changeSignal(database)
  return {
    ...outerReads(database, fleet),
    ...overviewReads(database, fleet),
    ...intake(database, fleet),
    transaction: (tenantId, work) => {
      mustBeOutside()
      return retried(() => database.app.transaction(tx => insideTransaction(() => underLock(deps, tx, tenantId, work))))
    },
    prepare: (tenantId, changes) => prepare(database.kind, tenantId, changes),
    awaitChange: async (tenantId, after, timeoutMs, signal) => {
      mustBeOutside()
      await awaitChange(tenantId, after, timeoutMs, signal)
    },
    ping: async () => {
      if (!(await isMigrated(fleet()))) throw new Error('the database lacks a migration: run `lockstep migrate`')
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
  ...sampleReads(db),
})

/** What serves the scheduler and looks up a secret's hash. Every other read names its tenant first. */
const ACROSS_TENANTS: ReadonlySet<string> = new Set<keyof Reads>([
  'apiKeyByHash',
  'connectLinkByHash',
  'oauthFlowByState',
  'feedByHash',
  'calendarsDue',
  'channelsDue',
  'flushesDue',
  'proposalsExpired',
  'endpointsDue',
  'calendarsToCompare',
  'divergentSamples',
])

/** Outside a transaction each read of a tenant is a statement alone; those across tenants are the fleet's. */
function outerReads(database: Database, fleet: () => Db): Reads {
  const across = reads(fleet)
  const names = Object.keys(across) as (keyof Reads)[] // the keys of the object just made
  const outer = names.map(name => {
    const of = (db: () => Db) => reads(db)[name] as (...args: unknown[]) => Promise<unknown> // called with what it is given
    return [name, ACROSS_TENANTS.has(name) ? across[name] : aloneFor(database, of)]
  })
  // Each name has the function of that name, or one that hands it the same arguments.
  return Object.fromEntries(outer) as Reads
}

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
      ...sampleWrites(scope),
      wake: wakeUps => enqueue(database.executor(db()), wakeUps),
    })
  } finally {
    isOpen = false
  }
}

/**
 * Enters the tenant and takes its lock: its row. While there is none (the tenant is being created) a number made of its id stands in for it.
 * @returns whether the row is there.
 */
async function isLocked(tx: Db, tenantId: string): Promise<boolean> {
  const [row] = await run(tx, 'select lockstep_lock($1) as is_founded', [tenantId])
  return row?.['is_founded'] === true
}
