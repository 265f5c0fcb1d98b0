import { randomBytes } from 'node:crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { createLockstep } from '../../src/client/client.ts'
import { lockstep } from '../../src/plugin.ts'
import { addAccount, startSimulator, type RunningSimulator } from '../../src/simulator/testing.ts'
import { newPostgres, type TestDatabase } from '../support/databases.ts'
import { until } from '../support/service-process.ts'

const ADMIN_TOKEN = 'admin-token-of-the-host'
const opened: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

type Host = { app: FastifyInstance; origin: string; url: string }

/** A platform's own application, which has a page, an error format and a parser of its own. */
async function aHost(settings: Record<string, string>, worker: boolean): Promise<Host> {
  const app = Fastify()
  app.get('/', () => ({ host: 'clinic' }))
  app.setErrorHandler((_error, _request, reply) => reply.status(418).send('the host’s own error'))
  app.setNotFoundHandler((_request, reply) => reply.status(404).send('the host’s own 404'))
  const origin = await new Promise<string>(resolve => {
    app.addHook('onListen', async () => resolve(app.listeningOrigin))
    // The port has to be known before: PUBLIC_URL is part of what Google is told.
    void app
      .register(lockstep, { prefix: '/sync', worker, settings })
      .listen({ port: Number(new URL(settings['PUBLIC_URL'] ?? '').port), host: '127.0.0.1' })
  })
  opened.push(app)
  return { app, origin, url: `${origin}/sync` }
}

async function freePort(): Promise<number> {
  const app = Fastify()
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = new URL(app.listeningOrigin)
  await app.close()
  return Number(port)
}

async function aStage(): Promise<{
  simulator: RunningSimulator
  database: TestDatabase
  settings: () => Promise<Record<string, string>>
}> {
  const database = await newPostgres()
  opened.push({ close: () => database.drop() })
  const simulator = await startSimulator({ autoConsent: { account: 'lee@example.com' } })
  opened.push(simulator)
  addAccount(simulator.world, { email: 'lee@example.com', timeZone: 'Europe/Berlin' })
  const secretKeys = `k1:${randomBytes(32).toString('base64')}`
  return {
    simulator,
    database,
    settings: async () => ({
      PUBLIC_URL: `http://127.0.0.1:${await freePort()}/sync`,
      DATABASE_URL: database.url ?? '',
      SECRET_KEYS: secretKeys,
      ADMIN_TOKEN,
      GOOGLE_CLIENT_ID: 'client',
      GOOGLE_CLIENT_SECRET: 'only-for-the-simulator',
      GOOGLE_API_URL: simulator.url,
      GOOGLE_AUTH_URL: `${simulator.url}/o/oauth2/v2/auth`,
      GOOGLE_TOKEN_URL: `${simulator.url}/token`,
      GOOGLE_REVOKE_URL: `${simulator.url}/revoke`,
      LOG_LEVEL: 'silent',
    }),
  }
}

const booking = {
  userId: 'dr-lee',
  title: 'Follow-up',
  start: { dateTime: '2026-12-01T09:00:00+01:00', timeZone: 'Europe/Berlin' },
  end: { dateTime: '2026-12-01T09:30:00+01:00', timeZone: 'Europe/Berlin' },
}

test('inside a host application, under its prefix: everything works there and nothing of the host’s changes', async () => {
  const { settings } = await aStage()
  const { origin, url } = await aHost(await settings(), true)
  const { id, apiKey } = await createLockstep({ baseUrl: url, apiKey: ADMIN_TOKEN }).createTenant({
    body: { name: 'Clinic' },
  })
  expect(id).toMatch(/^ten_/)
  const platform = createLockstep({ baseUrl: url, apiKey })

  const { url: page, googleUrl } = await platform.createConnectLink({ path: { userId: 'dr-lee' }, body: {} })
  expect(page.startsWith(`${url}/connect/`)).toBe(true)
  expect(await (await fetch(page)).text()).toMatch(/action="\/sync\/connect\//)
  const consent = await fetch(googleUrl, { redirect: 'manual' })
  const back = consent.headers.get('location') ?? ''
  expect(back.startsWith(`${url}/oauth/google/callback`)).toBe(true)
  await fetch(back, { redirect: 'manual' })
  const console = await fetch(`${url}/console`, { redirect: 'manual' })
  expect(console.headers.get('location') ?? '/sync/').toMatch(/^\/sync\//)

  const [connection] = (await platform.listConnections({ path: { userId: 'dr-lee' } })).items
  const path = { id: connection?.id ?? '' }
  const started = await platform.chooseCalendars({ path, body: { target: { create: 'Practice' } } })
  if (!('runId' in started)) throw new Error('a plan was not asked for')
  await platform.finished(started)
  await platform.putAppointment({ path: { id: 'apt_1' }, body: booking })
  await until(async () => (await platform.getAppointment({ path: { id: 'apt_1' } })).google.state === 'synced')

  expect(await (await fetch(`${origin}/`)).json()).toEqual({ host: 'clinic' })
  expect(await (await fetch(`${origin}/v1/appointments`)).text()).toBe('the host’s own 404')
  expect(await (await fetch(`${url}/v1/nothing`)).json()).toMatchObject({ type: 'not-found' })
  const broken = {
    method: 'PUT',
    body: '{',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
  }
  expect(await (await fetch(`${url}/v1/appointments/x`, broken)).json()).toMatchObject({ type: 'invalid-json' })
  expect(((await (await fetch(`${url}/openapi.json`)).json()) as { servers: unknown }).servers).toEqual([{ url }])
  expect((await fetch(`${url}/health/ready`)).status).toBe(200)
})

test('without a worker it answers and leaves the work to others; it closes with the host, waiting readers or not', async () => {
  const { settings } = await aStage()
  const [idle, busy] = [await aHost(await settings(), false), await aHost(await settings(), true)]
  const { apiKey } = await createLockstep({ baseUrl: busy.url, apiKey: ADMIN_TOKEN }).createTenant({
    body: { name: 'Clinic' },
  })
  const platform = createLockstep({ baseUrl: idle.url, apiKey })
  await busy.app.close()
  const { googleUrl } = await platform.createConnectLink({ path: { userId: 'dr-lee' }, body: {} })
  const consent = await fetch(googleUrl, { redirect: 'manual' })
  await fetch(consent.headers.get('location') ?? '', { redirect: 'manual' })
  const [connection] = (await platform.listConnections({ path: { userId: 'dr-lee' } })).items
  const body = { target: { create: 'Practice' } }
  const started = await platform.chooseCalendars({ path: { id: connection?.id ?? '' }, body })
  const runId = 'runId' in started ? started.runId : ''
  expect((await platform.getRun({ path: { id: runId } })).state).toBe('queued')

  const worker = await aHost(await settings(), true)
  const run = await createLockstep({ baseUrl: worker.url, apiKey }).finished({ runId })
  expect(run.state).toBe('done')

  const { cursor } = await platform.listChanges({ query: { limit: 500 } })
  const waiting = platform.listChanges({ query: { after: cursor, wait: 60 } }).then(
    () => 'answered',
    () => 'ended',
  )
  await idle.app.close()
  expect(await waiting).toMatch(/answered|ended/)
  await expect(fetch(idle.url)).rejects.toThrow()
})

test('what is missing in the settings is said when the host starts', async () => {
  const app = Fastify()
  opened.push(app)
  await expect(app.register(lockstep, { settings: {} }).ready()).rejects.toThrow(/SECRET_KEYS[\s\S]*ADMIN_TOKEN/)
})
