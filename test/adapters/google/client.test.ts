import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { googleCalendar } from '../../../src/adapters/google/calendar.ts'
import type { ClientOptions, ObservedCall } from '../../../src/adapters/google/client.ts'
import { fail, succeed } from '../../../src/core/model/failures.ts'
import type { EventWrite } from '../../../src/ports/google-calendar.ts'
import { memoryTokens, NOW, WHO } from './conversation.ts'

const EVENT = { calendarId: 'c1', eventId: 'e1' }
const PATH = '/calendar/v3/calendars/c1/events/e1'
const gone = { kind: 'calendar#event', id: 'e1', status: 'cancelled' }
const dead = {
  error: {
    errors: [{ domain: 'global', reason: 'authError', message: 'Invalid Credentials' }],
    code: 401,
    message: '',
  },
}
const write: EventWrite = {
  content: {
    time: { kind: 'all-day', startDate: '2026-12-01', endDate: '2026-12-02' },
    recurrence: [],
    title: 'x',
    description: '',
    location: '',
    busy: true,
    status: 'confirmed',
    colour: null,
  },
  marker: { key: 'k', revision: 1 },
  visibility: 'default',
}

const api = () => nock('https://www.googleapis.com')
const withToken = (token: string) =>
  nock('https://www.googleapis.com', { reqheaders: { authorization: `Bearer ${token}` } })
const calendar = (options: Partial<ClientOptions> = {}) =>
  googleCalendar({ tokens: memoryTokens(), now: () => NOW, ...options })

beforeEach(() => nock.disableNetConnect())
afterEach(() => {
  nock.cleanAll()
  nock.enableNetConnect()
})

describe('a dead access token', () => {
  test('is replaced once and the call made once more', async () => {
    const tokens = memoryTokens()
    withToken('access-1').get(PATH).reply(401, dead)
    withToken('access-2').get(PATH).reply(200, gone)
    expect(await calendar({ tokens }).getEvent(WHO, EVENT)).toMatchObject({ ok: true })
    expect(tokens.asked).toEqual([undefined, 'access-1'])
  })

  test('that a fresh one follows into death is a failure, not a loop', async () => {
    const scope = api().get(PATH).times(5).reply(401, dead)
    const tokens = memoryTokens()
    expect(await calendar({ tokens }).getEvent(WHO, EVENT)).toEqual({ ok: false, error: { kind: 'access-rejected' } })
    expect(tokens.asked).toEqual([undefined, 'access-1', 'access-2'])
    expect(scope.isDone()).toBe(false)
  })

  test('is not sent again where no newer one is to be had', async () => {
    const seen: ObservedCall[] = []
    api().get(PATH).times(2).reply(401, dead)
    const tokens = { accessToken: () => Promise.resolve(succeed('same')) }
    expect(await calendar({ tokens, observe: call => seen.push(call) }).getEvent(WHO, EVENT)).toMatchObject({
      ok: false,
    })
    expect(seen).toHaveLength(1)
  })

  test('of a revoked grant is told as the grant’s end', async () => {
    api().get(PATH).reply(401, dead)
    let asked = 0
    const tokens = {
      accessToken: () =>
        Promise.resolve(asked++ === 0 ? succeed('access-1') : fail({ kind: 'access-revoked' } as const)),
    }
    expect(await calendar({ tokens }).getEvent(WHO, EVENT)).toEqual({ ok: false, error: { kind: 'access-revoked' } })
  })

  test('without any token no request is made', async () => {
    const tokens = { accessToken: () => Promise.resolve(fail({ kind: 'access-revoked' } as const)) }
    const scope = api().get(PATH).reply(200, gone)
    expect(await calendar({ tokens }).getEvent(WHO, EVENT)).toEqual({ ok: false, error: { kind: 'access-revoked' } })
    expect(scope.isDone()).toBe(false)
  })
})

