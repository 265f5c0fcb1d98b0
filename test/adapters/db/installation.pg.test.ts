import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import type { Database } from '../../../src/adapters/db/database.ts'
import { register } from '../../../src/adapters/db/installation.ts'
import { openPostgres } from '../../../src/adapters/db/postgres.ts'
import { createStore } from '../../../src/adapters/db/store/store.ts'
import { createVault } from '../../../src/adapters/db/vault.ts'
import { aCalendar, aConnection, NOW } from '../../support/builders.ts'
import { newEmbedded, newPostgres, type TestDatabase } from '../../support/databases.ts'
import { databaseUrl } from '../../support/postgres.ts'

const key = (id: string, byte: number) => ({ id, key: Buffer.alloc(32, byte) })
const vault = createVault([key('a', 1)])
const TENANT = 'clinic'

let made: TestDatabase
const closing: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  made = await newPostgres({ max: 2 })
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await made.drop()
})

const storeOf = (database: Database) => createStore({ database, enqueue: () => Promise.resolve() })

async function fill(database: Database): Promise<void> {
  await storeOf(database).transaction(TENANT, async tx => {
    const branding = { productName: null, logoUrl: null, colour: null }
    const settings = { branding, connectRoles: null, oauthClient: null, policies: {} }
    await tx.saveTenant({ id: TENANT, name: 'Clinic', settings, createdAt: NOW })
    await tx.saveConnection(aConnection({ tenantId: TENANT }))
    await tx.saveCalendars([aCalendar({ tenantId: TENANT })])
  })
}

const calendarIn = (database: Database) => storeOf(database).calendar(TENANT, 'con_1', 'cal_1')

/** As `createdb --template`, or a dump loaded elsewhere, would make it. */
async function cloned(): Promise<Database> {
  const { url: serverUrl, template } = inject('postgres')
  const name = `${template}_${randomUUID().replaceAll('-', '')}`
  await made.database.close()
  const admin = postgres(serverUrl, { max: 1, onnotice: () => undefined })
  await admin.unsafe(`create database ${name} template ${new URL(made.url ?? '').pathname.slice(1)}`)
  const database = openPostgres(databaseUrl(serverUrl, name), { max: 2 })
  closing.push(async () => {
    await database.close()
    await admin.unsafe(`drop database if exists ${name} with (force)`)
    await admin.end()
  })
  return database
}

test('F36: a database that was copied is noticed: its calendars recover, and no journal number is given out twice', async () => {
  const as = { instanceId: 'production' }
  expect(await register(made.database, vault, as)).toEqual({ arrival: 'new', foreignTo: null })
  await fill(made.database)
  expect((await register(made.database, vault, as)).arrival).toBe('same')
  expect((await calendarIn(made.database))?.recoveringSince).toBe(null)

  const copy = await cloned()
  expect((await register(copy, vault, as)).arrival).toBe('restored')
  const calendar = await calendarIn(copy)
  expect(calendar).toMatchObject({ cursor: { syncToken: null, pageToken: null }, cursorVersion: 2 })
  expect(calendar?.recoveringSince).toBeGreaterThan(NOW - 1)
  expect(await storeOf(copy).journalHead(TENANT)).toBeGreaterThan(1_700_000_000_000)
  expect((await register(copy, vault, as)).arrival).toBe('same')
})

test('a clone under another name is left as it is until it is adopted', async () => {
  await register(made.database, vault, { instanceId: 'production' })
  await fill(made.database)
  const staging = { instanceId: 'staging' }
  const found = await register(made.database, vault, staging)
  expect(found).toEqual({ arrival: 'foreign', foreignTo: 'production' })
  expect((await calendarIn(made.database))?.cursor.syncToken).toBe('token')
  await register(made.database, vault, { ...staging, isAdopted: true })
  expect((await calendarIn(made.database))?.recoveringSince).not.toBe(null)
  expect((await register(made.database, vault, staging)).arrival).toBe('same')
  expect((await register(made.database, vault, { instanceId: null })).arrival).toBe('foreign')
})

test('of many instances that start at once over a copied database, one finds out', async () => {
  await register(made.database, vault, { instanceId: null })
  const copy = await cloned()
  const found = await Promise.all(Array.from({ length: 6 }, () => register(copy, vault, { instanceId: null })))
  expect(found.map(({ arrival }) => arrival).sort()).toEqual(['restored', 'same', 'same', 'same', 'same', 'same'])
})

test('keys that do not fit the database are refused before anything is done with it', async () => {
  await register(made.database, vault, { instanceId: null })
  const missing = createVault([key('b', 2)])
  await expect(register(made.database, missing, { instanceId: null })).rejects.toThrow(
    /^SECRET_KEYS does not fit this database: sealed with the unknown key a\./,
  )
  const wrong = createVault([key('a', 3)])
  await expect(register(made.database, wrong, { instanceId: null })).rejects.toThrow(/^SECRET_KEYS does not fit/)
  const rotated = createVault([key('b', 2), key('a', 1)])
  expect((await register(made.database, rotated, { instanceId: null })).arrival).toBe('same')
})

test('the embedded database tells what it can, and is the same when it is opened again', async () => {
  const { database, drop } = await newEmbedded()
  closing.push(drop)
  expect((await register(database, vault, { instanceId: null })).arrival).toBe('new')
  expect((await register(database, vault, { instanceId: null })).arrival).toBe('same')
})
