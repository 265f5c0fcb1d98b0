import { beforeEach, expect, test } from 'vitest'
import { createKey } from '../../../src/usecases/tenants/create-key.ts'
import { createTenant } from '../../../src/usecases/tenants/create-tenant.ts'
import { eraseTenant } from '../../../src/usecases/tenants/erase-tenant.ts'
import { getTenant } from '../../../src/usecases/tenants/get-tenant.ts'
import { patchTenant } from '../../../src/usecases/tenants/patch-tenant.ts'
import { revokeKey } from '../../../src/usecases/tenants/revoke-key.ts'
import { refreshContext } from '../../../src/usecases/connections/access-tokens.ts'
import { oauthClientOf } from '../../../src/usecases/tenants/tenant-settings.ts'
import { aConnection } from '../../support/builders.ts'
import { connectionsWorld, type World } from '../../support/connections-world.ts'

let world: World

beforeEach(() => {
  world = connectionsWorld()
})

const aTenant = async (settings: unknown = {}) => {
  const made = await createTenant(world, { name: 'Clinic', settings })
  if (!made.ok) throw new Error(JSON.stringify(made.error))
  return made.value
}
const isLive = async (apiKey: string) =>
  (await world.store.apiKeyByHash(world.names.hash(apiKey), world.clock.now)) !== null

test('the key is 256 bits, works at once, and only its hash is stored', async () => {
  const { apiKey } = await aTenant()
  expect(apiKey).toMatch(/^lsk_[\w-]{43,}$/u)
  expect(await isLive(apiKey)).toBe(true)
  expect(JSON.stringify(world.state)).not.toContain(apiKey)
})

test('a further key works beside the first, and a revoked one at once no more', async () => {
  const { id: tenantId, apiKey } = await aTenant()
  const second = await createKey(world, tenantId)
  if (!second.ok) throw new Error('no key')
  const [first] = world.state.keys
  expect(await revokeKey(world, { tenantId, keyId: first!.id })).toEqual({ ok: true, value: null })
  expect(await isLive(apiKey)).toBe(false)
  expect(await isLive(second.value.apiKey)).toBe(true)
})

test('a key is revoked only under its own tenant', async () => {
  const { apiKey } = await aTenant()
  const stranger = await aTenant()
  const outcome = await revokeKey(world, { tenantId: stranger.id, keyId: world.state.keys[0]!.id })
  expect(outcome).toEqual({ ok: false, error: { kind: 'not-found' } })
  expect(await isLive(apiKey)).toBe(true)
})

test('an OAuth secret is sealed and never shown, and a change of something else keeps it', async () => {
  const { id: tenantId } = await aTenant({ oauthClient: { clientId: 'cid', clientSecret: 'GOCSPX-secret' } })
  await patchTenant(world, { tenantId, settings: { branding: { productName: 'Praxis' } } })
  const shown = await getTenant(world, tenantId)
  expect(shown).toMatchObject({ value: { settings: { oauthClient: { clientId: 'cid' } } } })
  expect(JSON.stringify(shown)).not.toMatch(/secret|sealed/iu)
  expect(JSON.stringify(world.state)).not.toContain('GOCSPX-secret')
  expect(oauthClientOf(world.vault, world.state.tenants[0]!)).toMatchObject({ clientSecret: 'GOCSPX-secret' })
})

test('a patch changes what it names and leaves the rest', async () => {
  const { id: tenantId } = await aTenant({ branding: { productName: 'Praxis', colour: '#0b6e4f' } })
  const changed = await patchTenant(world, {
    tenantId,
    settings: {
      branding: { colour: null },
      policies: { googleEdits: 'propose', window: { daysBack: 7, daysAhead: 60 } },
    },
  })
  expect(changed).toMatchObject({
    value: {
      name: 'Clinic',
      settings: {
        branding: { productName: 'Praxis', colour: null },
        policies: { googleEdits: 'propose', window: { daysBack: 7, daysAhead: 60 } },
      },
    },
  })
})

test('wrong settings are named all at once and change nothing', async () => {
  const { id: tenantId } = await aTenant()
  const outcome = await patchTenant(world, {
    tenantId,
    settings: {
      branding: { logoUrl: 'javascript:alert(1)', colour: 'red' },
      connectRoles: 'all',
      policies: { googleEdits: 'maybe', colour: 1 },
    },
  })
  expect(outcome.ok || (outcome.error.kind === 'invalid' && outcome.error.problems.map(each => each.path))).toEqual([
    'settings.branding.logoUrl',
    'settings.branding.colour',
    'settings.connectRoles',
    'settings.policies.colour',
    'settings.policies.googleEdits',
  ])
  expect(world.state.tenants[0]!.settings.branding.colour).toBeNull()
})

test('erasing revokes the grants and leaves no row, and a stranger keeps theirs', async () => {
  const { id: tenantId } = await aTenant()
  const stranger = await aTenant()
  const who = { tenantId, connectionId: 'con_1' }
  world.state.connections.push(aConnection({ tenantId }))
  world.state.credentials.push({
    ...who,
    sealedRefreshToken: world.vault.seal('refresh_0', refreshContext(who)),
    sealedAccessToken: null,
    accessTokenExpiresAt: 0,
    version: 1,
    refreshLeaseUntil: null,
  })
  expect(await eraseTenant(world, tenantId)).toEqual({ ok: true, value: null })
  expect(world.oauth.seen.revoked).toEqual(['refresh_0'])
  expect(JSON.stringify({ ...world.state, wakes: [], journal: [] })).not.toContain(tenantId)
  expect(await isLive(stranger.apiKey)).toBe(true)
})

test('erasing does not wait for a Google that is down', async () => {
  const { id: tenantId } = await aTenant()
  world.state.connections.push(aConnection({ tenantId }))
  world.oauth.answers.revokeFailure = { kind: 'unavailable', ambiguous: false, detail: '503' }
  expect(await eraseTenant(world, tenantId)).toMatchObject({ ok: true })
  expect(world.state.connections).toEqual([])
})
