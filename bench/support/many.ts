import type postgres from 'postgres'
import { createStore } from '../../src/adapters/db/store/store.ts'
import { aCalendar, aConnection } from '../../test/support/builders.ts'
import type { Scratch } from './scratch.ts'

const DAY_MS = 86_400_000
const TENANT = 'clinic'

/** So many connections of one tenant, each with a calendar and a live channel; nothing of them is due today. */
export async function manyConnections(scratch: Scratch, count: number, status: 'active' | 'paused'): Promise<void> {
  const { sql } = scratch
  if (sql === null) throw new Error('needs a bare client')
  const store = createStore({ database: scratch.database, enqueue: () => Promise.resolve() })
  const now = Date.now()
  const branding = { productName: null, logoUrl: null, colour: null }
  const settings = { branding, connectRoles: null, oauthClient: null, policies: {} }
  const place = { tenantId: TENANT, connectionId: 'con_0' }
  await store.transaction(TENANT, async tx => {
    await tx.saveTenant({ id: TENANT, name: 'Clinic', settings, createdAt: now })
    await tx.saveConnection(aConnection({ tenantId: TENANT, id: 'con_0', userId: 'user-0', status }))
    await tx.saveCalendars([aCalendar({ ...place, nextPollAt: now + DAY_MS })])
    await tx.saveChannel({
      ...place,
      id: 'channel-0',
      calendarId: 'cal_1',
      resourceId: 'resource',
      state: 'live',
      expiresAt: now + DAY_MS,
      createdAt: now,
      lastNotifiedAt: now,
      expectedAt: null,
      dueAt: now + DAY_MS,
    })
  })
  await copies(sql, 'connections', `json_build_object('id', 'con_' || n, 'user_id', 'user-' || n)`, count)
  await copies(sql, 'calendars', `json_build_object('connection_id', 'con_' || n)`, count)
  await copies(sql, 'channels', `json_build_object('id', 'channel-' || n, 'connection_id', 'con_' || n)`, count)
}

/** The one row there is, so many times over with other names. */
async function copies(sql: postgres.Sql, table: string, names: string, count: number): Promise<void> {
  const copy = `json_populate_record(first, ${names})`
  await sql.unsafe(
    `insert into ${table} select (copy).* from (
      select ${copy} as copy from ${table} first, generate_series(1, ${count - 1}) n offset 0) copied`,
  )
}
