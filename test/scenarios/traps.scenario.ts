import { beforeEach, describe, expect, test } from 'vitest'
import { readAvailability } from '../../src/usecases/availability/read-availability.ts'
import { openFeed } from '../../src/usecases/feeds/open-feed.ts'
import { pullCalendar } from '../../src/usecases/sync/pull-calendar.ts'
import { aCalendar, DAY, HOUR, MINUTE } from '../support/builders.ts'
import { furtherCalendar, must, refusal } from '../support/clinic-desk.ts'
import type { Engine } from '../support/engine.ts'
import { markRequests, personAt, requestsSince } from '../support/person.ts'
import { onStage, time } from '../support/stage.ts'
import { always, cause, control, endTrouble, inPath } from '../support/trouble.ts'

const WINDOW = { startAt: Date.parse('2026-12-01T00:00:00Z'), endAt: Date.parse('2026-12-31T00:00:00Z') }
const NEVER_READ = { syncToken: null, pageToken: null, generation: 0, parameters: '', listedFrom: null }
const WEEKLY = ['RRULE:FREQ=WEEKLY;COUNT=4']

/** What others paid for, each under its own name. The list that must stay whole is `traps.test.ts`. */
export function trapsScenario(newEngine: () => Promise<Engine>): void {
  let engine: Engine
  let stage: ReturnType<typeof onStage>

  beforeEach(async () => {
    engine = await newEngine()
    stage = onStage(engine)
  })

  describe('reading', () => {
    test('trap: a holiday calendar refuses to be watched and kills tokens that are minutes old', async () => {
      await stage.start()
      const holidays = await furtherCalendar(engine, stage.connected, { isSource: true })
      control(engine, 'POST', `calendars/${inPath(holidays)}/watchable`, { watchable: false })
      const match = { kind: 'events.list', has: 'syncToken', calendarId: holidays }
      cause(engine, { match, reason: 'fullSyncRequired', times: 'always' })
      await stage.person.insert({ summary: 'on time', ...time(16) })
      const mark = markRequests(engine)
      await engine.advance(DAY)
      const asked = engine.simulator.world.requestLog.slice(mark).filter(each => each.calendarId === holidays)
      expect(asked.length).toBeGreaterThan(2)
      expect(asked.length).toBeLessThan(40)
      expect((await stage.imported()).map(each => each.title)).toEqual(['on time'])
      expect(await stage.told('appointment.cancelled')).toEqual([])
    })

    test('trap: a notification during a running pull is one pull more, never one less', async () => {
      await stage.start()
      stage.notifications({ dropShare: 1 })
      const [channel] = await stage.live()
      const { google } = engine.deps
      let isFirst = true
      const listEvents: typeof google.listEvents = async (who, request) => {
        const reply = await google.listEvents(who, request)
        if (isFirst) {
          isFirst = false
          await stage.person.insert({ summary: 'meanwhile', ...time(16) })
          await stage.notice(channel!)
        }
        return reply
      }
      const deps = { ...engine.deps, google: { ...google, listEvents } }
      expect(await pullCalendar(deps, { ...stage.key(), calendarId: stage.connected.calendarId })).toMatchObject({
        kind: 'again',
      })
      await engine.settle()
      expect((await stage.imported()).map(each => each.title)).toEqual(['meanwhile'])
    })

    test('trap: the token is stored before the events are applied, or an error comes on the second page', async () => {
      await stage.start()
      engine.deps.settings = { ...engine.deps.settings, pageSize: 2 }
      const before = (await stage.calendar())?.cursor.syncToken
      stage.notifications({ dropShare: 1 })
      for (const hour of [15, 16, 17, 18, 19]) await stage.person.insert({ summary: `at ${hour}`, ...time(hour) })
      cause(engine, { match: { kind: 'events.list', has: 'pageToken' }, reason: 'backendError', times: 1 })
      await pullCalendar(engine.deps, { ...stage.key(), calendarId: stage.connected.calendarId })
      expect((await stage.calendar())?.cursor.syncToken).toBe(before)
      await engine.advance(HOUR)
      expect(await stage.imported()).toHaveLength(5)
      expect((await stage.calendar())?.cursor).not.toMatchObject({ syncToken: before })
    })

    test('trap: a full list carries no tombstones, so what it does not show is asked about', async () => {
      await stage.start()
      const kept = await stage.person.insert({ summary: 'kept', ...time(16) })
      const gone = await stage.person.insert({ summary: 'gone', ...time(17) })
      await engine.settle()
      stage.notifications({ dropShare: 1 })
      await stage.person.remove(gone.id)
      control(engine, 'POST', `calendars/${inPath(stage.connected.calendarId)}/kill-sync-tokens`)
      control(engine, 'POST', `calendars/${inPath(stage.connected.calendarId)}/purge`)
      const mark = markRequests(engine)
      await engine.advance(HOUR)
      expect(requestsSince(engine, mark).filter(each => each.startsWith('get'))).toEqual(['get 404'])
      const states = (await stage.imported()).map(each => [each.title, each.status])
      expect(states.toSorted()).toEqual([
        ['gone', 'cancelled'],
        ['kept', 'confirmed'],
      ])
      expect((await stage.person.get(kept.id)).status).toBe('confirmed')
    })

    test('trap: a tombstone holds nothing but an id', async () => {
      await stage.start()
      await stage.book()
      await engine.settle()
      const theirs = await stage.person.insert({ summary: 'theirs', recurrence: WEEKLY, ...time(16) })
      await engine.settle()
      const [ours] = (await stage.person.events()).filter(each => each.summary === 'Visit apt_1')
      await stage.person.remove(theirs.id)
      await stage.person.remove(ours!.id)
      await engine.advance(MINUTE)
      expect((await stage.imported()).map(each => each.status)).toEqual(['cancelled'])
      expect((await stage.read('apt_1'))?.appointment.status).toBe('cancelled')
    })

    test('trap: the window leaves masters of old series in, and an increment ignores it', async () => {
      await stage.start({
        window: { daysBack: 1, daysAhead: 30 },
      })
      const old = { start: { date: '2026-01-05' }, end: { date: '2026-01-06' } }
      await stage.person.insert({ summary: 'goes on', recurrence: ['RRULE:FREQ=WEEKLY'], ...old })
      await stage.person.insert({ summary: 'was over', recurrence: WEEKLY, ...old })
      await stage.person.insert({ summary: 'long ago', ...old })
      await engine.settle()
      expect((await stage.imported()).map(each => each.title)).toEqual(['goes on'])
      control(engine, 'POST', `calendars/${inPath(stage.connected.calendarId)}/kill-sync-tokens`)
      await engine.advance(HOUR)
      expect((await stage.imported()).map(each => [each.title, each.status])).toEqual([['goes on', 'confirmed']])
    })

    test('trap: a series kept as copies of its instances shows a moved one twice', async () => {
      await stage.start()
      await stage.book('apt_1', { recurrence: WEEKLY })
      await engine.settle()
      const [master] = await stage.person.events()
      const [, second] = await stage.person.instances(master!.id)
      await stage.person.patch(second!.id, time(20))
      await engine.settle()
      const { tenantId, userId } = stage.connected
      const busy = must(await readAvailability(engine.deps, { tenantId, userId, window: WINDOW }))
      const parts = await engine.deps.store.seriesWithExceptions(tenantId, ['apt_1'])
      expect(parts.map(each => each.appointment.originalStart !== null)).toEqual([false, true])
      expect(busy.busy).toHaveLength(4)
      await stage.isQuiet()
    })

    test('trap: a calendar shared read-only is chosen as a source, beside more calendars than one write limit', async () => {
      await stage.start()
      const { world } = engine.simulator
      const colleague = world.accounts.get(stage.connected.email)!
      for (let n = 0; n < 11; n += 1) await furtherCalendar(engine, stage.connected, { isSource: true })
      const shared = await furtherCalendar(engine, stage.connected, { isSource: true })
      await personAt(engine, { email: stage.connected.email, calendarId: shared }).insert({
        summary: 'shared',
        ...time(16),
      })
      await engine.settle()
      control(engine, 'POST', `calendars/${inPath(shared)}/role`, { email: colleague.email, role: 'reader' })
      const mark = markRequests(engine)
      await stage.book()
      await engine.advance(HOUR)
      expect((await stage.imported()).map(each => each.title)).toEqual(['shared'])
      expect(await stage.titles()).toEqual(['Visit apt_1'])
      expect(requestsSince(engine, mark).filter(each => /insert|update|patch|delete/.test(each))).toEqual([
        'insert 200',
      ])
    })
  })

  describe('writing', () => {
    test('trap: a deleted event keeps its id for a month, and 409 then means that it exists but is cancelled', async () => {
      await stage.start()
      await stage.book()
      await engine.settle()
      const [first] = await stage.person.events()
      await stage.cancel('apt_1')
      await engine.settle()
      await stage.book('apt_1', { title: 'Booked anew' })
      await engine.settle()
      const [second, ...others] = await stage.person.events()
      expect(others).toEqual([])
      expect(second).toMatchObject({ summary: 'Booked anew', status: 'confirmed' })
      expect(second!.id).not.toBe(first!.id)
      expect((await stage.read('apt_1'))?.outbox).toBeNull()
    })

    test('trap: an update without conferenceDataVersion takes the meeting link away', async () => {
      await stage.start()
      await stage.book()
      await engine.settle()
      const [event] = await stage.person.events()
      const conferenceData = {
        conferenceId: 'abc',
        entryPoints: [{ entryPointType: 'video', uri: 'https://meet.example.com/abc' }],
      }
      const stored = engine.simulator.world.calendars.get(stage.connected.calendarId)!.events.get(event!.id)!
      Object.assign(stored.fields, { conferenceData })
      await stage.person.patch(event!.id, {
        reminders: { useDefault: false, overrides: [{ method: 'popup', minutes: 7 }] },
      })
      await engine.settle()
      await stage.book('apt_1', time(18))
      await engine.settle()
      const update = engine.simulator.world.requestLog.findLast(each => each.kind === 'events.update')
      expect(update?.query).toMatchObject({ conferenceDataVersion: '1' })
      expect(await stage.person.get(event!.id)).toMatchObject({
        conferenceData,
        start: { timeZone: 'America/New_York' },
      })
    })

    test('trap: appointments made while the grant was dead never arrive', async () => {
      await stage.start()
      control(engine, 'POST', `accounts/${inPath(stage.connected.email)}/revoke`)
      await stage.book('meanwhile')
      await stage.person.insert({ summary: 'theirs', ...time(16) })
      await engine.advance(3 * DAY)
      await stage.reconnect()
      await engine.advance(HOUR)
      expect(await stage.titles()).toEqual(['Visit meanwhile', 'theirs'])
      expect((await stage.imported()).map(each => each.title)).toEqual(['theirs'])
    })

    test('trap: a feed and a two-way connection on one calendar double every appointment', async () => {
      await stage.start()
      const { tenantId, userId } = stage.connected
      const opened = await openFeed(engine.deps, { tenantId, userId })
      expect(refusal(opened)).toMatchObject({ kind: 'conflict', slug: 'two-way-active' })
    })
  })

  describe('channels and connections', () => {
    test('trap: the expiry in the header is an HTTP date, and Google’s own number in the answer is what counts', async () => {
      await stage.start()
      const [channel] = await stage.live()
      const served = engine.simulator.world.channels.get(channel!.id)!
      expect(channel!.expiresAt).toBe(served.expiresAt)
      expect(await stage.notice(channel!)).toBe('accepted')
      await engine.advance(7 * DAY)
      const [renewed] = await stage.live()
      expect(renewed!.id).not.toBe(channel!.id)
      expect(renewed!.createdAt).toBeLessThan(served.expiresAt)
    })

    test('trap: the new channel’s id replaces the old one before the watch succeeded, and the old one is an orphan', async () => {
      await stage.start()
      const [before] = await stage.live()
      always(engine, 'events.watch', { cut: 'after' })
      await engine.advance(6 * DAY)
      expect(await stage.notice(before!)).toBe('accepted')
      endTrouble(engine)
      await engine.advance(2 * DAY)
      const { now } = engine.clock
      const serving = [...engine.simulator.world.channels.values()].filter(
        each => each.resourceUri.includes('/events') && !each.isStopped && each.expiresAt > now,
      )
      const ours = await stage.live()
      expect(serving.map(each => each.id)).toContain(ours[0]?.id)
      await stage.person.insert({ summary: 'heard of', ...time(16) })
      await engine.settle()
      expect((await stage.imported()).map(each => each.title)).toEqual(['heard of'])
    })

    test('trap: a primary calendar whose id was renamed answers the watch with 404', async () => {
      await stage.start()
      always(engine, 'events.watch', { reason: 'notFound' })
      await engine.advance(8 * DAY)
      await stage.person.insert({ summary: 'polled', ...time(16) })
      await engine.advance(HOUR)
      expect((await stage.imported()).map(each => each.title)).toEqual(['polled'])
      expect((await stage.connection())?.status).toBe('active')
      expect(await stage.told('appointment.cancelled')).toEqual([])
    })

    test('trap: connecting again makes a second calendar or a second mapping, or erases what is there', async () => {
      await stage.start()
      await stage.book()
      await stage.person.insert({ summary: 'theirs', ...time(16) })
      await engine.settle()
      const { tenantId, connectionId } = stage.connected
      const calendarsBefore = engine.simulator.world.calendars.size
      const linksBefore = (await stage.read('apt_1'))?.links
      for (let round = 0; round < 3; round += 1) expect(await stage.reconnect()).toBe(connectionId)
      await engine.advance(HOUR)
      expect(engine.simulator.world.calendars.size).toBe(calendarsBefore)
      expect((await stage.read('apt_1'))?.links).toEqual(linksBefore)
      expect(await stage.titles()).toEqual(['Visit apt_1', 'theirs'])
      expect(await stage.imported()).toHaveLength(1)
      expect(await engine.deps.store.calendarsOf(tenantId, connectionId)).toHaveLength(1)
    })

    test('trap: only some permissions are granted at the consent page, and the sync fails without a word', async () => {
      await stage.start()
      const list = 'https://www.googleapis.com/auth/calendar.events'
      control(engine, 'POST', `accounts/${inPath(stage.connected.email)}/revoke`)
      await stage.reconnect([list])
      expect(await stage.connection()).toMatchObject({
        status: 'needs_reauth',
        statusReason: 'scopes_missing',
        missingScopes: [list],
      })
      expect((await stage.told('connection.needs_reauth')).length).toBeGreaterThan(0)
    })

    test('trap: a freshness bound tighter than the rhythm of polls hides every slot', async () => {
      await stage.start()
      stage.notifications({ dropShare: 1 })
      await stage.person.insert({ summary: 'theirs', ...time(16) })
      await engine.advance(HOUR)
      always(engine, 'events.list', { reason: 'backendError' })
      await engine.advance(3 * HOUR)
      const { tenantId, userId } = stage.connected
      const told = must(await readAvailability(engine.deps, { tenantId, userId, window: WINDOW }))
      expect(told.busy).toHaveLength(1)
    })

    test('trap: a renewal stops the old channel first and then fails, or comes only after the expiry', async () => {
      await stage.start()
      const [before] = await stage.live()
      always(engine, 'events.watch', { reason: 'backendError' })
      await engine.advance(6.5 * DAY)
      expect(engine.simulator.world.channels.get(before!.id)).toMatchObject({ isStopped: false })
      endTrouble(engine)
      await engine.advance(HOUR * 7)
      const [after] = await stage.live()
      expect(after!.createdAt).toBeLessThan(before!.expiresAt)
      expect(engine.simulator.world.channels.get(before!.id)).toMatchObject({ isStopped: true })
    })

    test('trap: one long first sync starves the pulls of everybody for hours', async () => {
      await stage.start()
      const big = await furtherCalendar(engine, stage.connected, null)
      const events = Array.from({ length: 60 }, (_, n) => ({ summary: `big ${n}`, ...time(10 + (n % 8)) }))
      control(engine, 'POST', `calendars/${inPath(big)}/events`, { events })
      stage.notifications({ dropShare: 1 })
      await stage.person.insert({ summary: 'small', ...time(16) })
      const { google, settings } = engine.deps
      const seen: string[][] = []
      const listEvents: typeof google.listEvents = async (who, request) => {
        if (request.calendarId === big && request.pageToken !== null && seen.length === 0) {
          seen.push([])
          await pullCalendar(engine.deps, { ...stage.key(), calendarId: stage.connected.calendarId })
          seen[0] = (await stage.imported()).flatMap(each => each.title ?? [])
        }
        return google.listEvents(who, request)
      }
      const deps = { ...engine.deps, google: { ...google, listEvents }, settings: { ...settings, pageSize: 10 } }
      await deps.store.transaction(stage.connected.tenantId, tx =>
        tx.saveCalendars([
          aCalendar({ ...stage.key(), id: big, isTarget: false, isPrimary: false, cursor: NEVER_READ }),
        ]),
      )
      await pullCalendar(deps, { ...stage.key(), calendarId: big })
      expect(seen[0]).toContain('small')
      expect(seen[0]!.length).toBeLessThan(60)
      expect(await stage.imported()).toHaveLength(61)
    })

    test('trap: a push route that is dead for days, with every status green', async () => {
      await stage.start()
      stage.notifications({ dropShare: 1 })
      await engine.advance(MINUTE)
      await stage.book()
      await engine.settle()
      const [before] = await stage.live()
      await engine.advance(HOUR)
      expect((await stage.channels()).find(each => each.id === before!.id)?.state).not.toBe('live')
      await stage.person.insert({ summary: 'not lost', ...time(16) })
      await engine.advance(15 * MINUTE)
      expect((await stage.imported()).map(each => each.title)).toEqual(['not lost'])
    })
  })
}
