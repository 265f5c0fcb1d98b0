import { beforeEach, describe, expect, test } from 'vitest'
import type { ChosenCalendars } from '../../src/core/model/calendar-choice.ts'
import { importIcs, setRole } from '../../src/simulator/testing.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { chooseCalendars } from '../../src/usecases/calendars/choose-calendars.ts'
import { disconnect } from '../../src/usecases/connections/disconnect.ts'
import { patchConnection } from '../../src/usecases/connections/patch-connection.ts'
import { openFeed } from '../../src/usecases/feeds/open-feed.ts'
import { readFeed } from '../../src/usecases/feeds/read-feed.ts'
import { DAY, HOUR, MINUTE, NOW } from '../support/builders.ts'
import { deskOf, furtherCalendar, must } from '../support/clinic-desk.ts'
import { TENANT, type ConnectOptions, type Engine } from '../support/engine.ts'
import { personAt, type GoogleEvent } from '../support/person.ts'
import { goThroughGoogle } from '../support/reconnect.ts'
import { onStage } from '../support/stage.ts'
import { always, endTrouble } from '../support/trouble.ts'

const USER = 'dr-lee'
const span = (startAt: number, minutes = 30) => ({
  start: { dateTime: new Date(startAt).toISOString(), timeZone: 'America/New_York' },
  end: { dateTime: new Date(startAt + minutes * MINUTE).toISOString(), timeZone: 'America/New_York' },
})

