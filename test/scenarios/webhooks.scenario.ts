import { createServer, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { expect } from 'vitest'
import { webhookSender } from '../../src/adapters/webhooks/sender.ts'
import type { Store } from '../../src/ports/store/store.ts'
import { deliverChanges } from '../../src/usecases/webhooks/deliver-changes.ts'
import { registerEndpoint } from '../../src/usecases/webhooks/register-endpoint.ts'
import { seeded } from '../support/engine.ts'

/** The library refuses messages older than five minutes by the real clock. */
const started = (): number => Date.now()

class Killed extends Error {}

/**
 * A platform that answers, fails, hangs, redirects, throttles and dies at random, while the service is killed before and after it
 * has stored what it sent. Promised: every change arrives, in order per appointment, with a signature that the reference library accepts.
 */
export async function hostilePlatform(options: { store: Store; changes: number; appointments: number; seed: number }) {
  const { store, changes, appointments, seed } = options
  const random = seeded(seed)
  const canary = await trap()
  const platform = await platformThatMisbehaves(random, canary.port)
  const sender = webhookSender({ allowed: 'any', now: () => Date.now(), timeoutMs: 60 })
  // Retries are days apart, and signatures carry the time: the engine's clock runs ahead, the sender signs with the real one.
  const clock = { ahead: 0 }
  let ids = 0
  const deps = {
    store: killing(store, random),
    webhooks: {
      ...sender,
      send: (message: Parameters<typeof sender.send>[0]) => sender.send({ ...message, at: started() }),
    },
    system: {
      now: () => Date.now() + clock.ahead,
      random,
      newId: () => `${++ids}`,
      newSecret: (bytes: number) => Buffer.alloc(bytes, 5).toString('base64url'),
      sleep: () => Promise.resolve(),
    },
    vault: { seal: (plain: string) => plain, open: (sealed: string) => sealed, isStale: () => false },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  }
  const tenantId = `t_${seed}_${Date.now()}`
  await found(store, tenantId)
  const made = await registerEndpoint(
    { ...deps, store },
    { tenantId, url: platform.url, description: null, types: null },
  )
  if (!made.ok) throw new Error(JSON.stringify(made.error))
  platform.verifyWith(made.value.secret)

  await write(store, tenantId, { changes, appointments, random })
  const kills = await runToTheEnd(deps, { tenantId, endpointId: made.value.id }, clock)
  const endpoint = await store.webhookEndpoint(tenantId, made.value.id)
  await Promise.all([platform.close(), canary.close(), Promise.resolve(sender.close())])

  expect(endpoint?.status).toBe('enabled')
  expect(platform.refusedSignatures).toEqual([])
  expect(canary.connections()).toBe(0)
  expectAllInOrder(platform.accepted, changes)
  return { kills, attempts: platform.attempts(), accepted: platform.accepted.length }
}

/** Every change was accepted; and of each appointment, the first acceptances are in the order of its versions. */
function expectAllInOrder(
  accepted: readonly { id: string; appointmentId: string; version: number }[],
  changes: number,
): void {
  const first = new Map(accepted.toReversed().map(each => [each.id, each]))
  expect(first.size).toBe(changes)
  const seen = new Set<string>()
  const newest = new Map<string, number>()
  for (const { id, appointmentId, version } of accepted) {
    if (seen.has(id)) continue
    seen.add(id)
    expect([appointmentId, version]).toEqual([appointmentId, (newest.get(appointmentId) ?? 0) + 1])
    newest.set(appointmentId, version)
  }
}

async function runToTheEnd(
  deps: Parameters<typeof deliverChanges>[0] & { system: { now(): number } },
  which: { tenantId: string; endpointId: string },
  clock: { ahead: number },
): Promise<number> {
  let kills = 0
  for (let run = 0; run < 20_000; run += 1) {
    try {
      const outcome = await deliverChanges(deps, which)
      if (outcome.kind === 'done') return kills
      clock.ahead += Math.max(0, outcome.at - deps.system.now())
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      kills += 1
    }
  }
  throw new Error('the endpoint did not come to rest')
}

/** A process that is killed: before what it decided is stored, or just after. */
function killing(store: Store, random: () => number): Store {
  return {
    ...store,
    transaction: async (tenantId, work) => {
      const fate = random()
      if (fate < 0.05) throw new Killed()
      const result = await store.transaction(tenantId, work)
      if (fate > 0.95) throw new Killed()
      return result
    },
  }
}

async function found(store: Store, tenantId: string): Promise<void> {
  const branding = { productName: null, logoUrl: null, colour: null }
  const settings = { branding, connectRoles: null, oauthClient: null, policies: {} }
  await store.transaction(tenantId, tx =>
    tx.saveTenant({ id: tenantId, name: 'Clinic', settings, createdAt: Date.now() }),
  )
}

async function write(
  store: Store,
  tenantId: string,
  { changes, appointments, random }: { changes: number; appointments: number; random: () => number },
): Promise<void> {
  const versions = new Map<string, number>()
  const entries = Array.from({ length: changes }, () => {
    const id = `apt_${Math.floor(random() * appointments)}`
    const version = (versions.get(id) ?? 0) + 1
    versions.set(id, version)
    return {
      at: Date.now(),
      appointmentId: id,
      connectionId: null,
      side: 'platform' as const,
      action: 'changed',
      rule: 'put',
      reason: 'The platform said so.',
      before: null,
      after: null,
      change: { type: 'appointment.updated' as const, data: { id, version, title: 'Müller; "😀"' } },
    }
  })
  for (let at = 0; at < entries.length; at += 500)
    await store.transaction(tenantId, tx => tx.apply(tenantId, { journal: entries.slice(at, at + 500) }))
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function trap() {
  let count = 0
  const server = createTcpServer(socket => {
    count += 1
    socket.destroy()
  })
  const port = await listen(server)
  return { port, connections: () => count, close: () => new Promise<void>(resolve => server.close(() => resolve())) }
}

async function platformThatMisbehaves(random: () => number, canaryPort: number) {
  const accepted: { id: string; appointmentId: string; version: number }[] = []
  const refusedSignatures: string[] = []
  let attempts = 0
  let webhook: Webhook | null = null
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('error', () => undefined)
    request.on('data', part => parts.push(part))
    request.on('end', () => {
      attempts += 1
      const fate = random()
      const accept = (): void => {
        const body = Buffer.concat(parts).toString()
        const headers = request.headers as Record<string, string>
        try {
          webhook?.verify(body, headers)
        } catch (error) {
          refusedSignatures.push(String(error))
        }
        const { id, version } = (JSON.parse(body) as { data: { id: string; version: number } }).data
        accepted.push({ id: headers['webhook-id'] ?? '', appointmentId: id, version })
      }
      misbehave(fate, response, accept, canaryPort)
    })
  })
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}/hook`,
    accepted,
    refusedSignatures,
    attempts: () => attempts,
    verifyWith: (secret: string) => {
      webhook = new Webhook(secret)
    },
    close: () => {
      server.closeAllConnections()
      return new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

/** One answer in seven goes wrong, each in another way; some of them after the message was taken. */
function misbehave(fate: number, response: ServerResponse, accept: () => void, canaryPort: number): void {
  const canary = `http://127.0.0.1:${canaryPort}/`
  if (fate < 0.03) response.writeHead(500).end('no')
  else if (fate < 0.05) response.writeHead(302, { location: canary }).end()
  else if (fate < 0.07) response.socket?.resetAndDestroy()
  else if (fate < 0.09) {
    accept()
    response.socket?.destroy()
  } else if (fate < 0.095)
    return // hangs
  else if (fate < 0.11) response.writeHead(429, { 'retry-after': '2' }).end()
  else if (fate < 0.13) response.writeHead(503).end()
  else {
    accept()
    response.writeHead(fate < 0.5 ? 200 : 204).end()
  }
}
