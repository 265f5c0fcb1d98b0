import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database, OnStatement } from '../../src/adapters/db/database.ts'
import { openEmbedded } from '../../src/adapters/db/embedded.ts'
import { migrate } from '../../src/adapters/db/migrate.ts'
import { openPostgres } from '../../src/adapters/db/postgres.ts'
import postgres from 'postgres'

/** A migrated database of this run's own. `sql`: a bare client beside it, for floors; null: embedded. */
export type Scratch = {
  database: Database
  url: string | null
  sql: postgres.Sql | null
  drop(): Promise<void>
}

const SERVER_URL = process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const CONNECTIONS = 20

export async function newPostgres(onStatement?: OnStatement): Promise<Scratch> {
  const name = `lockstep_bench_${process.pid}_${Date.now().toString(36)}`
  await asAdmin(`create database ${name}`)
  const url = Object.assign(new URL(SERVER_URL), { pathname: `/${name}` }).href
  const database = openPostgres(url, { max: CONNECTIONS, ...(onStatement === undefined ? {} : { onStatement }) })
  await migrate(database)
  const sql = postgres(url, { max: CONNECTIONS, onnotice: () => undefined, connection: { jit: false } })
  return {
    database,
    url,
    sql,
    drop: async () => {
      await Promise.all([database.close(), sql.end({ timeout: 5 })])
      await asAdmin(`drop database if exists ${name} with (force)`)
    },
  }
}

export async function newEmbedded(onStatement?: OnStatement): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-'))
  const database = await openEmbedded(folder, onStatement === undefined ? {} : { onStatement })
  await migrate(database)
  return {
    database,
    url: null,
    sql: null,
    drop: async () => {
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function asAdmin(statement: string): Promise<void> {
  const admin = postgres(SERVER_URL, { max: 1, connect_timeout: 5, onnotice: () => undefined })
  try {
    await admin.unsafe(statement)
  } finally {
    await admin.end()
  }
}
