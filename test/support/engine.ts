import { createHash, createHmac } from 'node:crypto'
import { googleCalendar, LIST_PARAMETERS } from '../../src/adapters/google/calendar.ts'
import { handlersOf } from '../../src/adapters/worker/handlers.ts'
import { breakingCalendar } from '../../src/adapters/worker/project-breaker.ts'
import { googleOAuth, REQUIRED_SCOPES } from '../../src/adapters/google/oauth.ts'
import type { Calendar } from '../../src/core/model/connection.ts'
import { DEFAULT_WINDOW, type PolicyOverrides, type SyncWindow } from '../../src/core/model/policies.ts'
import { wakeUpKey, type JobOutcome, type WakeUp } from '../../src/ports/jobs.ts'
import type { Names, Vault } from '../../src/ports/secrets.ts'
import type { Store } from '../../src/ports/store/store.ts'
import type { System } from '../../src/ports/system.ts'
import type { WebhookSender } from '../../src/ports/webhook-sender.ts'
import { addAccount, addCalendar, createSimulator, type Simulator } from '../../src/simulator/testing.ts'
import type { Deps } from '../../src/usecases/deps.ts'
import { createAccessTokens } from '../../src/usecases/connections/access-tokens.ts'
import { expireProposals } from '../../src/usecases/proposals/expire-proposals.ts'
import { openRun } from '../../src/usecases/runs/open-run.ts'
import { createFullLists } from '../../src/usecases/sync/full-lists.ts'
import { receiveNotification } from '../../src/usecases/sync/receive-notification.ts'
import { renewChannels } from '../../src/usecases/sync/watch-calendars.ts'
import { lightApi } from './light-api.ts'
import { aCalendar, aConnection, NOW } from './builders.ts'
import { watchedLog, watchedMetrics } from './watched.ts'

export const SIMULATOR_URL = 'http://google.localhost'
export const PUBLIC_URL = 'http://lockstep.localhost'
export const TENANT = 'clinic'
const TICK_MS = 900_000

/** The real engine against the simulator in one process: no socket, time moved by hand, every request in the simulator's log. */
export type Engine = {
  deps: Deps
  simulator: Simulator
  clock: { now: number }
  /** Works off everything that is due now: wake-ups, notifications, until nothing is left. */
  settle(): Promise<void>
  /** Moves the clock, stopping wherever work falls due. */
  advance(ms: number): Promise<void>
  /** A user with a connected Google account: one calendar, target and source, after its first sync. */
  connect(options?: ConnectOptions): Promise<Connected>
  waiting(): readonly WakeUp[]
}

export type ConnectOptions = {
  tenantId?: string
  userId?: string
  email?: string
  policies?: PolicyOverrides
  window?: SyncWindow
  calendar?: Partial<Pick<Calendar, 'isTarget' | 'isSource' | 'isConflict'>>
  /** Fill the Google calendar before the first sync. */
  before?: (calendarId: string) => void
}

export type Connected = { tenantId: string; userId: string; connectionId: string; calendarId: string; email: string }

/**
 * @param tickMs how often the schedule comes by. @param wrap what lies between the engine and Google; with it requests take the client
 * library's whole way, without it they spare the wire.
 */
export function createEngine(
  makeStore: (wake: (wakeUps: readonly WakeUp[]) => void) => Store,
  seed = 1,
  tickMs = TICK_MS,
  wrap?: (inner: typeof fetch) => typeof fetch,
): Engine {
  const clock = { now: NOW }
  const random = seeded(seed)
  const queue = new Map<string, { wakeUp: WakeUp; at: number }>()
  const wake = (wakeUps: readonly WakeUp[]): void => {
    for (const wakeUp of wakeUps) {
      const key = `${wakeUp.kind} ${wakeUpKey(wakeUp)}`
      const at = Math.max(clock.now, wakeUp.startAfter ?? 0)
      queue.set(key, { wakeUp, at: Math.min(at, queue.get(key)?.at ?? Infinity) })
    }
  }
  const store = makeStore(wake)
  const simulator = createSimulator({
    now: () => clock.now,
    seed,
    notificationDelayMs: 0,
    autoConsent: true,
    post: async (_url, headers) => notify(engine, headers),
  })
  let nextTick = clock.now + tickMs
  /** What the schedule does: polls, renewals, flushes that fell due. */
  const tick = async (): Promise<void> => {
    nextTick += tickMs
    for (const due of await store.calendarsDue(clock.now, 1_000)) wake([{ kind: 'pull', ...due }])
    for (const due of await store.flushesDue(clock.now, 1_000)) wake([{ kind: 'flush', ...due }])
    await renewChannels(deps, 1_000)
    await expireProposals(deps, 1_000)
  }
  const deps = wire({ clock, random, store, simulator, wake, wrap })
  const engine: Engine = {
    deps,
    simulator,
    clock,
    waiting: () => [...queue.values()].map(each => each.wakeUp),
    settle: () => settle(engine, queue),
    advance: async ms => {
      const until = clock.now + ms
      for (;;) {
        await settle(engine, queue)
        const next = Math.min(...[...queue.values()].map(each => each.at), simulator.nextDueAt() ?? Infinity, nextTick)
        if (next > until) break
        clock.now = Math.max(clock.now, next)
        if (next === nextTick) await tick()
      }
      clock.now = until
      await settle(engine, queue)
    },
    connect: options => connect(engine, options ?? {}),
  }
  return engine
}

