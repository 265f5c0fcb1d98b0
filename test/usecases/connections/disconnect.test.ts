import { beforeEach, describe, expect, test } from 'vitest'
import { refreshContext } from '../../../src/usecases/connections/access-tokens.ts'
import { closeConnection } from '../../../src/usecases/connections/close-connection.ts'
import { disconnect, planDisconnect } from '../../../src/usecases/connections/disconnect.ts'
import { aCalendar, aConnection, aLink, anAppointment, at, HOUR, NOW } from '../../support/builders.ts'
import { connectionsWorld, type World } from '../../support/connections-world.ts'

const WHO = { tenantId: 'clinic', connectionId: 'con_1' }
const APPOINTMENTS = 450

let world: World

beforeEach(() => {
  world = connectionsWorld()
  world.state.tenants.push({
    id: 'clinic',
    name: 'Clinic',
    createdAt: NOW,
    settings: {
      branding: { productName: null, logoUrl: null, colour: null },
      connectRoles: null,
      oauthClient: null,
      policies: {},
    },
  })
  world.state.connections.push(aConnection())
  world.state.calendars.push(aCalendar())
  world.state.credentials.push({
    ...WHO,
    sealedRefreshToken: world.vault.seal('refresh_0', refreshContext(WHO)),
    sealedAccessToken: null,
    accessTokenExpiresAt: 0,
    version: 1,
    refreshLeaseUntil: null,
  })
  world.state.channels.push({
    tenantId: 'clinic',
    id: 'channel_1',
    connectionId: 'con_1',
    calendarId: 'cal_1',
    resourceId: 'resource_1',
    state: 'live',
    expiresAt: NOW + HOUR,
    createdAt: NOW,
    lastNotifiedAt: null,
    expectedAt: null,
    dueAt: 0,
  })
  for (let index = 0; index < APPOINTMENTS; index++) {
    const id = `apt_${index}`
    world.state.appointments.push(anAppointment({ id, time: at(NOW + (index % 7) * HOUR) }))
    world.state.eventLinks.push(aLink({ appointmentId: id, eventId: `event${index}` }))
  }
})

const end = (googleEvents: 'keep' | 'remove') => disconnect(world, { ...WHO, googleEvents })
const status = () => world.state.connections[0]!

describe('disconnecting', () => {
  test('stops channels, revokes the grant and erases every token', async () => {
    expect(await end('keep')).toMatchObject({ ok: true, value: { status: 'disconnected', calendars: [] } })
    expect(world.state.wakes).toEqual([{ kind: 'close-connection', ...WHO }])
    expect(await closeConnection(world, WHO)).toEqual({ kind: 'done' })
    expect(world.google.seen.stopped).toEqual(['channel_1'])
    expect(world.oauth.seen.revoked).toEqual(['refresh_0'])
    expect(world.state.credentials).toEqual([])
    expect(status().statusReason).toBe('closed')
  })

  test('keeps our events in Google unless told otherwise', async () => {
    await end('keep')
    await closeConnection(world, WHO)
    expect(world.google.seen.deleted).toEqual([])
    expect(world.state.eventLinks).toHaveLength(APPOINTMENTS)
  })

  test('removes each of our events once when told to, over all pages', async () => {
    await end('remove')
    await closeConnection(world, WHO)
    expect(new Set(world.google.seen.deleted).size).toBe(APPOINTMENTS)
    expect(world.google.seen.deleted).toHaveLength(APPOINTMENTS)
    expect(world.state.eventLinks).toEqual([])
  })

  test('never touches events that are not ours', async () => {
    world.state.eventLinks.push(aLink({ eventId: 'theirs', role: 'theirs', appointmentId: 'apt_1' }))
    world.state.eventLinks.push(aLink({ eventId: 'elsewhere', connectionId: 'con_2', appointmentId: 'apt_1' }))
    await end('remove')
    await closeConnection(world, WHO)
    expect(world.google.seen.deleted).not.toContain('theirs')
    expect(world.google.seen.deleted).not.toContain('elsewhere')
  })

  test('while Google is down is done for the platform at once and carried to Google later', async () => {
    world.google.answers.failure = { kind: 'unavailable', ambiguous: false, detail: '503' }
    await end('remove')
    const outcome = await closeConnection(world, WHO)
    expect(outcome).toMatchObject({ kind: 'again' })
    expect(outcome.kind === 'again' && outcome.at).toBeGreaterThan(NOW)
    expect(world.oauth.seen.revoked).toEqual([])
    expect(world.state.credentials).toHaveLength(1)
    world.google.answers.failure = null
    expect(await closeConnection(world, WHO)).toEqual({ kind: 'done' })
    expect(world.state.credentials).toEqual([])
  })

  test('a grant that the user has revoked himself is not waited for', async () => {
    world.google.answers.failure = { kind: 'access-revoked' }
    world.oauth.answers.revokeFailure = { kind: 'rejected', status: 400, reason: 'invalid_token', detail: '' }
    await end('remove')
    expect(await closeConnection(world, WHO)).toEqual({ kind: 'done' })
    expect(world.state.credentials).toEqual([])
  })

  test('does not revoke a grant on which another connection lives: Google revokes them together', async () => {
    world.state.connections.push(aConnection({ id: 'con_2', userId: 'dr-kim' }))
    await end('keep')
    await closeConnection(world, WHO)
    expect(world.oauth.seen.revoked).toEqual([])
    expect(world.state.credentials).toEqual([])
  })

  test('a user who connects again while it is being carried out keeps the new grant', async () => {
    await end('keep')
    world.state.connections[0] = aConnection({ status: 'pending' })
    expect(await closeConnection(world, WHO)).toEqual({ kind: 'done' })
    expect(world.oauth.seen.revoked).toEqual([])
    expect(world.google.seen.stopped).toEqual([])
    expect(world.state.credentials).toHaveLength(1)
  })

  test('twice tells the platform once', async () => {
    await end('keep')
    await end('keep')
    expect(world.state.journal.map(row => row.change?.type)).toEqual(['connection.disconnected'])
  })

  test('what waited to be written waits no longer', async () => {
    world.state.outbox.push({
      ...WHO,
      calendarId: 'cal_1',
      appointmentId: 'apt_3',
      lane: 'people',
      state: 'queued',
      notBefore: NOW,
      attempts: 0,
      intent: null,
      error: null,
      queuedAt: NOW,
    })
    await end('keep')
    await closeConnection(world, WHO)
    expect(world.state.outbox).toEqual([])
  })
})

test('the plan names each deletion and makes none', async () => {
  const kept = await planDisconnect(world, { ...WHO, googleEvents: 'keep' })
  expect(kept).toMatchObject({ value: { google: [], counts: { delete: 0 } } })
  const removed = await planDisconnect(world, { ...WHO, googleEvents: 'remove' })
  expect(removed).toMatchObject({ value: { counts: { delete: APPOINTMENTS, insert: 0 } } })
  expect(world.google.seen.deleted).toEqual([])
  expect(status().status).toBe('active')
})

test('a stranger’s connection is as unknown as one that never was', async () => {
  const strange = await disconnect(world, { tenantId: 'another', connectionId: 'con_1', googleEvents: 'remove' })
  expect(strange).toEqual({ ok: false, error: { kind: 'not-found' } })
  expect(status().status).toBe('active')
})
