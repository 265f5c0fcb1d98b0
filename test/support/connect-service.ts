import { randomBytes } from 'node:crypto'
import { createFullLists } from '../../src/usecases/sync/full-lists.ts'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { googleCalendar, LIST_PARAMETERS } from '../../src/adapters/google/calendar.ts'
import { webhookSender } from '../../src/adapters/webhooks/sender.ts'
import { googleOAuth, REQUIRED_SCOPES } from '../../src/adapters/google/oauth.ts'
import { createNames } from '../../src/adapters/db/names.ts'
import { createVault } from '../../src/adapters/db/vault.ts'
import { buildServer } from '../../src/adapters/http/server.ts'
import { realSystem } from '../../src/adapters/system/system.ts'
import { wakeUpKey, type WakeUp } from '../../src/ports/jobs.ts'
import { startSimulator } from '../../src/simulator/testing.ts'
import { createAccessTokens } from '../../src/usecases/connections/access-tokens.ts'
import type { Deps } from '../../src/usecases/deps.ts'
import { createTenant } from '../../src/usecases/tenants/create-tenant.ts'
import type { LogFields } from '../../src/ports/log.ts'
import { watchedLog, watchedMetrics } from './watched.ts'
import { runJob } from './engine.ts'
import { createMemoryStore } from './memory-store.ts'

export type ConnectService = Awaited<ReturnType<typeof startConnectService>>

/** The service on a port with a store in memory, beside a simulator on another: real HTTP, real cookies, real redirects. */
export async function startConnectService(settings: unknown = {}) {
  const publicUrl = `http://127.0.0.1:${await freePort()}`
  const simulator = await startSimulator()
  const worker = { isStopped: false, isBusy: false, queue: new Map<string, { wakeUp: WakeUp; at: number }>() }
  const wake = (wakeUps: readonly WakeUp[]): void => {
    for (const wakeUp of wakeUps)
      worker.queue.set(`${wakeUp.kind} ${wakeUpKey(wakeUp)}`, { wakeUp, at: wakeUp.startAfter ?? 0 })
  }
  const errors: unknown[] = []
  const note = (line: string, fields?: object): void => void errors.push([line, fields])
  const log = watchedLog()
  const system = realSystem()
  const keys = [{ id: 'k1', key: randomBytes(32) }]
  const oauth = googleOAuth({
    client: { clientId: 'client', clientSecret: 'secret' },
    redirectUri: `${publicUrl}/oauth/google/callback`,
    now: () => system.now(),
    authUrl: `${simulator.url}/o/oauth2/v2/auth`,
    tokenUrl: `${simulator.url}/token`,
    revokeUrl: `${simulator.url}/revoke`,
  })
  const base = {
    store: createMemoryStore(wake),
    system,
    names: createNames(keys),
    vault: createVault(keys),
    oauth,
    log: {
      ...log,
      error: (line: string, fields?: LogFields) => {
        log.error(line, fields)
        note(line, fields)
      },
    },
    metrics: watchedMetrics(),
    settings: {
      publicUrl,
      channelTtlSeconds: 604_800,
      pollIntervalMs: 900_000,
      pageSize: 250,
      listParameters: LIST_PARAMETERS,
      requiredScopes: REQUIRED_SCOPES,
    },
    jobs: { wake: async (wakeUps: readonly WakeUp[]) => wake(wakeUps) },
  }
  const accessTokens = createAccessTokens(base)
  const google = googleCalendar({ tokens: accessTokens, now: () => system.now(), rootUrl: `${simulator.url}/` })
  const webhooks = webhookSender({ allowed: 'any', now: () => system.now() })
  const deps: Deps = { ...base, accessTokens, google, webhooks, fullLists: createFullLists() }
  const app = await buildServer({ ...deps, adminToken: 'admin-token-of-the-tests' })
  await app.listen({ host: '127.0.0.1', port: Number(new URL(publicUrl).port) })
  const made = await createTenant(deps, { name: 'Lakeside Clinic', settings })
  if (!made.ok) throw new Error(JSON.stringify(made.error))
  const timer = setInterval(() => void work(deps, worker, errors), 20)
  return {
    app,
    deps,
    simulator,
    publicUrl,
    errors,
    worker,
    tenantId: made.value.id,
    apiKey: made.value.apiKey,
    api: (method: string, path: string, body?: unknown) => callApi(publicUrl, made.value.apiKey, method, path, body),
    stop: async () => {
      worker.isStopped = true
      clearInterval(timer)
      app.server.closeAllConnections()
      await app.close()
      await simulator.close()
    },
  }
}

type Worker = { isStopped: boolean; isBusy: boolean; queue: Map<string, { wakeUp: WakeUp; at: number }> }

async function work(deps: Deps, worker: Worker, errors: unknown[]): Promise<void> {
  if (worker.isBusy || worker.isStopped) return
  worker.isBusy = true
  try {
    for (const [key, { wakeUp, at }] of worker.queue) {
      if (at > deps.system.now()) continue
      worker.queue.delete(key)
      const outcome = await runJob(deps, wakeUp)
      if (outcome.kind === 'again') worker.queue.set(key, { wakeUp, at: outcome.at })
    }
  } catch (error) {
    errors.push(error)
  } finally {
    worker.isBusy = false
  }
}

async function callApi(publicUrl: string, apiKey: string, method: string, path: string, body?: unknown) {
  const reply = await fetch(`${publicUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await reply.text()
  // Answers of many shapes; each test asserts what it reads.
  const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, any> // eslint-disable-line @typescript-eslint/no-explicit-any
  return { status: reply.status, headers: reply.headers, body: json }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