export async function notify(engine: Pick<Engine, 'deps'>, headers: Record<string, string>): Promise<number> {
  const header = (name: string): string =>
    Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1] ?? ''
  const reception = await receiveNotification(engine.deps, {
    channelId: header('x-goog-channel-id'),
    token: header('x-goog-channel-token'),
    resourceId: header('x-goog-resource-id'),
    state: header('x-goog-resource-state'),
  })
  return { accepted: 204, unknown: 404, unavailable: 503 }[reception]
}

/** The process died here: what it was doing is done again by another one. */
export class Crash extends Error {}

/** Bounded: an engine that never comes to rest is a failure, not a hang. */
const ROUNDS_MAX = 5_000

async function settle(engine: Engine, queue: Map<string, { wakeUp: WakeUp; at: number }>): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    await engine.simulator.runDue()
    const due = [...queue].find(([, each]) => each.at <= engine.clock.now)
    if (due === undefined) return
    const [key, { wakeUp }] = due
    queue.delete(key)
    const outcome = await runJob(engine.deps, wakeUp).catch((error: unknown): JobOutcome => {
      if (error instanceof Crash) return { kind: 'again', at: engine.clock.now } // the job engine gives it to the next process
      throw error
    })
    if (outcome.kind === 'again' && !queue.has(key)) queue.set(key, { wakeUp, at: outcome.at })
  }
  throw new Error(`the engine did not come to rest in ${ROUNDS_MAX} rounds: ${[...queue.keys()].join(', ')}`)
}

export function runJob(deps: Deps, wakeUp: WakeUp): Promise<JobOutcome> {
  const handler = handlersOf(deps)[wakeUp.kind] as (wakeUp: WakeUp, signal: AbortSignal) => Promise<JobOutcome> // chosen by its own kind
  return handler(wakeUp, new AbortController().signal)
}

type Parts = {
  clock: { now: number }
  random: () => number
  store: Store
  simulator: Simulator
  wake: (wakeUps: readonly WakeUp[]) => void
  wrap: ((inner: typeof fetch) => typeof fetch) | undefined
}

function wire({ clock, random, store, simulator, wake, wrap }: Parts): Deps {
  let ids = 0
  const system: System = {
    now: () => clock.now,
    random,
    newId: () => `${String(++ids).padStart(8, '0')}`,
    newSecret: bytes => createHash('sha256').update(`secret ${++ids}`).digest('base64url').slice(0, bytes),
    sleep: () => Promise.resolve(),
  }
  const names = testNames()
  const vault = testVault()
  const settings = {
    publicUrl: PUBLIC_URL,
    channelTtlSeconds: 604_800,
    pollIntervalMs: 900_000,
    pageSize: 2_500,
    listParameters: LIST_PARAMETERS,
    requiredScopes: REQUIRED_SCOPES,
  }
  const now = (): number => clock.now
  const oauth = googleOAuth({
    client: { clientId: 'client', clientSecret: 'secret' },
    redirectUri: `${PUBLIC_URL}/oauth/google/callback`,
    now,
    tokenUrl: `${SIMULATOR_URL}/token`,
    authUrl: `${SIMULATOR_URL}/o/oauth2/v2/auth`,
    revokeUrl: `${SIMULATOR_URL}/revoke`,
    fetch: simulator.fetch,
  })
  const base = { store, system, names, vault, oauth, log: watchedLog(), metrics: watchedMetrics(), settings }
  const jobs = { wake: (wakeUps: readonly WakeUp[]) => Promise.resolve(wake(wakeUps)) }
  const accessTokens = createAccessTokens(base)
  const calendar = googleCalendar({
    tokens: accessTokens,
    now,
    rootUrl: `${SIMULATOR_URL}/`,
    ...(wrap === undefined ? { api: lightApi(simulator) } : { fetch: wrap(simulator.fetch) }),
  })
  const google = breakingCalendar(calendar, { system, log: base.log, projectOf: () => Promise.resolve('project') })
  return { ...base, jobs, accessTokens, google, webhooks: noWebhooks, fullLists: createFullLists() }
}

/** Nobody registers an endpoint here. */
const noWebhooks: WebhookSender = {
  faultOf: () => 'is not reachable from here',
  send: () => Promise.reject(new Error('no message was expected')),
}

