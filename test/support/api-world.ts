import type { FastifyInstance } from 'fastify'
import { createStore } from '../../src/adapters/db/store/store.ts'
import { buildServer } from '../../src/adapters/http/server.ts'
import { run } from '../../src/adapters/db/statements.ts'
import { fail } from '../../src/core/model/failures.ts'
import type { WebhookSender } from '../../src/ports/webhook-sender.ts'
import { createKey, type KeyLimits } from '../../src/usecases/tenants/create-key.ts'
import { createTenant } from '../../src/usecases/tenants/create-tenant.ts'
import { deskOf, must, NINE } from './clinic-desk.ts'
import { newPostgres, type TestDatabase } from './databases.ts'
import { createEngine, TENANT } from './engine.ts'
import { personAt } from './person.ts'

export const ADMIN = 'admin-token-of-the-contract'

/** A clinic with one of everything, on PostgreSQL and with a Google Calendar, behind the real server. */
export type ApiWorld = {
  app: FastifyInstance
  apiKey: string
  strangersKey: string
  /** A further key of the clinic. */
  newKey(limits: KeyLimits): Promise<string>
  /** Ids there are, by what stands before them in a path. */
  ids: Readonly<Record<string, readonly string[]>>
  /** The calendar of the first connection. */
  calendarId: string
  /** A number of the whole database or one tenant's rows; without `bookkeeping` the answers remembered for a repeated request are left out. */
  fingerprint(options: { bookkeeping: boolean; tenantId?: string }): Promise<string>
  log: string[]
  close(): Promise<void>
}

export async function newApiWorld(): Promise<ApiWorld> {
  const test = await newPostgres()
  const engine = createEngine(wake =>
    createStore({ database: test.database, enqueue: (_executor, wakeUps) => Promise.resolve(wake(wakeUps)) }),
  )
  const log: string[] = []
  const note = (line: string, fields?: object) => void log.push(`${line} ${JSON.stringify(fields, withErrors)}`)
  const webhooks: WebhookSender = {
    faultOf: url => (url.startsWith('https://hooks.example.com/') ? null : 'is not a public https address'),
    send: () => Promise.resolve(fail({ kind: 'timeout' })),
  }
  const deps = Object.assign(engine.deps, { webhooks, log: { ...engine.deps.log, error: note } })
  const app = await buildServer({ ...deps, adminToken: ADMIN })
  const connected = await engine.connect({ policies: { googleEdits: 'propose', duplicates: 'flag' } })
  const other = await engine.connect({ userId: 'dr-chan' })
  const { apiKey } = must(await createKey(deps, TENANT))
  const spareKey = must(await createKey(deps, TENANT)).id
  const stranger = must(await createTenant(deps, { name: 'Stranger', id: 'stranger' }))
  must(await createTenant(deps, { name: 'Spare', id: 'spare' }))
  const desk = deskOf(engine)
  const person = personAt(engine, connected)
  await desk.book('single')
  await desk.book('asked')
  await desk.book('series', { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=9'] })
  await person.insert({ summary: 'Lunch', ...NINE })
  await person.insert({ summary: 'Twin', ...NINE })
  await engine.settle()
  await desk.book('twin', { title: 'Twin' })
  await engine.settle()
  const mine = (await person.events()).filter(each => each.summary === 'Follow-up, Jane Roe')
  for (const { id } of mine) await person.patch(id, { summary: 'Renamed in Google' })
  await engine.settle()
  const call = async (method: 'POST' | 'PUT', url: string, body: object) => {
    const headers = { authorization: `Bearer ${apiKey}` }
    const answer = await app.inject({ method, url, headers, payload: body })
    if (answer.statusCode >= 300) throw new Error(`${url}: ${answer.statusCode} ${answer.body}`)
    return answer.json<{ id: string; url: string; runId: string }>()
  }
  const endpoint = await call('POST', '/v1/webhook-endpoints', { url: 'https://hooks.example.com/a' })
  await call('PUT', '/v1/appointments/told', { userId: 'dr-lee', ...NINE })
  await engine.deps.jobs.wake([{ kind: 'deliver', tenantId: TENANT, endpointId: endpoint.id }])
  await engine.settle()
  const { runId } = await call('POST', `/v1/connections/${other.connectionId}/sync`, {})
  const [imported] = await desk.list('dr-lee', 'google')
  const [delivery] = await deps.store.deliveries(TENANT, endpoint.id, { state: null, beforeSeq: null, limit: 9 })
  const ids = {
    appointments: ['single', 'series', 'twin', imported?.appointment.id ?? ''],
    users: ['dr-lee', 'dr-chan', 'without-google'],
    connections: [connected.connectionId, other.connectionId],
    runs: [`run_dr-lee`, runId],
    proposals: (await desk.proposals()).map(each => each.id),
    duplicates: (await desk.duplicates()).map(each => each.id),
    'webhook-endpoints': [endpoint.id],
    deliveries: [`${endpoint.id}_${delivery?.seq ?? 'none'}`],
    tenants: [TENANT, 'spare'],
    keys: [spareKey],
  }
  for (const [kind, some] of Object.entries(ids))
    if (some.length === 0 || some.includes('')) throw new Error(`no ${kind}`)
  return {
    app,
    apiKey,
    strangersKey: stranger.apiKey,
    newKey: async limits => must(await createKey(deps, TENANT, limits)).apiKey,
    ids,
    calendarId: connected.calendarId,
    log,
    fingerprint: options => fingerprintOf(test, options),
    close: async () => {
      await app.close()
      await test.drop()
    },
  }
}

async function fingerprintOf(
  { database }: TestDatabase,
  { bookkeeping, tenantId }: { bookkeeping: boolean; tenantId?: string },
): Promise<string> {
  const tables = await run(
    database.db,
    tenantId === undefined
      ? `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`
      : `select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'tenant_id'`,
  )
  const whose = tenantId === undefined ? '' : `where tenant_id = '${tenantId}'`
  const names = tables.map(row => String(row['name'])).filter(name => bookkeeping || name !== 'remembered_replies')
  const parts = names.map(
    name =>
      `select '${name}' as name, md5(coalesce(string_agg(${ROW}, ',' order by ${ROW}), '')) as sum from "${name}" t ${whose}`,
  )
  const sums = await run(database.db, `${parts.join(' union all ')} order by name`)
  return sums.map(row => `${String(row['name'])} ${String(row['sum'])}`).join('\n')
}

/** When a key was last used is noted beside the requests. */
const ROW = `(to_jsonb(t) - 'last_used_at')::text`

const withErrors = (_key: string, value: unknown): unknown => (value instanceof Error ? value.stack : value)