/** What a feed has brought into Google is the appointment itself: whichever comes first, and however often they take turns, nothing stands there twice. */
export function feedsScenario(newEngine: () => Promise<Engine>): void {
  let engine: Engine
  let stage: ReturnType<typeof onStage>
  let feed: string

  /** Singles, a whole day, a series with a moved and a cancelled occurrence: as the platform has them, each start once. */
  const bookAll = async (): Promise<void> => {
    const desk = deskOf(engine)
    const book = (id: string, body: object) => desk.book(id, { userId: USER, title: `Visit ${id}`, ...body })
    for (const day of [1, 2, 3]) await book(`apt_${day}`, span(NOW + day * DAY))
    await book('past', span(NOW - 2 * DAY))
    await book('whole', { start: { date: '2026-12-08' }, end: { date: '2026-12-09' } })
    await book('weekly', { ...span(NOW + DAY + HOUR), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] })
    const slot = (week: number) => ({
      recurringId: 'weekly',
      originalStart: span(NOW + DAY + HOUR + week * 7 * DAY).start,
    })
    await book('moved', { ...span(NOW + 9 * DAY), title: 'Visit weekly', ...slot(1) })
    await book('off', { ...span(NOW + 15 * DAY + HOUR), ...slot(2) })
    must(
      await patchAppointment(engine.deps, {
        tenantId: TENANT,
        id: 'off',
        body: { status: 'cancelled' },
        ifMatch: null,
        onConflict: 'allow',
      }),
    )
  }
  const SHOWN = 5 + 3

  const openIt = async (): Promise<void> => {
    const { url } = must(await openFeed(engine.deps, { tenantId: TENANT, userId: USER }))
    feed = url.replace(/^.*\/feeds\/|\.ics$/g, '')
  }
  /** A person saves the feed to a file and imports it into a calendar. */
  const importInto = async (calendarId: string): Promise<void> => {
    const { text } = must(await readFeed(engine.deps, feed))
    const calendar = engine.simulator.world.calendars.get(calendarId)
    if (calendar === undefined) throw new Error('no calendar')
    importIcs(engine.simulator.world, calendar, text)
    await engine.settle()
  }
  const titleAndStart = (event: GoogleEvent): string => {
    const { dateTime, date } = event['start'] as { dateTime?: string; date?: string }
    return `${event.summary} ${date ?? new Date(dateTime ?? '').toISOString()}`
  }
  /** Each occurrence that the person sees in these calendars. */
  const seen = async (...calendarIds: string[]): Promise<string[]> => {
    const all: string[] = []
    for (const calendarId of calendarIds) {
      const person = personAt(engine, { email: stage.connected.email, calendarId })
      for (const event of await person.events()) {
        if (event['recurringEventId'] !== undefined || event.status === 'cancelled') continue
        const each = event['recurrence'] === undefined ? [event] : await person.instances(event.id)
        all.push(...each.filter(one => one.status !== 'cancelled').map(titleAndStart))
      }
    }
    return all
  }
  const isSingle = async (...calendarIds: string[]): Promise<void> => {
    const all = await seen(...calendarIds)
    expect(all.filter((each, index) => all.indexOf(each) !== index)).toEqual([])
    expect(all).toHaveLength(SHOWN)
    const desk = deskOf(engine)
    expect((await desk.list(USER, 'google')).map(each => each.appointment.title)).toEqual([])
    expect((await desk.list(USER, 'platform')).filter(each => each.links.length > 1)).toEqual([])
    expect(await desk.duplicates()).toEqual([])
  }
  const rename = async (id: string, title: string): Promise<void> => {
    const call = { tenantId: TENANT, id, body: { title }, ifMatch: null, onConflict: 'allow' as const }
    must(await patchAppointment(engine.deps, call))
    await stage.engine.advance(MINUTE)
  }
  const choose = async (choice: Partial<ChosenCalendars>) =>
    chooseCalendars(engine.deps, { ...stage.key(), choice: { target: null, sources: [], conflicts: [], ...choice } })

  const setMode = (mode: 'off' | 'two_way', replaceFeed = false) =>
    patchConnection(engine.deps, { ...stage.key(), ifMatch: null, mode, replaceFeed })

  const start = async (options: ConnectOptions = {}): Promise<void> => {
    await stage.start(options)
    await engine.settle()
  }

  beforeEach(async () => {
    engine = await newEngine()
    stage = onStage(engine)
    await engine.connect({ userId: 'somebody' }) // the tenant
  })

  describe('the feed first, imported into Google, then both ways', () => {
    test.each(['in order', 'with exceptions before their series'])('in the target, listed %s', async order => {
      await bookAll()
      await openIt()
      if (order !== 'in order') always(engine, 'events.list', { reverse: true })
      const text = must(await readFeed(engine.deps, feed)).text
      await start({
        before: id => void importIcs(engine.simulator.world, engine.simulator.world.calendars.get(id)!, text),
      })
      await engine.advance(HOUR)
      endTrouble(engine)
      await isSingle(stage.connected.calendarId)
      await rename('apt_1', 'Visit renamed')
      await rename('weekly', 'Visit series')
      await engine.advance(MINUTE)
      expect(await seen(stage.connected.calendarId)).toEqual(
        expect.arrayContaining([expect.stringContaining('Visit renamed')]),
      )
      expect((await seen(stage.connected.calendarId)).filter(each => each.startsWith('Visit series'))).toHaveLength(2)
      await isSingle(stage.connected.calendarId)
      await stage.isQuiet()
    })

    test('in another calendar that is shown on the platform', async () => {
      await bookAll()
      await start({ calendar: { isSource: false, isTarget: false } })
      const side = await furtherCalendar(engine, stage.connected, null)
      await openIt()
      await importInto(side)
      must(await choose({ target: { calendarId: stage.connected.calendarId }, sources: [side], replaceFeed: true }))
      await engine.advance(HOUR)
      await isSingle(stage.connected.calendarId, side)
      await rename('apt_1', 'Visit renamed')
      expect(await seen(side)).toEqual(expect.arrayContaining([expect.stringContaining('Visit renamed')]))
      await isSingle(stage.connected.calendarId, side)
      await stage.isQuiet()
    })
  })

  test('a calendar that subscribes to the feed brings nothing back', async () => {
    await bookAll()
    await start({ calendar: { isSource: false, isTarget: false } })
    const side = await furtherCalendar(engine, stage.connected, null)
    await openIt()
    await importInto(side)
    const subscription = engine.simulator.world.calendars.get(side)
    if (subscription === undefined) throw new Error('no calendar')
    setRole(engine.simulator.world, subscription, stage.connected.email, 'reader')
    const target = { calendarId: stage.connected.calendarId }
    must(await choose({ target, sources: [side], replaceFeed: true }))
    await engine.advance(HOUR)
    await isSingle(stage.connected.calendarId)
    await stage.isQuiet()
  })

  describe('both ways, then the feed, then both ways again', () => {
    test('by switching the sync off and on', async () => {
      await start()
      await bookAll()
      await engine.advance(HOUR)
      await isSingle(stage.connected.calendarId)
      must(await setMode('off'))
      await openIt()
      await importInto(stage.connected.calendarId)
      await rename('apt_2', 'Visit renamed')
      await importInto(stage.connected.calendarId)
      expect(await setMode('two_way')).toMatchObject({ error: { slug: 'feed-active' } })
      must(await setMode('two_way', true))
      await engine.advance(HOUR)
      await isSingle(stage.connected.calendarId)
      expect(await readFeed(engine.deps, feed)).toMatchObject({ error: { kind: 'not-found' } })
      await stage.isQuiet()
    })

    test('by disconnecting with what stands there kept, and connecting again', async () => {
      await start()
      await bookAll()
      await engine.advance(HOUR)
      must(await disconnect(engine.deps, { ...stage.key(), googleEvents: 'keep' }))
      await engine.advance(HOUR)
      await openIt()
      await importInto(stage.connected.calendarId)
      await goThroughGoogle(engine, stage.connected)
      const target = { calendarId: stage.connected.calendarId }
      expect(await choose({ target })).toMatchObject({ error: { slug: 'feed-active' } })
      must(await choose({ target, sources: [stage.connected.calendarId], replaceFeed: true }))
      await engine.advance(HOUR)
      await isSingle(stage.connected.calendarId)
      await stage.isQuiet()
    })

    test('by disconnecting with what stands there removed, and connecting again', async () => {
      await start()
      await bookAll()
      await engine.advance(HOUR)
      must(await disconnect(engine.deps, { ...stage.key(), googleEvents: 'remove' }))
      await engine.advance(HOUR)
      await openIt()
      await importInto(stage.connected.calendarId)
      await goThroughGoogle(engine, stage.connected)
      must(
        await choose({
          target: { calendarId: stage.connected.calendarId },
          sources: [stage.connected.calendarId],
          replaceFeed: true,
        }),
      )
      await engine.advance(HOUR)
      await isSingle(stage.connected.calendarId)
      await stage.isQuiet()
    })
  })
}
