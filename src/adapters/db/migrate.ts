import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import type { Database } from './database.ts'
import { run, sqlState, type Db } from './statements.ts'
import { protectRows, releaseRows } from './tenancy.ts'

/** Any number does, as long as it is the same in every instance. */
const LOCK = 7_215_301
/** A migration that cannot have its table soon gives up, rather than hold up everybody who waits behind it. */
const LOCK_TIMEOUT = '5s'
const UNDEFINED_TABLE = '42P01'
const INVALID_SCHEMA = '3F000'
/** A role that the newest migration makes, as a setting of the connection. */
const INVALID_PARAMETER_VALUE = '22023'

/**
 * Brings the database to the newest migration, all in one transaction, one instance at a time, and puts every row of a tenant under
 * row-level security again.
 * Nothing to do costs one statement.
 * @returns how many migrations were applied.
 */
export async function migrate(database: Database, folder: string = migrationsFolder()): Promise<number> {
  const migrations = readMigrationFiles({ migrationsFolder: folder })
  if (await isMigrated(database.db, folder)) return 0
  return database.db.transaction(async tx => {
    if (database.kind === 'postgres') await run(tx, `select pg_advisory_xact_lock(${LOCK})`)
    await run(tx, `set local lock_timeout = '${LOCK_TIMEOUT}'`)
    await run(tx, 'create schema if not exists drizzle')
    await run(
      tx,
      'create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
    )
    const [last] = await run(tx, 'select max(created_at)::float8 as at from drizzle.__drizzle_migrations')
    const missing = migrations.filter(({ folderMillis }) => folderMillis > Number(last?.['at'] ?? 0))
    if (missing.length === 0) return 0
    await releaseRows(tx)
    for (const { sql, hash, folderMillis } of missing) {
      for (const statement of sql) await run(tx, statement)
      await run(tx, 'insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [hash, folderMillis])
    }
    await protectRows(tx)
    return missing.length
  })
}

/** Is the newest migration in `folder` applied? One statement. */
export async function isMigrated(db: Db, folder: string = migrationsFolder()): Promise<boolean> {
  try {
    const [last] = await run(db, 'select max(created_at)::float8 as at from drizzle.__drizzle_migrations')
    return Number(last?.['at'] ?? 0) >= newestOf(folder)
  } catch (error) {
    const state = sqlState(error)
    if ([UNDEFINED_TABLE, INVALID_SCHEMA, INVALID_PARAMETER_VALUE].includes(state ?? '')) return false
    throw error
  }
}

function newestOf(folder: string): number {
  // drizzle-kit's own file.
  const journal = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')) as {
    entries: { when: number }[]
  }
  return journal.entries.at(-1)?.when ?? 0
}

/** The folder `drizzle` beside the sources, or beside the bundle they were made into. */
function migrationsFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'drizzle')
    if (existsSync(join(candidate, 'meta', '_journal.json'))) return candidate
    if (folder === dirname(folder)) throw new Error(`no folder of migrations above ${import.meta.dirname}`)
  }
}
