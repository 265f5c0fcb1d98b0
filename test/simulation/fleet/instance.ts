import { AsyncLocalStorage } from 'node:async_hooks'
import { googleCalendar, LIST_PARAMETERS } from '../../../src/adapters/google/calendar.ts'
import { googleOAuth, REQUIRED_SCOPES } from '../../../src/adapters/google/oauth.ts'
import { handlersOf, tasksOf } from '../../../src/adapters/worker/handlers.ts'
import { breakingCalendar } from '../../../src/adapters/worker/project-breaker.ts'
import { runnerOf, type Perform } from '../../../src/adapters/worker/running.ts'
import type { ScheduledTask } from '../../../src/adapters/worker/schedule.ts'
import type { JobData } from '../../../src/adapters/worker/queues.ts'
import type { GoogleCalendar } from '../../../src/ports/google-calendar.ts'
import type { GoogleOAuth } from '../../../src/ports/google-oauth.ts'
import type { Log } from '../../../src/ports/log.ts'
import type { Store } from '../../../src/ports/store/store.ts'
import type { WebhookSender } from '../../../src/ports/webhook-sender.ts'
import { mintRefreshToken } from '../../../src/simulator/oauth.ts'
import type { Simulator } from '../../../src/simulator/testing.ts'
import { createAccessTokens } from '../../../src/usecases/connections/access-tokens.ts'
import type { Deps } from '../../../src/usecases/deps.ts'
import { createFullLists } from '../../../src/usecases/sync/full-lists.ts'
import { PUBLIC_URL, SIMULATOR_URL, testNames, testVault } from '../../support/engine.ts'
import { lightApi, lightPost } from '../../support/light-api.ts'
import type { Knobs } from './story.ts'
import type { Queue } from './queue.ts'
import type { Turns } from './turns.ts'

/** What a job, a task or a request of the platform is doing: what it calls is judged by whom it works for. */
export type Errand = { kind: string; tenantId: string | null; instance: number; beganAt: number }
export const errand = new AsyncLocalStorage<Errand>()

/** One process of the fleet: its own clock, its own caches and breakers, over the store and the Google that all share. */
export type Instance = {
  number: number
  life: number
  deps: Deps
  perform: Perform<JobData>
  tasks: ScheduledTask[]
}

export type World = {
  store: Store
  simulator: Simulator
  queue: Queue
  turns: Turns
  knobs: Knobs
  clock: { now: number }
  /** How far each instance's clock is off. */
  skewMs: number[]
  newId: () => number
  random: () => number
  /** Told of each call of Google before it is made; what it answers is told of the reply. */
  onCall: (
    who: { tenantId: string; connectionId: string },
    method: string,
    args: readonly unknown[],
  ) => (reply: unknown) => void
  onToken: (who: { tenantId: string; connectionId: string }, token: string) => void
  onLog: (level: string, line: string, fields: object) => void
  /** Something died, stood still, lost its database or its time: what it was told to wait for it may have forgotten. */
  isDisturbed: boolean
  /** How many of the next calls of the store fail. */
  databaseFails: { next: number; told: number }
  sender: WebhookSender
}

export function createInstance(world: World, number: number, life: number): Instance {
  const stop = (): Promise<void> => world.turns.stop(number, life)
  const now = (): number => world.clock.now + (world.skewMs[number] ?? 0)
  const store = stopping(world.store, stop, world)
  const system = {
    now,
    random: world.random,
    newId: () => String(world.newId()).padStart(8, '0'),
    newSecret: (bytes: number) => `secret${world.newId()}`.padEnd(bytes, 'x'),
    sleep: stop,
  }
  const log = logOf(world)
  const vault = testVault()
  const oauth = oauthOf(world, stop, now)
  const base = { store, system, names: testNames(), vault, oauth, log, settings: settingsOf(world.knobs) }
  const tokens = createAccessTokens(base)
  const accessTokens: typeof tokens = {
    accessToken: async (who, rejected) => {
      const reply = await tokens.accessToken(who, rejected)
      if (reply.ok) world.onToken(who, reply.value)
      return reply
    },
  }
  const bare = googleCalendar({
    tokens: accessTokens,
    now,
    rootUrl: `${SIMULATOR_URL}/`,
    api: lightApi(world.simulator),
  })
  const google = watched(
    breakingCalendar(bare, { system, log, projectOf: () => Promise.resolve('project') }),
    stop,
    world,
  )
  const jobs = { wake: async (wakeUps: Parameters<Queue['wake']>[0]) => world.queue.wake(wakeUps, now()) }
  const deps: Deps = {
    ...base,
    jobs,
    accessTokens,
    google,
    webhooks: senderOf(world, stop),
    fullLists: createFullLists(),
  }
  const perform = runnerOf({
    handlers: handlersOf(deps),
    quarantine: { isHeld: async () => false, take: id => ({ id, status: 'completed' }) },
    again: async wakeUp => world.queue.wake([wakeUp], now()),
    afterCrash: async ({ wakeUp, crashes, delayMs }) => world.queue.add(wakeUp, world.clock.now + delayMs, crashes),
    log,
    system,
  })
  return { number, life, deps, perform, tasks: tasksOf(deps, 0.01) }
}

