import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { createConnectLink } from '../../../src/usecases/connections/create-connect-link.ts'
import { refreshContext } from '../../../src/usecases/connections/access-tokens.ts'
import { finishOAuth } from '../../../src/usecases/connections/finish-oauth.ts'
import { FLOW_LIFE_MS, restartOAuth, startOAuth } from '../../../src/usecases/connections/start-oauth.ts'
import { aCalendar } from '../../support/builders.ts'
import { connectionsWorld, SCOPES, type World } from '../../support/connections-world.ts'
import { openRun } from '../../../src/usecases/runs/open-run.ts'
import { createTenant } from '../../../src/usecases/tenants/create-tenant.ts'

let world: World
let tenantId: string

beforeEach(async () => {
  world = connectionsWorld()
  const made = await createTenant(world, { name: 'Clinic' })
  if (!made.ok) throw new Error('no tenant')
  tenantId = made.value.id
})

const newLink = async (fields: { userId?: string; role?: string | null; returnUrl?: string | null } = {}) => {
  const made = await createConnectLink(world, { tenantId, userId: 'dr-lee', role: null, returnUrl: null, ...fields })
  if (!made.ok) throw new Error(JSON.stringify(made.error))
  const url = new URL(made.value.googleUrl)
  const parameter = (name: string) => url.searchParams.get(name) ?? ''
  const secret = made.value.url.split('/').at(-1) ?? ''
  return { ...made.value, secret, state: parameter('state'), challenge: parameter('code_challenge') }
}

const comeBack = (state: string, fields: { code?: string | null; error?: string; browserSecret?: string } = {}) =>
  finishOAuth(world, { state, code: 'code', error: null, browserSecret: null, ...fields })

const connect = async (fields: Parameters<typeof newLink>[0] = {}) => comeBack((await newLink(fields)).state)

/** What a connection with chosen calendars looks like, whatever state it is in. */
const chooseFor = (status: 'active' | 'needs_reauth' | 'paused') => {
  const [connection] = world.state.connections
  world.state.connections[0] = { ...connection!, status }
  world.state.calendars.push(aCalendar({ tenantId, connectionId: connection!.id }))
}

