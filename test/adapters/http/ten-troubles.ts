import { SCOPES } from '../../../src/core/model/key-scopes.ts'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuditLog } from '../../../src/adapters/db/audit.ts'
import { createStore } from '../../../src/adapters/db/store/store.ts'
import { buildServer } from '../../../src/adapters/http/server.ts'
import { webhookSender } from '../../../src/adapters/webhooks/sender.ts'
import { registerEndpoint } from '../../../src/usecases/webhooks/register-endpoint.ts'
import { wakeEndpoints } from '../../../src/usecases/webhooks/wake-endpoints.ts'
import { REQUIRED_SCOPES } from '../../../src/adapters/google/oauth.ts'
import { MINUTE } from '../../support/builders.ts'
import { must } from '../../support/clinic-desk.ts'
import { newEmbedded } from '../../support/databases.ts'
import { createEngine, TENANT, type Engine } from '../../support/engine.ts'
import { onStage, time } from '../../support/stage.ts'
import { cause, control, endTrouble, inPath } from '../../support/trouble.ts'
import { ADMIN_TOKEN, API_KEY } from './console-clinic.ts'

type Stage = ReturnType<typeof onStage>

/** One thing that goes wrong for one user: how it comes about, and what somebody does about it outside of the console. */
export type Prepared = {
  name: string
  prepare: (stage: Stage) => Promise<void>
  /** Before the button is pressed: whoever else has to. */
  mend?: (stage: Stage) => Promise<void> | void
  /** After it: what the user does with the link. */
  follow?: (stage: Stage) => Promise<void>
  /** Instead of a button. */
  passes?: (stage: Stage) => Promise<void>
}

const visits = (stage: Stage, count: number) =>
  Promise.all(Array.from({ length: count }, (_, at) => stage.book(`${stage.connected.userId}_${at}`, time(13 + at))))

/** All of it by what people and Google do to the running engine; no row is written by hand. */
export const TROUBLES: readonly Prepared[] = [
  {
    name: 'revoked',
    prepare: async stage => {
      await stage.start({ userId: 'dr-revoked' })
      control(stage.engine, 'POST', `accounts/${inPath(stage.connected.email)}/revoke`)
      await stage.book('revoked_1')
      await stage.engine.settle()
    },
    follow: async stage => void (await stage.reconnect()),
  },
  {
    name: 'permission',
    prepare: async stage => {
      await stage.start({ userId: 'dr-permission' })
      control(stage.engine, 'POST', `accounts/${inPath(stage.connected.email)}/revoke`)
      await stage.reconnect([REQUIRED_SCOPES.find(scope => scope.endsWith('calendar.events')) ?? ''])
      stage.engine.simulator.oauth.autoConsent = {}
    },
    follow: async stage => void (await stage.reconnect()),
  },
  {
    name: 'read_only',
    prepare: async stage => {
      await stage.start({ userId: 'dr-readonly' })
      stage.role('reader')
      await stage.engine.settle()
      await stage.book('read_only_1')
      await stage.engine.settle()
    },
    mend: stage => void stage.role('owner'),
  },
  {
    name: 'parked',
    prepare: async stage => {
      await stage.start({ userId: 'dr-parked' })
      const message = 'Invalid start time.'
      cause(stage.engine, { match: { kind: 'events.insert' }, reason: 'invalid', status: 400, message })
      await stage.book('parked_1')
      await stage.engine.settle()
    },
  },
  {
    name: 'held',
    prepare: async stage => {
      await stage.start({ userId: 'dr-held', policies: { deletionGuard: { count: 3, share: 0.5 } } })
      await visits(stage, 6)
      await stage.engine.settle()
      for (const event of await stage.person.events()) await stage.person.remove(event.id)
      await stage.engine.settle()
    },
  },
  {
    name: 'duplicate',
    prepare: async stage => {
      await stage.start({ userId: 'dr-duplicate', policies: { duplicates: 'flag' } })
      await stage.person.insert({ summary: 'Follow-up, Jane Roe', ...time(15) })
      await stage.engine.settle()
      await stage.book('twin_1', { title: 'Follow-up, Jane Roe', ...time(15) })
      await stage.engine.settle()
    },
  },
  {
    name: 'unreadable',
    prepare: async stage => {
      await stage.start({ userId: 'dr-poisoned' })
      const calendar = stage.engine.simulator.world.calendars.get(stage.connected.calendarId)
      const odd = { id: 'oddevent1', summary: 'Fortnightly', ...time(14), recurrence: ['RRULE:FREQ=WEEKLY'] }
      await stage.person.insert(odd)
      const event = calendar?.events.get('oddevent1')
      // A rule that Google keeps and nobody else knows.
      Object.assign(event ?? {}, { recurrence: ['RRULE:FREQ=FORTNIGHTLY'], rendered: undefined })
      await stage.engine.settle()
    },
    mend: async stage => {
      await stage.person.patch('oddevent1', { recurrence: ['RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=5'] })
    },
  },
  {
    name: 'channel',
    prepare: async stage => {
      await stage.start({ userId: 'dr-channel' })
      await stage.engine.advance(MINUTE)
      const { world } = stage.engine.simulator
      // Google forgot the channel, says nothing of it, and opens no other.
      for (const channel of await stage.live()) {
        const lost = world.channels.get(channel.id)
        if (lost !== undefined) lost.isStopped = true
      }
      const match = { kind: 'events.watch', account: stage.connected.email }
      cause(stage.engine, { match, times: 'always', reason: 'backendError' })
      await stage.book('channel_1')
      await stage.engine.advance(25 * MINUTE)
    },
    mend: stage => endTrouble(stage.engine),
  },
  {
    name: 'quota',
    prepare: async stage => {
      await stage.start({ userId: 'dr-quota' })
      cause(stage.engine, { match: { kind: 'events.insert' }, reason: 'quotaExceeded' })
      await visits(stage, 2)
      await stage.engine.settle()
    },
    passes: async stage => {
      const until = (await stage.connection())?.writesPausedUntil ?? 0
      await stage.engine.advance(until - stage.engine.clock.now + MINUTE)
    },
  },
]

