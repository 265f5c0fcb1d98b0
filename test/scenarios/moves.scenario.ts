import { beforeEach, describe, expect, test } from 'vitest'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { DAY, MINUTE } from '../support/builders.ts'
import { deskOf, ELEVEN, furtherCalendar, moveEvent, must } from '../support/clinic-desk.ts'
import type { Connected, Engine } from '../support/engine.ts'
import { personAt } from '../support/person.ts'
import { control } from '../support/trouble.ts'

/** An event dragged to another calendar has moved, not died. */
export function movesScenario(newEngine: () => Promise<Engine>): void {
  let engine: Engine
  let connected: Connected
  let person: ReturnType<typeof personAt>
  let desk: ReturnType<typeof deskOf>
  const there = (calendarId: string) => personAt(engine, { email: connected.email, calendarId })
  const cancel = async (id: string): Promise<void> => {
    const call = { tenantId: connected.tenantId, id, reason: 'cancelled', ifMatch: null }
    must(await cancelAppointment(engine.deps, call))
  }
  const calm = async (): Promise<void> => {
    const seq = await desk.lastSeq()
    await engine.advance(DAY)
    expect(await desk.changesSince(seq)).toEqual([])
  }

  beforeEach(async () => {
    engine = await newEngine()
    connected = await engine.connect()
    person = personAt(engine, connected)
    desk = deskOf(engine)
  })

  describe.each([
    ['another calendar in use', { isSource: true }],
    ['a calendar that is not in use', null],
  ])('to %s', (_name, uses) => {
    test('an event of ours stays paired, and writes go where it is', async () => {
      const further = await furtherCalendar(engine, connected, uses)
      await desk.book('apt_1')
      await engine.settle()
      const eventId = (await person.events())[0]?.id ?? ''
      await moveEvent(engine, connected, eventId, further)
      await engine.advance(MINUTE)
      const moved = await desk.read('apt_1')
      expect(moved?.appointment.status).toBe('confirmed')
      expect(moved?.links).toMatchObject([{ calendarId: further, eventId, role: 'ours', missing: null }])
      expect(await desk.rulesOf('apt_1')).toContain('moved-between-calendars')
      await desk.book('apt_1', ELEVEN)
      await engine.advance(MINUTE)
      expect(await there(further).events()).toMatchObject([{ id: eventId, start: { dateTime: ELEVEN.start.dateTime } }])
      expect(await person.events()).toEqual([])
      await calm()
      expect(await desk.list('dr-lee', 'google')).toEqual([])
      await cancel('apt_1')
      await engine.advance(MINUTE)
      expect(await there(further).events()).toEqual([])
    })

    test('a write that waits while it is moved goes after it, and is not doubled', async () => {
      const further = await furtherCalendar(engine, connected, uses)
      await desk.book('apt_1')
      await engine.settle()
      const eventId = (await person.events())[0]?.id ?? ''
      await moveEvent(engine, connected, eventId, further)
      await desk.book('apt_1', ELEVEN)
      await engine.advance(5 * MINUTE)
      expect(await person.events()).toEqual([])
      expect(await there(further).events()).toMatchObject([{ start: { dateTime: ELEVEN.start.dateTime } }])
      expect((await desk.read('apt_1'))?.outbox).toBeNull()
      await calm()
    })

    test('a series takes its moved occurrence along', async () => {
      const further = await furtherCalendar(engine, connected, uses)
      await desk.book('apt_1', { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] })
      await engine.settle()
      const eventId = (await person.events())[0]?.id ?? ''
      const second = (await person.instances(eventId))[1]
      await person.patch(second?.id ?? '', { summary: 'Renamed once' })
      await engine.settle()
      await moveEvent(engine, connected, eventId, further)
      await engine.advance(5 * MINUTE)
      const parts = await engine.deps.store.seriesWithExceptions(connected.tenantId, ['apt_1'])
      expect(parts.map(each => each.appointment.status)).toEqual(['confirmed', 'confirmed'])
      expect(parts.map(each => each.links.map(link => link.calendarId))).toEqual([[further], [further]])
      await calm()
    })
  })

  test('into a calendar that another account of the same user is connected to: it has moved, not died, and is not doubled', async () => {
    const other = await engine.connect({ userId: 'somebody', calendar: { isTarget: false, isSource: true } })
    const { store } = engine.deps
    const further = await store.connection(other.tenantId, other.connectionId)
    if (further === null) throw new Error('no connection')
    await store.transaction(other.tenantId, tx => tx.saveConnection({ ...further, userId: 'dr-lee' }))
    const shared = `calendars/${encodeURIComponent(other.calendarId)}/role`
    control(engine, 'POST', shared, { email: connected.email, role: 'writer', inList: true })
    await engine.advance(MINUTE)
    await desk.book('apt_1')
    await engine.settle()
    const eventId = (await person.events())[0]?.id ?? ''
    await moveEvent(engine, connected, eventId, other.calendarId)
    await engine.advance(20 * MINUTE)
    const moved = await desk.read('apt_1')
    expect(moved?.appointment.status).toBe('confirmed')
    expect(moved?.links.filter(link => link.role === 'ours')).toMatchObject([
      { calendarId: other.calendarId, eventId, missing: null },
    ])
    expect(await desk.list('dr-lee', 'google')).toEqual([])
    await desk.book('apt_1', ELEVEN)
    await engine.advance(MINUTE)
    const events = await personAt(engine, other).events()
    expect(events).toMatchObject([{ id: eventId, start: { dateTime: ELEVEN.start.dateTime } }])
    expect(await person.events()).toEqual([])
    await calm()
  })

  test('what is deleted for good cancels, after the whole account was asked', async () => {
    await furtherCalendar(engine, connected, { isSource: true })
    await furtherCalendar(engine, connected, null)
    await desk.book('apt_1')
    await engine.settle()
    await person.remove((await person.events())[0]?.id ?? '')
    await engine.advance(MINUTE)
    expect((await desk.read('apt_1'))?.appointment.status).toBe('cancelled')
  })

  test('an event of Google moved between two calendars in use stays one appointment', async () => {
    const further = await furtherCalendar(engine, connected, { isSource: true })
    const { id } = await person.insert({ summary: 'Dentist', ...ELEVEN })
    await engine.settle()
    const [before] = await desk.list('dr-lee', 'google')
    await moveEvent(engine, connected, id, further)
    await engine.advance(MINUTE)
    const after = await desk.list('dr-lee', 'google')
    expect(after.map(each => each.appointment.id)).toEqual([before?.appointment.id])
    expect(after).toMatchObject([{ appointment: { status: 'confirmed' }, links: [{ calendarId: further }] }])
    await calm()
  })

  test('a copy made in Google is a new event of Google, not a second event of ours', async () => {
    await desk.book('apt_1')
    await engine.settle()
    const [original] = await person.events()
    const copied = Object.entries(original ?? {}).filter(
      ([name]) => !['id', 'etag', 'iCalUID', 'htmlLink'].includes(name),
    )
    const copy = await person.insert({ ...Object.fromEntries(copied), ...ELEVEN })
    await engine.settle()
    expect((await desk.read('apt_1'))?.links).toMatchObject([{ eventId: original?.id }])
    expect(await desk.list('dr-lee', 'google')).toMatchObject([{ links: [{ eventId: copy.id, role: 'theirs' }] }])
    await person.remove(copy.id)
    await engine.settle()
    expect((await desk.read('apt_1'))?.appointment.status).toBe('confirmed')
    expect(await person.events()).toHaveLength(1)
  })
}
