import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Change, createLockstep, type Lockstep, LockstepError } from '../../src/client/client.ts'
import { readEvents } from '../../src/client/events.ts'
import { addAccount } from '../../src/simulator/testing.ts'
import { type ConnectService, startConnectService } from '../support/connect-service.ts'

let service: ConnectService
let lockstep: Lockstep
beforeAll(async () => {
  service = await startConnectService()
  lockstep = createLockstep({ baseUrl: service.publicUrl, apiKey: service.apiKey })
})
afterAll(() => service.stop())

const booking = (userId: string, day = '2026-12-01') => ({
  userId,
  title: 'Follow-up',
  start: { dateTime: `${day}T09:00:00-05:00`, timeZone: 'America/New_York' },
  end: { dateTime: `${day}T09:30:00-05:00`, timeZone: 'America/New_York' },
})
const put = (id: string, userId = 'dr-lee') => lockstep.putAppointment({ path: { id }, body: booking(userId) })

test(
  'the client is made from the API as it is: `npm run client` has nothing to change',
  { timeout: 60_000 },
  async () => {
    await promisify(execFile)(process.execPath, ['scripts/client-types.js', '--check'])
  },
)

test('a platform books, reads, changes and cancels; ids with strange signs arrive whole', async () => {
  const id = 'a/b?c#d %2F é'
  expect(await put(id)).toMatchObject({ id, version: 1 })
  const headers = { 'if-match': '"1"' }
  const moved = await lockstep.patchAppointment({ path: { id }, headers, body: { title: null } })
  expect([moved.version, moved.title]).toEqual([2, null])
  expect((await lockstep.cancelAppointment({ path: { id }, body: { reason: 'no_show' } })).status).toBe('no_show')
  expect((await lockstep.getAppointmentHistory({ path: { id } })).items.map(each => each.action)).toContain('created')
  const endpoint = await lockstep.createWebhookEndpoint({ body: { url: 'http://127.0.0.1:9/' } })
  expect(await lockstep.deleteWebhookEndpoint({ path: { id: endpoint.id } })).toBeUndefined()
})

test('a refusal is an error of its type, with all that the problem says', async () => {
  const stale = lockstep.patchAppointment({ path: { id: 'gone' }, body: {} })
  await expect(stale).rejects.toMatchObject({ name: 'LockstepError', type: 'not-found', status: 404 })
  await put('versioned')
  const error = await lockstep
    .patchAppointment({ path: { id: 'versioned' }, headers: { 'if-match': '"7"' }, body: { title: 'x' } })
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(LockstepError)
  expect(error).toMatchObject({ type: 'stale-version', problem: { currentVersion: 1, requestId: expect.any(String) } })
  const wrong = lockstep.putAppointment({ path: { id: 'x' }, body: { ...booking('dr-lee'), end: { date: '2026' } } })
  await expect(wrong).rejects.toMatchObject({
    type: 'invalid-request',
    problem: { errors: [{ path: 'end.date' }] },
  })
})

test('lists are read to their end, page by page', async () => {
  for (let index = 0; index < 7; index += 1) await put(`page-${index}`, 'dr-pages')
  const found: string[] = []
  for await (const { id } of lockstep.appointments({ userId: 'dr-pages', limit: 3 })) found.push(id)
  expect(found.toSorted()).toEqual(Array.from({ length: 7 }, (_, index) => `page-${index}`))
})

test('what both sides do not share is found, in whatever order the platform lists it', async () => {
  for (const id of ['Z', 'a', 'é']) await put(id, 'dr-compare')
  const items = [
    { id: 'é', version: 1 },
    { id: 'b', version: 4 },
    { id: 'a', version: 3 },
  ]
  const found: string[] = []
  for await (const each of lockstep.differences({ userId: 'dr-compare', items })) found.push(`${each.kind} ${each.id}`)
  expect(found.toSorted()).toEqual(['extra Z', 'missing b', 'stale a'])
})

describe.each(['poll', 'stream'] as const)('changes by %s', by => {
  test('come in order from a cursor on, and as they happen', async () => {
    const { cursor: after } = await lockstep.listChanges({ query: { limit: 500 } })
    const id = `change-${by}`
    await put(id)
    const end = new AbortController()
    const seen: Change[] = []
    for await (const change of lockstep.changes({ after, by, signal: end.signal })) {
      seen.push(change)
      if (seen.length === 1) await lockstep.cancelAppointment({ path: { id } })
      if (seen.length === 2) end.abort()
    }
    expect(seen.map(each => [each.type, each.data['id']])).toEqual([
      ['appointment.created', id],
      ['appointment.cancelled', id],
    ])
    const again = lockstep.changes({ after: seen[0]?.cursor ?? '', by, signal: AbortSignal.timeout(10_000) })
    expect((await again.next()).value).toMatchObject({ id: seen[1]?.id })
    await again.return(undefined)
  })
})

