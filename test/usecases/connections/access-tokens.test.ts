import { beforeEach, describe, expect, test } from 'vitest'
import {
  ADOPT_MARGIN_MS,
  LEASE_MS,
  USE_MARGIN_MS,
  WAIT_MS,
  accessContext,
  createAccessTokens,
  refreshContext,
} from '../../../src/usecases/connections/access-tokens.ts'
import { aConnection, NOW } from '../../support/builders.ts'
import { connectionsWorld, type World } from '../../support/connections-world.ts'

const WHO = { tenantId: 'clinic', connectionId: 'con_1' }

let world: World

beforeEach(() => {
  world = connectionsWorld()
  world.state.tenants.push({
    id: 'clinic',
    name: 'Clinic',
    createdAt: NOW,
    settings: {
      branding: { productName: null, logoUrl: null, colour: null },
      connectRoles: null,
      oauthClient: null,
      policies: {},
    },
  })
  world.state.connections.push(aConnection())
  world.state.credentials.push({
    ...WHO,
    sealedRefreshToken: world.vault.seal('refresh_0', refreshContext(WHO)),
    sealedAccessToken: null,
    accessTokenExpiresAt: 0,
    version: 1,
    refreshLeaseUntil: null,
  })
})

/** Another process: a memory of its own over the same store. */
const anotherInstance = () => createAccessTokens(world)
const changesTold = () => world.state.journal.flatMap(row => (row.change === null ? [] : [row.change.type]))

describe('one refresh however many ask', () => {
  test('a hundred callers in one process share one refresh', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => world.accessTokens.accessToken(WHO)))
    expect(new Set(answers.map(answer => answer.ok && answer.value))).toEqual(new Set(['access_1']))
    expect(world.oauth.seen.refreshed).toEqual(['refresh_0'])
  })

  test('five instances with twenty callers each refresh once, though Google rotates the token', async () => {
    world.oauth.answers.isRotating = true
    const instances = Array.from({ length: 5 }, anotherInstance)
    for (let round = 1; round <= 20; round++) {
      const answers = await Promise.all(
        instances.flatMap(tokens => Array.from({ length: 20 }, () => tokens.accessToken(WHO))),
      )
      expect(answers.every(answer => answer.ok && answer.value === `access_${round}`)).toBe(true)
      world.clock.now += 3_600_000
    }
    expect(world.oauth.seen.refreshed).toHaveLength(20)
    expect(changesTold()).toEqual([])
  })

  test('a token that lives long enough is handed out without asking anyone', async () => {
    await world.accessTokens.accessToken(WHO)
    world.clock.now += 3_599_000 - USE_MARGIN_MS - 1
    expect(await world.accessTokens.accessToken(WHO)).toEqual({ ok: true, value: 'access_1' })
    world.clock.now += 1
    expect(await world.accessTokens.accessToken(WHO)).toEqual({ ok: true, value: 'access_2' })
  })

  test('a stored token too short-lived to be handed out for long is not adopted', async () => {
    const [stored] = world.state.credentials
    stored!.sealedAccessToken = world.vault.seal('stored', accessContext(WHO))
    stored!.accessTokenExpiresAt = NOW + ADOPT_MARGIN_MS
    expect(await anotherInstance().accessToken(WHO)).toEqual({ ok: true, value: 'access_1' })
  })

  test('F9: the lease of a holder that died is waited for, in vain at first, then taken', async () => {
    world.state.credentials[0]!.refreshLeaseUntil = NOW + LEASE_MS
    const inVain = await world.accessTokens.accessToken(WHO)
    expect(inVain).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
    expect(world.clock.slept).toBeGreaterThanOrEqual(WAIT_MS)
    expect(world.oauth.seen.refreshed).toEqual([])
    world.clock.now = NOW + LEASE_MS
    expect(await world.accessTokens.accessToken(WHO)).toEqual({ ok: true, value: 'access_1' })
  })

  test('a rotated token survives a hiccup of the database', async () => {
    let failures = 2
    const store = new Proxy(world.store, {
      get: (target, name) =>
        name === 'storeRefreshed' && failures-- > 0
          ? () => Promise.reject(new Error('connection reset'))
          : Reflect.get(target, name),
    })
    const tokens = createAccessTokens({ ...world, store })
    expect(await tokens.accessToken(WHO)).toEqual({ ok: true, value: 'access_1' })
    expect(world.state.credentials[0]).toMatchObject({ version: 2, refreshLeaseUntil: null })
  })
})

