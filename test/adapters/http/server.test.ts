import { expect, test } from 'vitest'
import { SCOPES } from '../../../src/core/model/key-scopes.ts'
import { ADMIN_TOKEN, anApp, bearer, NOW, storeWith } from './an-app.ts'

const nobody = storeWith({ apiKeyByHash: async () => null, ping: async () => undefined })

test('a process that lives says so without asking the database', async () => {
  const { app } = await anApp({ store: storeWith({}) })
  const reply = await app.inject({ url: '/health/live' })
  expect(reply.statusCode).toBe(200)
  expect(reply.json()).toEqual({ status: 'ok' })
})

test('F35: a dead database makes the service not ready, and its error stays inside', async () => {
  const store = storeWith({ ping: async () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7')) })
  const { app, lines } = await anApp({ store })
  const reply = await app.inject({ url: '/health/ready' })
  expect(reply.statusCode).toBe(503)
  expect(reply.headers['content-type']).toContain('application/problem+json')
  expect(reply.json()).toMatchObject({ type: 'unavailable', status: 503 })
  expect(reply.body).not.toContain('ECONNREFUSED')
  expect(lines.filter(each => each.level === 'warn')).toHaveLength(1)
})

test('an unknown path is a problem document with the security headers and the request id', async () => {
  const { app } = await anApp({ store: nobody })
  const reply = await app.inject({ url: '/nowhere' })
  expect(reply.statusCode).toBe(404)
  expect(reply.json()).toMatchObject({ type: 'not-found', status: 404, requestId: reply.headers['x-request-id'] })
  expect(reply.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  })
  expect(reply.headers).not.toHaveProperty('access-control-allow-origin')
  expect(reply.headers).not.toHaveProperty('x-powered-by')
  expect(reply.headers).not.toHaveProperty('server')
})

test.each(['POST', 'DELETE', 'TRACE'] as const)(
  '%s on a path that only answers GET is 405 and says what it allows',
  async method => {
    const { app } = await anApp({ store: nobody })
    const reply = await app.inject({ method, url: '/health/live?x=1' })
    expect(reply.statusCode).toBe(405)
    expect(reply.json()).toMatchObject({ type: 'method-not-allowed' })
    expect(reply.headers.allow).toBe('GET, HEAD')
  },
)

test('a path that cannot be decoded is a bad request, not a failure', async () => {
  const { app } = await anApp({ store: nobody })
  const reply = await app.inject({ url: '/health/%E0%A4%A' })
  expect(reply.statusCode).toBe(400)
  expect(reply.json()).toMatchObject({ type: 'bad-request' })
})

test('the metrics count by route pattern, never by path', async () => {
  const { app } = await anApp({ store: nobody })
  await app.inject({ url: '/health/live' })
  await app.inject({ url: '/nowhere/patient-42' })
  const { body } = await app.inject({ url: '/metrics' })
  expect(body).toContain('route="/health/live"')
  expect(body).not.toContain('patient-42')
})

test('the API describes itself as OpenAPI 3.1 and shows its documentation without outside scripts', async () => {
  const { app } = await anApp({ store: nobody })
  const description = (await app.inject({ url: '/openapi.json' })).json()
  expect(description.openapi).toBe('3.1.0')
  expect(Object.keys(description.paths)).toContain('/health/ready')
  const page = await app.inject({ url: '/docs/' })
  expect(page.statusCode).toBe(200)
  expect(String(page.headers['content-security-policy'])).toContain("script-src 'self'")
})

test('an exception answers 500 with the request id and none of its text; the log has the rest', async () => {
  const store = storeWith({ apiKeyByHash: async () => Promise.reject(new Error('secret detail of the database')) })
  const { app, lines } = await anApp({ store })
  app.get('/v1/broken', { config: { access: 'tenant' } }, () => ({}))
  const reply = await app.inject({ url: '/v1/broken', headers: bearer('some-key') })
  expect(reply.statusCode).toBe(500)
  expect(reply.json()).toMatchObject({ type: 'internal', requestId: reply.headers['x-request-id'] })
  expect(reply.body).not.toContain('secret detail')
  expect(lines.some(each => each.level === 'error' && each.fields?.requestId === reply.json().requestId)).toBe(true)
})

test('a route under /v1 that does not say who may call it stops the server from starting', async () => {
  const { app } = await anApp({ store: nobody })
  expect(() => app.get('/v1/forgotten', () => ({}))).toThrow('does not say who may call it')
})

test.each([
  ['no header', {}],
  ['another scheme', { authorization: `Basic ${ADMIN_TOKEN}` }],
  ['an unknown key', bearer('lk_unknown')],
  ['an empty token', { authorization: 'Bearer ' }],
])('%s is 401 before the body is read', async (_sentence, headers) => {
  const { app } = await anApp({ store: nobody })
  app.post('/v1/guarded', { config: { access: 'either' } }, () => ({ reached: true }))
  const reply = await app.inject({
    method: 'POST',
    url: '/v1/guarded',
    headers: { ...headers, 'content-type': 'application/json' },
    payload: '{not json',
  })
  expect(reply.statusCode).toBe(401)
  expect(reply.headers['www-authenticate']).toBe('Bearer')
  expect(reply.json()).toMatchObject({ type: 'unauthorized' })
})

const FULL = { scopes: SCOPES, lastUsedAt: NOW }

test('an API key does not open the operator’s routes, nor the admin token a tenant’s', async () => {
  const key = {
    tenantId: 't',
    id: 'k',
    hash: 'h',
    prefix: 'lk',
    createdAt: 0,
    expiresAt: null,
    revokedAt: null,
    ...FULL,
  }
  const { app } = await anApp({ store: storeWith({ apiKeyByHash: async () => key }) })
  app.get('/v1/of-admins', { config: { access: 'admin' } }, () => ({}))
  app.get('/v1/of-tenants', { config: { access: 'tenant' } }, request => ({ tenantId: request.tenantId() }))
  const status = async (url: string, token: string): Promise<number> =>
    (await app.inject({ url, headers: bearer(token) })).statusCode
  expect(await status('/v1/of-admins', 'lk_key')).toBe(401)
  expect(await status('/v1/of-admins', ADMIN_TOKEN)).toBe(200)
  expect(await status('/v1/of-tenants', ADMIN_TOKEN)).toBe(401)
  expect((await app.inject({ url: '/v1/of-tenants', headers: bearer('lk_key') })).json()).toEqual({ tenantId: 't' })
})

test('the description names every header that is heeded and calls every refusal a problem document', async () => {
  const { app } = await anApp({ store: nobody })
  const { paths } = (await app.inject({ url: '/openapi.json' })).json()
  const headersOf = (operation: { parameters?: { in: string; name: string }[] }): string[] =>
    (operation.parameters ?? []).filter(each => each.in === 'header').map(each => each.name)
  expect(headersOf(paths['/v1/appointments/{id}'].put)).toEqual(['if-match'])
  expect(headersOf(paths['/v1/appointments/{id}/cancel'].post)).toEqual(['idempotency-key', 'if-match'])
  expect(headersOf(paths['/v1/appointments'].get)).toEqual([])
  for (const [path, operations] of Object.entries<Record<string, { responses: object; security?: object[] }>>(paths)) {
    if (!path.startsWith('/v1/')) continue
    for (const operation of Object.values(operations)) {
      expect(operation.responses).toHaveProperty(['400', 'content', 'application/problem+json'])
      expect(operation.security).not.toEqual([])
    }
  }
})
