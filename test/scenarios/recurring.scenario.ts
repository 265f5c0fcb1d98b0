import { beforeEach, describe, expect, test } from 'vitest'
import type { Appointment } from '../../src/core/model/appointment.ts'
import type { Paired } from '../../src/ports/store/appointments.ts'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { putAppointment } from '../../src/usecases/appointments/put-appointment.ts'
import { splitSeries } from '../../src/usecases/appointments/split-series.ts'
import { compareOccurrences } from '../simulation/occurrences.ts'
import type { Connected, ConnectOptions, Engine } from '../support/engine.ts'
import { markRequests, personAt, requestsSince, type GoogleEvent } from '../support/person.ts'

const NEW_YORK = 'America/New_York'
const when = (dateTime: string, timeZone = NEW_YORK): { dateTime: string; timeZone: string } => ({ dateTime, timeZone })
const WEEKLY = {
  start: when('2026-12-01T09:00:00-05:00'),
  end: when('2026-12-01T09:30:00-05:00'),
  recurrence: ['RRULE:FREQ=WEEKLY;COUNT=8'],
}
/** The Tuesday so many weeks after the first. */
const tuesday = (weeks: number, hour = '09:00'): { start: object; end: object } => {
  const day = new Date(Date.parse('2026-12-01') + weeks * 604_800_000).toISOString().slice(0, 10)
  return { start: when(`${day}T${hour}:00-05:00`), end: when(`${day}T${hour.slice(0, 3)}30:00-05:00`) }
}

