import { expect, test } from 'vitest'
import { troublesOf } from '../../src/core/operations/trouble.ts'
import type { HealthFilter } from '../../src/ports/store/overview.ts'
import { at, DAY, HOUR, MINUTE, NOW } from '../support/builders.ts'
import { aChannel, aRun, newTenant, type StoreUnderTest, type TestTenant } from './store.fixtures.ts'

const filterOf = (tenantId: string, fields: Partial<HealthFilter> = {}): HealthFilter => ({
  tenantId,
  trouble: null,
  text: null,
  offset: 0,
  limit: 50,
  ...fields,
})

/** One connection in order and one with each trouble, whose id says which. */
async function troubled(tenant: TestTenant): Promise<void> {
  const { tenantId } = tenant
  const made = (name: string, fields: Parameters<TestTenant['connection']>[0] = {}) =>
    tenant.connection({
      id: `con_${name}`,
      userId: `user-${name}`,
      googleEmail: `${name}@example.com`,
      status: 'active',
      ...fields,
    })
  const link = (name: string) =>
    tenant.link({
      connectionId: `con_${name}`,
      calendarId: `cal_${name}`,
      eventId: `event-${name}`,
      appointmentId: null,
    })
  const place = (name: string) => ({ connectionId: `con_${name}`, calendarId: `cal_${name}`, eventId: 'e1' })
  await tenant.write(async tx => {
    const connections = [
      made('fine'),
      made('revoked', { status: 'needs_reauth' }),
      made('permission', { status: 'needs_reauth', missingScopes: ['scope/events'] }),
      made('held', { status: 'held', statusReason: 'too many' }),
      made('read_only'),
      made('parked'),
      made('quota', { writesPausedUntil: NOW + HOUR }),
      made('listing'),
      made('channel'),
      made('silent'),
      made('unreadable'),
      made('duplicate'),
      made('proposal'),
      made('ended', { status: 'disconnected', missingScopes: ['scope/events'] }),
    ]
    for (const connection of connections) {
      await tx.saveConnection(connection)
      const name = connection.id.slice('con_'.length)
      const calendar = tenant.calendar({
        connectionId: connection.id,
        id: `cal_${name}`,
        isTarget: true,
        lastPulledAt: NOW,
      })
      await tx.saveCalendars([
        {
          ...calendar,
          accessRole: name === 'read_only' ? 'reader' : 'owner',
          failures: name === 'listing' ? 3 : 2,
        },
      ])
      if (name === 'channel') continue
      const channel = {
        ...aChannel(tenantId, `ch_${tenantId}_${name}`),
        connectionId: connection.id,
        calendarId: calendar.id,
      }
      const owedAt = NOW - 11 * MINUTE
      // The fine one's message was owed for as long, and came.
      const heard = {
        silent: { expectedAt: owedAt, lastNotifiedAt: owedAt - 1 },
        fine: { expectedAt: owedAt, lastNotifiedAt: owedAt },
      }
      const none = { expectedAt: null, lastNotifiedAt: null }
      await tx.saveChannel({ ...channel, ...(name === 'silent' || name === 'fine' ? heard[name] : none) })
    }
    const parked = { appointmentId: 'apt_1', connectionId: 'con_parked', calendarId: 'cal_parked' }
    const error = { code: 'invalid', message: 'Google refused it.' }
    const settled = { createdAt: NOW, settledAt: null }
    await tx.apply(tenantId, {
      appointments: [tenant.appointment()],
      outbox: [
        tenant.outbox({ ...parked, state: 'failed', error }),
        tenant.outbox({ ...parked, appointmentId: 'apt_2', lane: 'backfill', queuedAt: NOW - HOUR }),
        tenant.outbox({ ...parked, appointmentId: 'apt_3', connectionId: 'con_read_only', state: 'held', error }),
      ],
      links: [
        { ...link('unreadable'), role: 'parked', error: { code: 'unreadable', message: 'no start' } },
        { ...link('fine'), role: 'parked', error: { code: 'same-meeting', message: 'elsewhere' } },
      ],
      proposals: [tenant.proposal({ ...place('proposal') })],
      duplicates: [
        {
          tenantId,
          id: 'dup_1',
          kind: 'exact-twin',
          appointmentId: 'apt_1',
          twinId: null,
          ownEventId: null,
          state: 'open',
          ...place('duplicate'),
          ...settled,
        },
        {
          tenantId,
          id: 'dup_2',
          kind: 'exact-twin',
          appointmentId: 'apt_1',
          twinId: null,
          ownEventId: null,
          state: 'kept',
          ...place('fine'),
          ...settled,
        },
      ],
    })
  })
}

