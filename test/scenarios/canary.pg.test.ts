import { afterAll, describe, expect } from 'vitest'
import type { Database } from '../../src/adapters/db/database.ts'
import { run } from '../../src/adapters/db/statements.ts'
import { createStore } from '../../src/adapters/db/store/store.ts'
import { newEmbedded, newPostgres, type TestDatabase } from '../support/databases.ts'
import { TENANT } from '../support/engine.ts'
import { canaryScenario, type Kept } from './canary.scenario.ts'

/** The whole database as text: the catalog says which tables there are, so that none is forgotten when one is added. */
async function everyRow({ db }: Database): ReturnType<Kept['rows']> {
  const named = await run(
    db,
    `select n.nspname as schema, c.relname as table from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')`,
  )
  expect(named.length).toBeGreaterThan(20)
  const dumped = await Promise.all(
    named.map(({ schema, table }) =>
      run(db, `select row_to_json(each)::text as row from "${String(schema)}"."${String(table)}" each`),
    ),
  )
  return dumped.flatMap((rows, index) =>
    rows.map(({ row }) => ({ table: String(named[index]?.['table']), row: String(row) })),
  )
}

describe.each([
  ['PostgreSQL', newPostgres],
  ['the embedded database', newEmbedded],
])('on %s', (_name, open) => {
  let opened: Promise<TestDatabase> | null = null
  afterAll(async () => (await opened)?.drop())
  canaryScenario(async () => {
    opened ??= open()
    const { database } = await opened
    const makeStore: Kept['makeStore'] = wake =>
      createStore({ database, enqueue: (_executor, wakeUps) => Promise.resolve(wake(wakeUps)) })
    await makeStore(() => undefined).transaction(TENANT, tx => tx.eraseTenant(TENANT))
    return { makeStore, rows: () => everyRow(database) }
  })
})
