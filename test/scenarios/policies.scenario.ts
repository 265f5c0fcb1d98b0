import { beforeEach, describe, expect, test } from 'vitest'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { patchConnection } from '../../src/usecases/connections/patch-connection.ts'
import { pauseConnection, resumeConnection } from '../../src/usecases/connections/pause-connection.ts'
import { patchTenant } from '../../src/usecases/tenants/patch-tenant.ts'
import { DAY, MINUTE } from '../support/builders.ts'
import { deskOf, ELEVEN, must } from '../support/clinic-desk.ts'
import type { Connected, ConnectOptions, Engine } from '../support/engine.ts'
import { markRequests, personAt, requestsSince } from '../support/person.ts'

const FAR = { start: { date: '2027-12-20' }, end: { date: '2027-12-21' } }
const BUSY = { title: 'busy', description: false, location: false }

/** A policy that changes holds for what stands already, not only for what comes. */
export function policiesScenario(newEngine: () => Promise<Engine>): void {
  let engine: Engine
  let connected: Connected
  let person: ReturnType<typeof personAt>
  let desk: ReturnType<typeof deskOf>

  const start = async (options: ConnectOptions = {}): Promise<void> => {
    connected = await engine.connect(options)
    person = personAt(engine, connected)
    desk = deskOf(engine)
  }
  const patch = async (change: object): Promise<void> => {
    must(await patchConnection(engine.deps, { ...connected, ifMatch: null, ...change }))
    await engine.advance(MINUTE)
  }
  const cancel = async (id: string): Promise<void> => {
    const call = { tenantId: connected.tenantId, id, reason: 'cancelled', ifMatch: null }
    must(await cancelAppointment(engine.deps, call))
    await engine.settle()
  }
  const titles = async () => (await person.events()).map(event => event.summary)
  const writesSince = (mark: number) => requestsSince(engine, mark).filter(each => /insert|update|delete/.test(each))
  const imported = async () => (await desk.list('dr-lee', 'google')).map(each => each.appointment.title)

  beforeEach(async () => {
    engine = await newEngine()
  })

  describe('what Google is shown', () => {
    test('is written over when the presentation masks it, one write per event, and back again', async () => {
      await start()
      await desk.book('apt_1')
      await desk.book('apt_2', { title: 'Intake, John Doe', ...ELEVEN })
      await engine.settle()
      const mark = markRequests(engine)
      await patch({ policies: { presentation: BUSY } })
      expect(await titles()).toEqual(['Busy', 'Busy'])
      expect((await person.events()).every(event => (event['location'] ?? '') === '')).toBe(true)
      expect(writesSince(mark)).toEqual(['update 200', 'update 200'])
      await patch({ policies: { presentation: { title: 'full', description: true, location: true } } })
      expect((await titles()).toSorted()).toEqual(['Follow-up, Jane Roe', 'Intake, John Doe'])
    })

    test('changed on the tenant, follows for every connection that has no word of its own', async () => {
      await start()
      await desk.book('apt_1')
      await engine.settle()
      const { tenantId } = connected
      must(await patchTenant(engine.deps, { tenantId, settings: { policies: { presentation: BUSY } } }))
      await engine.advance(MINUTE)
      expect(await titles()).toEqual(['Busy'])
      await patch({ policies: { presentation: { title: 'kind' } } })
      expect(await titles()).toEqual(['Appointment'])
      must(await patchTenant(engine.deps, { tenantId, settings: { policies: { presentation: { title: 'full' } } } }))
      await engine.advance(MINUTE)
      expect(await titles()).toEqual(['Appointment'])
    })

    test('a policy that does not concern Google writes nothing', async () => {
      await start()
      await desk.book('apt_1')
      await engine.settle()
      const mark = markRequests(engine)
      await patch({ policies: { concurrentEdits: 'google' } })
      expect(writesSince(mark)).toEqual([])
    })

    test('what is not included any more leaves; included again, it is written', async () => {
      await start()
      await desk.book('apt_1')
      await desk.book('apt_2', { kind: 'task', title: 'Call back', ...ELEVEN })
      await engine.settle()
      await patch({ policies: { include: { kinds: ['appointment'] } } })
      expect(await titles()).toEqual(['Follow-up, Jane Roe'])
      expect((await desk.read('apt_2'))?.appointment.status).toBe('confirmed')
      await patch({ policies: { include: { kinds: ['appointment', 'task'] } } })
      expect((await titles()).toSorted()).toEqual(['Call back', 'Follow-up, Jane Roe'])
    })

    test('marked cancellations leave when they are to be deleted, and those that left do not come back', async () => {
      await start({ policies: { cancelled: 'mark' } })
      await desk.book('apt_1')
      await engine.settle()
      await cancel('apt_1')
      expect(await titles()).toEqual(['Cancelled: Follow-up, Jane Roe'])
      await patch({ policies: { cancelled: 'delete' } })
      expect(await titles()).toEqual([])
      const mark = markRequests(engine)
      await patch({ policies: { cancelled: 'mark' } })
      expect(await titles()).toEqual([])
      expect(writesSince(mark)).toEqual([])
    })
  })

  describe('what is taken in', () => {
    test('loses its words when only its time is to be kept, and gets them back', async () => {
      await start()
      await person.insert({ summary: 'Dentist', location: 'Main Street', ...ELEVEN })
      await engine.settle()
      const id = (await desk.list('dr-lee', 'google'))[0]?.appointment.id ?? ''
      await patch({ policies: { imported: 'busy' } })
      expect((await desk.read(id))?.appointment).toMatchObject({ title: null, location: null, busy: true })
      await patch({ policies: { imported: 'full' } })
      expect((await desk.read(id))?.appointment).toMatchObject({ title: 'Dentist', location: 'Main Street' })
    })

    test('push only: nothing is taken in, what was is put away, and our own events are still watched', async () => {
      await start()
      await person.insert({ summary: 'Dentist', ...ELEVEN })
      await desk.book('apt_1')
      await engine.settle()
      await patch({ mode: 'push_only' })
      expect(await imported()).toEqual([])
      await person.insert({ summary: 'Barber', ...ELEVEN })
      const ours = (await person.events()).find(event => event.summary === 'Follow-up, Jane Roe')
      await person.patch(ours?.id ?? '', { summary: 'Renamed in Google' })
      await engine.advance(DAY)
      expect(await imported()).toEqual([])
      expect((await desk.read('apt_1'))?.appointment.title).toBe('Renamed in Google')
      await patch({ mode: 'two_way' })
      expect((await imported()).toSorted()).toEqual(['Barber', 'Dentist'])
    })

    test('switched off: nothing is read or written until it is on again, which catches up', async () => {
      await start()
      await desk.book('apt_1')
      await engine.settle()
      await patch({ mode: 'off' })
      const mark = markRequests(engine)
      await desk.book('apt_2', { title: 'Meanwhile', ...ELEVEN })
      await desk.book('apt_1', { title: 'Renamed' })
      await person.insert({ summary: 'Dentist', ...ELEVEN })
      await engine.advance(DAY)
      expect(requestsSince(engine, mark).filter(each => each.startsWith('list') || /insert|update/.test(each))).toEqual(
        [],
      )
      await patch({ mode: 'two_way' })
      expect((await titles()).toSorted()).toEqual(['Dentist', 'Meanwhile', 'Renamed'])
      expect(await imported()).toEqual(['Dentist'])
    })

    test('paused: the same, and nothing is lost on either side', async () => {
      await start()
      await desk.book('apt_1')
      await engine.settle()
      must(await pauseConnection(engine.deps, connected))
      const mark = markRequests(engine)
      await desk.book('apt_1', { title: 'Renamed' })
      const [event] = await person.events()
      await person.patch(event?.id ?? '', ELEVEN)
      await engine.advance(DAY)
      expect(requestsSince(engine, mark).filter(each => /list|insert|update/.test(each) && !/^cal/.test(each))).toEqual(
        [],
      )
      must(await resumeConnection(engine.deps, connected))
      await engine.advance(5 * MINUTE)
      expect(await person.events()).toMatchObject([{ summary: 'Renamed', start: { dateTime: ELEVEN.start.dateTime } }])
      expect((await desk.read('apt_1'))?.appointment).toMatchObject({ title: 'Renamed' })
    })
  })

  describe('the window', () => {
    test('moves with the day: what enters it is written, what it leaves behind stays', async () => {
      await start({ window: { daysBack: 0, daysAhead: 7 } })
      const on = (day: number) => ({ start: { date: `2026-12-${day}` }, end: { date: `2026-12-${day + 1}` } })
      await desk.book('apt_soon', on(13))
      await desk.book('apt_1')
      await engine.advance(3 * DAY)
      expect(await titles()).toEqual(['Follow-up, Jane Roe'])
      await engine.advance(4 * DAY)
      expect(await titles()).toHaveLength(2)
      const mark = markRequests(engine)
      await engine.advance(4 * DAY)
      expect(writesSince(mark)).toEqual([])
    })

    test('widened ahead, sends what has come into reach', async () => {
      await start()
      await desk.book('apt_far', FAR)
      await engine.settle()
      expect(await titles()).toEqual([])
      await patch({ window: { daysBack: 30, daysAhead: 800 } })
      expect(await titles()).toHaveLength(1)
    })

    test('widened back, reads what lies there', async () => {
      await start({
        window: { daysBack: 1, daysAhead: 365 },
      })
      await person.insert({ summary: 'Long ago', start: { date: '2026-11-10' }, end: { date: '2026-11-11' } })
      await engine.settle()
      expect(await imported()).toEqual([])
      await patch({ window: { daysBack: 60, daysAhead: 365 } })
      expect(await imported()).toEqual(['Long ago'])
    })
  })

  describe('accepted edits are checked', () => {
    test('a time that others are booked for is accepted and reported, with whom it collides', async () => {
      await start()
      await desk.book('apt_1')
      await desk.book('apt_2', ELEVEN)
      await engine.settle()
      const seq = await desk.lastSeq()
      const id = (await desk.read('apt_1'))?.links[0]?.eventId ?? ''
      await person.patch(id, ELEVEN)
      await engine.settle()
      const told = await desk.changesSince(seq)
      expect(told.map(row => row.change?.type)).toEqual(['appointment.updated', 'conflict.resolved'])
      expect(told[1]?.change?.data).toMatchObject({
        id: 'apt_1',
        conflict: { reason: 'time-taken', appointmentIds: ['apt_2'] },
      })
    })

    test('a free time, and a change of something else, report nothing', async () => {
      await start()
      await desk.book('apt_1')
      await desk.book('apt_2')
      await engine.settle()
      const seq = await desk.lastSeq()
      const [one, two] = await person.events()
      await person.patch(one?.id ?? '', { summary: 'Renamed' })
      await person.patch(two?.id ?? '', ELEVEN)
      await engine.settle()
      expect((await desk.changesSince(seq)).map(row => row.change?.type)).toEqual([
        'appointment.updated',
        'appointment.updated',
      ])
    })
  })
}
