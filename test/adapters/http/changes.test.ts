import { once } from 'node:events'
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { aBooking, aClinic, API_KEY, bearer, type Clinic, STRANGERS_KEY } from './an-app.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

test('every change comes once, in order, whole, and the cursor leads on', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  await clinic.call('PATCH', '/v1/appointments/a', { title: 'Other' })
  await clinic.call('POST', '/v1/appointments/a/cancel', {})
  const first = await clinic.call('GET', '/v1/changes?limit=2')
  expect(first.body['items'].map((each: { type: string }) => each.type)).toEqual([
    'appointment.created',
    'appointment.updated',
  ])
  expect(first.body['items'][1]).toMatchObject({
    cursor: first.body['cursor'],
    id: 'chg_2',
    at: '2026-11-02T10:00:00.000Z',
    data: { id: 'a', title: 'Other', version: 2, google: { state: 'none' } },
  })
  expect(first.body['hasMore']).toBe(true)
  const rest = await clinic.call('GET', `/v1/changes?after=${first.body['cursor']}`)
  expect(rest.body['items'].map((each: { type: string }) => each.type)).toEqual(['appointment.cancelled'])
  expect(rest.body['hasMore']).toBe(false)
  const none = await clinic.call('GET', `/v1/changes?after=${rest.body['cursor']}`)
  expect(none.body).toEqual({ items: [], cursor: rest.body['cursor'], hasMore: false })
  expect((await clinic.call('GET', '/v1/changes', undefined, bearer(STRANGERS_KEY))).body['items']).toEqual([])
})

test.each(['after=0', 'after=c', 'after=c-1', 'after=czzzzzzzzzzzz', 'wait=61', 'wait=-1', 'limit=0', 'limit=501'])(
  'the feed refuses %s',
  async query => {
    const clinic = await aClinic()
    const { status, body } = await clinic.call('GET', `/v1/changes?${query}`)
    expect(status).toBe(400)
    expect(body['errors'].map((each: { path: string }) => each.path)).toEqual([query.split('=')[0]])
  },
)

test('a reader that waits is answered by the change, not by the clock', async () => {
  const clinic = await aClinic()
  const waiting = clinic.call('GET', '/v1/changes?wait=60')
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  const { body } = await waiting
  expect(body['items'].map((each: { data: { id: string } }) => each.data.id)).toEqual(['a'])
})

async function listening(clinic: Clinic): Promise<number> {
  await clinic.app.listen({ host: '127.0.0.1', port: 0 })
  closing.push(() => clinic.app.close())
  return (clinic.app.server.address() as AddressInfo).port
}

/** Reads the stream until it holds `until`. */
async function readStream(port: number, headers: Record<string, string>, until: string) {
  const request = get({
    host: '127.0.0.1',
    port,
    path: '/v1/changes',
    headers: { accept: 'text/event-stream', ...headers },
  })
  const [response] = await once(request, 'response')
  response.setEncoding('utf8')
  let text = ''
  for await (const part of response) {
    text += part
    if (text.includes(until)) break
  }
  request.destroy()
  return { status: response.statusCode, headers: response.headers, text }
}

test('the feed can be followed as a stream and taken up where it broke off', async () => {
  const clinic = await aClinic()
  const port = await listening(clinic)
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  const reading = readStream(port, bearer(API_KEY), 'chg_2')
  await clinic.call('PATCH', '/v1/appointments/a', { title: 'Two' })
  const { status, headers, text } = await reading
  expect(status).toBe(200)
  expect(headers['content-type']).toContain('text/event-stream')
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  expect(text).toMatch(/^id: c1\nevent: appointment.created\ndata: \{.*"id":"chg_1".*\}\n\nid: c2\n/)
  const resumed = await readStream(port, { ...bearer(API_KEY), 'last-event-id': 'c1' }, 'chg_2')
  expect(resumed.text).not.toContain('chg_1"')
})

test('a stream needs a key, and ends when the service closes', async () => {
  const clinic = await aClinic()
  const port = await listening(clinic)
  expect((await readStream(port, {}, 'unauthorized')).status).toBe(401)
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  const headers = { accept: 'text/event-stream', ...bearer(API_KEY) }
  const [response] = await once(get({ host: '127.0.0.1', port, path: '/v1/changes', headers }), 'response')
  expect(String((await once(response, 'data'))[0])).toContain('chg_1')
  const waiting = clinic.call('GET', '/v1/changes?after=c1&wait=60')
  const ended = once(response.resume(), 'end')
  await clinic.app.close()
  await ended
  expect((await waiting).body['items']).toEqual([])
})

test('while the service closes, who comes late is told to come again', async () => {
  const clinic = await aClinic()
  const late: number[] = []
  clinic.app.addHook('preClose', async () => void late.push((await readStream(port, {}, 'unavailable')).status))
  const port = await listening(clinic)
  await clinic.app.close()
  expect(late).toEqual([503])
})