export function storeOverviewContract(subject: () => StoreUnderTest): void {
  test('each trouble is found, counted and filtered by, and the store says the same as the rule', async () => {
    const { store } = subject()
    const tenant = await newTenant(store)
    await troubled(tenant)
    const page = await store.connectionHealth(filterOf(tenant.tenantId), NOW)
    expect(page).toMatchObject({ found: 14, total: 13, troubled: 12 })
    const found = new Map(page.rows.map(row => [row.connectionId.slice('con_'.length), row.troubles]))
    expect(found.get('fine')).toEqual([])
    expect(found.get('ended')).toEqual([])
    expect(found.get('silent')).toEqual(['channel'])
    for (const [name, troubles] of found)
      if (!['fine', 'ended', 'silent'].includes(name)) expect([name, troubles]).toEqual([name, [name]])
    for (const row of page.rows) expect(troublesOf(row, NOW)).toEqual(row.troubles)
    const one = { revoked: 1, permission: 1, held: 1, read_only: 1, parked: 1, quota: 1 }
    expect(page.counts).toEqual({ ...one, listing: 1, channel: 2, unreadable: 1, duplicate: 1, proposal: 1 })
    const dead = await store.connectionHealth(filterOf(tenant.tenantId, { trouble: 'channel' }), NOW)
    expect(dead.rows.map(row => row.connectionId)).toEqual(['con_channel', 'con_silent'])
    expect(dead.counts).toEqual(page.counts)
  })

  test('the troubled come first, pages follow one another, and a search is by user, address or id', async () => {
    const { store } = subject()
    const tenant = await newTenant(store)
    await troubled(tenant)
    const { tenantId } = tenant
    const ids = async (fields: Partial<HealthFilter>) =>
      (await store.connectionHealth(filterOf(tenantId, fields), NOW)).rows.map(row => row.connectionId)
    const all = await ids({})
    expect(all.slice(-2)).toEqual(['con_fine', 'con_ended'])
    expect([...(await ids({ limit: 5 })), ...(await ids({ limit: 50, offset: 5 }))]).toEqual(all)
    expect(await ids({ text: 'ser-HEL' })).toEqual(['con_held'])
    expect(await ids({ text: 'parked@' })).toEqual(['con_parked'])
    expect(await ids({ text: 'con_read' })).toEqual(['con_read_only'])
    expect(await ids({ text: '%' })).toEqual([])
    expect(await ids({ trouble: 'any', limit: 99 })).toHaveLength(12)
  })

  test('one connection is told with its waiting writes, and by its own tenant only', async () => {
    const { store } = subject()
    const [tenant, stranger] = [await newTenant(store), await newTenant(store)]
    await troubled(tenant)
    const { tenantId } = tenant
    expect(await store.healthOf(tenantId, 'con_parked', NOW)).toMatchObject({
      failed: 1,
      queued: 1,
      held: 0,
      oldestQueuedAt: NOW - HOUR,
      lastPulledAt: NOW,
      targetRole: 'owner',
    })
    expect(await store.healthOf(stranger.tenantId, 'con_parked', NOW)).toBeNull()
    expect((await store.connectionHealth(filterOf(stranger.tenantId), NOW)).rows).toEqual([])
    const scope = { tenantId, connectionId: 'con_parked' }
    expect(await store.laneDepths(scope)).toEqual([
      { lane: 'people', state: 'failed', count: 1, oldestAt: NOW },
      { lane: 'backfill', state: 'queued', count: 1, oldestAt: NOW - HOUR },
    ])
    expect(await store.laneDepths({ ...scope, tenantId: stranger.tenantId })).toEqual([])
    const stuck = await store.stuckWrites(tenantId, 'con_parked', 9)
    expect(stuck.map(each => [each.appointment.id, each.outbox?.error?.code])).toEqual([['apt_1', 'invalid']])
    expect(await store.stuckWrites(stranger.tenantId, null, 9)).toEqual([])
    expect((await store.parkedLinks(tenantId, 'con_unreadable', 9)).map(link => link.eventId)).toEqual([
      'event-unreadable',
    ])
    expect(await store.parkedLinks(stranger.tenantId, 'con_unreadable', 9)).toEqual([])
  })

  test('runs come newest first', async () => {
    const { store } = subject()
    const { tenantId, write } = await newTenant(store)
    await write(async tx => {
      await tx.saveRun({ ...aRun(tenantId), id: 'run_1', createdAt: NOW })
      await tx.saveRun({ ...aRun(tenantId), id: 'run_2', createdAt: NOW + 1 })
      await tx.saveRun({ ...aRun(tenantId), id: 'run_3', connectionId: 'con_other' })
    })
    expect((await store.runsOf(tenantId, 'con_1', 9)).map(run => run.id)).toEqual(['run_2', 'run_1'])
    expect((await store.runsOf(tenantId, 'con_1', 1)).map(run => run.id)).toEqual(['run_2'])
  })

  test('an event is found by its id and by its iCalUID, an appointment by a part of its title', async () => {
    const { store } = subject()
    const [tenant, stranger] = [await newTenant(store), await newTenant(store)]
    const { tenantId, apply, write } = tenant
    await write(tx => tx.saveCalendars([tenant.calendar()]))
    await apply({
      appointments: [
        tenant.appointment({ title: 'Follow-up, 100% Jane' }),
        tenant.appointment({ id: 'apt_2', title: 'Check, Jane Roe', time: at(NOW + 2 * DAY) }),
        tenant.appointment({ id: 'apt_3', title: null }),
      ],
      links: [tenant.link({ iCalUID: 'uid-1@google.com' })],
    })
    const ids = async (text: string) =>
      (await store.appointmentsTitled(tenantId, text, 9)).map(each => each.appointment.id)
    expect(await ids('jane')).toEqual(['apt_2', 'apt_1'])
    expect(await ids('0%')).toEqual(['apt_1'])
    expect(await ids('_')).toEqual([])
    expect((await store.linksOfEvent(tenantId, 'event1', 9)).map(link => link.appointmentId)).toEqual(['apt_1'])
    expect((await store.linksOfEvent(tenantId, 'uid-1@google.com', 9)).map(link => link.eventId)).toEqual(['event1'])
    expect(await store.linksOfEvent(stranger.tenantId, 'event1', 9)).toEqual([])
    expect(await store.appointmentsTitled(stranger.tenantId, 'jane', 9)).toEqual([])
  })

  test('tenants are listed by name with what they have; figures count over all of them', async () => {
    const { store } = subject()
    const tenant = await newTenant(store)
    await troubled(tenant)
    const [row] = await store.tenants(tenant.tenantId, 9)
    expect(row).toEqual({ id: tenant.tenantId, name: 'Clinic', createdAt: NOW, connections: 13, users: 13 })
    expect(await store.tenants('no such name', 9)).toEqual([])
    const before = await store.figures()
    await troubled(await newTenant(store))
    const after = await store.figures()
    const counted = (of: readonly { status: string; count: number }[], status: string) =>
      of.find(each => each.status === status)?.count ?? 0
    expect(counted(after.connections, 'held') - counted(before.connections, 'held')).toBe(1)
    expect(after.openDuplicates - before.openDuplicates).toBe(1)
    expect(after.openProposals - before.openProposals).toBe(1)
    const failed = (of: typeof after) =>
      of.lanes.find(each => each.lane === 'people' && each.state === 'failed')?.count ?? 0
    expect(failed(after) - failed(before)).toBe(1)
    expect(after.longestSilentSince).not.toBeNull()
  })

  test('the health of connections is read with one statement, however many there are', async () => {
    const { store, counted } = subject()
    const tenant = await newTenant(store)
    await troubled(tenant)
    const statements = await counted(() => store.connectionHealth(filterOf(tenant.tenantId), NOW))
    expect([null, 0, 1]).toContain(statements)
  })
}