describe('a call is made once', () => {
  test.each([408, 429, 500, 503])('a %i is not repeated behind our back', async status => {
    const scope = api().delete(`${PATH}?sendUpdates=none`).times(4).reply(status, '')
    expect((await calendar().deleteEvent(WHO, EVENT, null)).ok).toBe(false)
    expect(scope.pendingMocks()).toHaveLength(1)
    expect(nock.activeMocks()).toHaveLength(1)
  })

  test('a redirect is not followed with a token in hand', async () => {
    const elsewhere = nock('https://elsewhere.example').get('/').reply(200, gone)
    api().get(PATH).reply(302, '', { location: 'https://elsewhere.example/' })
    expect(await calendar().getEvent(WHO, EVENT)).toMatchObject({ ok: false, error: { detail: 'http-302' } })
    expect(elsewhere.isDone()).toBe(false)
  })

  test('a reset write may have been done, a reset read was not', async () => {
    const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    api()
      .post(/events/)
      .replyWithError(reset)
    expect(await calendar().insertEvent(WHO, EVENT, write)).toEqual({
      ok: false,
      error: { kind: 'unavailable', ambiguous: true, detail: 'ECONNRESET' },
    })
    api().get(PATH).replyWithError(reset)
    expect(await calendar().getEvent(WHO, EVENT)).toMatchObject({ ok: false, error: { ambiguous: false } })
  })

  test('a server that never answers is given up after the time limit', async () => {
    const server = createServer(() => undefined)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    nock.enableNetConnect('127.0.0.1')
    const rootUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const reply = await calendar({ rootUrl, timeoutMs: 50 }).insertEvent(WHO, EVENT, write)
    server.closeAllConnections()
    server.close()
    expect(reply).toEqual({ ok: false, error: { kind: 'unavailable', ambiguous: true, detail: 'TimeoutError' } })
  })

  test('ids that no path can hold name nothing and ask nobody', async () => {
    for (const id of ['', '.', '..', '\ud800']) {
      expect(await calendar().getEvent(WHO, { calendarId: id, eventId: 'e1' })).toEqual({
        ok: false,
        error: { kind: 'not-found' },
      })
      expect(await calendar().getEvent(WHO, { calendarId: 'c1', eventId: id })).toEqual({
        ok: false,
        error: { kind: 'not-found' },
      })
    }
  })

  test('ids travel whole', async () => {
    api()
      .get('/calendar/v3/calendars/en.usa%23holiday%40group.v.calendar.example.com/events/_a%2Fb%3Fc')
      .reply(200, gone)
    const event = { calendarId: 'en.usa#holiday@group.v.calendar.example.com', eventId: '_a/b?c' }
    expect((await calendar().getEvent(WHO, event)).ok).toBe(true)
  })
})

describe('what the worker supplies', () => {
  test('each request is paced with its weight, writes by their calendar', async () => {
    const paced: unknown[] = []
    const pace: ClientOptions['pace'] = (who, weight, calendarId) =>
      Promise.resolve(void paced.push([who, weight, calendarId]))
    const google = calendar({ pace })
    api().get(PATH).reply(401, dead).get(PATH).reply(200, gone)
    await google.getEvent(WHO, EVENT)
    api().delete(/e1/).reply(204)
    await google.deleteEvent(WHO, EVENT, null)
    api().patch(/e1/).reply(200, {})
    await google.updateEvent(WHO, EVENT, write, { raw: { attendeesOmitted: true }, etag: '"1"' })
    expect(paced).toEqual([
      [WHO, 1, null],
      [WHO, 1, null],
      [WHO, 1, 'c1'],
      [WHO, 3, 'c1'],
    ])
  })

  test('no request leaves before its pace allows', async () => {
    const scope = api().get(PATH).reply(200, gone)
    let release = (): void => undefined
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    const reply = calendar({ pace: () => held }).getEvent(WHO, EVENT)
    await new Promise(resolve => setImmediate(resolve))
    expect(scope.isDone()).toBe(false)
    release()
    expect((await reply).ok).toBe(true)
  })

  test('each request is told of with its outcome and length', async () => {
    const seen: ObservedCall[] = []
    let clock = NOW
    api()
      .get(PATH)
      .reply(401, dead)
      .get(PATH)
      .reply(404, { error: { errors: [], code: 404, message: 'Not Found' } })
    await calendar({ now: () => (clock += 5), observe: call => seen.push(call) }).getEvent(WHO, EVENT)
    expect(seen.map(({ method, outcome }) => [method, outcome])).toEqual([
      ['events.get', 'access-rejected'],
      ['events.get', 'not-found'],
    ])
    for (const { ms } of seen) expect(ms).toBeGreaterThan(0)
  })
})

describe('where Google is', () => {
  test('a root may have a path of its own', async () => {
    nock('https://proxy.example').get(`/google${PATH}`).reply(200, gone)
    expect((await calendar({ rootUrl: 'https://proxy.example/google/' }).getEvent(WHO, EVENT)).ok).toBe(true)
  })

  test('no other universe is read from the environment', async () => {
    process.env['GOOGLE_CLOUD_UNIVERSE_DOMAIN'] = 'universe.example'
    api().get(PATH).reply(200, gone)
    const reply = await calendar().getEvent(WHO, EVENT)
    delete process.env['GOOGLE_CLOUD_UNIVERSE_DOMAIN']
    expect(reply.ok).toBe(true)
  })

  test('loopback is reached past the proxy of the environment', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(gone))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    nock.restore() // it would stand between client and proxy
    const before = { ...process.env }
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY']) process.env[name] = 'http://127.0.0.1:1'
    for (const name of ['NO_PROXY', 'no_proxy']) process.env[name] = ''
    const { port } = server.address() as AddressInfo
    const byAddress = await calendar({ rootUrl: `http://127.0.0.1:${port}` }).getEvent(WHO, EVENT)
    process.env = before
    nock.activate()
    server.close()
    expect(byAddress.ok).toBe(true)
  })
})
