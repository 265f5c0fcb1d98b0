import { expect, test } from 'vitest'
import { aBooking, aClinic, bearer, STRANGERS_KEY, TENANT } from './an-app.ts'

const key = (name: string): Record<string, string> => ({ 'idempotency-key': name })

test('F40: a repeated POST gets its first answer word for word, whatever happened since', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  const first = await clinic.call('POST', '/v1/appointments/a/cancel', { reason: 'cancelled' }, key('k1'))
  await clinic.call('PUT', '/v1/appointments/a', aBooking({ title: 'booked anew' }))
  const again = await clinic.call('POST', '/v1/appointments/a/cancel', { reason: 'cancelled' }, key('k1'))
  expect(again.status).toBe(200)
  expect(again.body).toEqual(first.body)
  expect(again.headers.etag).toBe(first.headers.etag)
  expect(again.headers['idempotent-replayed']).toBe('true')
  expect(first.headers).not.toHaveProperty('idempotent-replayed')
  expect((await clinic.call('GET', '/v1/appointments/a')).body).toMatchObject({ status: 'confirmed', version: 3 })
})

test('a refusal is repeated, too', async () => {
  const clinic = await aClinic()
  expect((await clinic.call('POST', '/v1/appointments/a/cancel', {}, key('k'))).status).toBe(404)
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  const again = await clinic.call('POST', '/v1/appointments/a/cancel', {}, key('k'))
  expect([again.status, again.body['type']]).toEqual([404, 'not-found'])
})

test.each([
  ['another body', '/v1/appointments/a/cancel', { reason: 'no_show' }],
  ['another path', '/v1/appointments/b/cancel', {}],
  ['another route', '/v1/appointments/batch', { items: [] }],
])('the same key with %s is 422 and does nothing', async (_sentence, url, body) => {
  const clinic = await aClinic()
  for (const id of ['a', 'b']) await clinic.call('PUT', `/v1/appointments/${id}`, aBooking())
  await clinic.call('POST', '/v1/appointments/a/cancel', {}, key('k'))
  const other = await clinic.call('POST', url, body, key('k'))
  expect([other.status, other.body['type']]).toEqual([422, 'idempotency-mismatch'])
  expect((await clinic.call('GET', '/v1/appointments/b')).body['status']).toBe('confirmed')
})

test('F40: fifty at the same moment have one effect and one answer', async () => {
  const clinic = await aClinic()
  const items = [{ id: 'a', ...aBooking() }]
  const replies = await Promise.all(
    Array.from({ length: 50 }, () => clinic.call('POST', '/v1/appointments/batch', { items }, key('k'))),
  )
  for (const reply of replies) expect([reply.status, reply.body['items'][0].status]).toEqual([200, 201])
  expect(replies.filter(reply => reply.headers['idempotent-replayed'] === undefined)).toHaveLength(1)
  expect(await clinic.store.history(TENANT, 'a', 10)).toHaveLength(1)
})

test('an answer that could not be stored had no effect either', async () => {
  const clinic = await aClinic()
  const { seal } = clinic.deps.vault
  clinic.deps.vault.seal = () => {
    throw new Error('the process died here')
  }
  const items = [{ id: 'a', ...aBooking() }]
  expect((await clinic.call('POST', '/v1/appointments/batch', { items }, key('k'))).status).toBe(500)
  expect(await clinic.store.appointment(TENANT, 'a')).toBeNull()
  clinic.deps.vault.seal = seal
  const retried = await clinic.call('POST', '/v1/appointments/batch', { items }, key('k'))
  expect([retried.status, retried.body['items'][0].status]).toEqual([200, 201])
})

test('a body that is refused for its form does not use its key up', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  expect((await clinic.call('POST', '/v1/appointments/a/cancel', { why: 1 }, key('k'))).status).toBe(400)
  expect((await clinic.call('POST', '/v1/appointments/a/cancel', {}, key('k'))).status).toBe(200)
})

test('a key belongs to its tenant alone', async () => {
  const clinic = await aClinic()
  const items = [{ id: 'a', ...aBooking() }]
  await clinic.call('POST', '/v1/appointments/batch', { items }, key('k'))
  const theirs = await clinic.call(
    'POST',
    '/v1/appointments/batch',
    { items: [] },
    { ...key('k'), ...bearer(STRANGERS_KEY) },
  )
  expect([theirs.status, theirs.body['items']]).toEqual([200, []])
})

test('a question has an idempotent answer, too; while it is being answered, a repeat is told to come again', async () => {
  const clinic = await aClinic()
  const url = '/v1/users/dr-lee/availability/check'
  const slots = [{ start: '2026-12-01T09:00:00-05:00', end: '2026-12-01T09:30:00-05:00' }]
  const first = await clinic.call('POST', url, { slots }, key('k'))
  expect(first.body['slots'][0].free).toBe(true)
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  expect((await clinic.call('POST', url, { slots }, key('k'))).body).toEqual(first.body)
  expect((await clinic.call('POST', url, { slots })).body['slots'][0].free).toBe(false)
  expect((await clinic.call('POST', url, { slots: [...slots, ...slots] }, key('k'))).status).toBe(422)

  const row = await clinic.store.rememberedReply(TENANT, 'k')
  const hold = (createdAt: number) =>
    clinic.store.transaction(TENANT, tx => tx.rememberReply({ ...row!, status: 0, body: null, createdAt }))
  await hold(clinic.clock.now)
  const meanwhile = await clinic.call('POST', url, { slots }, key('k'))
  expect([meanwhile.status, meanwhile.body['type']]).toEqual([409, 'idempotency-in-progress'])
  clinic.clock.now += 60_000
  expect((await clinic.call('POST', url, { slots }, key('k'))).body['slots'][0].free).toBe(false)
})

test('a key that cannot be kept is refused by name', async () => {
  const clinic = await aClinic()
  const { status, body } = await clinic.call('POST', '/v1/appointments/batch', { items: [] }, key('x'.repeat(256)))
  expect([status, body['errors'][0].path]).toEqual([400, 'Idempotency-Key'])
})
