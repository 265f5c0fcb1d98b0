import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { watchedOutput } from './watched.ts'
import { addAccount, addCalendar, startSimulator, type RunningSimulator } from '../../src/simulator/testing.ts'

const ADMIN_TOKEN = 'admin-token-of-the-test'

export type Json = Record<string, unknown>
export type Answer = { status: number; body: Json }

/** The real service as a process beside a simulator, over a database that outlives it: to be killed and started again. */
export type ServiceProcess = {
  simulator: RunningSimulator
  url: string
  /** The tenant's, from the first start on. */
  readonly apiKey: string
  start(): Promise<void>
  /** kill -9: nothing is finished, nothing is said. */
  kill(): Promise<void>
  /** A tenant's call; the tenant is made with the first start. */
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** One user connected through Google's consent, calendar chosen. @returns what to follow the first sync by. */
  connect(userId: string, events: Json[]): Promise<{ connectionId: string; runId: string; calendarId: string }>
  stop(): Promise<void>
}

/** @param where DATABASE_URL, or DATA_DIR for the embedded database. */
export async function newServiceProcess(where: Record<string, string>): Promise<ServiceProcess> {
  const simulator = await startSimulator({ autoConsent: true, notificationDelayMs: 50 })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = {
    PATH: process.env['PATH'] ?? '',
    NODE_ENV: 'production',
    PORT: port,
    PUBLIC_URL: url,
    SECRET_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    ADMIN_TOKEN,
    GOOGLE_CLIENT_ID: 'client',
    GOOGLE_CLIENT_SECRET: 'client-secret',
    GOOGLE_API_URL: simulator.url,
    GOOGLE_AUTH_URL: `${simulator.url}/o/oauth2/v2/auth`,
    GOOGLE_TOKEN_URL: `${simulator.url}/token`,
    GOOGLE_REVOKE_URL: `${simulator.url}/revoke`,
    LOG_LEVEL: 'debug',
    ...where,
  }
  let child: ChildProcess | null = null
  let apiKey = ''
  const service: ServiceProcess = {
    simulator,
    url,
    get apiKey() {
      return apiKey
    },
    start: async () => {
      const started = spawn(process.execPath, ['src/main.ts'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
      started.stdout.pipe(watchedOutput())
      child = started
      await until(async () => {
        if (started.exitCode !== null) throw new Error(`the service ended with ${started.exitCode}`)
        return (await fetch(`${url}/health/ready`).catch(() => null))?.ok ?? false
      })
      if (apiKey !== '') return
      const made = await call(url, ADMIN_TOKEN, 'POST', '/v1/tenants', { name: 'Clinic' })
      apiKey = String(made.body['apiKey'])
    },
    kill: async () => {
      const killed = child
      child = null
      if (killed === null || killed.exitCode !== null) return
      killed.kill('SIGKILL')
      await once(killed, 'exit')
    },
    api: (method, path, body, headers) => call(url, apiKey, method, path, body, headers),
    connect: (userId, events) => connect(service, userId, events),
    stop: async () => {
      await service.kill()
      await simulator.close()
    },
  }
  return service
}

async function call(
  url: string,
  key: string,
  method: string,
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...more,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Json }
}

async function connect(service: ServiceProcess, userId: string, events: Json[]) {
  const { simulator } = service
  const email = `${userId}@example.com`
  const owner = addAccount(simulator.world, { email, timeZone: 'America/New_York' })
  const calendar = addCalendar(simulator.world, { owner, summary: 'Practice', timeZone: 'America/New_York' })
  if (events.length > 0)
    await control(simulator, 'POST', `calendars/${encodeURIComponent(calendar.id)}/events`, { events })
  await control(simulator, 'POST', 'consent', { auto: true, account: email })
  const link = await service.api('POST', `/v1/users/${userId}/connect-links`, {})
  const consent = await fetch(String(link.body['googleUrl']), { redirect: 'manual' })
  await fetch(consent.headers.get('location') ?? '', { redirect: 'manual' })
  const connections = await service.api('GET', `/v1/users/${userId}/connections`)
  const connectionId = String((connections.body['items'] as Json[])[0]?.['id'])
  const chosen = await service.api('PUT', `/v1/connections/${connectionId}/calendars`, {
    target: { calendarId: calendar.id },
    sources: [calendar.id],
    conflicts: [],
  })
  if (chosen.status !== 202) throw new Error(JSON.stringify(chosen))
  return { connectionId, runId: String(chosen.body['runId']), calendarId: calendar.id }
}

export async function control(simulator: RunningSimulator, method: string, path: string, body?: Json): Promise<void> {
  const answer = await fetch(`${simulator.url}/_control/${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
}

/** The work of another process takes real time; the test's own timeout is the bound. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 25))
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return String(typeof address === 'object' ? address?.port : '')
}