describe('a token that Google rejected', () => {
  test('is refreshed once, however many had it', async () => {
    await world.accessTokens.accessToken(WHO)
    world.clock.now += 120_000
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.accessTokens.accessToken(WHO, 'access_1')))
    expect(new Set(answers.map(answer => answer.ok && answer.value))).toEqual(new Set(['access_2']))
    expect(world.oauth.seen.refreshed).toHaveLength(2)
  })

  test('while another caller still fetches that very token is refreshed in one flight, nobody waiting for a lease', async () => {
    world.state.credentials[0]!.sealedAccessToken = world.vault.seal('stored', accessContext(WHO))
    world.state.credentials[0]!.accessTokenExpiresAt = NOW + 3_600_000
    const answers = await Promise.all([
      world.accessTokens.accessToken(WHO),
      ...Array.from({ length: 50 }, () => world.accessTokens.accessToken(WHO, 'stored')),
    ])
    expect(answers.map(answer => answer.ok && answer.value)).toEqual(['stored', ...Array(50).fill('access_1')])
    expect([world.oauth.seen.refreshed.length, world.clock.slept]).toEqual([1, 0])
  })

  test('just after it was refreshed is not refreshed again: another would be refused as well', async () => {
    await world.accessTokens.accessToken(WHO)
    const answer = await world.accessTokens.accessToken(WHO, 'access_1')
    expect(answer).toEqual({ ok: false, error: { kind: 'access-rejected' } })
    expect(world.oauth.seen.refreshed).toHaveLength(1)
    expect(world.state.connections[0]!.status).toBe('active')
  })
})

describe('a grant that is dead', () => {
  test('marks its connection once, tells the platform once, and is asked about no more', async () => {
    world.oauth.answers.failure = { kind: 'access-revoked' }
    const instances = Array.from({ length: 3 }, anotherInstance)
    const answers = await Promise.all(
      instances.flatMap(each => Array.from({ length: 30 }, () => each.accessToken(WHO))),
    )
    expect(answers.every(answer => !answer.ok && answer.error.kind === 'access-revoked')).toBe(true)
    expect(world.state.connections[0]).toMatchObject({ status: 'needs_reauth', statusReason: 'access_revoked' })
    expect(changesTold()).toEqual(['connection.needs_reauth'])
    expect(world.oauth.seen.refreshed.length).toBeLessThanOrEqual(3)
    const before = world.oauth.seen.refreshed.length
    await anotherInstance().accessToken(WHO)
    expect(world.oauth.seen.refreshed).toHaveLength(before)
  })

  test('does not mark a connection whose user has connected again meanwhile', async () => {
    const oauth = {
      ...world.oauth,
      refresh: async () => {
        world.state.credentials[0] = { ...world.state.credentials[0]!, version: 2 }
        return { ok: false as const, error: { kind: 'access-revoked' as const } }
      },
    }
    await createAccessTokens({ ...world, oauth }).accessToken(WHO)
    expect(world.state.connections[0]!.status).toBe('active')
    expect(changesTold()).toEqual([])
  })

  test.each([
    ['an outage', { kind: 'unavailable', ambiguous: false, detail: '502' }],
    ['a misconfigured project', { kind: 'project-broken', reason: 'invalid_client' }],
  ] as const)('%s is no dead grant: nobody is marked, the lease is given back', async (_name, failure) => {
    world.oauth.answers.failure = failure
    expect(await world.accessTokens.accessToken(WHO)).toEqual({ ok: false, error: failure })
    expect(world.state.connections[0]!.status).toBe('active')
    expect(world.state.credentials[0]!.refreshLeaseUntil).toBeNull()
    world.oauth.answers.failure = null
    expect(await world.accessTokens.accessToken(WHO)).toMatchObject({ ok: true })
  })

  test('of a paused connection leaves it paused', async () => {
    world.state.connections[0] = aConnection({ status: 'paused' })
    world.oauth.answers.failure = { kind: 'access-revoked' }
    await world.accessTokens.accessToken(WHO)
    expect(world.state.connections[0].status).toBe('paused')
  })
})

test('no log line carries a token', async () => {
  world.oauth.answers.failure = { kind: 'unavailable', ambiguous: false, detail: '502' }
  await world.accessTokens.accessToken(WHO)
  expect(world.lines.length).toBeGreaterThan(0)
  expect(JSON.stringify(world.lines)).not.toMatch(/refresh_|access_/u)
})
