import { createHash } from 'node:crypto'
import { SCOPES } from '../../../src/core/model/key-scopes.ts'
import { createFullLists } from '../../../src/usecases/sync/full-lists.ts'
import type { FastifyInstance } from 'fastify'
import type { ServerDeps } from '../../../src/adapters/http/app.ts'
import { buildServer } from '../../../src/adapters/http/server.ts'
import type { WakeUp } from '../../../src/ports/jobs.ts'
import type { LogFields } from '../../../src/ports/log.ts'
import type { Store } from '../../../src/ports/store/store.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

export const ADMIN_TOKEN = 'admin-token-of-the-tests'
export const TENANT = 'tnt_clinic'
export const API_KEY = 'lk_key_of_the_clinic'
const STRANGER = 'tnt_stranger'
export const STRANGERS_KEY = 'lk_key_of_a_stranger'
export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` })

export const NOW = Date.parse('2026-11-02T10:00:00Z')

/** A port that the test at hand must not need: touching it fails. */
function unused<T extends object>(name: string): T {
  return new Proxy({} as T, {
    get: (_target, member) => {
      throw new Error(`${name}.${String(member)} was not expected to be used`)
    },
  })
}

const hash = (secret: string): string => createHash('sha256').update(secret).digest('hex')

export type LogLine = { level: string; line: string; fields: LogFields | undefined }

/** The real server over the ports given; the clock stands still at `NOW` unless moved. */
export async function anApp(over: Partial<ServerDeps> & { store: Store }): Promise<{
  app: FastifyInstance
  deps: ServerDeps
  clock: { now: number }
  lines: LogLine[]
}> {
  const clock = { now: NOW }
  const lines: LogLine[] = []
  let ids = 0
  const log = (level: string) => (line: string, fields?: LogFields) => void lines.push({ level, line, fields })
  const deps: ServerDeps = {
    fullLists: createFullLists(),
    system: {
      now: () => clock.now,
      random: () => 0.5,
      newId: () => `id-${(ids += 1)}`,
      newSecret: bytes => 'x'.repeat(bytes),
      sleep: async () => undefined,
    },
    names: {
      eventId: of => hash(JSON.stringify(of)),
      markerKey: of => hash(JSON.stringify(of)),
      isOwnMark: () => false,
      channelToken: hash,
      isChannelToken: (id, token) => hash(id) === token,
      hash,
    },
    vault: {
      seal: (plain, context) => Buffer.from(JSON.stringify([context, plain])).toString('base64'),
      open: (sealed, context) => {
        const [madeFor, plain] = JSON.parse(Buffer.from(sealed, 'base64').toString()) as [string, string]
        if (madeFor !== context) throw new Error('sealed for another place')
        return plain
      },
      isStale: () => false,
    },
    google: unused('google'),
    oauth: unused('oauth'),
    accessTokens: unused('accessTokens'),
    jobs: unused('jobs'),
    webhooks: unused('webhooks'),
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    settings: {
      publicUrl: 'http://127.0.0.1:8080',
      channelTtlSeconds: 604_800,
      pollIntervalMs: 900_000,
      pageSize: 2_500,
      listParameters: 'test',
      requiredScopes: [],
    },
    adminToken: ADMIN_TOKEN,
    ...over,
  }
  return { app: await buildServer(deps), deps, clock, lines }
}

/** A store of which only these members may be touched. */
export const storeWith = (members: Partial<Store>): Store =>
  new Proxy(members as Store, {
    get: (target, member) => {
      const known: unknown = Reflect.get(target, member)
      if (known === undefined) throw new Error(`store.${String(member)} was not expected to be used`)
      return known
    },
  })

type OnWake = (wakeUps: readonly WakeUp[]) => void

export type Clinic = Awaited<ReturnType<typeof aClinic>>

/** The server over a store in memory, with one tenant, a stranger, and their keys. */
export async function aClinic(
  makeStore: (onWake: OnWake) => Store = createMemoryStore,
  over: Partial<ServerDeps> = {},
) {
  const wakes: WakeUp[] = []
  const store = makeStore(more => void wakes.push(...more))
  for (const [id, key] of [
    [TENANT, API_KEY],
    [STRANGER, STRANGERS_KEY],
  ] as const)
    await store.transaction(id, async tx => {
      const settings = {
        branding: { productName: null, logoUrl: null, colour: null },
        connectRoles: null,
        oauthClient: null,
        policies: {},
      }
      await tx.saveTenant({ id, name: id, settings, createdAt: NOW })
      const [revokedAt, lastUsedAt] = [null, NOW]
      const stored = {
        tenantId: id,
        id: `${id}-key`,
        hash: hash(key),
        prefix: 'lk',
        createdAt: NOW,
        revokedAt,
        lastUsedAt,
      }
      await tx.saveApiKey({ ...stored, expiresAt: null, scopes: SCOPES })
    })
  const made = await anApp({ store, ...over })
  const call = async (
    method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE',
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const reply = await made.app.inject({
      method,
      url,
      headers: {
        ...bearer(API_KEY),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    // The tests read answers of many shapes; each asserts what it reads.
    const json = reply.body === '' ? null : (JSON.parse(reply.body) as Record<string, any>) // eslint-disable-line @typescript-eslint/no-explicit-any
    return { status: reply.statusCode, body: json ?? {}, headers: reply.headers }
  }
  return { ...made, store, wakes, call }
}

/** A body as a platform sends it: half an hour on 1 December at nine in New York. */
export const aBooking = (over: Record<string, unknown> = {}): Record<string, unknown> => ({
  userId: 'dr-lee',
  title: 'Follow-up, Jane Roe',
  start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-12-01T09:30:00-05:00', timeZone: 'America/New_York' },
  ...over,
})