/** The real service, its engine, database and console, beside Google's simulator and a platform whose endpoint is down. */
export async function aClinicInTenTroubles() {
  const { database, drop } = await newEmbedded()
  const engine: Engine = createEngine(wake =>
    createStore({ database, enqueue: (_executor, wakeUps) => Promise.resolve(wake(wakeUps)) }),
  )
  const { deps } = engine
  Object.assign(deps, { webhooks: webhookSender({ allowed: 'any', now: () => engine.clock.now }) })
  const platform = await platformThatIsDown()
  const calm = onStage(engine)
  await calm.start({ userId: 'dr-calm' })
  await calm.book('calm_1')
  await engine.settle()
  const stages = new Map<string, Stage>()
  must(await registerEndpoint(deps, { tenantId: TENANT, url: platform.url, description: null, types: null }))
  for (const trouble of TROUBLES) {
    const stage = onStage(engine)
    await trouble.prepare(stage)
    stages.set(trouble.name, stage)
  }
  await wakeEndpoints(deps, TENANT)
  await engine.settle()
  await engine.advance(MINUTE)
  await deps.store.transaction(TENANT, tx =>
    tx.saveApiKey({
      tenantId: TENANT,
      id: 'key_1',
      hash: deps.names.hash(API_KEY),
      prefix: 'lk_',
      createdAt: engine.clock.now,
      expiresAt: null,
      revokedAt: null,
      scopes: SCOPES,
      lastUsedAt: null,
    }),
  )
  const operator = {
    audit: createAuditLog(database),
    meters: async () => [],
    quarantined: async () => [],
    release: async () => 0,
  }
  const app = await buildServer({ ...deps, adminToken: ADMIN_TOKEN, operator })
  const close = async (): Promise<void> => {
    await app.close()
    await platform.close()
    await drop()
  }
  return { engine, app, stages, platform, close, endTrouble: () => endTrouble(engine) }
}

async function platformThatIsDown() {
  const state = { isUp: false, taken: 0 }
  const server = createServer((request, response) => {
    request.resume()
    if (state.isUp) state.taken += 1
    response.writeHead(state.isUp ? 204 : 503).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${port}/hooks`, state, close }
}