describe('the way to Google and back', () => {
  test('a first connecting makes a pending connection with sealed tokens and the PKCE verifier of its challenge', async () => {
    const link = await newLink()
    const outcome = await comeBack(link.state)
    expect(outcome).toMatchObject({ kind: 'connected', connection: { userId: 'dr-lee', status: 'pending' } })
    const [verifier] = world.oauth.seen.verifiers
    expect(createHash('sha256').update(verifier!).digest('base64url')).toBe(link.challenge)
    const [connection] = world.state.connections
    const { sealedRefreshToken } = world.state.credentials[0]!
    const context = refreshContext({ tenantId, connectionId: connection!.id })
    expect(world.vault.open(sealedRefreshToken!, context)).toBe('refresh_code')
  })

  test('neither the state, the link’s secret nor the verifier is stored readably', async () => {
    const link = await newLink()
    const stored = JSON.stringify([world.state.links, world.state.flows])
    expect(stored).not.toContain(link.state)
    expect(stored).not.toContain(link.secret)
    expect(world.state.flows[0]!.sealedCodeVerifier).toMatch(/^sealed:/u)
  })

  test('a state works once: a replay exchanges nothing and stores nothing', async () => {
    const link = await newLink()
    await comeBack(link.state)
    expect(await comeBack(link.state, { code: 'stolen' })).toEqual({ kind: 'refused' })
    expect(world.oauth.seen.exchanged).toEqual(['code'])
    expect(world.state.connections).toHaveLength(1)
  })

  test('of two returns at the same moment one is exchanged', async () => {
    const link = await newLink()
    const outcomes = await Promise.all([comeBack(link.state), comeBack(link.state)])
    expect(outcomes.map(each => each.kind).toSorted()).toEqual(['connected', 'refused'])
    expect(world.oauth.seen.exchanged).toHaveLength(1)
  })

  test.each([
    ['an unknown state', async () => comeBack('never given out')],
    [
      'a state older than ten minutes',
      async () => {
        const link = await newLink()
        world.clock.now += FLOW_LIFE_MS
        return comeBack(link.state)
      },
    ],
    [
      'another browser than the one that started',
      async () => {
        const link = await newLink()
        const started = await startOAuth(world, { linkSecret: link.secret, browserSecret: 'mine' })
        const state = started.ok ? new URL(started.value.googleUrl).searchParams.get('state') : null
        return comeBack(state ?? '', { browserSecret: 'another' })
      },
    ],
    [
      'a link that the hosted page has used up',
      async () => {
        const link = await newLink()
        await startOAuth(world, { linkSecret: link.secret, browserSecret: 'mine' })
        return comeBack(link.state)
      },
    ],
  ])('%s is refused and no token is stored', async (_name, way) => {
    expect(await way()).toEqual({ kind: 'refused' })
    expect(world.oauth.seen.exchanged).toEqual([])
    expect(world.state.credentials).toEqual([])
  })

  test('the browser that started comes back to its own connection', async () => {
    const link = await newLink()
    const started = await startOAuth(world, { linkSecret: link.secret, browserSecret: 'mine' })
    const state = started.ok ? new URL(started.value.googleUrl).searchParams.get('state') : null
    expect(await comeBack(state ?? '', { browserSecret: 'mine' })).toMatchObject({ kind: 'connected' })
  })

  test('a link starts once', async () => {
    const link = await newLink()
    await startOAuth(world, { linkSecret: link.secret, browserSecret: 'mine' })
    expect(await startOAuth(world, { linkSecret: link.secret, browserSecret: 'other' })).toMatchObject({ ok: false })
  })

  test('a refusal at Google leaves nothing behind, and the same browser may try again', async () => {
    const link = await newLink({ returnUrl: 'https://platform.example.com/done' })
    const outcome = await comeBack(link.state, { code: null, error: 'access_denied' })
    expect(outcome).toMatchObject({ kind: 'denied', flow: { returnUrl: 'https://platform.example.com/done' } })
    expect(world.state.connections).toEqual([])
    const again = await restartOAuth(world, { link: world.state.links[0]!, browserSecret: 'mine' })
    expect(again.ok).toBe(true)
  })

  test('a role that lost its right between link and return is turned away', async () => {
    const link = await newLink({ role: 'assistant' })
    world.state.tenants[0]!.settings = { ...world.state.tenants[0]!.settings, connectRoles: ['clinician'] }
    expect(await comeBack(link.state)).toMatchObject({ kind: 'failed', slug: 'role-may-not-connect' })
    expect(world.state.credentials).toEqual([])
  })

  test('a failed exchange stores nothing', async () => {
    world.oauth.answers.failure = { kind: 'unavailable', ambiguous: true, detail: 'timeout' }
    expect(await connect()).toMatchObject({ kind: 'failed', slug: 'exchange-failed' })
    expect(world.state.connections).toEqual([])
  })

  test('a first answer without a refresh token is no connection', async () => {
    world.oauth.answers.hasRefreshToken = false
    expect(await connect()).toMatchObject({ kind: 'failed', slug: 'no-refresh-token' })
    expect(world.state.connections).toEqual([])
  })
})

