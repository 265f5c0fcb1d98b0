import { beforeEach, describe, expect, test } from 'vitest'
import { feedUid } from '../../src/core/model/feed-uid.ts'
import { seedEvents } from '../../src/simulator/testing.ts'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { resolveDuplicate, type DuplicateAction } from '../../src/usecases/duplicates/resolve-duplicate.ts'
import { DAY, MINUTE } from '../support/builders.ts'
import { BOOKING, deskOf, ELEVEN, must, NINE, refusal } from '../support/clinic-desk.ts'
import type { Connected, ConnectOptions, Engine } from '../support/engine.ts'
import { markRequests, personAt, requestsSince } from '../support/person.ts'

/** The same event twice is met before it stands there twice, and nothing of a person's is deleted without a word. */
export function duplicatesScenario(newEngine: () => Promise<Engine>): void {
  let engine: Engine
  let connected: Connected
  let person: ReturnType<typeof personAt>
  let desk: ReturnType<typeof deskOf>

  const start = async (options: ConnectOptions = {}): Promise<void> => {
    connected = await engine.connect(options)
    person = personAt(engine, connected)
    desk = deskOf(engine)
  }
  const twinInGoogle = async (body: object = {}) => {
    const event = await person.insert({
      summary: '  follow-up,  Jane ROE',
      description: 'my own notes',
      ...NINE,
      ...body,
    })
    await engine.settle()
    return event
  }
  const calm = async (): Promise<void> => {
    const [seq, mark] = [await desk.lastSeq(), markRequests(engine)]
    await engine.advance(DAY)
    expect(await desk.changesSince(seq)).toEqual([])
    expect(requestsSince(engine, mark).filter(each => /insert|update|delete/.test(each))).toEqual([])
  }

  beforeEach(async () => {
    engine = await newEngine()
  })

  describe('an exact twin, under link', () => {
    test("becomes the appointment's own event: one event, one appointment, a person's notes kept", async () => {
      await start()
      const twin = await twinInGoogle()
      const mark = markRequests(engine)
      await desk.book('apt_1')
      await engine.settle()
      expect(requestsSince(engine, mark).filter(each => !each.startsWith('list'))).toEqual(['get 200', 'update 200'])
      expect(await person.events()).toMatchObject([
        { id: twin.id, summary: 'Follow-up, Jane Roe', description: 'my own notes', location: 'Room 2' },
      ])
      expect((await desk.read('apt_1'))?.links).toMatchObject([{ eventId: twin.id, role: 'ours' }])
      expect(await desk.list('dr-lee', 'google')).toEqual([])
      const [archived] = await desk.list('dr-lee', 'google', true)
      expect(await desk.rulesOf(archived?.appointment.id ?? '')).toContain('exact-twin-linked')
      await calm()
      await desk.book('apt_1', ELEVEN)
      await engine.settle()
      expect(await person.events()).toMatchObject([{ id: twin.id, start: { dateTime: ELEVEN.start.dateTime } }])
    })

    test.each<[string, object]>([
      ['another time', ELEVEN],
      ['another title', { summary: 'Jane Roe' }],
      ['guests', { attendees: [{ email: 'guest@example.com' }] }],
      ['a repetition', { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=3'] }],
      ['a person who keeps it private', { visibility: 'private' }],
    ])('is none with %s: written beside it, and left alone', async (_name, differently) => {
      await start()
      const other = await twinInGoogle(differently)
      await desk.book('apt_1')
      await engine.settle()
      expect(await person.events()).toHaveLength(2)
      expect((await desk.read('apt_1'))?.links).not.toMatchObject([{ eventId: other.id }])
      expect((await person.get(other.id))['description']).toBe('my own notes')
    })

    test('switching from typing by hand: a week that stands on both sides is not doubled', async () => {
      const slots = Array.from({ length: 10 }, (_, index) => ({
        start: { date: `2026-12-${String(index + 1).padStart(2, '0')}` },
        end: { date: `2026-12-${String(index + 2).padStart(2, '0')}` },
      }))
      await start({
        before: calendarId => {
          const calendar = engine.simulator.world.calendars.get(calendarId)
          if (calendar === undefined) throw new Error('no calendar')
          seedEvents(
            engine.simulator.world,
            calendar,
            slots.map((slot, index) => ({ summary: `Patient ${index}`, ...slot })),
          )
        },
      })
      for (const [index, slot] of slots.entries())
        await desk.book(`apt_${index}`, { title: `Patient ${index}`, ...slot })
      await engine.advance(5 * MINUTE)
      expect(await person.events()).toHaveLength(10)
      expect(await desk.list('dr-lee', 'google')).toEqual([])
      await calm()
    })
  })

  describe('an exact twin, under flag', () => {
    const flagged = async () => {
      await start({ policies: { duplicates: 'flag' } })
      const twin = await twinInGoogle()
      await desk.book('apt_1')
      await engine.settle()
      const [duplicate] = await desk.duplicates()
      if (duplicate === undefined) throw new Error('nothing was flagged')
      return { twin, id: duplicate.id }
    }
    const resolve = (id: string, action: DuplicateAction) =>
      resolveDuplicate(engine.deps, { tenantId: connected.tenantId, id, action })

    test('is written beside it and told of once', async () => {
      const { twin } = await flagged()
      expect(await person.events()).toHaveLength(2)
      await desk.book('apt_1', { title: 'Renamed' })
      await engine.settle()
      await calm()
      const told = (await desk.changesSince(0)).filter(row => row.change?.type === 'duplicate.detected')
      expect(told).toMatchObject([{ change: { data: { appointmentId: 'apt_1', eventId: twin.id, state: 'open' } } }])
    })

    test('keep both: nothing is written, and it is not asked again', async () => {
      const { id } = await flagged()
      const mark = markRequests(engine)
      expect(must(await resolve(id, 'keep_both')).state).toBe('kept')
      expect(requestsSince(engine, mark)).toEqual([])
      expect(await person.events()).toHaveLength(2)
      expect(refusal(await resolve(id, 'link'))).toMatchObject({ slug: 'duplicate-resolved' })
    })

    test('kept, it is not told of again when the appointment is booked anew', async () => {
      const { id } = await flagged()
      must(await resolve(id, 'keep_both'))
      const call = { tenantId: connected.tenantId, id: 'apt_1', reason: 'cancelled', ifMatch: null }
      must(await cancelAppointment(engine.deps, call))
      await engine.settle()
      await desk.book('apt_1')
      await engine.settle()
      expect(await person.events()).toHaveLength(2)
      expect(await desk.duplicates()).toEqual([])
    })

    test('remove: the one made in Google is deleted there and cancelled here', async () => {
      const { id, twin } = await flagged()
      must(await resolve(id, 'remove_google'))
      await engine.settle()
      expect((await person.events()).map(event => event.id)).not.toContain(twin.id)
      expect(await person.events()).toHaveLength(1)
      expect((await desk.read('apt_1'))?.appointment.status).toBe('confirmed')
      expect((await desk.list('dr-lee', 'google')).map(each => each.appointment.status)).toEqual(['cancelled'])
      await calm()
    })

    test('link: the two become one, which is the one made in Google', async () => {
      const { id, twin } = await flagged()
      must(await resolve(id, 'link'))
      await engine.settle()
      expect(await person.events()).toMatchObject([{ id: twin.id, description: 'my own notes' }])
      expect((await desk.read('apt_1'))?.links).toMatchObject([{ eventId: twin.id, role: 'ours' }])
      expect((await desk.read('apt_1'))?.appointment.status).toBe('confirmed')
      expect(await desk.list('dr-lee', 'google')).toEqual([])
      await calm()
    })

    test('link, when Google fails half-way: nothing is missing, and asked again it is finished', async () => {
      const { id, twin } = await flagged()
      const remove = engine.deps.google.deleteEvent
      engine.deps.google.deleteEvent = async () => ({
        ok: false,
        error: { kind: 'unavailable', ambiguous: true, detail: 'timeout' },
      })
      expect(refusal(await resolve(id, 'link'))).toMatchObject({ kind: 'unavailable' })
      engine.deps.google.deleteEvent = remove
      await engine.advance(MINUTE)
      expect((await desk.read('apt_1'))?.appointment.status).toBe('confirmed')
      must(await resolve(id, 'link'))
      await engine.advance(MINUTE)
      expect(await person.events()).toMatchObject([{ id: twin.id }])
      await calm()
    })
  })

  describe('an event imported from our own feed', () => {
    const feedEvent = () => {
      const key = engine.deps.names.markerKey({ tenantId: 'clinic', appointmentId: 'apt_1' })
      return { summary: 'Follow-up, Jane Roe', iCalUID: feedUid(key), ...NINE }
    }
    const seed = (calendarId: string): void => {
      const calendar = engine.simulator.world.calendars.get(calendarId)
      if (calendar === undefined) throw new Error('no calendar')
      seedEvents(engine.simulator.world, calendar, [feedEvent()])
    }

    test('in the target becomes the appointment it shows, instead of a second one', async () => {
      await engine.connect({ userId: 'somebody' })
      await deskOf(engine).book('apt_1')
      await start({ before: seed })
      await engine.advance(MINUTE)
      expect(await person.events()).toMatchObject([{ iCalUID: feedEvent().iCalUID, location: BOOKING.location }])
      expect((await desk.read('apt_1'))?.links).toHaveLength(1)
      expect(await desk.list('dr-lee', 'google')).toEqual([])
      await calm()
    })

    test('imported later, beside the event that it has, is told of and not taken in', async () => {
      await start()
      await desk.book('apt_1')
      await engine.settle()
      seed(connected.calendarId)
      await engine.advance(DAY)
      expect(await desk.duplicates()).toMatchObject([{ kind: 'feed-copy', appointmentId: 'apt_1', twinId: null }])
      expect(await desk.list('dr-lee', 'google')).toEqual([])
      expect(await person.events()).toHaveLength(2)
    })
  })
}
