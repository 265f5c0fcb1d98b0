import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Google } from './google.ts'

export type Json = Record<string, unknown>
export const SECRET_KEY = randomBytes(32)
export const ADMIN_TOKEN = 'admin-token-of-the-benchmark'

/** The service as a process of its own, over sources or a bundle. */
export type Service = {
  url: string
  port: number
  pid: number
  /** Milliseconds from the process's start to the first ready answer. */
  readyMs: number
  apiKey: string
  api: Api
  /** A further tenant's API. */
  newTenant(): Promise<{ api: Api }>
  stop(): Promise<void>
}
type Api = (method: string, path: string, body?: unknown) => Promise<{ status: number; body: Json }>

export async function startService(
  where: Record<string, string>,
  {
    google = null,
    script = 'src/main.ts',
    isTenantMade = true,
  }: { google?: Google | null; script?: string; isTenantMade?: boolean } = {},
): Promise<Service> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const googleUrl = google?.url ?? 'http://127.0.0.1:1'
  const startedAt = performance.now()
  const profiling = PROFILES === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`]
  const child = spawn(process.execPath, [...profiling, script], {
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'production',
      PORT: String(port),
      PUBLIC_URL: url,
      SECRET_KEYS: `k1:${SECRET_KEY.toString('base64')}`,
      ADMIN_TOKEN,
      GOOGLE_CLIENT_ID: 'client',
      GOOGLE_CLIENT_SECRET: 'client-secret',
      GOOGLE_API_URL: googleUrl,
      GOOGLE_AUTH_URL: `${googleUrl}/o/oauth2/v2/auth`,
      GOOGLE_TOKEN_URL: `${googleUrl}/token`,
      GOOGLE_REVOKE_URL: `${googleUrl}/revoke`,
      GOOGLE_PROJECT_RPM: '1000000',
      GOOGLE_USER_RPM: '1000000',
      WEBHOOK_ALLOW_PRIVATE: 'true',
      LOG_LEVEL: 'error',
      ...where,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`)
    return (await fetch(`${url}/health/ready`).catch(() => null))?.ok ?? false
  })
  const readyMs = performance.now() - startedAt
  const made = isTenantMade ? await call(url, ADMIN_TOKEN, 'POST', '/v1/tenants', { name: 'Clinic' }) : null
  const apiKey = String(made?.body['apiKey'])
  const apiOf =
    (key: string): Api =>
    (...asked) =>
      call(url, key, ...asked)
  const newTenant = async () => {
    const { body } = await call(url, ADMIN_TOKEN, 'POST', '/v1/tenants', { name: 'Another' })
    return { api: apiOf(String(body['apiKey'])) }
  }
  return { url, port, pid: child.pid ?? 0, readyMs, apiKey, api: apiOf(apiKey), newTenant, stop: () => end(child) }
}

/** Where profiles of the services go; the empty text: none are made. */
const PROFILES = process.env['BENCH_PROFILES'] ?? ''

/** Killed, unless it has a profile to write. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill(PROFILES === '' ? 'SIGKILL' : 'SIGTERM')
  await once(child, 'exit')
}

async function call(url: string, key: string, method: string, path: string, body?: unknown) {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Json }
}

/** One user through Google's consent, with one calendar as target and source, until its first sync is done. */
export async function connectUser(
  service: Pick<Service, 'api'>,
  google: Google,
  { userId, email, calendarId }: { userId: string; email: string; calendarId: string },
): Promise<void> {
  await google.ask('consent', { email })
  const link = await service.api('POST', `/v1/users/${userId}/connect-links`, {})
  const consent = await fetch(String(link.body['googleUrl']), { redirect: 'manual' })
  await fetch(consent.headers.get('location') ?? '', { redirect: 'manual' })
  const connections = await service.api('GET', `/v1/users/${userId}/connections`)
  const connectionId = String((connections.body['items'] as Json[])[0]?.['id'])
  const choice = { target: { calendarId }, sources: [calendarId], conflicts: [] }
  const chosen = await service.api('PUT', `/v1/connections/${connectionId}/calendars`, choice)
  if (chosen.status !== 202) throw new Error(JSON.stringify(chosen))
  const run = `/v1/runs/${String(chosen.body['runId'])}`
  await until(async () => (await service.api('GET', run)).body['state'] === 'done')
}

export async function until(condition: () => Promise<boolean>, everyMs = 10): Promise<void> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, everyMs))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
