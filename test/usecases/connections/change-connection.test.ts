import { beforeEach, expect, test } from 'vitest'
import { checkConnection } from '../../../src/usecases/connections/check-connection.ts'
import { patchConnection } from '../../../src/usecases/connections/patch-connection.ts'
import { pauseConnection, resumeConnection } from '../../../src/usecases/connections/pause-connection.ts'
import { pushExisting, syncNow } from '../../../src/usecases/connections/sync-now.ts'
import { accessContext } from '../../../src/usecases/connections/access-tokens.ts'
import { createTenant } from '../../../src/usecases/tenants/create-tenant.ts'
import { aCalendar, aConnection, aLink, anAppointment, HOUR, NOW } from '../../support/builders.ts'
import { connectionsWorld, SCOPES, type World } from '../../support/connections-world.ts'

let world: World
let who: { tenantId: string; connectionId: string }

beforeEach(async () => {
  world = connectionsWorld()
  const made = await createTenant(world, { name: 'Clinic' })
  if (!made.ok) throw new Error('no tenant')
  who = { tenantId: made.value.id, connectionId: 'con_1' }
  world.state.connections.push(aConnection({ tenantId: who.tenantId, grantedScopes: SCOPES }))
  world.state.calendars.push(aCalendar({ tenantId: who.tenantId, id: 'lee@example.com' }))
  world.state.credentials.push({
    ...who,
    sealedRefreshToken: null,
    sealedAccessToken: world.vault.seal('access_0', accessContext(who)),
    accessTokenExpiresAt: NOW + HOUR,
    version: 1,
    refreshLeaseUntil: null,
  })
})

const kindsWoken = () => world.state.wakes.map(wake => wake.kind)
const types = () => world.state.journal.flatMap(row => (row.change === null ? [] : [row.change.type]))

test('a pause stops everything, and its end catches up on both sides', async () => {
  expect(await pauseConnection(world, who)).toMatchObject({ value: { status: 'paused', version: 2 } })
  expect(kindsWoken()).toEqual([])
  expect(await resumeConnection(world, who)).toMatchObject({ value: { status: 'active', statusReason: null } })
  expect(kindsWoken()).toEqual(['pull', 'flush', 'settle-missing', 'refresh-calendars'])
  expect(types()).toEqual(['connection.paused', 'connection.active'])
})

test('a run that a pause stopped goes on when it is resumed', async () => {
  const started = await syncNow(world, who)
  await pauseConnection(world, who)
  world.state.wakes.length = 0
  await resumeConnection(world, who)
  expect(world.state.wakes.at(-1)).toEqual({ kind: 'prepare', ...who, runId: started.ok && started.value.runId })
})

test('pausing twice changes nothing the second time', async () => {
  await pauseConnection(world, who)
  expect(await pauseConnection(world, who)).toMatchObject({ value: { version: 2 } })
  expect(types()).toEqual(['connection.paused'])
})

test('what is not connected cannot be paused', async () => {
  world.state.connections[0] = aConnection({ tenantId: who.tenantId, status: 'disconnected' })
  expect(await pauseConnection(world, who)).toMatchObject({ error: { kind: 'conflict', slug: 'wrong-status' } })
})

test('a stale If-Match changes nothing and names the present version', async () => {
  const outcome = await patchConnection(world, { ...who, ifMatch: [7], mode: 'off' })
  expect(outcome).toEqual({ ok: false, error: { kind: 'stale-version', currentVersion: 1 } })
  expect(world.state.connections[0]!.mode).toBe('two_way')
})

test('a change of what Google may see brings every event there in step, in the same transaction', async () => {
  for (const id of ['apt_1', 'apt_2']) world.state.appointments.push(anAppointment({ tenantId: who.tenantId, id }))
  world.state.eventLinks.push(aLink({ tenantId: who.tenantId, appointmentId: 'apt_1' }))
  const presentation = { title: 'busy', description: false, location: false }
  const outcome = await patchConnection(world, { ...who, ifMatch: [1], policies: { presentation } })
  expect(outcome).toMatchObject({ value: { policies: { presentation: { title: 'busy', location: false } } } })
  expect(world.state.outbox.map(row => [row.appointmentId, row.lane])).toEqual([['apt_1', 'backfill']])
  expect(kindsWoken()).toContain('flush')
})