/** Small stand-ins with the same promises; the real ones have tests of their own. */
export function testNames(): Names {
  const hmac = (text: string): string => createHmac('sha256', 'test key').update(text).digest('hex')
  const marked = (tenantId: string, mark: string): string => `${mark}${hmac(`check ${tenantId} ${mark}`).slice(0, 8)}`
  return {
    eventId: of =>
      hmac(JSON.stringify(['event', of.tenantId, of.calendarId, of.appointmentId, of.generation])).slice(0, 40),
    markerKey: of => marked(of.tenantId, hmac(JSON.stringify(['marker', of.tenantId, of.appointmentId])).slice(0, 24)),
    isOwnMark: (tenantId, mark) => mark === marked(tenantId, mark.slice(0, 24)),
    channelToken: channelId => hmac(`channel ${channelId}`),
    isChannelToken: (channelId, token) => token === hmac(`channel ${channelId}`),
    hash: secret => createHash('sha256').update(secret).digest('hex'),
  }
}

export function testVault(): Vault {
  return {
    seal: (plain, context) => `${context}\n${plain}`,
    open: (sealed, context) => {
      if (!sealed.startsWith(`${context}\n`)) throw new Error('sealed for another place')
      return sealed.slice(context.length + 1)
    },
    isStale: () => false,
  }
}

async function connect(engine: Engine, options: ConnectOptions): Promise<Connected> {
  const connected = await connectUser(engine, options)
  await engine.settle()
  return connected
}

/** As a user who has chosen calendars stands there, before the first sync runs. */
export async function connectUser(
  engine: Pick<Engine, 'deps' | 'simulator' | 'clock'>,
  options: ConnectOptions,
): Promise<Connected> {
  const { deps, simulator } = engine
  const tenantId = options.tenantId ?? TENANT
  const userId = options.userId ?? 'dr-lee'
  const email = options.email ?? `${userId}@example.com`
  const account = addAccount(simulator.world, { email, timeZone: 'America/New_York' })
  const calendar = addCalendar(simulator.world, { owner: account, summary: 'Practice', timeZone: 'America/New_York' })
  options.before?.(calendar.id)
  const connectionId = `con_${userId}`
  const grant = await grantFor(engine, email)
  await deps.store.transaction(tenantId, async tx => {
    if ((await tx.tenant(tenantId)) === null) {
      const settings = {
        branding: { productName: null, logoUrl: null, colour: null },
        connectRoles: null,
        oauthClient: null,
        policies: {},
      }
      await tx.saveTenant({ id: tenantId, name: 'Clinic', settings, createdAt: engine.clock.now })
    }
    await tx.saveConnection(
      aConnection({
        tenantId,
        id: connectionId,
        userId,
        googleSub: account.sub,
        googleEmail: email,
        status: 'pending',
        grantedScopes: REQUIRED_SCOPES,
        policies: options.policies ?? {},
        window: options.window ?? DEFAULT_WINDOW,
      }),
    )
    await tx.saveCredentials({
      tenantId,
      connectionId,
      ...grant(deps.vault, `${tenantId}/${connectionId}`),
      version: 1,
      refreshLeaseUntil: null,
    })
    await tx.saveCalendars([
      aCalendar({
        tenantId,
        connectionId,
        id: calendar.id,
        summary: 'Practice',
        cursor: { syncToken: null, pageToken: null, generation: 0, parameters: LIST_PARAMETERS, listedFrom: null },
        cursorVersion: 0,
        nextPollAt: engine.clock.now,
        isPrimary: false,
        ...options.calendar,
      }),
    ])
    await openRun(tx, {
      tenantId,
      connectionId,
      id: `run_${userId}`,
      kind: 'first_sync',
      now: engine.clock.now,
    })
  })
  return { tenantId, userId, connectionId, calendarId: calendar.id, email }
}

/** Tokens as the consent page would have brought them. */
async function grantFor(engine: Pick<Engine, 'deps' | 'simulator'>, email: string) {
  const url = new URL(`${SIMULATOR_URL}/o/oauth2/v2/auth`)
  const verifier = 'v'.repeat(64)
  url.search = new URLSearchParams({
    client_id: 'client',
    redirect_uri: `${PUBLIC_URL}/oauth/google/callback`,
    response_type: 'code',
    scope: REQUIRED_SCOPES.join(' '),
    access_type: 'offline',
    prompt: 'consent',
    state: 'state',
    login_hint: email,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  const answer = await engine.simulator.fetch(url, { redirect: 'manual' })
  const code = new URL(answer.headers.get('location') ?? 'http://nowhere').searchParams.get('code')
  if (code === null) throw new Error(`the simulator gave no code: ${answer.status} ${await answer.text()}`)
  const exchanged = await engine.deps.oauth.exchangeCode(null, { code, codeVerifier: verifier })
  if (!exchanged.ok) throw new Error(`the code was not exchanged: ${JSON.stringify(exchanged.error)}`)
  const { tokens } = exchanged.value
  return (vault: Vault, place: string) => ({
    sealedRefreshToken: vault.seal(tokens.refreshToken ?? '', `${place}/refresh`),
    sealedAccessToken: vault.seal(tokens.accessToken, `${place}/access`),
    accessTokenExpiresAt: tokens.accessTokenExpiresAt,
  })
}

/** Mulberry32: a small generator whose whole state is the seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
