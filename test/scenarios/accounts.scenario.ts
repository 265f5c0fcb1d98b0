import { beforeEach, expect, test } from 'vitest'
import type { ChosenCalendars } from '../../src/core/model/calendar-choice.ts'
import { addToList } from '../../src/simulator/calendars.ts'
import { addAccount, addCalendar, setRole } from '../../src/simulator/testing.ts'
import { chooseCalendars } from '../../src/usecases/calendars/choose-calendars.ts'
import { disconnect } from '../../src/usecases/connections/disconnect.ts'
import { syncNow } from '../../src/usecases/connections/sync-now.ts'
import { DAY, MINUTE, NOW } from '../support/builders.ts'
import { deskOf, must } from '../support/clinic-desk.ts'
import { TENANT, type Connected, type Engine } from '../support/engine.ts'
import { personAt, type GoogleEvent } from '../support/person.ts'
import { goThroughGoogle } from '../support/reconnect.ts'

/** Accounts, users and calendars in every combination that people try: refused in words, or safe. */
export function accountsScenario(newEngine: () => Promise<Engine>): void {
  let engine: Engine
  let connected: Connected
  let person: ReturnType<typeof personAt>

  const start = async (): Promise<void> => {
    connected = await engine.connect()
    await engine.settle()
    person = personAt(engine, connected)
  }
  const settled = async (): Promise<void> => {
    await engine.settle()
    await engine.advance(2 * MINUTE)
  }
  const span = (startAt: number) => ({
    start: { dateTime: new Date(startAt).toISOString(), timeZone: 'America/New_York' },
    end: { dateTime: new Date(startAt + 30 * MINUTE).toISOString(), timeZone: 'America/New_York' },
  })
  const book = (id: string, startAt: number, more: object = {}) =>
    deskOf(engine).book(id, { title: `Visit ${id}`, ...span(startAt), ...more })
  const imported = () => deskOf(engine).list('dr-lee', 'google')
  const names = (events: readonly GoogleEvent[]) => events.map(event => event.summary ?? '').toSorted()
  const connection = () => engine.deps.store.connection(TENANT, connected.connectionId)
  const another = (summary: string): string =>
    addCalendar(engine.simulator.world, {
      owner: addAccount(engine.simulator.world, { email: connected.email }),
      summary,
      timeZone: 'America/New_York',
    }).id
  const at = (calendarId: string) => personAt(engine, { email: connected.email, calendarId })

  beforeEach(async () => {
    engine = await newEngine()
  })

  test('one calendar as a second target of the same user is refused in words, through another account too', async () => {
    await start()
    const second = await engine.connect({ email: 'lee@home.example', userId: 'dr-lee-home' })
    const other = await engine.deps.store.connection(TENANT, second.connectionId)
    if (other === null) throw new Error('gone')
    await engine.deps.store.transaction(TENANT, async tx => {
      await tx.saveConnection({ ...other, userId: 'dr-lee' })
      const calendars = await tx.calendarsOf(TENANT, second.connectionId)
      await tx.saveCalendars(calendars.map(calendar => ({ ...calendar, isTarget: false })))
    })
    const ask = (target: ChosenCalendars['target']) =>
      chooseCalendars(engine.deps, {
        tenantId: TENANT,
        connectionId: second.connectionId,
        choice: { target, sources: [second.calendarId], conflicts: [] },
      })
    const refused = { kind: 'conflict', slug: 'target-exists', detail: expect.stringContaining('already go to') }
    expect(await ask({ calendarId: second.calendarId })).toMatchObject({ error: refused })
    expect(await ask(null)).toMatchObject({ ok: true }) // a further account as a source is welcome
    await settled()
    await personAt(engine, { email: 'lee@home.example', calendarId: second.calendarId }).insert({
      summary: 'At home',
      ...span(NOW + DAY),
    })
    await settled()
    expect((await imported()).map(each => each.appointment.title)).toEqual(['At home'])
  })

  test('the same Google account on two users: each has a connection and appointments of their own', async () => {
    await start()
    const outcome = await goThroughGoogle(engine, { userId: 'dr-kim', email: connected.email })
    if (outcome.kind !== 'connected') throw new Error(outcome.kind)
    const kim = outcome.connection
    expect(kim.id).not.toBe(connected.connectionId)
    expect(kim.googleSub).toBe((await connection())?.googleSub)
    const target = another('Kim')
    must(
      await chooseCalendars(engine.deps, {
        tenantId: TENANT,
        connectionId: kim.id,
        choice: { target: { calendarId: target }, sources: [], conflicts: [] },
      }),
    )
    await settled()
    await book('apt_lee', NOW + DAY)
    await book('apt_kim', NOW + DAY, { userId: 'dr-kim' })
    await settled()
    expect(names(await person.events())).toEqual(['Visit apt_lee'])
    expect(names(await at(target).events())).toEqual(['Visit apt_kim'])
    must(await disconnect(engine.deps, { tenantId: TENANT, connectionId: kim.id, googleEvents: 'remove' }))
    await settled()
    await book('apt_lee', NOW + 2 * DAY)
    await settled()
    expect(await at(target).events()).toEqual([])
    expect((await connection())?.status).toBe('active') // the grant that both share was not revoked
    expect(names(await person.events())).toEqual(['Visit apt_lee'])
  })

  test('one calendar as the target of two users is safe: neither sees the other’s appointments', async () => {
    await start()
    const shared = engine.simulator.world.calendars.get(connected.calendarId)
    if (shared === undefined) throw new Error('gone')
    const lee = connected
    const kim = await engine.connect({ userId: 'dr-kim' })
    const account = addAccount(engine.simulator.world, { email: kim.email })
    setRole(engine.simulator.world, shared, kim.email, 'writer')
    addToList(engine.simulator.world, account, shared, {})
    must(
      await chooseCalendars(engine.deps, {
        tenantId: TENANT,
        connectionId: kim.connectionId,
        choice: { target: { calendarId: lee.calendarId }, sources: [lee.calendarId], conflicts: [] },
      }),
    )
    await settled()
    await book('apt_lee', NOW + DAY)
    await book('apt_kim', NOW + DAY, { userId: 'dr-kim' })
    await settled()
    must(await syncNow(engine.deps, { tenantId: TENANT, connectionId: kim.connectionId }))
    await settled()
    expect(names(await person.events())).toEqual(['Visit apt_kim', 'Visit apt_lee'])
    expect(await imported()).toEqual([])
    const ofKim = await engine.deps.store.listAppointments(TENANT, {
      userId: 'dr-kim',
      from: null,
      to: null,
      origin: null,
      status: null,
      isArchived: false,
      after: null,
      limit: 10,
    })
    expect(ofKim.map(each => each.appointment.id)).toEqual(['apt_kim'])
  })
}
