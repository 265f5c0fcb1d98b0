import { beforeEach, expect, test } from 'vitest'
import { aDuplicate, aProposal } from '../../contracts/store.fixtures.ts'
import { aCalendar, aConnection, aLink, anAppointment } from '../../support/builders.ts'
import { aClinic, NOW, STRANGERS_KEY, TENANT, type Clinic } from './an-app.ts'

let clinic: Clinic

beforeEach(async () => {
  clinic = await aClinic()
  await clinic.store.transaction(TENANT, async tx => {
    await tx.saveConnection(aConnection({ tenantId: TENANT }))
    await tx.saveCalendars([aCalendar({ tenantId: TENANT })])
    await tx.apply(TENANT, {
      appointments: [{ ...anAppointment({ tenantId: TENANT }), markerKey: 'mark' }],
      links: [aLink({ tenantId: TENANT })],
      proposals: [
        aProposal({ tenantId: TENANT, id: 'prop_1', values: { title: 'Moved' } }),
        aProposal({ tenantId: TENANT, id: 'prop_2', appointmentId: 'apt_2', kind: 'delete', values: {} }),
      ],
      duplicates: [aDuplicate({ tenantId: TENANT }), aDuplicate({ tenantId: TENANT, id: 'dup_2' })],
    })
  })
})

test('open proposals come page by page, in the words of an appointment', async () => {
  const first = await clinic.call('GET', '/v1/proposals?limit=1')
  expect(first.body).toMatchObject({
    items: [{ id: 'prop_1', kind: 'edit', values: { title: 'Moved' }, state: 'open' }],
  })
  const second = await clinic.call('GET', `/v1/proposals?cursor=${first.body['cursor']}`)
  expect(second.body).toEqual({ items: [expect.objectContaining({ id: 'prop_2', kind: 'delete', values: {} })] })
  expect((await clinic.call('GET', '/v1/proposals?cursor=%25')).status).toBe(400)
})

test('accepted once: the appointment has Google’s value, and a second answer is refused', async () => {
  const accepted = await clinic.call('POST', '/v1/proposals/prop_1/accept')
  expect(accepted).toMatchObject({ status: 200, body: { state: 'accepted', settledAt: new Date(NOW).toISOString() } })
  expect((await clinic.call('GET', '/v1/appointments/apt_1')).body).toMatchObject({ title: 'Moved', version: 2 })
  const again = await clinic.call('POST', '/v1/proposals/prop_1/reject')
  expect(again).toMatchObject({ status: 409, body: { type: 'proposal-settled' } })
})

test('the same key gets the same answer', async () => {
  const headers = { 'idempotency-key': 'once' }
  const first = await clinic.call('POST', '/v1/proposals/prop_1/reject', undefined, headers)
  const second = await clinic.call('POST', '/v1/proposals/prop_1/reject', undefined, headers)
  expect([first.status, second.body]).toEqual([200, first.body])
})

test('what is unknown, and a stranger’s, is not found', async () => {
  const headers = { authorization: `Bearer ${STRANGERS_KEY}` }
  for (const url of ['/v1/proposals/prop_1/accept', '/v1/proposals/none/accept'])
    expect((await clinic.call('POST', url, undefined, url.includes('none') ? {} : headers)).status).toBe(404)
  const body = { action: 'keep_both' }
  expect((await clinic.call('POST', '/v1/duplicates/dup_1/resolve', body, headers)).status).toBe(404)
  expect((await clinic.call('GET', '/v1/duplicates', undefined, headers)).body).toEqual({ items: [] })
})

test('duplicates come page by page and are resolved once', async () => {
  const first = await clinic.call('GET', '/v1/duplicates?limit=1')
  expect(first.body).toMatchObject({ items: [{ id: 'dup_1', kind: 'exact-twin', googleAppointmentId: 'g_1' }] })
  expect((await clinic.call('GET', `/v1/duplicates?cursor=${first.body['cursor']}`)).body['items']).toHaveLength(1)
  const resolve = (action: string) => clinic.call('POST', '/v1/duplicates/dup_1/resolve', { action })
  expect((await resolve('throw_away')).status).toBe(400)
  expect(await resolve('keep_both')).toMatchObject({ status: 200, body: { state: 'kept' } })
  expect(await resolve('link')).toMatchObject({ status: 409, body: { type: 'duplicate-resolved' } })
})

test('a held connection shows its plan and goes on only with a choice', async () => {
  await clinic.store.transaction(TENANT, async tx => {
    await tx.saveConnection(aConnection({ tenantId: TENANT, status: 'held' }))
    await tx.apply(TENANT, { links: [aLink({ tenantId: TENANT, missing: { how: 'deleted', since: NOW } })] })
  })
  const connection = await clinic.call('GET', '/v1/connections/con_1')
  expect(connection.body['links']).toMatchObject({ plan: '/v1/connections/con_1/plan' })
  const plan = await clinic.call('GET', '/v1/connections/con_1/plan')
  expect(plan.body).toMatchObject({ local: [{ action: 'cancel', appointmentId: 'apt_1' }], counts: { local: 1 } })
  const restored = await clinic.call('GET', '/v1/connections/con_1/plan?deletions=restore')
  expect(restored.body).toMatchObject({ google: [{ action: 'insert', appointmentId: 'apt_1' }], counts: { insert: 1 } })
  expect(await clinic.call('POST', '/v1/connections/con_1/resume')).toMatchObject({
    status: 409,
    body: { type: 'choice-needed' },
  })
  expect((await clinic.call('POST', '/v1/connections/con_1/resume', { deletions: 'maybe' })).status).toBe(400)
  const resumed = await clinic.call('POST', '/v1/connections/con_1/resume', { deletions: 'accept' })
  expect(resumed).toMatchObject({ status: 200, body: { status: 'active', statusReason: null } })
  expect(clinic.wakes.map(wake => wake.kind)).toContain('settle-missing')
})
