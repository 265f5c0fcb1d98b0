import { expect, test } from 'vitest'
import { aBooking, aClinic, bearer, STRANGERS_KEY } from './an-app.ts'

const URL = '/v1/users/dr-lee/export'

test('a user’s export holds every appointment, archived ones too, with its history, and nothing of others', async () => {
  const { call } = await aClinic()
  for (let at = 0; at < 450; at++) await call('PUT', `/v1/appointments/a${at}`, aBooking({ title: `Visit ${at}` }))
  await call('PATCH', '/v1/appointments/a1', { title: 'Renamed' })
  await call('DELETE', '/v1/appointments/a2')
  await call('PUT', '/v1/appointments/theirs', aBooking({ userId: 'dr-chan', title: 'Of another user' }))
  const { status, headers, body } = await call('GET', URL)
  expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
  const items = body['appointments'] as {
    appointment: { id: string; title: string }
    history: { items: { action: string }[] }
  }[]
  expect(new Set(items.map(each => each.appointment.id)).size).toBe(450)
  expect(items).toHaveLength(450)
  const renamed = items.find(each => each.appointment.id === 'a1')
  expect(renamed?.appointment.title).toBe('Renamed')
  expect(renamed?.history.items.length).toBe(2)
  expect(items.some(each => each.appointment.id === 'a2')).toBe(true)
  expect(JSON.stringify(body)).not.toContain('Of another user')
  expect(body).toMatchObject({ userId: 'dr-lee', connections: [], feedSince: null })
})

test('a stranger gets an export of the same user with nothing in it', async () => {
  const { app, call } = await aClinic()
  await call('PUT', '/v1/appointments/a', aBooking())
  const reply = await app.inject({ url: URL, headers: bearer(STRANGERS_KEY) })
  expect(reply.json()).toMatchObject({ userId: 'dr-lee', connections: [], appointments: [] })
})

test('an export that breaks off cannot be taken for the whole', async () => {
  const { app, call, store } = await aClinic()
  await call('PUT', '/v1/appointments/a', aBooking())
  await app.listen({ port: 0, host: '127.0.0.1' })
  Object.assign(store, { history: () => Promise.reject(new Error('the database is away')) })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const read = async (): Promise<unknown> =>
    (await fetch(`http://127.0.0.1:${port}${URL}`, { headers: bearer('lk_key_of_the_clinic') })).json()
  await expect(read()).rejects.toThrow()
  await app.close()
})
