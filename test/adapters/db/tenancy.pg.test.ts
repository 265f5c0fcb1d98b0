import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuditLog } from '../../../src/adapters/db/audit.ts'
import type { Database } from '../../../src/adapters/db/database.ts'
import { migrate } from '../../../src/adapters/db/migrate.ts'
import { openPostgres } from '../../../src/adapters/db/postgres.ts'
import { run, type Db } from '../../../src/adapters/db/statements.ts'
import { createStore } from '../../../src/adapters/db/store/store.ts'
import { APP_ROLE, FLEET, FLEET_ROLE } from '../../../src/adapters/db/tenancy.ts'
import { fill, newTenant } from '../../contracts/store.fixtures.ts'
import { NOW } from '../../support/builders.ts'
import { newEmbedded, newPostgres, type TestDatabase } from '../../support/databases.ts'

const TABLES = `
select table_name as name from information_schema.columns
where table_schema = 'public' and (column_name = 'tenant_id' or (table_name = 'audit_log' and column_name = 'chain')) order by 1`
const REFUSED = { code: '42501' }

const tablesOf = async (db: Db): Promise<string[]> => (await run(db, TABLES)).map(row => String(row['name']))

async function count(db: Db, table: string): Promise<number> {
  const [row] = await run(db, `select count(*)::int as n from "${table}"`)
  return Number(row?.['n'])
}

async function twoTenants(database: Database): Promise<[string, string]> {
  const store = createStore({ database, enqueue: () => Promise.resolve() })
  const audit = createAuditLog(database)
  const made = [await newTenant(store), await newTenant(store)]
  for (const tenant of made) {
    await fill(tenant)
    const actor = { kind: 'admin' as const, id: null }
    const said = { at: NOW, actor, via: 'api' as const, action: 'filled', object: null, result: 'ok' }
    await audit.append({ ...said, tenantId: tenant.tenantId })
  }
  const [ours, theirs] = made.map(({ tenantId }) => tenantId)
  return [ours ?? '', theirs ?? '']
}