test('a user is connected, and the first sync is followed to its end', { timeout: 30_000 }, async () => {
  addAccount(service.simulator.world, { email: 'lee@example.com', timeZone: 'America/New_York' })
  service.simulator.oauth.autoConsent = { account: 'lee@example.com' }
  const { googleUrl } = await lockstep.createConnectLink({ path: { userId: 'dr-lee' }, body: {} })
  const consent = await fetch(googleUrl, { redirect: 'manual' })
  await fetch(consent.headers.get('location') ?? '', { redirect: 'manual' })
  const { items } = await lockstep.listConnections({ path: { userId: 'dr-lee' } })
  const path = { id: items[0]?.id ?? '' }
  const body = { target: { create: 'Practice' }, sources: ['lee@example.com'] }
  const started = await lockstep.chooseCalendars({ path, body })
  if (!('runId' in started)) throw new Error('a plan was not asked for')
  const states: string[] = []
  const run = await lockstep.finished(started, { onProgress: each => states.push(each.state) })
  expect([run.state, states.at(-1)]).toEqual(['done', 'done'])
  expect((await lockstep.getConnection({ path })).status).toBe('active')
})

describe('tries again', () => {
  const answers = (...statuses: (number | Error)[]) => {
    const asked: { key: string | undefined; method: string }[] = []
    const fetch = async (_url: unknown, init: { method: string; headers: Record<string, string> }) => {
      asked.push({ key: init.headers['idempotency-key'], method: init.method })
      const next = statuses.shift() ?? 200
      if (next instanceof Error) throw next
      const problem = { type: 'unavailable', title: '', status: next, detail: '' }
      return new Response(JSON.stringify(next < 300 ? { runId: 'r' } : problem), {
        status: next,
        headers: { 'retry-after': '0' },
      })
    }
    const client = createLockstep({
      baseUrl: 'http://nowhere.test',
      apiKey: 'k',
      fetch: fetch as unknown as typeof globalThis.fetch,
    })
    return { asked, client }
  }

  test('a POST that got no answer is repeated under the same key', async () => {
    const { asked, client } = answers(new TypeError('fetch failed'), 503)
    await client.syncConnection({ path: { id: 'c' } })
    expect(asked).toHaveLength(3)
    expect(new Set(asked.map(each => each.key)).size).toBe(1)
    expect(asked[0]?.key).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('a refusal is not repeated, and trouble that stays is told after three more tries', async () => {
    const refused = answers(404)
    await expect(refused.client.getRun({ path: { id: 'r' } })).rejects.toMatchObject({ status: 404 })
    expect(refused.asked).toHaveLength(1)
    const down = answers(503, 503, 503, 503, 503)
    await expect(down.client.getRun({ path: { id: 'r' } })).rejects.toMatchObject({ type: 'unavailable' })
    expect(down.asked).toHaveLength(4)
  })

  test('an answer that is none of the API is told as what it is', async () => {
    const fetch = async () => new Response('<html>Bad gateway</html>', { status: 400 })
    const client = createLockstep({
      baseUrl: 'http://nowhere.test',
      apiKey: 'k',
      fetch: fetch as unknown as typeof globalThis.fetch,
    })
    await expect(client.getRun({ path: { id: 'r' } })).rejects.toMatchObject({ type: 'unknown', status: 400 })
  })
})

test('events are read however the bytes are cut', async () => {
  const text = ': hello\n\nid: 1\nevent: a\ndata: {"x":\ndata: "é🗓"}\n\nid: 2\r\ndata: two\r\n\r\ndata: three\n\n'
  const bytes = new TextEncoder().encode(text)
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.slice(at * size, (at + 1) * size),
    )
    const found = []
    for await (const event of readEvents(ReadableStream.from(chunks) as ReadableStream<Uint8Array>)) found.push(event)
    expect(found).toEqual([
      { id: '1', event: 'a', data: '{"x":\n"é🗓"}' },
      { id: '2', event: 'message', data: 'two' },
      { id: '2', event: 'message', data: 'three' },
    ])
  }
})
