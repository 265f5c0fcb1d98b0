import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import postgres from 'postgres'
import { inject } from 'vitest'
import type { Database, OnStatement } from '../../src/adapters/db/database.ts'
import { openEmbedded } from '../../src/adapters/db/embedded.ts'
import { migrate } from '../../src/adapters/db/migrate.ts'
import { openPostgres } from '../../src/adapters/db/postgres.ts'
import { databaseUrl } from './postgres.ts'

export type TestDatabase = { database: Database; url: string | null; drop(): Promise<void> }

/** A migrated database of its own on the server that `test/support/postgres.ts` found: a copy of the template. */
export async function newPostgres(options: { max?: number; onStatement?: OnStatement } = {}): Promise<TestDatabase> {
  const { url: serverUrl, template } = inject('postgres')
  const name = `${template}_${randomUUID().replaceAll('-', '')}`
  await asAdmin(serverUrl, `create database ${name} template ${template}`)
  const url = databaseUrl(serverUrl, name)
  // A server has a hundred connections: what a test no longer uses ends by itself.
  const pooled = new URL(url)
  pooled.searchParams.set('idle_timeout', '1')
  const database = openPostgres(pooled.href, { max: options.max ?? 10, ...pick(options.onStatement) })
  return {
    database,
    url,
    drop: async () => {
      await database.close()
      await asAdmin(serverUrl, `drop database if exists ${name} with (force)`)
    },
  }
}

let image: Promise<Blob> | null = null

/** A migrated embedded database in memory. The first one of a process is dumped, the others begin from the dump. */
export async function newEmbedded(options: { onStatement?: OnStatement } = {}): Promise<TestDatabase> {
  image ??= dumpMigrated()
  const database = await openEmbedded(null, { image: await image, ...pick(options.onStatement) })
  return { database, url: null, drop: () => database.close() }
}

async function dumpMigrated(): Promise<Blob> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-embedded-'))
  const database = await openEmbedded(folder)
  await migrate(database)
  await database.close()
  const client = await PGlite.create(join(folder, 'database'))
  const dumped = await client.dumpDataDir('none')
  await client.close()
  await rm(folder, { recursive: true })
  return dumped
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const admin = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    await admin.unsafe(statement)
  } finally {
    await admin.end()
  }
}

const pick = (onStatement: OnStatement | undefined) => (onStatement === undefined ? {} : { onStatement })
