import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { realSystem } from '../../src/adapters/system/system.ts'
import { createJobEngine } from '../../src/adapters/worker/jobs.ts'
import { newPostgres, type TestDatabase } from '../support/databases.ts'

const SETTINGS = {
  SECRET_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  ADMIN_TOKEN: 'admin-token-of-the-test',
  GOOGLE_CLIENT_ID: 'client',
  GOOGLE_CLIENT_SECRET: 'client-secret',
  GOOGLE_API_URL: 'http://127.0.0.1:1',
  LOG_LEVEL: 'silent',
}

let made: TestDatabase
const children: ChildProcess[] = []
beforeAll(async () => {
  made = await newPostgres()
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => made.drop())

function run(script: string, args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => (output.stdout += String(chunk)))
  child.stderr.on('data', chunk => (output.stderr += String(chunk)))
  const ended = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }))
  return { child, output, ended }
}

/** The work of another process takes real time; the test's own timeout is the bound. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 25))
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return String(typeof address === 'object' ? address?.port : '')
}

const isReady = (url: string) =>
  fetch(`${url}/health/ready`).then(
    answer => answer.ok,
    () => false,
  )

async function startService() {
  const PORT = await freePort()
  const url = `http://127.0.0.1:${PORT}`
  const service = run('src/main.ts', [], { ...SETTINGS, PORT, DATABASE_URL: made.url ?? '' })
  await until(() => isReady(url))
  return { ...service, url }
}

test('missing and wrong settings are all said in one message, and the process exits with 1', async () => {
  const { ended, output } = run('src/main.ts', [], { ...SETTINGS, ADMIN_TOKEN: '', PORT: 'eighty' })
  expect(await ended).toEqual({ code: 1, signal: null })
  expect(output.stderr).toMatch(/^2 setting\(s\) to mend:\n {2}- PORT .*\n {2}- ADMIN_TOKEN is not set/)
})

test('two instances share one database, and the first signal ends each in order', async () => {
  const both = await Promise.all([startService(), startService()])
  const [first, second] = both
  if (first === undefined || second === undefined) throw new Error('two were started')
  const created = await fetch(`${first.url}/v1/tenants`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SETTINGS.ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Clinic' }),
  })
  expect(created.status).toBe(201)
  const { apiKey } = (await created.json()) as { apiKey: string }
  first.child.kill('SIGTERM')
  expect(await first.ended).toEqual({ code: 0, signal: null })
  const changes = await fetch(`${second.url}/v1/changes`, { headers: { authorization: `Bearer ${apiKey}` } })
  expect(changes.status).toBe(200)
  second.child.kill('SIGTERM')
  expect(await second.ended).toEqual({ code: 0, signal: null })
})

test('F45: what a killed process was doing is done by another one', async () => {
  const killed = run('test/process/hanging-worker.ts', [made.url ?? ''], {})
  await until(() => killed.output.stdout.includes('began c'))
  killed.child.kill('SIGKILL')
  expect((await killed.ended).signal).toBe('SIGKILL')

  const ran = Promise.withResolvers<string>()
  const note = (wakeUp: { connectionId: string }) => {
    ran.resolve(wakeUp.connectionId)
    return Promise.resolve({ kind: 'done' as const })
  }
  const silent = () => {}
  const engine = createJobEngine({
    database: made.database,
    handlers: {
      pull: note,
      flush: note,
      prepare: note,
      'settle-missing': note,
      'refresh-calendars': note,
      'close-connection': note,
      compare: note,
      deliver: () => Promise.resolve({ kind: 'done' as const }),
    },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    system: realSystem(),
  })
  await engine.start()
  expect(await ran.promise).toBe('c')
  await engine.stop({ graceMs: 5_000 })
})
