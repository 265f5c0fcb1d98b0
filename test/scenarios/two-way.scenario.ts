import { beforeEach, describe, expect, test } from 'vitest'
import type { AppointmentResource } from '../../src/core/model/resource.ts'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { putAppointment } from '../../src/usecases/appointments/put-appointment.ts'
import { TENANT, type Connected, type ConnectOptions, type Engine } from '../support/engine.ts'
import { markRequests, personAt, requestsSince } from '../support/person.ts'
import { DAY } from '../support/builders.ts'
import { seedEvents } from '../../src/simulator/testing.ts'

const BODY = {
  userId: 'dr-lee',
  kind: 'appointment',
  title: 'Follow-up, Jane Roe',
  location: 'Room 2',
  start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-12-01T09:30:00-05:00', timeZone: 'America/New_York' },
}
const MOVED = {
  start: { dateTime: '2026-12-01T11:00:00-05:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-12-01T11:45:00-05:00', timeZone: 'America/New_York' },
}

/** The whole line through everything: what is done on one side is true on the other, in as few requests as that takes. */
export function twoWayScenario(newEngine: () => Promise<Engine>): void {
  let engine: Engine
  let connected: Connected
  let person: ReturnType<typeof personAt>

  const start = async (options: ConnectOptions = {}): Promise<void> => {
    connected = await engine.connect(options)
    await engine.settle()
    person = personAt(engine, connected)
  }
  const book = async (id: string, body: object): Promise<AppointmentResource> => {
    const answer = await putAppointment(engine.deps, {
      tenantId: connected.tenantId,
      id,
      body: { ...BODY, ...body },
      ifMatch: null,
      onConflict: 'allow',
    })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    return answer.value.resource
  }
  const read = async (id: string) => engine.deps.store.appointment(connected.tenantId, id)
  const imported = async () =>
    engine.deps.store.listAppointments(connected.tenantId, {
      userId: connected.userId,
      from: null,
      to: null,
      origin: 'google',
      status: null,
      isArchived: false,
      after: null,
      limit: 100,
    })
  const changesSince = async (seq: number) => engine.deps.store.changes(connected.tenantId, seq, 1_000)
  const lastSeq = async (): Promise<number> => (await changesSince(0)).at(-1)?.seq ?? 0

  beforeEach(async () => {
    engine = await newEngine()
  })

  describe('from the platform to Google', () => {
    test('a booking is written with one request of one quota unit, and its echo is nothing', async () => {
      await start()
      const before = markRequests(engine)
      expect((await book('apt_1', {})).google.state).toBe('pending')
      const seq = await lastSeq()
      await engine.settle()
      expect(await person.events()).toMatchObject([
        { summary: 'Follow-up, Jane Roe', location: 'Room 2', status: 'confirmed' },
      ])
      expect(requestsSince(engine, before).toSorted()).toEqual(['insert 200', 'list 200'])
      expect(await changesSince(seq)).toEqual([])
      expect((await read('apt_1'))?.outbox).toBeNull()
    })

    test('a move is one update under If-Match', async () => {
      await start()
      await book('apt_1', {})
      await engine.settle()
      const before = markRequests(engine)
      await book('apt_1', MOVED)
      await engine.settle()
      expect(requestsSince(engine, before).toSorted()).toEqual(['list 200', 'update 200'])
      expect((await person.events())[0]?.['start']).toMatchObject({ dateTime: '2026-12-01T11:00:00-05:00' })
    })

    test('cancel means delete; the record stays', async () => {
      await start()
      await book('apt_1', {})
      await engine.settle()
      await cancelAppointment(engine.deps, {
        tenantId: connected.tenantId,
        id: 'apt_1',
        reason: 'cancelled',
        ifMatch: null,
      })
      await engine.settle()
      expect(await person.events()).toEqual([])
      expect((await read('apt_1'))?.appointment).toMatchObject({ status: 'cancelled', title: 'Follow-up, Jane Roe' })
    })

    test('made and cancelled before the first write is no write at all', async () => {
      await start()
      const before = markRequests(engine)
      await book('apt_1', {})
      await cancelAppointment(engine.deps, {
        tenantId: connected.tenantId,
        id: 'apt_1',
        reason: 'cancelled',
        ifMatch: null,
      })
      await engine.settle()
      expect(requestsSince(engine, before)).toEqual([])
    })

    test('booked anew after a cancellation, it is written anew', async () => {
      await start()
      await book('apt_1', {})
      await engine.settle()
      await cancelAppointment(engine.deps, {
        tenantId: connected.tenantId,
        id: 'apt_1',
        reason: 'cancelled',
        ifMatch: null,
      })
      await engine.settle()
      await book('apt_1', MOVED)
      await engine.settle()
      expect(await person.events()).toMatchObject([{ summary: 'Follow-up, Jane Roe' }])
      expect((await read('apt_1'))?.links).toHaveLength(1)
    })

    test('what was booked before the user connected is written when they do, inside the window only', async () => {
      connected = { tenantId: TENANT, userId: 'dr-lee', connectionId: '', calendarId: '', email: '' }
      const soon = { start: { date: '2026-12-24' }, end: { date: '2026-12-26' } }
      const far = { start: { date: '2029-01-01' }, end: { date: '2029-01-02' } }
      await engine.deps.store.transaction(connected.tenantId, tx =>
        tx.saveTenant({
          id: connected.tenantId,
          name: 'Clinic',
          settings: {
            branding: { productName: null, logoUrl: null, colour: null },
            connectRoles: null,
            oauthClient: null,
            policies: {},
          },
          createdAt: engine.clock.now,
        }),
      )
      await book('apt_soon', soon)
      await book('apt_far', far)
      await start()
      expect(await person.events()).toMatchObject([{ start: { date: '2026-12-24' }, end: { date: '2026-12-26' } }])
    })
  })

  describe('from Google to the platform', () => {
    test('an event made there appears here, locked', async () => {
      await start()
      const before = markRequests(engine)
      await person.insert({ summary: 'Dentist', ...MOVED })
      await engine.settle()
      const [dentist] = await imported()
      expect(dentist?.appointment).toMatchObject({ title: 'Dentist', origin: 'google' })
      expect(requestsSince(engine, before)).toEqual(['list 200'])
      const refused = await putAppointment(engine.deps, {
        tenantId: connected.tenantId,
        id: dentist?.appointment.id ?? '',
        body: BODY,
        ifMatch: null,
        onConflict: 'allow',
      })
      expect(refused).toMatchObject({
        ok: false,
        error: { kind: 'google-owned', htmlLink: expect.stringContaining('http') },
      })
    })

    test('events that were there before are taken in by the first sync', async () => {
      await start({
        before: calendarId => seed(engine, calendarId, 30),
      })
      expect(await imported()).toHaveLength(30)
    })

    test('a move there is taken over here and written nowhere', async () => {
      await start()
      await book('apt_1', {})
      await engine.settle()
      const seq = await lastSeq()
      const before = markRequests(engine)
      const [event] = await person.events()
      await person.patch(event?.id ?? '', MOVED)
      await engine.settle()
      expect((await read('apt_1'))?.appointment).toMatchObject({
        version: 2,
        time: { startAt: Date.parse('2026-12-01T16:00:00Z') },
      })
      expect(await changesSince(seq)).toMatchObject([
        { change: { type: 'appointment.updated' }, rule: 'google-edit-accepted' },
      ])
      expect(requestsSince(engine, before)).toEqual(['list 200'])
    })

    test('a deletion there is asked about and then cancels here', async () => {
      await start()
      await book('apt_1', {})
      await engine.settle()
      const seq = await lastSeq()
      const before = markRequests(engine)
      const [event] = await person.events()
      await person.remove(event?.id ?? '')
      await engine.settle()
      expect((await read('apt_1'))?.appointment.status).toBe('cancelled')
      expect(await changesSince(seq)).toMatchObject([{ change: { type: 'appointment.cancelled' } }])
      // The last two look for it in the rest of the account: it might have been moved.
      expect(requestsSince(engine, before)).toEqual(['list 200', 'get 200', 'calendarList.list 200', 'list 200'])
    })

    test('an event of Google deleted there stays readable here as cancelled', async () => {
      await start()
      const event = await person.insert({ summary: 'Dentist', ...MOVED })
      await engine.settle()
      await person.remove(event.id)
      await engine.settle()
      expect((await imported()).map(each => each.appointment.status)).toEqual(['cancelled'])
    })
  })

  describe('both at once', () => {
    test('a new time there and a new title here both live', async () => {
      await start()
      await book('apt_1', {})
      await engine.settle()
      const [event] = await person.events()
      await person.patch(event?.id ?? '', MOVED)
      await patchAppointment(engine.deps, {
        tenantId: connected.tenantId,
        id: 'apt_1',
        body: { title: 'Renamed' },
        ifMatch: null,
        onConflict: 'allow',
      })
      await engine.settle()
      await engine.advance(60_000)
      expect(await person.events()).toMatchObject([
        { summary: 'Renamed', start: { dateTime: '2026-12-01T11:00:00-05:00' } },
      ])
      expect((await read('apt_1'))?.appointment).toMatchObject({
        title: 'Renamed',
        time: { startAt: Date.parse('2026-12-01T16:00:00Z') },
      })
    })

    test('guests, reminders and the own colour set by a person survive our writes', async () => {
      await start()
      await book('apt_1', {})
      await engine.settle()
      const [event] = await person.events()
      const theirs = {
        reminders: { useDefault: false, overrides: [{ method: 'popup', minutes: 7 }] },
        colorId: '5',
        attendees: [{ email: 'guest@example.com' }],
      }
      await person.patch(event?.id ?? '', theirs)
      await engine.settle()
      await book('apt_1', { ...MOVED, title: 'Renamed' })
      await engine.settle()
      expect(await person.get(event?.id ?? '')).toMatchObject({
        ...theirs,
        attendees: [expect.objectContaining({ email: 'guest@example.com' })],
        summary: 'Renamed',
      })
      expect(
        engine.simulator.world.requestLog
          .filter(entry => entry.clientId === 'client')
          .every(entry => entry.mails === 0),
      ).toBe(true)
    })

    test('an idle day makes no write, no change and no more than the polls', async () => {
      await start()
      await book('apt_1', {})
      await person.insert({ summary: 'Dentist', ...MOVED })
      await engine.settle()
      const seq = await lastSeq()
      const before = markRequests(engine)
      await engine.advance(DAY)
      expect(await changesSince(seq)).toEqual([])
      expect(requestsSince(engine, before).filter(each => /insert|update|patch|delete/.test(each))).toEqual([])
    })
  })
}

function seed(engine: Engine, calendarId: string, count: number): void {
  const calendar = engine.simulator.world.calendars.get(calendarId)
  if (calendar === undefined) throw new Error(`no calendar ${calendarId}`)
  const events = Array.from({ length: count }, (_, index) => ({
    summary: `Event ${index}`,
    start: { dateTime: new Date(engine.clock.now + index * 3_600_000).toISOString() },
    end: { dateTime: new Date(engine.clock.now + index * 3_600_000 + 1_800_000).toISOString() },
  }))
  const answer = seedEvents(engine.simulator.world, calendar, events)
  if (answer['inserted'] !== count) throw new Error(JSON.stringify(answer))
}
