import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addAccount } from '../../../src/simulator/testing.ts'
import { createTenant } from '../../../src/usecases/tenants/create-tenant.ts'
import { startConnectService, type ConnectService } from '../../support/connect-service.ts'

let service: ConnectService
let id: string
const EMAIL = 'lee@lakeside.example'

beforeAll(async () => {
  service = await startConnectService()
  addAccount(service.simulator.world, { email: EMAIL, timeZone: 'America/New_York' })
  const link = await service.api('POST', '/v1/users/dr-lee/connect-links', {
    returnUrl: 'https://platform.example.com',
  })
  const consent = new URL(String(link.body['googleUrl']))
  const form = new URLSearchParams({ request: consent.search.slice(1), account: EMAIL, decision: 'allow' })
  for (const scope of consent.searchParams.get('scope')?.split(' ') ?? []) form.append('scope', scope)
  const granted = await fetch(consent.origin + consent.pathname, { method: 'POST', body: form, redirect: 'manual' })
  const back = await fetch(granted.headers.get('location') ?? '', { redirect: 'manual' })
  id = new URL(back.headers.get('location') ?? '').searchParams.get('connectionId') ?? ''
})
afterAll(() => service.stop())

const connection = async () => (await service.api('GET', `/v1/connections/${id}`)).body

test('a new connection is pending, with everything the contract names and nothing secret', async () => {
  const shown = await connection()
  expect(Object.keys(shown)).toEqual(
    expect.arrayContaining([
      ...['id', 'userId', 'googleAccount', 'mode', 'status', 'statusReason', 'missingScopes', 'calendars'],
      ...['window', 'policies', 'lastSyncedAt', 'counts', 'links'],
    ]),
  )
  expect(shown).toMatchObject({ status: 'pending', userId: 'dr-lee', googleAccount: { email: EMAIL }, calendars: [] })
  expect(JSON.stringify(shown)).not.toMatch(/token|secret|sealed/iu)
})

test('window and policies are changed under If-Match, a stale one answers 412', async () => {
  const before = await service.api('GET', `/v1/connections/${id}`)
  const etag = before.headers.get('etag') ?? ''
  const patch = (ifMatch: string, body: unknown) =>
    service.app.inject({
      method: 'PATCH',
      url: `/v1/connections/${id}`,
      headers: { authorization: `Bearer ${service.apiKey}`, 'if-match': ifMatch },
      payload: body as object,
    })
  expect((await patch(etag, { window: { daysBack: 3, daysAhead: 30 } })).statusCode).toBe(200)
  expect((await patch(etag, { window: { daysBack: 9, daysAhead: 90 } })).statusCode).toBe(412)
  expect((await connection())['window']).toEqual({ daysBack: 3, daysAhead: 30 })
})

describe('from choosing to disconnecting', () => {
  test('calendars are listed and chosen, the run is followed to its end, and the connection is active', async () => {
    const listed = await service.api('GET', `/v1/connections/${id}/calendars`)
    expect(listed.body['items']).toMatchObject([{ id: EMAIL, isPrimary: true, canBeTarget: true, reason: null }])
    const choice = { target: { create: 'Clinic' }, sources: [EMAIL], conflicts: [] }
    const plan = await service.api('PUT', `/v1/connections/${id}/calendars`, { ...choice, dryRun: true })
    expect([plan.status, plan.body['counts']]).toEqual([200, { insert: 0, update: 0, delete: 0, local: 0 }])
    expect((await connection())['calendars']).toEqual([])
    const chosen = await service.api('PUT', `/v1/connections/${id}/calendars`, choice)
    expect(chosen.status).toBe(202)
    const events = await fetch(`${service.publicUrl}/v1/runs/${String(chosen.body['runId'])}/events`, {
      headers: { authorization: `Bearer ${service.apiKey}` },
    })
    expect(events.headers.get('content-type')).toContain('text/event-stream')
    const lines = (await events.text()).split('\n').filter(line => line.startsWith('data: '))
    expect(JSON.parse(lines.at(-1)?.slice(6) ?? '{}')).toMatchObject({ state: 'done', kind: 'first_sync' })
    expect(await connection()).toMatchObject({ status: 'active', lastSyncedAt: expect.any(String) })
  })

  test('a check asks Google and names each answer', async () => {
    const { body } = await service.api('POST', `/v1/connections/${id}/check`)
    const checks = body['checks'] as { name: string; status: string }[]
    expect(checks.map(check => check.name)).toEqual([
      ...['token', 'scopes', 'calendar_readable', 'calendar_writable', 'push_channel_live', 'clock'],
    ])
    expect(checks.filter(check => check.status === 'ok').length).toBeGreaterThanOrEqual(5)
  })

  test('pause, resume, sync and push-existing answer as the contract says', async () => {
    expect((await service.api('POST', `/v1/connections/${id}/pause`)).body['status']).toBe('paused')
    expect((await service.api('POST', `/v1/connections/${id}/sync`)).status).toBe(409)
    expect((await service.api('POST', `/v1/connections/${id}/resume`)).body['status']).toBe('active')
    const synced = await service.api('POST', `/v1/connections/${id}/sync`)
    expect([synced.status, typeof synced.body['runId']]).toEqual([202, 'string'])
    const planned = await service.api('POST', `/v1/connections/${id}/push-existing`, { dryRun: true })
    expect([planned.status, planned.body['google']]).toEqual([200, []])
    expect((await service.api('POST', `/v1/connections/${id}/push-existing`)).status).toBe(202)
  })

  test('a stranger’s key finds none of it', async () => {
    const stranger = await createTenant(service.deps, { name: 'Stranger' })
    const authorization = `Bearer ${stranger.ok ? stranger.value.apiKey : ''}`
    const run = await service.api('POST', `/v1/connections/${id}/sync`)
    const routes = [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', '?googleEvents=remove'],
      ['GET', '/calendars'],
      ['PUT', '/calendars'],
      ...['check', 'sync', 'pause', 'resume', 'push-existing'].map(name => ['POST', `/${name}`]),
    ]
    for (const [method, tail] of routes) {
      const payload = method === 'PUT' ? { sources: [EMAIL] } : method === 'PATCH' ? { mode: 'off' } : undefined
      const url = `/v1/connections/${id}${tail}`
      const headers = { authorization }
      const reply = await service.app.inject({ method: method as 'GET', url, headers, ...(payload && { payload }) })
      expect([method, tail, reply.statusCode]).toEqual([method, tail, 404])
    }
    const runUrl = `/v1/runs/${String(run.body['runId'])}`
    for (const url of [runUrl, `${runUrl}/events`])
      expect((await service.app.inject({ url, headers: { authorization } })).statusCode).toBe(404)
    expect((await connection())['status']).toBe('active')
  })

  test('disconnecting ends at Google: the grant is revoked and no token is left', async () => {
    expect((await service.api('DELETE', `/v1/connections/${id}?dryRun=true`)).body['google']).toEqual([])
    expect((await connection())['status']).toBe('active')
    expect((await service.api('DELETE', `/v1/connections/${id}?googleEvents=remove`)).body['status']).toBe(
      'disconnected',
    )
    await expect.poll(async () => (await connection())['statusReason']).toBe('closed')
    expect(await service.deps.store.credentials(service.tenantId, id)).toBeNull()
    expect([...service.simulator.world.refreshTokens.values()].every(token => token.isRevoked)).toBe(true)
    expect(service.errors).toEqual([])
  })
})