describe.each([
  ['PostgreSQL', newPostgres],
  ['the embedded database', newEmbedded],
])('row-level security on %s', (_name, open) => {
  let made: TestDatabase
  let database: Database
  let tables: string[]
  let ours: string
  let theirs: string
  beforeAll(async () => {
    made = await open({ max: 1 })
    database = made.database
    tables = await tablesOf(database.db)
    ;[ours, theirs] = await twoTenants(database)
  })
  afterAll(() => made.drop())

  /** As every transaction of the store begins. */
  const inside = <T>(work: (tx: Db) => Promise<T>): Promise<T> =>
    database.app.transaction(async tx => {
      await run(tx, 'select lockstep_lock($1)', [ours])
      return work(tx)
    })

  test('every table with a tenant is under it, its owner too, by a policy on the tenant that was named', async () => {
    expect(tables.length).toBeGreaterThan(15)
    const rows = await run(
      database.db,
      `select relname as name, relrowsecurity and relforcerowsecurity as is_forced,
        (select pg_get_expr(polqual, polrelid) from pg_policy where polrelid = c.oid and polname = 'own_rows'
          and polcmd = '*' and polpermissive and polroles = array['${APP_ROLE}'::regrole::oid]) as policy
      from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
    )
    for (const { name, is_forced: isForced, policy } of rows.filter(row => tables.includes(String(row['name'])))) {
      expect([name, isForced]).toEqual([name, true])
      expect([name, policy]).toEqual([
        name,
        expect.stringMatching(/^\(\((tenant_id|chain) = .*NULLIF\(current_setting/),
      ])
    }
    expect(rows.filter(row => row['is_forced'] !== true).map(row => row['name'])).toEqual([
      'installation',
      'quota_meters',
    ])
  })

  test('the roles that it works under own nothing and are exempt from nothing', async () => {
    const roles = await run(
      database.db,
      `select rolname, rolsuper or rolbypassrls or rolcreaterole or rolcanlogin as is_strong,
        (select count(*)::int from pg_class where relowner = r.oid) as owned from pg_roles r where rolname in ('${APP_ROLE}', '${FLEET_ROLE}') order by 1`,
    )
    expect(roles).toEqual([
      { rolname: APP_ROLE, is_strong: false, owned: 0 },
      { rolname: FLEET_ROLE, is_strong: false, owned: 0 },
    ])
  })

  test('with the filters of the application left out, a transaction still sees the rows of its tenant only', async () => {
    for (const table of tables) {
      const column = table === 'audit_log' ? 'chain' : 'tenant_id'
      const all = await run(database.db, `select count(distinct ${column})::int as n from "${table}"`)
      expect([table, Number(all[0]?.['n'])]).toEqual([table, 2])
      const seen = await inside(tx => run(tx, `select distinct ${column} as tenant from "${table}"`))
      expect([table, seen]).toEqual([table, [{ tenant: ours }]])
    }
  })

  test('nor does it change or erase a row of another, nor write one', async () => {
    const before = await Promise.all(tables.map(table => count(database.db, table)))
    for (const table of tables.filter(name => name !== 'audit_log')) {
      const hit = await inside(tx => run(tx, `delete from "${table}" where tenant_id <> $1 returning 1`, [ours]))
      expect([table, hit]).toEqual([table, []])
      const moved = inside(tx => run(tx, `update "${table}" set tenant_id = $1 where tenant_id = $2`, [theirs, ours]))
      await expect(moved, table).rejects.toMatchObject(REFUSED)
    }
    const forged = inside(tx => run(tx, "insert into feeds values ($1, 'dr-lee-2', 'hash', now())", [theirs]))
    await expect(forged).rejects.toMatchObject(REFUSED)
    expect(await Promise.all(tables.map(table => count(database.db, table)))).toEqual(before)
  })

  test('the audit log of a tenant can be added to, and that is all', async () => {
    for (const text of ['update audit_log set action = $1', 'delete from audit_log where action <> $1'])
      await expect(inside(tx => run(tx, text, ['x']))).rejects.toMatchObject(REFUSED)
  })
})

describe('row-level security outside a transaction', () => {
  let made: TestDatabase
  let ours: string
  let tables: string[]
  beforeAll(async () => {
    made = await newPostgres({ max: 1 })
    ;[ours] = await twoTenants(made.database)
    tables = await tablesOf(made.database.db)
  })
  afterAll(() => made.drop())

  test('where no tenant is named there is no row, also on a connection that has just served one', async () => {
    const { database } = made
    for (const table of tables) {
      expect([table, await count(database.app, table)]).toEqual([table, 0])
      const own = await database.alone(ours, 'read only', db => count(db, table))
      expect([table, own]).toEqual([table, expect.any(Number)])
      expect(own).toBeGreaterThan(0)
      expect([table, await count(database.app, table)]).toEqual([table, 0])
    }
  })

  test('a read of one tenant sees its rows only, and cannot write', async () => {
    const { database } = made
    const seen = await database.alone(ours, 'read only', db => run(db, 'select distinct tenant_id from appointments'))
    expect(seen).toEqual([{ tenant_id: ours }])
    const write = database.alone(ours, 'read only', db => run(db, 'delete from appointments'))
    await expect(write).rejects.toMatchObject({ code: '25006' })
    const [row] = await database.alone(ours, 'read only', db => run(db, 'select current_user as who'))
    expect(row).toEqual({ who: APP_ROLE })
  })

  test('a single write is committed when it answers, and one that fails leaves the connection as it was', async () => {
    const { database } = made
    const write = (text: string) => database.alone(ours, 'read write', db => run(db, text))
    await expect(write('update feeds set created_at = 1/0')).rejects.toThrow()
    await write("update feeds set hash = 'rotated'")
    expect(await run(database.db, "select tenant_id from feeds where hash = 'rotated'")).toEqual([{ tenant_id: ours }])
  })

  test('F35: a connection that the server ends in mid-statement is replaced', async () => {
    const { database } = made
    const end = database.alone(ours, 'read only', db => run(db, 'select pg_terminate_backend(pg_backend_pid())'))
    await expect(end).rejects.toThrow()
    expect(await database.alone(ours, 'read only', db => count(db, 'feeds'))).toBe(1)
  })

  test('what spans tenants sees neither appointments nor tokens nor texts, and changes only what notifications do', async () => {
    const { fleet, db } = made.database
    const blind = ['appointments', 'credentials', 'remembered_replies', 'runs']
    expect(tables.filter(table => !(table in FLEET)).sort()).toEqual([...blind, 'audit_log'].sort())
    for (const table of blind) await expect(count(fleet, table), table).rejects.toMatchObject(REFUSED)
    const hidden = [
      'select before from journal',
      'select change_data from journal',
      'select base from links',
      'select values from proposals',
      'select intent from outbox',
      'select sealed_secret from webhook_endpoints',
      'select settings from tenants',
      'delete from channels',
      "update connections set status = 'active'",
      "update calendars set sync_token = 'x'",
    ]
    for (const text of hidden) await expect(run(fleet, text), text).rejects.toMatchObject(REFUSED)
    const rights = await run(
      db,
      `select distinct table_name as name from information_schema.column_privileges
      where grantee = '${FLEET_ROLE}' and privilege_type <> 'SELECT' order by 1`,
    )
    expect(rights.map(row => row['name'])).toEqual(['audit_log', 'calendars', 'channels', 'quota_meters'])
  })
})

describe('who owns the tables', () => {
  /** A database whose owner is no superuser, as most servers hand them out. */
  async function ownedBy(rights: string): Promise<{ owner: Database; admin: Database; drop(): Promise<void> }> {
    const made = await newPostgres({ max: 1 })
    const name = `lockstep_login_${randomUUID().replaceAll('-', '')}`
    const url = new URL(made.url ?? '')
    const database = url.pathname.slice(1)
    await run(made.database.db, `create role ${name} login password 'owner' ${rights}`)
    await run(made.database.db, `alter database ${database} owner to ${name}`)
    await run(made.database.db, 'drop schema public cascade')
    await run(made.database.db, 'drop schema drizzle cascade')
    await run(made.database.db, 'drop schema pgboss cascade')
    await run(made.database.db, `create schema public authorization ${name}`)
    Object.assign(url, { username: name, password: 'owner' })
    const owner = openPostgres(url.href, { max: 2 })
    const drop = async (): Promise<void> => {
      await owner.close()
      await run(made.database.db, `reassign owned by ${name} to current_user`)
      await run(made.database.db, `drop owned by ${name}`)
      await run(made.database.db, `drop role ${name}`)
      await made.drop()
    }
    return { owner, admin: made.database, drop }
  }

  test('a superuser is bound by no policy and an owner only by FORCE, so the service works as neither', async () => {
    const { owner, admin, drop } = await ownedBy('createrole')
    await expect(createStore({ database: owner, enqueue: () => Promise.resolve() }).ping()).rejects.toThrow(
      'permission denied to set role',
    )
    await run(admin.db, `grant ${APP_ROLE}, ${FLEET_ROLE} to ${await userOf(owner)}`)
    expect(await migrate(owner)).toBeGreaterThan(0)
    await twoTenants(owner)
    expect(await count(admin.db, 'tenants')).toBe(2)
    expect(await count(owner.db, 'credentials')).toBe(0)
    await run(owner.db, 'alter table credentials no force row level security')
    expect(await count(owner.db, 'credentials')).toBe(2)
    expect(await count(owner.app, 'credentials')).toBe(0)
    await drop()
  })

  test('one who may not take the roles is told what an administrator has to run', async () => {
    const { owner, drop } = await ownedBy('nocreaterole')
    await expect(migrate(owner)).rejects.toThrow(
      /An administrator of the server runs once: create role lockstep_app .*grant/,
    )
    await drop()
  })
})

async function userOf({ db }: Database): Promise<string> {
  const [row] = await run(db, 'select current_user as who')
  return String(row?.['who'])
}
