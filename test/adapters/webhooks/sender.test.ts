import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { guardedLookup, AddressRefused, type Resolve } from '../../../src/adapters/webhooks/guarded-lookup.ts'
import { webhookSender } from '../../../src/adapters/webhooks/sender.ts'
import { HOSTILE_HOSTS, HOSTILE_URLS } from './hostile-hosts.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const OLD_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`
const closing: (() => Promise<void> | void)[] = []

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closing.splice(0).reverse()) await close()
})

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', socket => sockets.add(socket))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise<void>(resolve => server.close(() => resolve()))
  })
  return (server.address() as AddressInfo).port
}

type Received = { headers: IncomingMessage['headers']; body: string; method: string; url: string }

/** A platform's receiver; `answer` may leave the message without one. */
async function receiver(answer: RequestListener = (_request, response) => void response.end()) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', part => parts.push(part))
    request.on('end', () => {
      const { headers, method = '', url = '' } = request
      received.push({ headers, method, url, body: Buffer.concat(parts).toString() })
      answer(request, response)
    })
  })
  const connections = { count: 0 }
  server.on('connection', () => (connections.count += 1))
  const port = await listen(server)
  return { url: `http://127.0.0.1:${port}/hook`, port, received, connections, server }
}

/** Something on this machine that nobody may talk to. */
async function canary() {
  const connections = { count: 0 }
  const port = await listen(
    createTcpServer(socket => {
      connections.count += 1
      socket.destroy()
    }),
  )
  return { port, connections }
}

function sender(options: Partial<Parameters<typeof webhookSender>[0]> = {}) {
  const made = webhookSender({ allowed: 'any', now: () => Date.now(), ...options })
  closing.push(() => made.close())
  return made
}

const message = (url: string, over: Partial<Parameters<ReturnType<typeof sender>['send']>[0]> = {}) => ({
  url,
  secrets: [SECRET],
  id: 'whe_1_42',
  at: Date.now(),
  body: '{"type":"appointment.updated","data":{"title":"Müller 😀"}}',
  ...over,
})

