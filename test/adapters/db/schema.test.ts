import { readdirSync, readFileSync } from 'node:fs'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { storableJson } from '../../../src/adapters/db/storable.ts'
import { codecOf } from '../../../src/adapters/db/codec.ts'
import * as schema from '../../../src/adapters/db/schema.ts'

const META = new URL('../../../drizzle/meta/', import.meta.url)
/** Of Google's projects and users, which tenants may share; what outlives a tenant; and the database itself. */
const OF_NO_TENANT = ['quota_meters', 'audit_log', 'installation']
/** Look-ups that span tenants: by a secret's hash, by a channel's id, by time. */
const ACROSS_TENANTS = [
  'api_keys_by_hash',
  'connect_links_by_hash',
  'oauth_flows_by_state',
  'channels_by_id',
  'channels_by_due',
  'calendars_by_poll',
  'outbox_by_due',
  'proposals_by_expiry',
  'feeds_by_hash',
]

const tables = Object.values(schema)
  .filter(value => value instanceof PgTable)
  .map(table => getTableConfig(table))

test('there are tables to look at', () => expect(tables.length).toBeGreaterThan(10))

test.each(tables.filter(({ name }) => !OF_NO_TENANT.includes(name)).map(table => [table.name, table] as const))(
  '%s: keys and constraints begin with the tenant, and so does every index but the listed ones',
  (_name, { columns, primaryKeys, uniqueConstraints, indexes, foreignKeys }) => {
    const keys = [
      ...primaryKeys.map(({ columns: [column] }) => column?.name),
      ...columns.filter(column => column.primary).map(column => column.name),
    ]
    expect(keys).toEqual(['tenant_id'])
    expect(uniqueConstraints).toEqual([])
    expect(foreignKeys).toEqual([])
    for (const { config } of indexes) {
      const [column] = config.columns
      expect(config.unique).toBe(false)
      if (!ACROSS_TENANTS.includes(config.name ?? ''))
        expect([config.name, column && 'name' in column && column.name]).toEqual([config.name, 'tenant_id'])
    }
  },
)

test('instants are kept with their zone', () => {
  for (const { columns } of tables) for (const column of columns) expect(column.getSQLType()).not.toBe('timestamp')
})

test('schema and migrations agree: there is nothing to generate', async () => {
  const newest = readdirSync(META)
    .filter(name => name.endsWith('_snapshot.json'))
    .sort()
    .at(-1)
  const snapshot = JSON.parse(readFileSync(new URL(newest ?? '', META), 'utf8'))
  const present = generateDrizzleJson(schema, snapshot.id)
  expect(await generateMigration(snapshot, present)).toEqual([])
  const less = { tenants: schema.tenants }
  expect(await generateMigration(snapshot, generateDrizzleJson(less, snapshot.id))).not.toEqual([])
})

test('a set is written one row per key, the last one, in the order of the keys', () => {
  const { sorted } = codecOf(schema.connectLinks)
  const link = (tenantId: string, hash: string, userId: string) => ({
    tenantId,
    hash,
    userId,
    role: null,
    returnUrl: null,
    createdAt: 0,
    expiresAt: 0,
    usedAt: null,
  })
  const { same, rows } = sorted([link('b', '1', 'x'), link('a', '2', 'x'), link('b', '1', 'last'), link('a', '1', 'x')])
  expect(rows.map(row => [row['tenant_id'], row['hash'], row['user_id']])).toEqual([
    ['a', '1', 'x'],
    ['a', '2', 'x'],
    ['b', '1', 'last'],
  ])
  expect(storableJson(same)).toContain('"created_at":"1970-01-01T00:00:00.000Z"')
})

test('what all rows of a set say alike is written once', () => {
  const { pack } = codecOf(schema.runs)
  const run = (id: string, done: number, error: string | null) => ({
    tenantId: 'a',
    id,
    connectionId: 'c',
    kind: 'first_sync' as const,
    state: 'running' as const,
    phase: 'reading',
    done,
    total: null,
    error,
    createdAt: 0,
  })
  const { same, rows } = pack([run('1', 5, null), run('2', 5, 'lost')])
  expect(rows).toEqual([{ id: '1' }, { id: '2', error: 'lost' }])
  expect(same).toEqual({
    tenant_id: 'a',
    connection_id: 'c',
    kind: 'first_sync',
    state: 'running',
    phase: 'reading',
    done: 5,
    created_at: '1970-01-01T00:00:00.000Z',
  })
})
