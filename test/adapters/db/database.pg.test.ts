import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../../src/adapters/db/database.ts'
import { openEmbedded } from '../../../src/adapters/db/embedded.ts'
import { migrate } from '../../../src/adapters/db/migrate.ts'
import { openPostgres } from '../../../src/adapters/db/postgres.ts'
import { run } from '../../../src/adapters/db/statements.ts'
import { createStore } from '../../../src/adapters/db/store/store.ts'
import { newTenant, aChange } from '../../contracts/store.fixtures.ts'
import { newEmbedded, newPostgres, type TestDatabase } from '../../support/databases.ts'

const withoutJobs = { enqueue: async () => undefined }

describe.each([
  ['PostgreSQL', newPostgres],
  ['the embedded database', newEmbedded],
])('%s', (_name, open) => {
  let made: TestDatabase
  let database: Database
  beforeAll(async () => {
    made = await open()
    database = made.database
    await run(database.db, 'create table things (id int primary key, value jsonb, at timestamptz)')
  })
  afterAll(() => made.drop())

  const count = async (): Promise<unknown> =>
    (await run(database.db, 'select count(*)::int as n from things'))[0]?.['n']

  test("the job engine's statements commit and roll back with the transaction", async () => {
    const values = [1, { a: ['x', null] }, new Date(0)]
    const insert = (executor: ReturnType<Database['executor']>) =>
      executor.executeSql('insert into things values ($1, $2::jsonb, $3::timestamptz) returning id', values)
    const crash = database.db.transaction(async tx => {
      expect((await insert(database.executor(tx))).rows).toEqual([{ id: 1 }])
      throw new Error('crash')
    })
    await expect(crash).rejects.toThrow('crash')
    expect(await count()).toBe(0)
    await database.db.transaction(tx => insert(database.executor(tx)))
    expect(await count()).toBe(1)
    const { rows } = await database
      .executor()
      .executeSql('select value, at from things where id = any($1::int[])', [[1]])
    expect(rows[0]?.['value']).toEqual({ a: ['x', null] })
    expect(new Date(String(rows[0]?.['at'])).getTime()).toBe(0)
  })

  test('outside a transaction JSON is written once, not as a string of itself', async () => {
    const executor = database.executor()
    await executor.executeSql('insert into things (id, value) values (10, $1::json), (11, $2::jsonb)', [
      '{"a":1}',
      { a: 1 },
    ])
    const { rows } = await executor.executeSql("select value->>'a' as a from things where id >= 10")
    expect(rows).toEqual([{ a: '1' }, { a: '1' }])
  })

  test('a script of several statements answers with all its rows, and one that fails leaves nothing open', async () => {
    const executor = database.executor()
    const { rows } = await executor.executeSql(
      'BEGIN; insert into things values (20) returning id; select 2 as two; COMMIT;',
    )
    expect(rows).toEqual([{ id: 20 }, { two: 2 }])
    const before = await count()
    await expect(
      executor.executeSql('BEGIN; insert into things values (21); insert into things values (21); COMMIT;'),
    ).rejects.toThrow()
    expect((await executor.executeSql('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect(await count()).toBe(before)
  })

  test('an error tells its code, and not the values it was about', async () => {
    const failing = run(database.db, 'insert into things (id, value) values (1, $1::jsonb)', ['"secret title"'])
    await expect(failing).rejects.toMatchObject({ code: '23505' })
    await expect(failing).rejects.not.toThrow('secret title')
  })

  test('messages are heard until the subscription ends', async () => {
    const heard: string[] = []
    const first = Promise.withResolvers<void>()
    const end = await database.listen('news', message => {
      heard.push(message)
      first.resolve()
    })
    await run(database.db, "select pg_notify('news', 'one')")
    await first.promise
    await end()
    await run(database.db, "select pg_notify('news', 'two')")
    const listening = Promise.withResolvers<void>()
    const subscription = await database.executor().listen?.('news', () => undefined, listening.resolve)
    await listening.promise
    await subscription?.close()
    expect(heard).toEqual(['one'])
  })

  test('looks a page up by its keys, however large the calendar, without statistics', async () => {
    const read: Record<string, number>[] = []
    const store = createStore({
      database,
      enqueue: async executor => {
        const { rows } =
          await executor.executeSql(`select relname as table, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as tuples
          from pg_stat_xact_user_tables where relname in ('links', 'appointments')`)
        read.push(Object.fromEntries(rows.map(row => [String(row['table']), Number(row['tuples'])])))
      },
    })
    const t = await newTenant(store)
    const ids = Array.from({ length: 3_000 }, (_, place) => `e${place}`)
    await t.apply({
      appointments: ids.map(id => t.appointment({ id })),
      links: ids.map(id =>
        t.link({ eventId: id, appointmentId: id, iCalUID: id, role: 'theirs', raw: null, base: null }),
      ),
    })
    const keys = ids.slice(0, 100)
    await t.write(async tx => {
      const before = await measured(tx, read)
      const asked = { connectionId: 'con_1', calendarId: 'cal_1', markerKeys: keys }
      const unknown = keys.map(key => `new ${key}`)
      await tx.pageContext(t.tenantId, { ...asked, eventIds: unknown, iCalUIDs: unknown })
      const newcomers = await measured(tx, read)
      const context = await tx.pageContext(t.tenantId, { ...asked, eventIds: keys, iCalUIDs: keys })
      await tx.apply(t.tenantId, {
        seen: { connectionId: 'con_1', calendarId: 'cal_1', generation: 5, eventIds: keys },
      })
      const known = await measured(tx, read)
      expect(context.links).toHaveLength(100)
      expect(newcomers.links! - before.links!).toBe(0)
      expect(known.links! - newcomers.links!).toBeLessThan(1_000)
      expect(known.appointments! - newcomers.appointments!).toBeLessThan(1_000)
    })
  })
})

type Wakes = { wake(wakeUps: readonly []): Promise<void> }

async function measured(tx: Wakes, read: Record<string, number>[]): Promise<Record<string, number>> {
  await tx.wake([])
  return { links: 0, appointments: 0, ...read.at(-1) }
}

describe('migrations', () => {
  test('run once, however many instances start at the same time, and then cost one statement', async () => {
    const { database: admin, url, drop } = await newPostgres()
    await run(admin.db, 'drop schema public cascade')
    await run(admin.db, 'drop schema drizzle cascade')
    await run(admin.db, 'create schema public')
    const store = createStore({ database: admin, ...withoutJobs })
    await expect(store.ping()).rejects.toThrow('migrate')
    let statements = 0
    const onStatement = () => void (statements += 1)
    const instances = Array.from({ length: 4 }, () => openPostgres(url ?? '', { max: 2, onStatement }))
    const applied = await Promise.all(instances.map(instance => migrate(instance)))
    expect(applied.filter(count => count > 0)).toHaveLength(1)
    statements = 0
    expect(await migrate(instances[0]!)).toBe(0)
    expect(statements).toBe(1)
    await store.ping()
    await Promise.all(instances.map(instance => instance.close()))
    await drop()
  })
})

describe('an embedded database in a folder', () => {
  test('keeps what was committed, and serves one opener at a time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-embedded-'))
    const database = await openEmbedded(folder)
    await migrate(database)
    const { tenantId, apply } = await newTenant(createStore({ database, ...withoutJobs }))
    await apply({ journal: [aChange()] })
    await expect(openEmbedded(folder)).rejects.toThrow(`process ${process.pid}`)
    await database.close()
    const again = await openEmbedded(folder)
    expect(await migrate(again)).toBe(0)
    expect(await createStore({ database: again, ...withoutJobs }).changes(tenantId, 0, 10)).toHaveLength(1)
    await again.close()
    await rm(folder, { recursive: true })
  })
})
