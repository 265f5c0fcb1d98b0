import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { newPostgres, type TestDatabase } from '../support/databases.ts'
import { until } from '../support/service-process.ts'

const SETTINGS = {
  PATH: process.env['PATH'] ?? '',
  NODE_ENV: 'production',
  SECRET_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  ADMIN_TOKEN: randomBytes(24).toString('base64url'),
  GOOGLE_CLIENT_ID: 'client',
  GOOGLE_CLIENT_SECRET: randomBytes(18).toString('base64url'),
  GOOGLE_API_URL: 'http://127.0.0.1:1',
  LOG_LEVEL: 'silent',
}

let made: TestDatabase
const children: ChildProcess[] = []
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await made.drop()
})

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return String(typeof address === 'object' ? address?.port : '')
}

async function start(instanceId: string) {
  const PORT = await freePort()
  const url = `http://127.0.0.1:${PORT}`
  const env = { ...SETTINGS, PORT, DATABASE_URL: made.url ?? '', INSTANCE_ID: instanceId }
  const child = spawn(process.execPath, ['src/main.ts'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  children.push(child)
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`)
    return (await fetch(`${url}/health/live`).catch(() => null))?.ok ?? false
  })
  const ready = await fetch(`${url}/health/ready`)
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  return { url, ready: { status: ready.status, text: await ready.text() }, stop }
}

const makeTenant = (url: string) =>
  fetch(`${url}/v1/tenants`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SETTINGS.ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Clinic' }),
  })

test('F36: a service under another name works on nothing and says why, until the database is adopted', async () => {
  made = await newPostgres({ max: 1 })
  const production = await start('production')
  expect(production.ready.status).toBe(200)
  await production.stop()

  const staging = await start('staging')
  expect(staging.ready.status).toBe(503)
  expect(staging.ready.text).toContain('belongs to the installation production')
  const refused = await makeTenant(staging.url)
  expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('adopt-database')])
  await staging.stop()

  const env = { ...SETTINGS, DATABASE_URL: made.url ?? '', INSTANCE_ID: 'staging' }
  const adopting = spawn(process.execPath, ['src/cli.ts', 'adopt-database'], { env, stdio: 'ignore' })
  expect(await once(adopting, 'exit')).toEqual([0, null])
  const adopted = await start('staging')
  expect(adopted.ready.status).toBe(200)
  expect((await makeTenant(adopted.url)).status).toBe(201)
  await adopted.stop()
})
