import { afterAll, beforeAll, expect, test } from 'vitest'
import { startConnectService, type ConnectService } from '../../support/connect-service.ts'

let service: ConnectService

beforeAll(async () => {
  service = await startConnectService()
})
afterAll(() => service.stop())

const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const reply = await service.app.inject({
    method: method as 'GET',
    url: path,
    headers: { authorization: 'Bearer admin-token-of-the-tests', ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
  })
  // Answers of many shapes; each test asserts what it reads.
  const json = (reply.body === '' ? {} : JSON.parse(reply.body)) as Record<string, any> // eslint-disable-line @typescript-eslint/no-explicit-any
  return { status: reply.statusCode, body: json, headers: reply.headers }
}
const isLive = async (apiKey: string) =>
  (await call('GET', '/v1/users/u/connections', undefined, { authorization: `Bearer ${apiKey}` })).status === 200

test('a tenant’s life: made, changed, a key more, a key less, erased', async () => {
  const made = await call('POST', '/v1/tenants', { name: 'Praxis', settings: { policies: { imported: 'busy' } } })
  expect(made.status).toBe(201)
  const { id, apiKey } = made.body as { id: string; apiKey: string }
  expect(await isLive(apiKey)).toBe(true)
  const changed = await call('PATCH', `/v1/tenants/${id}`, { settings: { branding: { productName: 'Praxis Nord' } } })
  expect(changed.body).toMatchObject({
    name: 'Praxis',
    settings: { branding: { productName: 'Praxis Nord' }, policies: { imported: 'busy' } },
  })
  const second = await call('POST', `/v1/tenants/${id}/keys`)
  expect(second.status).toBe(201)
  const [first] = changed.body['keys'] as [{ id: string }]
  expect((await call('DELETE', `/v1/tenants/${id}/keys/${first.id}`)).status).toBe(204)
  expect([await isLive(apiKey), await isLive(String(second.body['apiKey']))]).toEqual([false, true])
  expect((await call('DELETE', `/v1/tenants/${id}`)).status).toBe(204)
  expect((await call('GET', `/v1/tenants/${id}`)).status).toBe(404)
  expect(await isLive(String(second.body['apiKey']))).toBe(false)
})

test('an answer never carries a secret, sealed or not', async () => {
  const made = await call('POST', '/v1/tenants', {
    name: 'Own project',
    settings: { oauthClient: { clientId: 'cid', clientSecret: 'GOCSPX-secret' } },
  })
  const shown = await call('GET', `/v1/tenants/${String(made.body['id'])}`)
  expect(shown.body['settings'].oauthClient).toEqual({ clientId: 'cid' })
  expect(JSON.stringify(shown.body)).not.toMatch(/GOCSPX|sealed|hash/iu)
})

test('the same Idempotency-Key makes one tenant, with another body none', async () => {
  const headers = { 'idempotency-key': 'key-1' }
  const first = await call('POST', '/v1/tenants', { name: 'Once' }, headers)
  const again = await call('POST', '/v1/tenants', { name: 'Once' }, headers)
  expect(again.body).toEqual(first.body)
  expect((await call('POST', '/v1/tenants', { name: 'Twice' }, headers)).status).toBe(422)
})

test('bad settings answer 400 with each path and change nothing', async () => {
  const reply = await call('PATCH', `/v1/tenants/${service.tenantId}`, {
    settings: { branding: { colour: 'red' }, policies: { googleEdits: 'maybe' } },
  })
  expect(reply.status).toBe(400)
  expect(reply.headers['content-type']).toContain('application/problem+json')
  const paths = (reply.body['errors'] as { path: string }[]).map(error => error.path)
  expect(paths).toEqual(['settings.branding.colour', 'settings.policies.googleEdits'])
})

test.each(['POST /v1/tenants', 'GET /v1/tenants/x', 'DELETE /v1/tenants/x', 'POST /v1/tenants/x/keys'])(
  '%s is not for a tenant’s own key',
  async route => {
    const [method = '', path = ''] = route.split(' ')
    const body = method === 'POST' ? { name: 'x' } : undefined
    expect((await call(method, path, body, { authorization: `Bearer ${service.apiKey}` })).status).toBe(401)
  },
)

test('a key is limited in what it may do and until when, is shown by how it begins, and says when it was last used', async () => {
  const { id } = (await call('POST', '/v1/tenants', { name: 'Scoped' })).body as { id: string }
  const expiresAt = '2999-01-01T00:00:00.000Z'
  const made = await call('POST', `/v1/tenants/${id}/keys`, { scopes: ['read'], expiresAt })
  expect(made.status).toBe(201)
  const apiKey = String(made.body['apiKey'])
  const asTenant = { authorization: `Bearer ${apiKey}` }
  expect((await call('GET', '/v1/changes', undefined, asTenant)).status).toBe(200)
  const refused = await call('POST', '/v1/users/u/connect-links', {}, asTenant)
  expect([refused.status, refused.body['detail']]).toEqual([403, 'This key is not good for the scope `connect`.'])
  expect(refused.headers['www-authenticate']).toBe('Bearer error="insufficient_scope", scope="connect"')
  const keys = (await call('GET', `/v1/tenants/${id}`)).body['keys'] as Record<string, unknown>[]
  expect(
    keys.map(({ prefix, scopes, expiresAt: until, lastUsedAt }) => ({ prefix, scopes, until, lastUsedAt })),
  ).toEqual([
    { prefix: expect.any(String), scopes: ['read', 'write', 'connect', 'webhooks'], until: null, lastUsedAt: null },
    {
      prefix: apiKey.slice(0, 12),
      scopes: ['read'],
      until: expiresAt,
      lastUsedAt: expect.stringMatching(/^20\d\d-.*Z$/),
    },
  ])
})

test.each([
  ['an unknown scope', { scopes: ['read', 'everything'] }, 'scopes[1]'],
  ['no scope at all', { scopes: [] }, 'scopes'],
  ['an end that is no instant', { expiresAt: 'tomorrow' }, 'expiresAt'],
  ['an end that is over', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
  ['something else', { role: 'admin' }, 'role'],
])('a key with %s is not made', async (_sentence, body, path) => {
  const url = `/v1/tenants/${service.tenantId}`
  const before = (await call('GET', url)).body['keys']
  const reply = await call('POST', `${url}/keys`, body)
  expect([reply.status, (reply.body['errors'] as { path: string }[])[0]?.path]).toEqual([400, path])
  expect((await call('GET', url)).body['keys']).toEqual(before)
})