describe('what is sent', () => {
  test('is a POST that the reference library verifies, with the headers of the standard', async () => {
    const platform = await receiver()
    expect(await sender().send(message(`${platform.url}?a=b`))).toEqual({ ok: true, value: { status: 200 } })
    const [{ headers, body, method, url }] = platform.received as [Received]
    expect({ method, url, type: headers['content-type'] }).toEqual({
      method: 'POST',
      url: '/hook?a=b',
      type: 'application/json',
    })
    const given = headers as Record<string, string>
    expect(new Webhook(SECRET).verify(body, given)).toMatchObject({ data: { title: 'Müller 😀' } })
    expect(() => new Webhook(OLD_SECRET).verify(body, given)).toThrow('No matching signature')
    expect(() => new Webhook(SECRET).verify(`${body} `, given)).toThrow('No matching signature')
    expect(given['webhook-id']).toBe('whe_1_42')
  })

  test('is signed with both secrets while one is replaced', async () => {
    const platform = await receiver()
    await sender().send(message(platform.url, { secrets: [SECRET, OLD_SECRET] }))
    const [{ headers, body }] = platform.received as [Received]
    for (const secret of [SECRET, OLD_SECRET])
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toBeTruthy()
  })

  test('an old message is refused by the library: the time is that of the attempt', async () => {
    const platform = await receiver()
    await sender().send(message(platform.url, { at: Date.now() - 600_000 }))
    const [{ headers, body }] = platform.received as [Received]
    expect(() => new Webhook(SECRET).verify(body, headers as Record<string, string>)).toThrow('too old')
  })

  test('goes over one connection when one message follows another', async () => {
    const platform = await receiver((_request, response) => void response.end('x'.repeat(1_000)))
    const made = sender()
    for (let count = 0; count < 5; count += 1) expect((await made.send(message(platform.url))).ok).toBe(true)
    expect(platform.received).toHaveLength(5)
    expect(platform.connections.count).toBe(1)
  })

  test('goes again when a kept connection turns out to be dead, and counts as one attempt', async () => {
    let isDying = false
    const platform = await receiver((request, response) => {
      if (isDying) {
        isDying = false
        request.socket.resetAndDestroy()
      } else response.end()
    })
    const made = sender()
    expect((await made.send(message(platform.url))).ok).toBe(true)
    isDying = true
    expect((await made.send(message(platform.url))).ok).toBe(true)
  })

  test('asks no proxy of the environment', async () => {
    const [proxy, platform] = [await canary(), await receiver()]
    for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'all_proxy'])
      vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`)
    vi.stubEnv('NODE_USE_ENV_PROXY', '1')
    vi.stubEnv('NO_PROXY', '')
    expect((await sender().send(message(platform.url))).ok).toBe(true)
    expect(proxy.connections.count).toBe(0)
  })
})

describe('what is answered', () => {
  const statuses: [number, unknown][] = [
    [200, { ok: true, value: { status: 200 } }],
    [204, { ok: true, value: { status: 204 } }],
    [400, { ok: false, error: { kind: 'answered', status: 400, retryAfterMs: 0 } }],
    [404, { ok: false, error: { kind: 'answered', status: 404, retryAfterMs: 0 } }],
    [410, { ok: false, error: { kind: 'gone' } }],
    [500, { ok: false, error: { kind: 'answered', status: 500, retryAfterMs: 0 } }],
  ]
  test.each(statuses)('%i', async (status, expected) => {
    const platform = await receiver((_request, response) => void response.writeHead(status).end())
    expect(await sender().send(message(platform.url))).toEqual(expected)
  })

  test.each([301, 302, 303, 307, 308])('a redirect (%i) is a failure and is not followed', async status => {
    const elsewhere = await canary()
    const location = `http://127.0.0.1:${elsewhere.port}/`
    const platform = await receiver((_request, response) => void response.writeHead(status, { location }).end())
    const outcome = await sender().send(message(platform.url))
    expect(outcome).toEqual({ ok: false, error: { kind: 'answered', status, retryAfterMs: 0 } })
    expect(elsewhere.connections.count).toBe(0)
  })

  test.each([
    ['120', 120_000],
    ['0', 0],
    ['Mon, 30 Nov 2026 13:01:00 GMT', 60_000],
    ['Mon, 30 Nov 2026 12:00:00 GMT', 0],
    ['soon', 0],
    ['-5', 0],
    ['99999999999999999999', 0],
  ])('Retry-After: %s', async (header, retryAfterMs) => {
    const platform = await receiver(
      (_request, response) => void response.writeHead(429, { 'retry-after': header }).end(),
    )
    const outcome = await sender({ now: () => Date.parse('2026-11-30T13:00:00Z') }).send(message(platform.url))
    expect(outcome).toEqual({ ok: false, error: { kind: 'answered', status: 429, retryAfterMs } })
  })

  test('no answer at all ends at the time limit', async () => {
    const platform = await receiver(() => undefined)
    const outcome = await sender({ timeoutMs: 100 }).send(message(platform.url))
    expect(outcome).toEqual({ ok: false, error: { kind: 'timeout' } })
  })

  test('an answer whose body never ends has arrived all the same', async () => {
    const platform = await receiver((_request, response) => {
      response.writeHead(200).write('{')
    })
    expect((await sender({ timeoutMs: 2_000 }).send(message(platform.url))).ok).toBe(true)
  })

  test('of an endless body no more than the bound is read', async () => {
    let written = 0
    const ended = Promise.withResolvers<undefined>()
    const platform = await receiver((_request, response) => {
      response.on('close', () => ended.resolve(undefined))
      const part = 'x'.repeat(16 * 1024)
      const more = (): void => {
        if (response.destroyed) return
        written += part.length
        if (response.write(part)) setImmediate(more)
        else response.once('drain', more)
      }
      more()
    })
    expect((await sender().send(message(platform.url))).ok).toBe(true)
    await ended.promise
    // What the sockets' own buffers hold may have been written, too.
    expect(written).toBeLessThan(16 * 1024 * 1024)
  })

  test('a head that is too large, a reset, a hang-up and nobody there are broken connections', async () => {
    const large = await receiver(
      (_request, response) => void response.writeHead(200, { 'x-large': 'x'.repeat(20_000) }).end(),
    )
    const reset = await receiver(request => request.socket.resetAndDestroy())
    const hangsUp = await receiver(request => request.socket.destroy())
    const made = sender()
    for (const { url } of [large, reset, hangsUp])
      expect(await made.send(message(url))).toEqual({ ok: false, error: { kind: 'connection' } })
    expect(await made.send(message('http://127.0.0.1:1/'))).toEqual({ ok: false, error: { kind: 'connection' } })
  })

  test('a receiver without TLS where TLS was promised is told apart', async () => {
    const platform = await receiver()
    const outcome = await sender().send(message(platform.url.replace('http:', 'https:')))
    expect(outcome).toEqual({ ok: false, error: { kind: 'tls' } })
    expect(platform.received).toEqual([])
  })
})