function settingsOf(knobs: Knobs): Deps['settings'] {
  return {
    publicUrl: PUBLIC_URL,
    channelTtlSeconds: knobs.channelTtlSeconds,
    pollIntervalMs: knobs.pollIntervalMs,
    pageSize: knobs.pageSize,
    listParameters: LIST_PARAMETERS,
    requiredScopes: REQUIRED_SCOPES,
  }
}

/** Each call stops before and after; now and then the database fails instead, before the work or after it. */
function stopping(store: Store, stop: () => Promise<void>, world: World): Store {
  const wrapped: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(store)) {
    wrapped[name] = async (...args: unknown[]) => {
      await stop()
      const fails = world.databaseFails
      const isFailing = fails.next > 0 && errand.getStore() !== undefined
      if (isFailing) fails.next -= 1
      if (isFailing && ++fails.told % 2 === 0) throw new Error(LOST)
      const answer: unknown = await Reflect.apply(member, store, args)
      if (isFailing) throw new Error(LOST)
      await stop()
      return answer
    }
  }
  return wrapped as unknown as Store // every member of the port is an async function
}
export const LOST = 'the connection to the database was lost'

function watched(google: GoogleCalendar, stop: () => Promise<void>, world: World): GoogleCalendar {
  return new Proxy(google, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver)
      if (typeof member !== 'function' || typeof name !== 'string') return member
      return async (...args: [{ tenantId: string; connectionId: string }, ...unknown[]]) => {
        await stop()
        const tell = world.onCall(args[0], name, args)
        const reply: unknown = await Reflect.apply(member, target, args)
        tell(reply)
        await stop()
        return reply
      }
    },
  })
}

/** Google may hand out another refresh token with each refresh; the one before is then dead. */
function oauthOf(world: World, stop: () => Promise<void>, now: () => number): GoogleOAuth {
  const inner = googleOAuth({
    client: { clientId: 'client', clientSecret: 'secret' },
    redirectUri: `${PUBLIC_URL}/oauth/google/callback`,
    now,
    tokenUrl: `${SIMULATOR_URL}/token`,
    authUrl: `${SIMULATOR_URL}/o/oauth2/v2/auth`,
    revokeUrl: `${SIMULATOR_URL}/revoke`,
    request: lightPost(world.simulator),
  })
  return {
    ...inner,
    exchangeCode: async (client, code) => {
      await stop()
      const reply = await inner.exchangeCode(client, code)
      await stop()
      return reply
    },
    refresh: async (client, refreshToken) => {
      await stop()
      const reply = await inner.refresh(client, refreshToken)
      const { refreshTokens } = world.simulator.world
      const old = refreshTokens.get(refreshToken)
      if (reply.ok && world.knobs.rotatesTokens && old !== undefined) {
        reply.value.refreshToken = mintRefreshToken(world.simulator.world, old)
        old.isRevoked = true
      }
      await stop()
      return reply
    },
    revoke: async (client, token) => {
      await stop()
      const reply = await inner.revoke(client, token)
      await stop()
      return reply
    },
  }
}

function logOf({ onLog }: World): Log {
  const at =
    (level: string) =>
    (line: string, fields: object = {}): void =>
      onLog(level, line, fields)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function senderOf({ sender }: World, stop: () => Promise<void>): WebhookSender {
  return {
    faultOf: url => sender.faultOf(url),
    send: async message => {
      await stop()
      const answer = await sender.send(message)
      await stop()
      return answer
    },
  }
}