describe('connecting again', () => {
  test('the same account mends the connection under its id and catches up', async () => {
    await connect()
    chooseFor('needs_reauth')
    world.state.wakes.length = 0
    const outcome = await connect()
    expect(outcome).toMatchObject({ kind: 'connected', connection: { status: 'active', statusReason: null } })
    expect(world.state.connections).toHaveLength(1)
    expect(world.state.credentials).toMatchObject([{ version: 2 }])
    expect(world.state.wakes.map(wake => wake.kind)).toEqual(['pull', 'flush', 'settle-missing', 'refresh-calendars'])
    expect(world.state.journal.at(-1)?.change?.type).toBe('connection.active')
  })

  test('the same account under a new address is still the same account', async () => {
    await connect()
    world.oauth.answers.account = { sub: 'sub_1', email: 'new@example.com' }
    await connect()
    expect(world.state.connections).toMatchObject([{ googleSub: 'sub_1', googleEmail: 'new@example.com' }])
  })

  test('another account becomes a further connection and takes nothing over', async () => {
    await connect()
    world.oauth.answers.account = { sub: 'sub_2', email: 'lee@example.com' }
    await connect()
    expect(world.state.connections.map(each => each.googleSub)).toEqual(['sub_1', 'sub_2'])
    expect(world.state.credentials).toHaveLength(2)
  })

  test('another user with the same account gets a connection of their own', async () => {
    await connect()
    await connect({ userId: 'dr-kim' })
    expect(world.state.connections.map(each => each.userId)).toEqual(['dr-lee', 'dr-kim'])
  })

  test('an answer without a refresh token keeps the stored one', async () => {
    await connect()
    const before = world.state.credentials[0]!.sealedRefreshToken
    world.oauth.answers.hasRefreshToken = false
    await connect()
    expect(world.state.credentials[0]).toMatchObject({ sealedRefreshToken: before, version: 2 })
  })

  test('a first sync that the dead grant stopped goes on', async () => {
    await connect()
    chooseFor('needs_reauth')
    const connectionId = world.state.connections[0]!.id
    await world.store.transaction(tenantId, tx =>
      openRun(tx, { tenantId, connectionId, id: 'run_1', kind: 'first_sync', now: world.clock.now }),
    )
    world.state.wakes.length = 0
    await connect()
    expect(world.state.wakes.at(-1)).toEqual({ kind: 'prepare', tenantId, connectionId, runId: 'run_1' })
  })

  test('a paused connection stays paused', async () => {
    await connect()
    chooseFor('paused')
    world.state.wakes.length = 0
    await connect()
    expect(world.state.connections[0]!.status).toBe('paused')
    expect(world.state.wakes).toEqual([])
  })
})

describe('permissions', () => {
  test.each(SCOPES.map(scope => [scope]))(
    'without %s the connection says so instead of failing later',
    async missing => {
      world.oauth.answers.scopes = SCOPES.filter(scope => scope !== missing)
      const outcome = await connect()
      expect(outcome).toMatchObject({ connection: { status: 'pending', missingScopes: [missing] } })
    },
  )

  test('a mending that lacks a permission does not make the connection active', async () => {
    await connect()
    chooseFor('needs_reauth')
    world.oauth.answers.scopes = SCOPES.slice(0, 2)
    await connect()
    expect(world.state.connections[0]).toMatchObject({ status: 'needs_reauth', statusReason: 'scopes_missing' })
  })
})

describe('connect links', () => {
  test('live fifteen minutes and lead to the hosted page', async () => {
    const link = await newLink()
    expect(link.expiresAt - world.clock.now).toBe(15 * 60_000)
    expect(link.url).toMatch(/^https:\/\/sync\.example\.com\/connect\/[\w-]{40,}$/u)
  })

  test.each([
    ['javascript:alert(1)'],
    ['data:text/html,hi'],
    ['//platform.example.com'],
    ['https://user:secret@platform.example.com'],
    ['platform'],
  ])('a browser is never sent to %s', async returnUrl => {
    const made = await createConnectLink(world, { tenantId, userId: 'dr-lee', role: null, returnUrl })
    expect(made).toMatchObject({ ok: false, error: { kind: 'invalid', problems: [{ path: 'returnUrl' }] } })
    expect(world.state.links).toEqual([])
  })

  test.each([
    ['clinician', true],
    ['receptionist', false],
    [null, false],
  ])('with connectRoles [clinician], role %s may connect: %s', async (role, isAllowed) => {
    world.state.tenants[0]!.settings = { ...world.state.tenants[0]!.settings, connectRoles: ['clinician'] }
    const made = await createConnectLink(world, { tenantId, userId: 'dr-lee', role, returnUrl: null })
    expect(made.ok).toBe(isAllowed)
  })
})
