import type { PgTable } from 'drizzle-orm/pg-core'
import type { InferInsertModel } from 'drizzle-orm'
import type { Codec } from '../codec.ts'
import { run, type Db } from '../statements.ts'
import { storableJson } from '../storable.ts'

/** The open transaction of one tenant. */
export type Scope = {
  tenantId: string
  db(): Db
  /** Rows per set and statement. */
  rowsMax: number
  /** False until the tenant's row is there. */
  isFounded: boolean
}

/** @throws Error when rows of another tenant, or of one that does not exist (any more), are to be written: a caller's bug. */
export function mustOwn(scope: Scope, tenantIds: Iterable<string>): void {
  for (const tenantId of tenantIds)
    if (tenantId !== scope.tenantId) throw new Error(`a transaction of ${scope.tenantId} cannot write for ${tenantId}`)
  if (!scope.isFounded) throw new Error(`there is no tenant ${scope.tenantId}`)
}

/** Inserts or replaces `rows`: one statement per `rowsMax` of them. `set` replaces a column's new value by an expression. */
export async function save<T extends PgTable>(
  scope: Scope,
  codec: Codec<T>,
  rows: readonly (InferInsertModel<T> & { tenantId: string })[],
  set?: Readonly<Record<string, string>>,
): Promise<void> {
  mustOwn(
    scope,
    rows.map(({ tenantId }) => tenantId),
  )
  const sorted = codec.sorted(rows)
  for (let at = 0; at < sorted.rows.length; at += scope.rowsMax) {
    const slice = sorted.rows.slice(at, at + scope.rowsMax)
    await run(scope.db(), codec.upsert('$1', '$2', set), [storableJson(sorted.same), storableJson(slice)])
  }
}

/** Was a row changed by the statement? It must end in RETURNING. */
export async function isChanged(db: Db, text: string, values: readonly unknown[]): Promise<boolean> {
  return (await run(db, text, values)).length > 0
}
