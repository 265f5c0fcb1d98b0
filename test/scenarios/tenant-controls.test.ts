import { beforeEach, describe, expect, test } from 'vitest'
import { createConnectLink } from '../../src/usecases/connections/create-connect-link.ts'
import { finishOAuth } from '../../src/usecases/connections/finish-oauth.ts'
import { patchConnection } from '../../src/usecases/connections/patch-connection.ts'
import { pauseConnection, resumeConnection } from '../../src/usecases/connections/pause-connection.ts'
import { markNeedsReauth } from '../../src/usecases/connections/mark-needs-reauth.ts'
import { syncNow } from '../../src/usecases/connections/sync-now.ts'
import { patchTenant } from '../../src/usecases/tenants/patch-tenant.ts'
import { DAY, MINUTE } from '../support/builders.ts'
import { must } from '../support/clinic-desk.ts'
import { createEngine, TENANT, type Engine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { markRequests } from '../support/person.ts'
import { onStage, time } from '../support/stage.ts'

/** What a tenant decides for all of its users holds whatever a connection or a user says, and gives way when the tenant lets go. */

let engine: Engine
let stage: ReturnType<typeof onStage>
beforeEach(() => {
  engine = createEngine(wake => createMemoryStore(wake))
  stage = onStage(engine)
})
const set = async (settings: object) => must(await patchTenant(engine.deps, { tenantId: TENANT, settings }))
const patch = (change: object) => patchConnection(engine.deps, { ...stage.key(), ifMatch: null, ...change })
const settled = async () => {
  await engine.settle()
  await engine.advance(2 * MINUTE)
}

describe('what is locked', () => {
  test('a policy: the tenant’s word stands in Google at once, over the connection’s and the user’s, until the lock is lifted', async () => {
    await stage.start()
    await stage.book('apt_1', { title: 'Jane Roe', location: 'Room 2' })
    must(await patch({ policies: { presentation: { title: 'kind' } } }))
    must(await patch({ masking: { title: 'busy', description: true, location: false, kinds: ['appointment'] } }))
    await settled()
    expect(await stage.titles()).toEqual(['Busy'])
    await set({ policies: { presentation: { title: '{{initials}}' } }, locked: ['presentation'] })
    await settled()
    expect(await stage.person.events()).toMatchObject([{ summary: 'JR', location: 'Room 2' }])
    await set({ locked: [] })
    await settled()
    expect(await stage.titles()).toEqual(['Busy'])
  })

  test('a locked policy is refused by name on a connection, and nothing of the call is done', async () => {
    await stage.start()
    await set({ locked: ['googleEdits', 'window'] })
    const refused = await patch({
      policies: { googleEdits: 'revert', imported: 'busy' },
      window: { daysBack: 1, daysAhead: 1 },
    })
    const message = expect.stringContaining('locked')
    expect(refused).toMatchObject({
      error: {
        kind: 'invalid',
        problems: [
          { path: 'policies.googleEdits', message },
          { path: 'window', message },
        ],
      },
    })
    expect((await stage.connection())?.policies.imported).toBeUndefined()
    expect(await patch({ policies: { googleEdits: null } })).toMatchObject({ ok: true })
    expect(await patch({ policies: { imported: 'busy' } })).toMatchObject({ ok: true })
  })

  test('the window: every connection reaches as far as the tenant says, and what comes into reach is sent', async () => {
    await stage.start({ window: { daysBack: 1, daysAhead: 2 } })
    await stage.book('far', time(14 + 20 * 24))
    await settled()
    expect(await stage.titles()).toEqual([])
    await set({ policies: { window: { daysBack: 5, daysAhead: 60 } }, locked: ['window'] })
    await settled()
    expect((await stage.connection())?.window).toEqual({ daysBack: 5, daysAhead: 60 })
    expect(await stage.titles()).toEqual(['Visit far'])
    await set({ policies: { window: { daysBack: 9, daysAhead: 90 } } })
    expect((await stage.connection())?.window).toEqual({ daysBack: 9, daysAhead: 90 })
    await set({ locked: [] })
    expect(await patch({ window: { daysBack: 2, daysAhead: 20 } })).toMatchObject({ ok: true })
  })
})

describe('switched off for everyone', () => {
  test('nothing is read, written or connected; switched on again, both sides catch up and nothing is doubled', async () => {
    await stage.start()
    await stage.book('apt_1')
    await settled()
    await set({ syncing: false })
    expect(await stage.connection()).toMatchObject({ status: 'paused', statusReason: 'switched_off_for_all' })
    const mark = markRequests(engine)
    await stage.book('apt_2', time(16))
    await stage.person.insert({ summary: 'My own', ...time(18) })
    const asPerson = engine.simulator.world.requestLog.length
    await engine.advance(2 * DAY)
    const asked = engine.simulator.world.requestLog.slice(mark).filter(entry => entry.clientId === 'client')
    expect(asked).toEqual([])
    expect(asPerson).toBeGreaterThan(mark)
    const off = { error: { kind: 'conflict', slug: 'syncing-off' } }
    expect(await resumeConnection(engine.deps, stage.key())).toMatchObject(off)
    const link = { tenantId: TENANT, userId: 'dr-lee', role: null, returnUrl: null }
    expect(await createConnectLink(engine.deps, link)).toMatchObject(off)
    expect(await syncNow(engine.deps, stage.key())).toMatchObject({ ok: false })
    await set({ syncing: true })
    await settled()
    expect(await stage.connection()).toMatchObject({ status: 'active', statusReason: null })
    expect(await stage.titles()).toEqual(['My own', 'Visit apt_1', 'Visit apt_2'])
    expect((await stage.imported()).map(each => each.title)).toEqual(['My own'])
    await stage.isQuiet()
  })

  test('a first sync under way goes on where it stopped', async () => {
    await stage.start()
    await stage.book('apt_1')
    const connection = await stage.connection()
    if (connection === null) throw new Error('gone')
    await engine.deps.store.transaction(TENANT, tx => tx.saveConnection({ ...connection, status: 'pending' }))
    await set({ syncing: false })
    expect((await stage.connection())?.status).toBe('paused')
    await set({ syncing: true })
    await settled()
    expect((await stage.connection())?.status).toBe('active')
    expect(await stage.titles()).toEqual(['Visit apt_1'])
  })

  test('one that its user has paused stays paused, and one whose grant died stays dead', async () => {
    await stage.start()
    const kim = await engine.connect({ userId: 'dr-kim' })
    must(await pauseConnection(engine.deps, stage.key()))
    await markNeedsReauth(engine.deps, { tenantId: TENANT, connectionId: kim.connectionId, credentialsVersion: null })
    await set({ syncing: false })
    await set({ syncing: true })
    expect(await stage.connection()).toMatchObject({ status: 'paused', statusReason: 'paused_on_request' })
    expect(await engine.deps.store.connection(TENANT, kim.connectionId)).toMatchObject({ status: 'needs_reauth' })
  })

  test('a link that was out already leads to nothing while it is off', async () => {
    await stage.start()
    const link = must(
      await createConnectLink(engine.deps, { tenantId: TENANT, userId: 'dr-new', role: null, returnUrl: null }),
    )
    await set({ syncing: false })
    const answer = await engine.simulator.fetch(link.googleUrl, { redirect: 'manual' })
    const back = new URL(answer.headers.get('location') ?? 'http://nowhere').searchParams
    const [state, code] = [back.get('state') ?? '', back.get('code')]
    expect(code).not.toBeNull()
    const outcome = await finishOAuth(engine.deps, { state, code, error: null, browserSecret: null })
    expect(outcome).toMatchObject({ kind: 'failed', slug: 'syncing-off' })
    expect(await engine.deps.store.connectionsOfUser(TENANT, 'dr-new')).toEqual([])
  })
})

test('what is wrong with the switches is said by name, and nothing is changed', async () => {
  await stage.start()
  const refused = await patchTenant(engine.deps, {
    tenantId: TENANT,
    settings: { syncing: 'no', locked: ['title'], offers: 'all' },
  })
  expect(refused).toMatchObject({
    error: {
      problems: [
        { path: 'settings.syncing' },
        { path: 'settings.locked[0]', message: expect.stringContaining('presentation') },
        { path: 'settings.offers', message: expect.stringContaining('new_calendar') },
      ],
    },
  })
  const shown = await set({ offers: ['pause', 'sources'] })
  expect(shown.settings).toMatchObject({ syncing: true, locked: [], offers: ['sources', 'pause'] })
  expect((await set({ offers: null })).settings.offers).toBeNull()
})