/** Series both ways: what is done to one, all, or this and following on one side is true on the other. */
export function recurringScenario(newEngine: () => Promise<Engine>): void {
  let engine: Engine
  let connected: Connected
  let person: ReturnType<typeof personAt>

  const start = async (options: ConnectOptions = {}): Promise<void> => {
    connected = await engine.connect(options)
    person = personAt(engine, connected)
  }
  const answered = <T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T => {
    if (!result.ok) throw new Error(JSON.stringify(result.error))
    return result.value
  }
  const put = async (id: string, body: object): Promise<void> => {
    const whole = { userId: connected.userId, title: 'Therapy', ...body }
    const input = { tenantId: connected.tenantId, id, body: whole, ifMatch: null, onConflict: 'allow' as const }
    answered(await putAppointment(engine.deps, input))
  }
  const patch = async (id: string, body: object): Promise<void> => {
    const input = { tenantId: connected.tenantId, id, body, ifMatch: null, onConflict: 'allow' as const }
    answered(await patchAppointment(engine.deps, input))
  }
  const split = async (id: string, body: object): Promise<void> => {
    answered(await splitSeries(engine.deps, { tenantId: connected.tenantId, id, body, ifMatch: null }))
  }
  const all = (): Promise<Paired[]> =>
    engine.deps.store.listAppointments(connected.tenantId, {
      userId: connected.userId,
      from: null,
      to: null,
      origin: null,
      status: null,
      isArchived: false,
      after: null,
      limit: 1_000,
    })
  const read = async (id: string): Promise<Appointment | undefined> =>
    (await engine.deps.store.appointment(connected.tenantId, id))?.appointment
  const control = (verb: string, body: object): string => {
    const answer = engine.simulator.handle({
      method: 'POST',
      path: `/_control/calendars/${encodeURIComponent(connected.calendarId)}/${verb}`,
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (answer.status >= 400) throw new Error(`${verb}: ${answer.status} ${answer.body}`)
    return (JSON.parse(answer.body) as { id: string }).id
  }
  const masters = async (): Promise<GoogleEvent[]> => (await person.events()).filter(event => 'recurrence' in event)
  const occurrence = async (nth: number, series = 0): Promise<string> => {
    const master = (await masters())[series]
    return (await person.instances(master?.id ?? ''))[nth]?.id ?? ''
  }
  /** Both sides show the same occurrences, nothing waits, and no exception is doubled. */
  const agree = async (): Promise<void> => {
    await engine.settle()
    await engine.advance(120_000)
    const pairs = await all()
    expect(compareOccurrences(pairs, person)).toEqual([])
    expect(pairs.filter(each => each.outbox !== null).map(each => each.appointment.id)).toEqual([])
    expect(pairs.filter(each => each.links.length > 1 || each.links.some(link => link.missing !== null))).toEqual([])
    const shown = new Set(pairs.flatMap(each => each.links.map(link => link.eventId)))
    expect((await person.events()).filter(each => each.status !== 'cancelled' && !shown.has(each.id))).toEqual([])
  }
  const aSeries = async (body: object = WEEKLY): Promise<void> => {
    await put('weekly', body)
    await engine.settle()
  }

  beforeEach(async () => {
    engine = await newEngine()
  })

  describe('this and following in Google', () => {
    test('on a series of ours makes a series of ours, with its own mark, in one listing and one write', async () => {
      await start()
      await aSeries()
      const before = markRequests(engine)
      const tail = control('split', { instanceId: await occurrence(3), changes: { summary: 'Therapy, room 3' } })
      await engine.settle()
      expect(requestsSince(engine, before).toSorted()).toEqual(['list 200', 'list 200', 'update 200'])
      const id = 'weekly~R20261222T140000Z'
      expect(await read(id)).toMatchObject({ title: 'Therapy, room 3', origin: 'platform', userId: connected.userId })
      expect((await read('weekly'))?.recurrence).toEqual(['RRULE:FREQ=WEEKLY;UNTIL=20261222T045959Z'])
      const marker = engine.deps.names.markerKey({ tenantId: connected.tenantId, appointmentId: id })
      expect(JSON.stringify((await person.get(tail))['extendedProperties'])).toContain(marker)
      await agree()
      await patch(id, { title: 'Renamed here' })
      await engine.settle()
      expect(await person.get(tail)).toMatchObject({ summary: 'Renamed here' })
      await person.patch(tail, { location: 'Attic' })
      await agree()
      expect((await read(id))?.location).toBe('Attic')
    })

    test('takes the later exceptions along, moved and cancelled ones, and doubles none', async () => {
      await start()
      await aSeries()
      await person.patch(await occurrence(1), tuesday(1, '15:00'))
      await person.patch(await occurrence(5), tuesday(5, '16:00'))
      await person.remove(await occurrence(6))
      await engine.settle()
      control('split', { instanceId: await occurrence(3), changes: {} })
      await agree()
      const exceptions = (await all()).filter(each => each.appointment.recurringId !== null)
      expect(exceptions.map(each => [each.appointment.id, each.appointment.recurringId])).toEqual([
        ['weekly~20261208T140000Z', 'weekly'],
        ['weekly~20270105T140000Z', 'weekly~R20261222T140000Z'],
        ['weekly~20270112T140000Z', 'weekly~R20261222T140000Z'],
      ])
    })

    test('twice over makes three parts, whose ids go back to the first', async () => {
      await start()
      await aSeries()
      control('split', { instanceId: await occurrence(2), changes: {} })
      await engine.settle()
      control('split', { instanceId: await occurrence(3, 1), changes: { summary: 'Third part' } })
      await agree()
      const series = (await all()).filter(each => each.appointment.recurrence.length > 0)
      expect(series.map(each => each.appointment.id)).toEqual([
        'weekly',
        'weekly~R20261215T140000Z',
        'weekly~R20270105T140000Z',
      ])
    })

    test("of Google's own series makes another of Google's own", async () => {
      await start()
      await person.insert({ summary: 'Yoga', ...WEEKLY })
      await engine.settle()
      await person.patch(await occurrence(5), tuesday(5, '16:00'))
      await person.remove(await occurrence(6))
      await engine.settle()
      const before = markRequests(engine)
      control('split', { instanceId: await occurrence(3), changes: { summary: 'Yoga, late' } })
      await engine.settle()
      expect(requestsSince(engine, before)).toEqual(['list 200'])
      await agree()
      const pairs = await all()
      const late = pairs.find(each => each.appointment.title === 'Yoga, late')?.appointment
      expect(late).toMatchObject({ origin: 'google' })
      const exceptions = pairs.filter(each => each.appointment.recurringId !== null)
      expect(exceptions.map(each => each.appointment.recurringId)).toEqual([late?.id, late?.id])
    })

    test('is undone under revert, and the platform sees none of it', async () => {
      await start({ policies: { googleEdits: 'revert' } })
      await aSeries()
      const seq = (await engine.deps.store.changes(connected.tenantId, 0, 1_000)).at(-1)?.seq ?? 0
      control('split', { instanceId: await occurrence(3), changes: {} })
      await agree()
      expect(await masters()).toMatchObject([{ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=8'] }])
      expect(await engine.deps.store.changes(connected.tenantId, seq, 1_000)).toEqual([])
    })

    test('deleting this and following ends the series and drops what came after', async () => {
      await start()
      await aSeries()
      await person.patch(await occurrence(5), tuesday(5, '16:00'))
      await engine.settle()
      control('end-series', { instanceId: await occurrence(3) })
      await agree()
      expect(await read('weekly~20270105T140000Z')).toMatchObject({ status: 'cancelled', recurringId: null })
      const history = await engine.deps.store.history(connected.tenantId, 'weekly~20270105T140000Z', 10)
      expect(history.at(-1)).toMatchObject({ rule: 'slot-left-series', before: { recurringId: 'weekly' } })
    })
  })

  describe('changed here', () => {
    test('one occurrence: PUT of an exception is one read and one update', async () => {
      await start()
      await aSeries()
      const before = markRequests(engine)
      await put('moved', { recurringId: 'weekly', originalStart: tuesday(2).start, ...tuesday(2, '17:00') })
      await engine.settle()
      expect(requestsSince(engine, before).toSorted()).toEqual(['get 200', 'list 200', 'update 200'])
      await agree()
    })

    test('one occurrence cancelled is one deletion, and its coming back is one update', async () => {
      await start()
      await aSeries()
      await put('off', { recurringId: 'weekly', originalStart: tuesday(2).start, ...tuesday(2) })
      await engine.settle()
      const before = markRequests(engine)
      await cancelAppointment(engine.deps, {
        tenantId: connected.tenantId,
        id: 'off',
        reason: 'cancelled',
        ifMatch: null,
      })
      await engine.settle()
      expect(requestsSince(engine, before).toSorted()).toEqual(['delete 204', 'list 200'])
      await agree()
      await put('off', { recurringId: 'weekly', originalStart: tuesday(2).start, ...tuesday(2, '18:00') })
      await agree()
      expect((await read('off'))?.status).toBe('confirmed')
    })

    test('this and following: the later part is inserted before the earlier one ends', async () => {
      await start()
      await aSeries()
      await put('moved', { recurringId: 'weekly', originalStart: tuesday(5).start, ...tuesday(5, '17:00') })
      await engine.settle()
      const before = markRequests(engine)
      await split('weekly', { originalStart: tuesday(3).start, changes: { title: 'Later', ...tuesday(3, '10:00') } })
      await engine.settle()
      const writes = requestsSince(engine, before).filter(each => /insert|update|delete/.test(each))
      expect(writes).toEqual(['insert 200', 'update 200', 'update 200'])
      await agree()
      expect(await read('moved')).toMatchObject({ recurringId: 'weekly~R20261222T140000Z' })
    })

    test('this and following cancelled is one update', async () => {
      await start()
      await aSeries()
      const before = markRequests(engine)
      await split('weekly', { originalStart: tuesday(3).start, cancel: true })
      await engine.settle()
      expect(requestsSince(engine, before).toSorted()).toEqual(['list 200', 'update 200'])
      await agree()
    })

    test('a new hour for all moves the exceptions along, moved and cancelled ones', async () => {
      await start()
      await aSeries()
      await put('moved', { recurringId: 'weekly', originalStart: tuesday(2).start, ...tuesday(2, '17:00') })
      await put('off', { recurringId: 'weekly', originalStart: tuesday(4).start, ...tuesday(4), status: 'cancelled' })
      await engine.settle()
      await patch('weekly', tuesday(0, '10:00'))
      expect(await read('moved')).toMatchObject({ originalStart: { at: Date.parse('2026-12-15T15:00:00Z') } })
      await agree()
      expect((await person.instances((await masters())[0]?.id ?? '')).length).toBe(7)
    })

    test('a shorter rule drops the exceptions past its end at once, and tells so', async () => {
      await start()
      await aSeries()
      await put('moved', { recurringId: 'weekly', originalStart: tuesday(5).start, ...tuesday(5, '17:00') })
      await engine.settle()
      await patch('weekly', { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=3'] })
      expect(await read('moved')).toMatchObject({ status: 'cancelled', recurringId: null })
      await agree()
    })

    test('a single becomes a series, and a series a single', async () => {
      await start()
      await aSeries({ ...WEEKLY, recurrence: [] })
      await patch('weekly', { recurrence: ['RRULE:FREQ=DAILY;COUNT=4'] })
      await agree()
      await put('moved', {
        recurringId: 'weekly',
        originalStart: when('2026-12-02T09:00:00-05:00'),
        ...tuesday(0, '19:00'),
      })
      await agree()
      await patch('weekly', { recurrence: null })
      await agree()
      expect(await masters()).toEqual([])
      expect((await person.events()).filter(each => each.status !== 'cancelled')).toHaveLength(1)
    })

    test('a series booked anew after it was called off stands whole in Google', async () => {
      await start()
      await aSeries()
      await put('off', { recurringId: 'weekly', originalStart: tuesday(4).start, ...tuesday(4), status: 'cancelled' })
      await engine.settle()
      await cancelAppointment(engine.deps, {
        tenantId: connected.tenantId,
        id: 'weekly',
        reason: 'cancelled',
        ifMatch: null,
      })
      await engine.settle()
      await put('weekly', WEEKLY)
      await agree()
      expect(await person.instances((await masters())[0]?.id ?? '')).toHaveLength(8)
    })
  })

  describe('changed in Google', () => {
    test('a cancelled occurrence is asked about and cancels that one alone', async () => {
      await start()
      await aSeries()
      const before = markRequests(engine)
      await person.remove(await occurrence(2))
      await engine.settle()
      expect(requestsSince(engine, before)).toEqual(['list 200', 'get 200'])
      expect(await read('weekly~20261215T140000Z')).toMatchObject({ status: 'cancelled', recurringId: 'weekly' })
      expect((await read('weekly'))?.status).toBe('confirmed')
      await agree()
    })

    test('a new hour for all leaves no exception behind that Google dropped', async () => {
      await start()
      await aSeries()
      await person.patch(await occurrence(2), tuesday(2, '17:00'))
      await person.remove(await occurrence(4))
      await engine.settle()
      await person.patch((await masters())[0]?.id ?? '', tuesday(0, '10:00'))
      await agree()
      expect((await all()).filter(each => each.appointment.recurringId !== null)).toEqual([])
    })

    test('a series becomes a single, and a single a series', async () => {
      await start()
      await aSeries()
      await person.patch(await occurrence(2), tuesday(2, '17:00'))
      await engine.settle()
      const id = (await masters())[0]?.id ?? ''
      await person.patch(id, { recurrence: null })
      await agree()
      expect((await read('weekly'))?.recurrence).toEqual([])
      await person.patch(id, { recurrence: ['RRULE:FREQ=DAILY'] })
      await agree()
      expect((await read('weekly'))?.recurrence).toEqual(['RRULE:FREQ=DAILY'])
    })

    test('a new hour that is written over brings back what it took', async () => {
      await start({ policies: { googleEdits: 'revert' } })
      await aSeries()
      await put('moved', { recurringId: 'weekly', originalStart: tuesday(2).start, ...tuesday(2, '17:00') })
      await put('off', { recurringId: 'weekly', originalStart: tuesday(4).start, ...tuesday(4), status: 'cancelled' })
      await engine.settle()
      await person.patch((await masters())[0]?.id ?? '', tuesday(0, '10:00'))
      await agree()
      expect(await read('moved')).toMatchObject({ status: 'confirmed', recurringId: 'weekly' })
    })
  })

  test.each([
    ['New York over the end of winter', 'America/New_York', '2027-03-08T09:00:00'],
    ['Berlin over the end of winter', 'Europe/Berlin', '2027-03-22T09:00:00'],
    ['Sydney over the end of summer', 'Australia/Sydney', '2027-03-29T09:00:00'],
    ['Santiago over the end of summer', 'America/Santiago', '2027-03-29T09:00:00'],
  ])('%s: a series keeps its hour on both sides', async (_sentence, zone, dateTime) => {
    await start()
    const end = dateTime.replace('T09:00', 'T09:30')
    await aSeries({ start: when(dateTime, zone), end: when(end, zone), recurrence: ['RRULE:FREQ=DAILY;COUNT=21'] })
    await person.patch(await occurrence(15), { summary: 'Renamed' })
    await agree()
    const hours = (await person.instances((await masters())[0]?.id ?? '')).map(each =>
      new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(
        new Date((each['start'] as { dateTime: string }).dateTime),
      ),
    )
    expect(new Set(hours)).toEqual(new Set(['09:00']))
  })

  test.each([
    ['a date taken out', ['EXDATE;VALUE=DATE:20261203', 'RRULE:FREQ=DAILY;COUNT=6'], 5],
    ['a date added', ['RDATE;VALUE=DATE:20261220', 'RRULE:FREQ=DAILY;COUNT=6'], 7],
    ['another end', ['RRULE:FREQ=DAILY;UNTIL=20261203'], 3],
  ])('whole days with %s are the same days on both sides', async (_sentence, recurrence, days) => {
    await start()
    const day = { start: { date: '2026-12-01' }, end: { date: '2026-12-02' } }
    await aSeries({ ...day, recurrence: ['RRULE:FREQ=DAILY;COUNT=6'] })
    await person.patch(await occurrence(1), { summary: 'Renamed' })
    await engine.settle()
    await patch('weekly', { recurrence })
    await agree()
    expect(await person.instances((await masters())[0]?.id ?? '')).toHaveLength(days)
  })

  describe('an occurrence that Google lists on a page before its series', () => {
    const pagesOfOne = (): void => {
      const body = JSON.stringify({ match: { kind: 'events.list' }, shortPage: 1, times: 6 })
      const headers = { 'content-type': 'application/json' }
      engine.simulator.handle({ method: 'POST', path: '/_control/faults', query: new URLSearchParams(), headers, body })
    }

    test("of Google's own series stands alone until then, a cancelled one waits", async () => {
      await start()
      await person.insert({ summary: 'Yoga', ...WEEKLY })
      await person.patch(await occurrence(1), { summary: 'Yoga elsewhere', ...tuesday(1, '15:00') })
      await person.remove(await occurrence(2))
      pagesOfOne()
      await engine.settle()
      const exceptions = (await all()).filter(each => each.appointment.recurringId !== null)
      expect(exceptions.map(each => each.appointment.status)).toEqual(['confirmed', 'cancelled'])
      await agree()
    })

    test('of a series of ours belongs to it, moved, cancelled or of a later part', async () => {
      await start()
      await aSeries()
      await person.patch(await occurrence(5), tuesday(5, '15:00'))
      await person.remove(await occurrence(6))
      control('split', { instanceId: await occurrence(3), changes: {} })
      pagesOfOne()
      await engine.settle()
      await agree()
      const exceptions = (await all()).filter(each => each.appointment.recurringId !== null)
      expect(exceptions.map(each => [each.appointment.recurringId, each.appointment.status])).toEqual([
        ['weekly~R20261222T140000Z', 'confirmed'],
        ['weekly~R20261222T140000Z', 'cancelled'],
      ])
    })
  })

  test('nothing is written or told while a split series lies idle', async () => {
    await start()
    await aSeries({ ...WEEKLY, recurrence: ['RRULE:FREQ=WEEKLY'] })
    control('split', { instanceId: await occurrence(3), changes: {} })
    await agree()
    const seq = (await engine.deps.store.changes(connected.tenantId, 0, 1_000)).at(-1)?.seq ?? 0
    const before = markRequests(engine)
    await engine.advance(86_400_000)
    expect(await engine.deps.store.changes(connected.tenantId, seq, 1_000)).toEqual([])
    expect(requestsSince(engine, before).filter(each => /insert|update|patch|delete/.test(each))).toEqual([])
  })
}
