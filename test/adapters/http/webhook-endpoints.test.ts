import { expect, test } from 'vitest'
import { fail, succeed } from '../../../src/core/model/failures.ts'
import type { SignedMessage, WebhookSender } from '../../../src/ports/webhook-sender.ts'
import { deliverChanges } from '../../../src/usecases/webhooks/deliver-changes.ts'
import { wakeEndpoints } from '../../../src/usecases/webhooks/wake-endpoints.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { aBooking, aClinic, anApp, API_KEY, bearer, NOW, STRANGERS_KEY, TENANT, type Clinic } from './an-app.ts'

const URL_OK = 'https://hooks.example.com/lockstep'
const SECRET = /^whsec_[A-Za-z0-9+/]+=*$/

/** A clinic whose messages are noted, and answered with `state.status`. */
async function aTellingClinic() {
  const sent: SignedMessage[] = []
  const state = { status: 200 }
  const webhooks: WebhookSender = {
    faultOf: url => (url.startsWith('https://') ? null : 'must be an https address'),
    send: async message => {
      sent.push(message)
      if (state.status === 0) return fail({ kind: 'address-refused' })
      if (state.status === 410) return fail({ kind: 'gone' })
      return state.status < 300
        ? succeed({ status: state.status })
        : fail({ kind: 'answered', status: state.status, retryAfterMs: 0 })
    },
  }
  const plain = await aClinic(createMemoryStore)
  const { app, deps, clock } = await anApp({ store: plain.store, webhooks })
  let secrets = 0
  deps.system.newSecret = bytes => Buffer.alloc(bytes, ++secrets).toString('base64url')
  const call: Clinic['call'] = async (method, url, body, headers = {}) => {
    const reply = await app.inject({
      method,
      url,
      headers: {
        ...bearer(API_KEY),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    return { status: reply.statusCode, body: reply.body === '' ? {} : JSON.parse(reply.body), headers: reply.headers }
  }
  return { ...plain, app, deps, clock, call, sent, state }
}

async function withEndpoint(body: Record<string, unknown> = {}) {
  const clinic = await aTellingClinic()
  const made = await clinic.call('POST', '/v1/webhook-endpoints', { url: URL_OK, ...body })
  const id = String(made.body['id'])
  return {
    ...clinic,
    made: made.body,
    id,
    at: `/v1/webhook-endpoints/${id}`,
    deliver: () => deliverChanges(clinic.deps, { tenantId: TENANT, endpointId: id }),
  }
}

test('an endpoint is made with its secret, which is never shown again', async () => {
  const clinic = await aTellingClinic()
  const made = await clinic.call('POST', '/v1/webhook-endpoints', { url: URL_OK, types: ['run.finished'] })
  expect(made.status).toBe(201)
  expect(made.body).toEqual({
    id: made.body['id'],
    url: URL_OK,
    description: null,
    types: ['run.finished'],
    status: 'enabled',
    disabledReason: null,
    failingSince: null,
    lastDeliveredAt: null,
    createdAt: '2026-11-02T10:00:00.000Z',
    secret: expect.stringMatching(SECRET),
  })
  expect(Buffer.from(String(made.body['secret']).slice(6), 'base64')).toHaveLength(32)
  const { secret, ...shown } = made.body
  expect((await clinic.call('GET', '/v1/webhook-endpoints')).body).toEqual({ items: [shown] })
  expect((await clinic.call('GET', `/v1/webhook-endpoints/${made.body['id']}`)).body).toEqual(shown)
  expect(JSON.stringify(await clinic.store.webhookEndpoints(TENANT))).not.toContain(String(secret))
})

test('a repeated POST with its key makes one endpoint and answers the same secret', async () => {
  const clinic = await aTellingClinic()
  const key = { 'idempotency-key': 'once' }
  const first = await clinic.call('POST', '/v1/webhook-endpoints', { url: URL_OK }, key)
  const second = await clinic.call('POST', '/v1/webhook-endpoints', { url: URL_OK }, key)
  expect(second.body).toEqual(first.body)
  expect((await clinic.call('GET', '/v1/webhook-endpoints')).body['items']).toHaveLength(1)
})

test.each([
  [{}, 'url'],
  [{ url: 'http://127.0.0.1/' }, 'url'],
  [{ url: 7 }, 'url'],
  [{ url: `https://a.example/${'x'.repeat(2_000)}` }, 'url'],
  [{ url: URL_OK, types: ['appointment.moved'] }, 'types[0]'],
  [{ url: URL_OK, types: [] }, 'types'],
  [{ url: URL_OK, description: 'x'.repeat(501) }, 'description'],
  [{ url: URL_OK, secret: 'mine' }, ''],
])('%j is refused and makes nothing', async (body, path) => {
  const clinic = await aTellingClinic()
  const refused = await clinic.call('POST', '/v1/webhook-endpoints', body)
  expect(refused.status).toBe(400)
  expect(refused.body['type']).toBe('invalid-request')
  expect(refused.body['errors'].map((each: { path: string }) => each.path).join()).toContain(path)
  expect((await clinic.call('GET', '/v1/webhook-endpoints')).body['items']).toEqual([])
})

test('there are twenty endpoints at most', async () => {
  const clinic = await aTellingClinic()
  for (let count = 0; count < 20; count += 1) await clinic.call('POST', '/v1/webhook-endpoints', { url: URL_OK })
  const refused = await clinic.call('POST', '/v1/webhook-endpoints', { url: URL_OK })
  expect([refused.status, refused.body['type']]).toEqual([409, 'too-many-endpoints'])
})

test('a stranger’s endpoint and an unknown one answer alike, whatever is asked', async () => {
  const clinic = await withEndpoint()
  const asks: [Parameters<Clinic['call']>[0], string, unknown?][] = [
    ['GET', ''],
    ['PATCH', '', { status: 'disabled' }],
    ['DELETE', ''],
    ['GET', '/deliveries'],
    ['POST', '/test', {}],
    ['POST', '/rotate-secret', {}],
    ['POST', '/replay', { since: '2026-11-01T00:00:00Z' }],
    ['POST', `/deliveries/${clinic.id}_1/retry`, {}],
  ]
  const plain = (body: Record<string, unknown>) => ({ ...body, requestId: null })
  for (const [method, path, body] of asks) {
    const strange = await clinic.call(method, `${clinic.at}${path}`, body, bearer(STRANGERS_KEY))
    const unknown = await clinic.call(method, `/v1/webhook-endpoints/whe_none${path}`, body)
    expect([method, path, strange.status]).toEqual([method, path, 404])
    expect(plain(strange.body)).toEqual(plain(unknown.body))
  }
  expect(clinic.sent).toEqual([])
  expect((await clinic.call('GET', clinic.at)).body['status']).toBe('enabled')
  expect((await clinic.call('GET', '/v1/webhook-endpoints', undefined, bearer('nobody'))).status).toBe(401)
})

test('an appointment’s change wakes the endpoint, and arrives as the feed has it', async () => {
  const clinic = await withEndpoint()
  await clinic.call('PUT', '/v1/appointments/apt_842', aBooking())
  const wakes: unknown[] = []
  await wakeEndpoints({ store: clinic.store, jobs: { wake: async more => void wakes.push(...more) } }, TENANT)
  expect(wakes).toEqual([{ kind: 'deliver', tenantId: TENANT, endpointId: clinic.id }])
  await clinic.deliver()
  const [item] = (await clinic.call('GET', '/v1/changes')).body['items']
  expect(JSON.parse(clinic.sent[0]?.body ?? '')).toEqual({
    type: 'appointment.created',
    timestamp: item.at,
    id: item.id,
    cursor: item.cursor,
    data: item.data,
  })
  expect(clinic.sent[0]?.secrets).toEqual([clinic.made['secret']])
  expect((await clinic.call('GET', clinic.at)).body['lastDeliveredAt']).toBe('2026-11-02T10:00:00.000Z')
})

test('disabled by request it gets nothing; enabled again, all that it missed', async () => {
  const clinic = await withEndpoint()
  const off = await clinic.call('PATCH', clinic.at, { status: 'disabled' })
  expect(off.body).toMatchObject({ status: 'disabled', disabledReason: 'request' })
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  await clinic.deliver()
  expect(clinic.sent).toEqual([])
  const on = await clinic.call('PATCH', clinic.at, { status: 'enabled', description: 'back', types: null })
  expect(on.body).toMatchObject({ status: 'enabled', disabledReason: null, description: 'back', types: null })
  expect(clinic.wakes).toContainEqual({ kind: 'deliver', tenantId: TENANT, endpointId: clinic.id })
  await clinic.deliver()
  expect(clinic.sent).toHaveLength(1)
  expect((await clinic.call('PATCH', clinic.at, { url: 'http://10.0.0.1/' })).status).toBe(400)
  expect((await clinic.call('PATCH', clinic.at, { status: 'gone' })).status).toBe(400)
  expect((await clinic.call('GET', clinic.at)).body['url']).toBe(URL_OK)
})

test('a deleted endpoint is gone with its deliveries, and a run that comes late does nothing', async () => {
  const clinic = await withEndpoint()
  clinic.state.status = 500
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  await clinic.deliver()
  expect((await clinic.call('DELETE', clinic.at)).status).toBe(204)
  expect((await clinic.call('DELETE', clinic.at)).status).toBe(404)
  expect(await clinic.store.waitingDeliveries(TENANT, clinic.id, 9)).toEqual([])
  expect(await clinic.deliver()).toEqual({ kind: 'done' })
})

test('after a rotation both secrets sign for a day, then the new one alone', async () => {
  const clinic = await withEndpoint()
  const rotated = await clinic.call('POST', `${clinic.at}/rotate-secret`, {})
  expect(rotated.body).toMatchObject({
    secret: expect.stringMatching(SECRET),
    oldSecretUntil: '2026-11-03T10:00:00.000Z',
  })
  const [old, now] = [clinic.made['secret'], rotated.body['secret']]
  expect(now).not.toBe(old)
  clinic.clock.now = NOW + 24 * 3_600_000 - 1
  await clinic.call('POST', `${clinic.at}/test`, {})
  clinic.clock.now += 1
  await clinic.call('POST', `${clinic.at}/test`, {})
  expect(clinic.sent.map(each => each.secrets)).toEqual([[now, old], [now]])
})

test.each([
  [200, { arrived: true, status: 200, error: null }],
  [503, { arrived: false, status: 503, error: 'answered' }],
  [410, { arrived: false, status: 410, error: 'gone' }],
  [0, { arrived: false, status: null, error: 'address-refused' }],
])('a test message that meets %i says so and changes nothing', async (status, expected) => {
  const clinic = await withEndpoint()
  clinic.state.status = status
  const answer = await clinic.call('POST', `${clinic.at}/test`, {})
  expect([answer.status, answer.body]).toEqual([200, expected])
  expect(JSON.parse(clinic.sent[0]?.body ?? '')).toMatchObject({ type: 'webhook.test' })
  expect((await clinic.call('GET', clinic.at)).body).toMatchObject({ status: 'enabled', lastDeliveredAt: null })
  expect((await clinic.call('GET', `${clinic.at}/deliveries`)).body['items']).toEqual([])
})

test('failed deliveries are listed by page and state, and retried by hand', async () => {
  const clinic = await withEndpoint()
  clinic.state.status = 500
  for (const id of ['a', 'b', 'c']) await clinic.call('PUT', `/v1/appointments/${id}`, aBooking())
  await clinic.deliver()
  const first = await clinic.call('GET', `${clinic.at}/deliveries?limit=2&state=waiting`)
  expect(first.body['items'].map((each: { appointmentId: string }) => each.appointmentId)).toEqual(['c', 'b'])
  expect(first.body['items'][0]).toEqual({
    id: `${clinic.id}_3`,
    changeId: 'chg_3',
    type: 'appointment.created',
    appointmentId: 'c',
    connectionId: null,
    state: 'waiting',
    attempts: 1,
    nextAttemptAt: '2026-11-02T10:00:05.500Z',
    lastAttemptAt: '2026-11-02T10:00:00.000Z',
    lastStatus: 500,
    lastError: 'answered',
  })
  const rest = await clinic.call('GET', `${clinic.at}/deliveries?cursor=${first.body['cursor']}`)
  expect([rest.body['items'].length, rest.body['cursor']]).toEqual([1, null])
  expect((await clinic.call('GET', `${clinic.at}/deliveries?cursor=nonsense`)).status).toBe(400)
  expect((await clinic.call('GET', `${clinic.at}/deliveries?limit=501`)).status).toBe(400)
  expect((await clinic.call('GET', `${clinic.at}/deliveries?state=lost`)).status).toBe(400)

  clinic.state.status = 200
  const retried = await clinic.call('POST', `${clinic.at}/deliveries/${clinic.id}_2/retry`, {})
  expect([retried.status, retried.body['state']]).toEqual([202, 'waiting'])
  await clinic.deliver()
  expect(clinic.sent.map(each => each.id).slice(3)).toEqual([`${clinic.id}_2`])
  expect((await clinic.call('GET', `${clinic.at}/deliveries?state=delivered`)).body['items']).toMatchObject([
    { id: `${clinic.id}_2`, attempts: 2, lastStatus: 200, nextAttemptAt: null },
  ])
  // One that has arrived can be sent once more, beside its lane.
  await clinic.call('POST', `${clinic.at}/deliveries/${clinic.id}_2/retry`, {})
  await clinic.deliver()
  expect(clinic.sent.at(-1)?.id).toBe(`${clinic.id}_2`)
  for (const id of [`${clinic.id}_9`, `${clinic.id}_0`, clinic.id, 'x'])
    expect((await clinic.call('POST', `${clinic.at}/deliveries/${id}/retry`, {})).status).toBe(404)
  await clinic.call('PATCH', clinic.at, { status: 'disabled' })
  const refused = await clinic.call('POST', `${clinic.at}/deliveries/${clinic.id}_1/retry`, {})
  expect([refused.status, refused.body['type']]).toEqual([409, 'endpoint-disabled'])
})

test('everything since an instant or a cursor is sent again under the ids it had', async () => {
  const clinic = await withEndpoint()
  for (const [minute, id] of ['a', 'b', 'c'].entries()) {
    clinic.clock.now = NOW + minute * 60_000
    await clinic.call('PUT', `/v1/appointments/${id}`, aBooking())
  }
  await clinic.deliver()
  const ids = () => clinic.sent.splice(0).map(each => each.id.split('_').at(-1))
  expect(ids()).toEqual(['1', '2', '3'])
  const since = await clinic.call('POST', `${clinic.at}/replay`, { since: '2026-11-02T10:01:00Z' })
  expect([since.status, since.body]).toEqual([202, { changes: 2 }])
  await clinic.deliver()
  expect(ids()).toEqual(['2', '3'])
  await clinic.call('POST', `${clinic.at}/replay`, { after: 'c2' })
  await clinic.deliver()
  expect(ids()).toEqual(['3'])
  expect((await clinic.call('POST', `${clinic.at}/replay`, { after: 'czzz' })).body).toEqual({ changes: 0 })
  for (const body of [{}, { since: 'yesterday' }, { after: 'x' }, { since: '2026-11-02T10:01:00Z', after: 'c2' }])
    expect((await clinic.call('POST', `${clinic.at}/replay`, body)).status).toBe(400)
  await clinic.deliver()
  expect(ids()).toEqual([])
})