test('a change of something that Google does not see rewrites nothing there', async () => {
  world.state.appointments.push(anAppointment({ tenantId: who.tenantId }))
  world.state.eventLinks.push(aLink({ tenantId: who.tenantId }))
  await patchConnection(world, { ...who, ifMatch: null, policies: { googleEdits: 'propose' } })
  expect(world.state.outbox).toEqual([])
})

test('while pending, window and policies change and nothing is woken', async () => {
  world.state.connections[0] = aConnection({ tenantId: who.tenantId, status: 'pending' })
  const outcome = await patchConnection(world, { ...who, ifMatch: null, window: { daysBack: 1, daysAhead: 14 } })
  expect(outcome).toMatchObject({ value: { window: { daysBack: 1, daysAhead: 14 } } })
  expect(kindsWoken()).toEqual([])
})

test('a bad patch names every problem and changes nothing', async () => {
  const outcome = await patchConnection(world, {
    ...who,
    ifMatch: null,
    window: { daysBack: 1 },
    policies: { imported: 'some' },
  })
  expect(outcome).toMatchObject({
    error: { kind: 'invalid', problems: [{ path: 'policies.imported' }, { path: 'window.daysAhead' }] },
  })
  expect(world.state.connections[0]!.version).toBe(1)
})

test('asked twice to sync, one run is under way', async () => {
  const first = await syncNow(world, who)
  const second = await syncNow(world, who)
  expect(first).toEqual(second)
  expect(world.state.runs).toMatchObject([{ kind: 'resync', state: 'queued' }])
})

test('pushing needs a target', async () => {
  world.state.calendars[0] = { ...world.state.calendars[0]!, isTarget: false }
  expect(await pushExisting(world, who)).toMatchObject({ error: { slug: 'no-target' } })
  expect(world.state.runs).toEqual([])
})

const checkNames = async (status: 'ok' | 'failed') => {
  const outcome = await checkConnection(world, who)
  if (!outcome.ok) throw new Error('no checks')
  return outcome.value.checks.filter(check => check.status === status).map(check => check.name)
}

test('a check names what works and, for the rest, what to do', async () => {
  expect(await checkNames('failed')).toEqual(['push_channel_live'])
  expect(await checkNames('ok')).toEqual(['token', 'scopes', 'calendar_readable', 'calendar_writable', 'clock'])
})

const aLiveChannel = () => ({
  tenantId: who.tenantId,
  id: 'channel_1',
  connectionId: 'con_1',
  calendarId: 'lee@example.com',
  resourceId: 'resource_1',
  state: 'live' as const,
  expiresAt: NOW + HOUR,
  createdAt: NOW,
  lastNotifiedAt: NOW - HOUR,
  expectedAt: null,
  dueAt: NOW + HOUR,
})

test('a check writes an event and takes it back, and waits for Google’s word of it', async () => {
  world.state.channels.push(aLiveChannel())
  world.google.answers.onInsert = () => {
    world.state.channels[0]!.lastNotifiedAt = world.clock.now
  }
  expect(await checkNames('failed')).toEqual([])
  expect(world.google.seen.inserted).toHaveLength(1)
  expect(world.google.seen.deleted).toEqual(world.google.seen.inserted)
})

test('a channel on which nothing comes is not alive, however long Google lets it live', async () => {
  world.state.channels.push(aLiveChannel())
  expect(await checkNames('failed')).toEqual(['push_channel_live'])
  expect(world.clock.slept).toBeLessThan(15_000)
})

test.each([-10, 10])('a clock that is wrong by %i minutes is told by Google’s own', async minutes => {
  world.google.answers.clock = () => world.clock.now + minutes * 60_000
  expect(await checkNames('failed')).toContain('clock')
})

test('a check tells a lost role from a lost calendar and a lost grant', async () => {
  world.google.answers.calendars = [{ ...world.google.answers.calendars[0]!, accessRole: 'reader' }]
  expect(await checkNames('failed')).toEqual(['calendar_writable', 'push_channel_live'])
  world.google.answers.calendars = []
  expect(await checkNames('failed')).toEqual(['calendar_readable', 'calendar_writable', 'push_channel_live'])
  world.state.connections[0] = aConnection({ tenantId: who.tenantId, status: 'needs_reauth', grantedScopes: SCOPES })
  world.accessTokens.accessToken = async () => ({ ok: false, error: { kind: 'access-revoked' } })
  expect(await checkNames('failed')).toContain('token')
})