describe('what must not be reached', () => {
  test('no spelling of a private host opens a connection', async () => {
    const { port, connections } = await canary()
    const made = sender({ allowed: [], ports: [443, port], resolve: async () => [{ address: '127.0.0.1', family: 4 }] })
    for (const host of HOSTILE_HOSTS)
      for (const scheme of ['https', 'http'])
        expect([host, await made.send(message(`${scheme}://${host}:${port}/`))]).toEqual([
          host,
          { ok: false, error: { kind: 'address-refused' } },
        ])
    for (const url of HOSTILE_URLS)
      expect(await made.send(message(url))).toEqual({ ok: false, error: { kind: 'address-refused' } })
    expect(connections.count).toBe(0)
  })

  test('no name that leads to a private address opens a connection, however the resolver changes its mind', async () => {
    const { port, connections } = await canary()
    const answers: [address: string, family: number][][] = [
      [['127.0.0.1', 4]],
      [
        ['1.1.1.1', 4],
        ['127.0.0.1', 4],
      ],
      [
        ['127.0.0.1', 4],
        ['1.1.1.1', 4],
      ],
      [
        ['2606:4700:4700::1111', 6],
        ['127.0.0.1', 4],
      ],
      [
        ['1.1.1.1', 4],
        ['::1', 6],
      ],
      [['::ffff:127.0.0.1', 6]],
      [['::1', 6]],
      [['169.254.169.254', 4]],
      [['64:ff9b::7f00:1', 6]],
      [['fd00:ec2::254', 6]],
      [['0.0.0.0', 4]],
      [['2002:7f00:1::', 6]],
    ]
    let asked = 0
    const resolve: Resolve = async () =>
      (answers[asked++ % answers.length] ?? []).map(([address, family]) => ({ address, family }))
    const made = sender({ allowed: [], ports: [port], resolve })
    for (let round = 1; round <= 3 * answers.length; round += 1) {
      const outcome = await made.send(message(`https://rebind${round % 2}.example.com:${port}/`))
      expect(outcome).toEqual({ ok: false, error: { kind: 'address-refused' } })
      // One look-up per connection: there is no second one that could say something else.
      expect(asked).toBe(round)
    }
    expect(connections.count).toBe(0)
  })

  test('the look-up hands on exactly what it judged', async () => {
    const global = [
      { address: '1.1.1.1', family: 4 },
      { address: '2606:4700:4700::1111', family: 6 },
    ]
    let asked = 0
    const flipping: Resolve = async () => (asked++ === 0 ? global : [{ address: '127.0.0.1', family: 4 }])
    const lookup = guardedLookup(flipping)
    const ask = (options: object) =>
      new Promise<unknown[]>(resolve => lookup('flip.example.com', options, (...answer) => resolve(answer)))
    expect(await ask({ all: true })).toEqual([null, global])
    expect((await ask({ all: true }))[0]).toBeInstanceOf(AddressRefused)
    asked = 0
    expect(await ask({})).toEqual([null, '1.1.1.1', 4])
  })

  test('a name that leads nowhere is told apart', async () => {
    const made = sender({ allowed: [], resolve: async () => [] })
    expect(await made.send(message('https://nowhere.example.com/'))).toEqual({
      ok: false,
      error: { kind: 'name-unknown' },
    })
  })

  test('what an operator named is reached, its neighbour on another port is not', async () => {
    const [platform, other] = [await receiver(), await canary()]
    const made = sender({ allowed: [`127.0.0.1:${platform.port}`], ports: [other.port] })
    expect((await made.send(message(platform.url))).ok).toBe(true)
    expect(await made.send(message(`https://127.0.0.1:${other.port}/`))).toEqual({
      ok: false,
      error: { kind: 'address-refused' },
    })
    expect(other.connections.count).toBe(0)
    expect(made.faultOf(platform.url)).toBeNull()
    expect(made.faultOf('https://127.0.0.1/')).toContain('must')
  })
})
