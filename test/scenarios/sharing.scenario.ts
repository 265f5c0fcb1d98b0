import { beforeEach, describe, expect, test } from 'vitest'
import { openRun } from '../../src/usecases/runs/open-run.ts'
import { DAY, HOUR, MINUTE } from '../support/builders.ts'
import { deskOf, ELEVEN } from '../support/clinic-desk.ts'
import { type Connected, type Engine } from '../support/engine.ts'
import { markRequests, personAt, requestsSince } from '../support/person.ts'

/** One Google calendar, more than one who syncs with it. */
export function sharingScenario(newEngine: () => Promise<Engine>): void {
  let engine: Engine
  let lee: Connected
  let wu: Connected
  let desk: ReturnType<typeof deskOf>

  /** Dr Wu's connection uses Dr Lee's calendar, as if it had been shared with her. */
  const share = async (): Promise<void> => {
    const calendar = engine.simulator.world.calendars.get(lee.calendarId)
    const account = engine.simulator.world.accounts.get(wu.email)
    if (calendar === undefined || account === undefined) throw new Error('nothing to share')
    const answer = engine.simulator.handle({
      method: 'POST',
      path: `/_control/calendars/${encodeURIComponent(lee.calendarId)}/role`,
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: wu.email, role: 'writer', inList: true }),
    })
    if (answer.status >= 400) throw new Error(`sharing: ${answer.status} ${answer.body}`)
    const { store, settings } = engine.deps
    await store.transaction(lee.tenantId, async tx => {
      const own = await tx.calendarsOf(wu.tenantId, wu.connectionId)
      const unused = { isTarget: false, isSource: false, isConflict: false }
      const cursor = {
        syncToken: null,
        pageToken: null,
        generation: 0,
        parameters: settings.listParameters,
        listedFrom: null,
      }
      const shared = own.map(each => ({ ...each, id: lee.calendarId, cursor, cursorVersion: 0 }))
      await tx.saveCalendars([...own.map(each => ({ ...each, ...unused })), ...shared])
      await tx.wake([
        { kind: 'pull', tenantId: wu.tenantId, connectionId: wu.connectionId, calendarId: lee.calendarId },
      ])
    })
    await engine.settle()
  }
  const titlesOf = async (userId: string) => (await desk.list(userId, 'google')).map(each => each.appointment.title)

  beforeEach(async () => {
    engine = await newEngine()
    lee = await engine.connect({ userId: 'dr-lee' })
    wu = await engine.connect({ userId: 'dr-wu' })
    desk = deskOf(engine)
    await share()
  })

  describe('two users', () => {
    test("never see each other's appointments come back as their own", async () => {
      await desk.book('apt_lee')
      await desk.book('apt_wu', { userId: 'dr-wu', title: 'Intake', ...ELEVEN })
      await engine.advance(MINUTE)
      expect(await personAt(engine, lee).events()).toHaveLength(2)
      expect(await titlesOf('dr-lee')).toEqual([])
      expect(await titlesOf('dr-wu')).toEqual([])
      const [seq, mark] = [await desk.lastSeq(), markRequests(engine)]
      await engine.advance(DAY)
      expect(await desk.changesSince(seq)).toEqual([])
      expect(requestsSince(engine, mark).filter(each => /insert|update|delete/.test(each))).toEqual([])
    })

    test('each edit reaches its owner alone, and a deletion cancels one appointment', async () => {
      await desk.book('apt_lee')
      await desk.book('apt_wu', { userId: 'dr-wu', title: 'Intake', ...ELEVEN })
      await engine.advance(MINUTE)
      const intake = (await personAt(engine, lee).events()).find(event => event.summary === 'Intake')
      await personAt(engine, lee).patch(intake?.id ?? '', { summary: 'Intake, moved' })
      await engine.advance(HOUR)
      expect((await desk.read('apt_wu'))?.appointment.title).toBe('Intake, moved')
      await personAt(engine, lee).remove(intake?.id ?? '')
      await engine.advance(HOUR)
      expect((await desk.read('apt_wu'))?.appointment.status).toBe('cancelled')
      expect((await desk.read('apt_lee'))?.appointment.status).toBe('confirmed')
    })

    test("a person's own event is each one's, once", async () => {
      await personAt(engine, lee).insert({ summary: 'Staff meeting', ...ELEVEN })
      await engine.advance(HOUR)
      expect(await titlesOf('dr-lee')).toEqual(['Staff meeting'])
      expect(await titlesOf('dr-wu')).toEqual(['Staff meeting'])
    })
  })

  describe('everything here is lost', () => {
    test('and rebuilt from Google and the platform: nothing doubled, nothing deleted, on either side', async () => {
      const person = personAt(engine, lee)
      await desk.book('apt_1')
      await desk.book('apt_2', { title: 'Intake', ...ELEVEN })
      await engine.settle()
      const twice = (await desk.read('apt_2'))?.links[0]?.eventId ?? ''
      await person.remove(twice) // booked anew below: its event has an id of the second generation
      await engine.settle()
      await desk.book('apt_2', { title: 'Intake', ...ELEVEN })
      await person.insert({ summary: 'Dentist', start: { date: '2026-12-05' }, end: { date: '2026-12-06' } })
      await engine.advance(MINUTE)
      const before = (await person.events()).map(event => event.id).toSorted()
      expect(before).toHaveLength(3)
      await lose(engine, lee)
      const mark = markRequests(engine)
      await engine.advance(MINUTE)
      expect((await person.events()).map(event => event.id).toSorted()).toEqual(before)
      await desk.book('apt_1', { title: 'Follow-up, Jane Roe (renamed)' })
      await desk.book('apt_2', { title: 'Intake', ...ELEVEN })
      await engine.advance(5 * MINUTE)
      const after = await person.events()
      expect(after.map(event => event.id).toSorted()).toEqual(before)
      expect(after.map(event => event.summary)).toContain('Follow-up, Jane Roe (renamed)')
      expect(requestsSince(engine, mark).filter(each => each.startsWith('delete'))).toEqual([])
      expect(await titlesOf('dr-lee')).toEqual(['Dentist'])
      expect((await desk.list('dr-lee', 'platform')).map(each => each.links.length)).toEqual([1, 1])
    })
  })

  test('one user with two accounts on one calendar: one appointment, one event', async () => {
    const { store } = engine.deps
    const other = await store.connection(wu.tenantId, wu.connectionId)
    if (other === null) throw new Error('no connection')
    await store.transaction(wu.tenantId, async tx => {
      await tx.saveConnection({ ...other, userId: 'dr-lee' })
      const used = await tx.calendarsOf(wu.tenantId, wu.connectionId)
      await tx.saveCalendars(used.map(each => ({ ...each, isTarget: false })))
    })
    await desk.book('apt_1')
    await personAt(engine, lee).insert({ summary: 'Staff meeting', ...ELEVEN })
    await engine.advance(MINUTE)
    expect(await personAt(engine, lee).events()).toHaveLength(2)
    expect(await titlesOf('dr-lee')).toEqual(['Staff meeting'])
    expect((await desk.read('apt_1'))?.links.filter(link => link.role !== 'parked')).toHaveLength(1)
    const [seq, mark] = [await desk.lastSeq(), markRequests(engine)]
    await engine.advance(DAY)
    expect(await desk.changesSince(seq)).toEqual([])
    expect(requestsSince(engine, mark).filter(each => /insert|update|delete/.test(each))).toEqual([])
  })
}

/** Every row of the tenant is gone; the user grants access and chooses the calendar again. */
async function lose(engine: Engine, { tenantId, connectionId }: Connected): Promise<void> {
  const { store, settings } = engine.deps
  const [tenant, connection, credentials, calendars] = [
    await store.tenant(tenantId),
    await store.connection(tenantId, connectionId),
    await store.credentials(tenantId, connectionId),
    await store.calendarsOf(tenantId, connectionId),
  ]
  if (tenant === null || connection === null || credentials === null) throw new Error('nothing to lose')
  await store.transaction(tenantId, tx => tx.eraseTenant(tenantId))
  const cursor = {
    syncToken: null,
    pageToken: null,
    generation: 0,
    parameters: settings.listParameters,
    listedFrom: null,
  }
  await store.transaction(tenantId, async tx => {
    await tx.saveTenant(tenant)
    await tx.saveConnection({ ...connection, status: 'pending' })
    await tx.saveCredentials(credentials)
    await tx.saveCalendars(calendars.map(each => ({ ...each, cursor, cursorVersion: 0, lastPulledAt: null })))
    await openRun(tx, { tenantId, connectionId, id: 'run_again', kind: 'first_sync', now: engine.clock.now })
  })
}
