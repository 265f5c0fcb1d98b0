import { createHash } from 'node:crypto'
import { and, asc, desc, eq, gt, lt } from 'drizzle-orm'
import type { AuditEntry, AuditLog, AuditRow } from '../../ports/audit.ts'
import type { Database } from './database.ts'
import { mustBeOutside } from './inside-transaction.ts'
import { auditLog } from './schema.ts'
import { all, first, run, type Db } from './statements.ts'
import { APP_ROLE } from './tenancy.ts'

/** The operator's own chain, of no tenant. */
const OPERATOR = ''
const VERIFY_ROWS = 1_000
/** One writer per chain at a time. */
const LOCK = "select pg_advisory_xact_lock(hashtextextended('audit ' || $1, 1))"
/** No table is read in it, so it does not matter what comes first. */
const ENTER = `select set_config('role', '${APP_ROLE}', true), set_config('lockstep.tenant', $1, true),
  pg_advisory_xact_lock(hashtextextended('audit ' || $1, 1))`

/** What a row's hash covers: everything in it, in one order, and the hash before it. */
export function auditHash(before: string, seq: number, entry: AuditEntry): string {
  const { at, tenantId, actor, via, action, object, result } = entry
  const said = JSON.stringify([before, seq, at, tenantId, actor.kind, actor.id, via, action, object, result])
  return createHash('sha256').update(said).digest('hex')
}

/** Chains in one table whose trigger refuses UPDATE, DELETE and TRUNCATE; one writer per chain at a time. */
export function createAuditLog(database: Database): AuditLog {
  return {
    append: entry => {
      mustBeOutside()
      const chain = entry.tenantId ?? OPERATOR
      const db = entry.tenantId === null ? database.fleet : database.app
      return db.transaction(async tx => {
        await run(tx, entry.tenantId === null ? LOCK : ENTER, [chain])
        const last = await first(
          tx.select().from(auditLog).where(eq(auditLog.chain, chain)).orderBy(desc(auditLog.seq)).limit(1),
        )
        const seq = (last?.seq ?? 0) + 1
        const { at, actor, via, action, object, result } = entry
        const hash = auditHash(last?.hash ?? '', seq, entry)
        await tx
          .insert(auditLog)
          .values({ chain, seq, at, actorKind: actor.kind, actorId: actor.id, via, action, object, result, hash })
      })
    },
    read: async (tenantId, { before, limit }) => {
      const chain = eq(auditLog.chain, tenantId ?? OPERATOR)
      const where = before === null ? chain : and(chain, lt(auditLog.seq, before))
      const rows = await reading(database, tenantId, db =>
        all(db.select().from(auditLog).where(where).orderBy(desc(auditLog.seq)).limit(limit)),
      )
      return rows.map(rowOf)
    },
    firstBroken: tenantId => firstBroken(database, tenantId),
  }
}

/** The operator's chain is the fleet's to read. */
function reading<T>(database: Database, tenantId: string | null, work: (db: Db) => Promise<T>): Promise<T> {
  mustBeOutside()
  return tenantId === null ? work(database.fleet) : database.alone(tenantId, 'read only', work)
}

type Stored = typeof auditLog.$inferSelect

function rowOf({ chain, actorKind, actorId, ...row }: Stored): AuditRow {
  return { ...row, tenantId: chain === OPERATOR ? null : chain, actor: { kind: actorKind, id: actorId } }
}

async function firstBroken(database: Database, tenantId: string | null): Promise<number | null> {
  const chain = eq(auditLog.chain, tenantId ?? OPERATOR)
  let before = { seq: 0, hash: '' }
  for (;;) {
    const beyond = and(chain, gt(auditLog.seq, before.seq))
    const rows: Stored[] = await reading(database, tenantId, db =>
      all(db.select().from(auditLog).where(beyond).orderBy(asc(auditLog.seq)).limit(VERIFY_ROWS)),
    )
    for (const row of rows.map(rowOf)) {
      const fits = row.seq === before.seq + 1 && row.hash === auditHash(before.hash, row.seq, row)
      if (!fits) return row.seq
      before = row
    }
    if (rows.length < VERIFY_ROWS) return null
  }
}
