import { beforeEach, describe, expect, test } from 'vitest'
import { REQUIRED_SCOPES } from '../../src/adapters/google/oauth.ts'
import { addAccount } from '../../src/simulator/testing.ts'
import { pullCalendar } from '../../src/usecases/sync/pull-calendar.ts'
import { renewChannels } from '../../src/usecases/sync/watch-calendars.ts'
import { DAY, HOUR, MINUTE } from '../support/builders.ts'
import type { Engine } from '../support/engine.ts'
import { markRequests, requestsSince } from '../support/person.ts'
import { onStage, time } from '../support/stage.ts'
import { always, cause, control, countCalls, endTrouble, inPath } from '../support/trouble.ts'
import { readingFaults } from './faults.reading.ts'

const POLL = 15 * MINUTE

/** One test for each row of the fault matrix that a single process can show. */
export function faultsScenario(newEngine: () => Promise<Engine>): void {
  let stage: ReturnType<typeof onStage>

  beforeEach(async () => {
    stage = onStage(await newEngine())
  })

  describe('notifications', () => {
    test.each([0.1, 1])('F1: with %d of them lost, a change is here within the poll interval', async dropShare => {
      await stage.start()
      stage.notifications({ dropShare })
      for (let hour = 14; hour < 18; hour += 1) {
        await stage.person.insert({ summary: `at ${hour}`, ...time(hour) })
        await stage.engine.advance(POLL + MINUTE)
        expect((await stage.imported()).map(each => each.title)).toContain(`at ${hour}`)
      }
    })

    test('F1: a calendar whose channel delivers costs one request an interval, one without is polled three times as often', async () => {
      await stage.start()
      const mark = markRequests(stage.engine)
      await stage.engine.advance(10 * POLL)
      expect(stage.lists(mark)).toBeLessThanOrEqual(10)
      stage.notifications({ dropShare: 1 })
      await stage.book()
      await stage.engine.advance(POLL)
      const silent = markRequests(stage.engine)
      await stage.engine.advance(10 * POLL)
      expect(stage.lists(silent)).toBeGreaterThan(25)
    })

    test('F1: a channel that does not tell of our own write is replaced, and its calendar read at once', async () => {
      await stage.start()
      const [before] = await stage.live()
      stage.notifications({ dropNext: 1 })
      await stage.book()
      await stage.engine.settle()
      await stage.person.insert({ summary: 'unheard of', ...time(16) })
      stage.notifications({ dropNext: 0 })
      await stage.engine.advance(7 * MINUTE)
      const [after, ...others] = await stage.live()
      expect(others).toEqual([])
      expect(after?.id === before?.id).toBe(after?.lastNotifiedAt !== null && after?.id === before?.id)
      expect((await stage.imported()).map(each => each.title)).toEqual(['unheard of'])
    })

    test('F1: where no message can reach us, channels are replaced ever more rarely', async () => {
      await stage.start()
      stage.notifications({ dropShare: 1 })
      await stage.book()
      const mark = markRequests(stage.engine)
      await stage.engine.advance(DAY)
      expect(countCalls(stage.engine, mark, 'events.watch')).toBeLessThan(14)
      stage.notifications({ dropShare: 0 })
      await stage.engine.advance(DAY)
      expect((await stage.live()).map(each => each.lastNotifiedAt !== null)).toEqual([true])
      expect(stage.engine.simulator.world.channels.size).toBeLessThan(40)
    })

    test('F2: a burst of a thousand costs two lists at most', async () => {
      await stage.start()
      const [channel] = await stage.live()
      const mark = markRequests(stage.engine)
      await Promise.all(Array.from({ length: 1_000 }, () => stage.notice(channel!)))
      await stage.engine.settle()
      expect(stage.lists(mark)).toBeLessThanOrEqual(2)
    })

    test('F3: one that comes during a pull causes another pull, whatever its order', async () => {
      await stage.start()
      const [channel] = await stage.live()
      const { google } = stage.engine.deps
      let during: (() => Promise<unknown>) | null = async () => {
        await stage.person.insert({ summary: 'meanwhile', ...time(16) })
        await stage.notice(channel!)
      }
      const listEvents: typeof google.listEvents = async (who, request) => {
        const reply = await google.listEvents(who, request)
        await during?.()
        during = null
        return reply
      }
      const deps = { ...stage.engine.deps, google: { ...google, listEvents } }
      stage.notifications({ dropShare: 1 })
      const outcome = await pullCalendar(deps, { ...stage.key(), calendarId: stage.connected.calendarId })
      expect(outcome).toEqual({ kind: 'again', at: stage.engine.clock.now })
      await stage.engine.settle()
      expect((await stage.imported()).map(each => each.title)).toEqual(['meanwhile'])
    })

    test('F3: late, doubled and from the channel before, they are harmless', async () => {
      await stage.start()
      stage.notifications({ lateMs: HOUR, doubleShare: 1 })
      await stage.person.insert({ summary: 'late', ...time(16) })
      await stage.engine.advance(2 * HOUR)
      expect((await stage.imported()).map(each => each.title)).toEqual(['late'])
      await stage.isQuiet()
    })

    test('F4: a forgery, another resource and a channel that is done with wake nothing', async () => {
      await stage.start()
      const [channel] = await stage.live()
      const mark = markRequests(stage.engine)
      expect(await stage.notice(channel!, { token: 'forged' })).toBe('unknown')
      expect(await stage.notice(channel!, { resourceId: 'another' })).toBe('unknown')
      expect(await stage.notice({ id: 'never-opened', resourceId: 'r' })).toBe('unknown')
      const [other] = (await stage.channels()).filter(each => each.calendarId === null)
      expect(await stage.notice(channel!, { token: stage.engine.deps.names.channelToken(other!.id) })).toBe('unknown')
      await stage.engine.settle()
      expect(requestsSince(stage.engine, mark)).toEqual([])
    })

    test('F4: a channel that Google still serves long after it was done with is answered 404 and stopped there', async () => {
      await stage.start()
      const [channel] = await stage.live()
      await stage.engine.deps.store.transaction(stage.connected.tenantId, tx =>
        tx.saveChannel({ ...channel!, state: 'retired', dueAt: stage.engine.clock.now }),
      )
      expect(await stage.notice(channel!)).toBe('unknown')
      expect((await stage.channels()).find(each => each.id === channel!.id)?.state).toBe('retired')
      await stage.engine.advance(2 * HOUR)
      expect(await stage.notice(channel!)).toBe('unknown')
      always(stage.engine, 'channels.stop', { reason: 'backendError' })
      await stage.engine.advance(5 * MINUTE)
      expect(stage.engine.simulator.world.channels.get(channel!.id)?.isStopped).toBe(false)
      endTrouble(stage.engine)
      await stage.engine.advance(HOUR)
      expect(stage.engine.simulator.world.channels.get(channel!.id)?.isStopped).toBe(true)
      expect((await stage.channels()).find(each => each.id === channel!.id)?.state).toBe('retired')
    })

    test('F5: channels are renewed before they expire, the new one first, for a month', async () => {
      await stage.start()
      for (let day = 0; day < 30; day += 1) {
        await stage.engine.advance(DAY)
        const [channel, ...others] = await stage.live()
        expect(others).toEqual([])
        expect(channel!.expiresAt).toBeGreaterThan(stage.engine.clock.now)
        const lived = (stage.engine.clock.now - channel!.createdAt) / (channel!.expiresAt - channel!.createdAt)
        expect(lived).toBeLessThan(0.81 + 1 / 7)
      }
      const open = [...stage.engine.simulator.world.channels.values()].filter(
        each => !each.isStopped && each.expiresAt > stage.engine.clock.now,
      )
      expect(open).toHaveLength(2)
      expect((await stage.channels()).length).toBeLessThan(12)
    })

    test('F5: a renewal that fails keeps the old channel, and is tried again', async () => {
      await stage.start()
      const [before] = await stage.live()
      always(stage.engine, 'events.watch', { reason: 'backendError' })
      await stage.engine.advance(6 * DAY)
      expect((await stage.live()).map(each => each.id)).toEqual([before!.id])
      endTrouble(stage.engine)
      await stage.engine.advance(7 * HOUR)
      expect((await stage.live()).map(each => each.id)).not.toEqual([before!.id])
    })

    test('F5: the instant of a renewal is the same at each look', async () => {
      await stage.start()
      const [before] = await stage.live()
      await stage.engine.advance(HOUR)
      const dueAt = (await stage.live())[0]?.dueAt
      for (let look = 0; look < 20; look += 1) await renewChannels(stage.engine.deps, 100)
      expect((await stage.live())[0]).toMatchObject({ id: before!.id, dueAt })
      const share = (dueAt! - before!.createdAt) / (before!.expiresAt - before!.createdAt)
      expect(share).toBeGreaterThanOrEqual(0.7)
      expect(share).toBeLessThanOrEqual(0.8)
    })

    test('F5: a calendar that cannot be watched is polled, and tried again after a day', async () => {
      await stage.start()
      const { calendarId } = stage.connected
      control(stage.engine, 'POST', `calendars/${inPath(calendarId)}/watchable`, { watchable: false })
      await stage.engine.advance(6 * DAY)
      const mark = markRequests(stage.engine)
      await stage.engine.advance(2 * DAY)
      expect(countCalls(stage.engine, mark, 'events.watch')).toBeLessThanOrEqual(2)
      await stage.person.insert({ summary: 'polled', ...time(16) })
      await stage.engine.advance(POLL)
      expect((await stage.imported()).map(each => each.title)).toEqual(['polled'])
      control(stage.engine, 'POST', `calendars/${inPath(calendarId)}/watchable`, { watchable: true })
      await stage.engine.advance(27 * HOUR)
      expect(await stage.live()).toHaveLength(1)
    })

    test('F6: while the database is down Google is asked to send again', async () => {
      await stage.start()
      const [channel] = await stage.live()
      const { store } = stage.engine.deps
      stage.engine.deps.store = { ...store, noteNotification: () => Promise.reject(new Error('connection refused')) }
      expect(await stage.notice(channel!)).toBe('unavailable')
      await stage.person.insert({ summary: 'while it was down', ...time(16) })
      await stage.engine.settle()
      stage.engine.deps.store = store
      await stage.engine.advance(MINUTE)
      expect((await stage.imported()).map(each => each.title)).toEqual(['while it was down'])
    })
  })

  describe('the grant', () => {
    test('F13: a token that died is refreshed once, for however many calls', async () => {
      await stage.start()
      control(stage.engine, 'POST', `accounts/${inPath(stage.connected.email)}/expire-tokens`)
      await stage.book()
      await stage.engine.settle()
      expect(await stage.titles()).toEqual(['Visit apt_1'])
      expect((await stage.connection())?.status).toBe('active')
    })

    test('F21: a revoked grant is told once, nothing is asked, and connecting again catches up on both sides', async () => {
      await stage.start()
      await stage.book('before')
      await stage.engine.settle()
      control(stage.engine, 'POST', `accounts/${inPath(stage.connected.email)}/revoke`)
      await stage.book('meanwhile')
      await stage.engine.advance(2 * HOUR)
      expect((await stage.connection())?.status).toBe('needs_reauth')
      expect(await stage.told('connection.needs_reauth')).toHaveLength(1)
      const mark = markRequests(stage.engine)
      await stage.person.insert({ summary: 'made in Google', ...time(16) })
      await stage.cancel('before')
      await stage.book('later')
      await stage.engine.advance(3 * DAY)
      expect(requestsSince(stage.engine, mark)).toEqual([])
      expect(await stage.reconnect()).toBe(stage.connected.connectionId)
      await stage.engine.advance(HOUR)
      expect((await stage.connection())?.status).toBe('active')
      expect(await stage.titles()).toEqual(['Visit later', 'Visit meanwhile', 'made in Google'])
      expect((await stage.imported()).map(each => each.title)).toEqual(['made in Google'])
      expect((await stage.read('meanwhile'))?.outbox).toBeNull()
      await stage.isQuiet()
    })

    test('F16: permissions that were not granted are named, and mended without loss', async () => {
      await stage.start()
      const events = REQUIRED_SCOPES.find(scope => scope.endsWith('calendar.events')) ?? ''
      control(stage.engine, 'POST', `accounts/${inPath(stage.connected.email)}/revoke`)
      await stage.reconnect([events])
      expect(await stage.connection()).toMatchObject({
        status: 'needs_reauth',
        statusReason: 'scopes_missing',
        missingScopes: [events],
      })
      await stage.book('meanwhile')
      await stage.person.insert({ summary: 'made in Google', ...time(16) })
      await stage.engine.advance(HOUR)
      await stage.reconnect()
      await stage.engine.advance(HOUR)
      expect(await stage.connection()).toMatchObject({ status: 'active', missingScopes: [] })
      expect(await stage.titles()).toEqual(['Visit meanwhile', 'made in Google'])
      expect(await stage.imported()).toHaveLength(1)
    })

    test('F41: connecting another account makes another connection, connecting again doubles nothing', async () => {
      await stage.start()
      await stage.book()
      await stage.engine.settle()
      addAccount(stage.engine.simulator.world, { email: 'other@example.com' })
      expect(await stage.reconnect([], 'other@example.com')).not.toBe(stage.connected.connectionId)
      expect(await stage.reconnect()).toBe(stage.connected.connectionId)
      await stage.engine.advance(HOUR)
      expect(await stage.titles()).toEqual(['Visit apt_1'])
      expect(await stage.imported()).toEqual([])
    })
  })

  describe('writes', () => {
    test.each(['before', 'after'])('F10: an insert whose answer is lost (%s the work) makes one event', async when => {
      await stage.start()
      cause(stage.engine, { match: { kind: 'events.insert' }, cut: when, times: 3 })
      for (const id of ['a', 'b', 'c', 'd']) await stage.book(id)
      await stage.engine.advance(10 * MINUTE)
      expect(await stage.titles()).toEqual(['Visit a', 'Visit b', 'Visit c', 'Visit d'])
      await stage.isQuiet()
    })

    test.each(['before', 'after'])('F11: an update whose answer is lost (%s the work) is made once', async when => {
      await stage.start()
      await stage.book()
      await stage.engine.settle()
      cause(stage.engine, { match: { kind: 'events.update' }, cut: when })
      await stage.book('apt_1', { title: 'Renamed' })
      await stage.engine.advance(10 * MINUTE)
      expect(await stage.titles()).toEqual(['Renamed'])
      await stage.isQuiet()
    })

    test.each(['before', 'after'])('F12: a deletion whose answer is lost (%s the work) is a deletion', async when => {
      await stage.start()
      await stage.book()
      await stage.engine.settle()
      cause(stage.engine, { match: { kind: 'events.delete' }, cut: when })
      await stage.cancel('apt_1')
      await stage.engine.advance(10 * MINUTE)
      expect(await stage.titles()).toEqual([])
      expect((await stage.read('apt_1'))?.appointment.status).toBe('cancelled')
      await stage.isQuiet()
    })

    test.each(['rateLimitExceeded', 'userRateLimitExceeded', 'quotaExceeded'])(
      'F14: %s for an hour is a few requests, and then all is written',
      async reason => {
        await stage.start()
        const mark = markRequests(stage.engine)
        always(stage.engine, 'events.insert', { reason })
        for (let n = 0; n < 30; n += 1) await stage.book(`apt_${n}`)
        await stage.engine.advance(HOUR)
        const hot = countCalls(stage.engine, mark, 'events.insert')
        expect(hot).toBeGreaterThan(0)
        expect(hot).toBeLessThan(160)
        endTrouble(stage.engine)
        await stage.engine.advance(7 * HOUR)
        expect(await stage.titles()).toHaveLength(30)
        expect(await stage.told('connection.needs_reauth')).toEqual([])
      },
    )

    test.each(['dailyLimitExceeded', 'accessNotConfigured'])(
      'F15: %s stops the project’s calls at the first one',
      async reason => {
        await stage.start()
        const mark = markRequests(stage.engine)
        cause(stage.engine, { reason, times: 'always' })
        for (let n = 0; n < 30; n += 1) await stage.book(`apt_${n}`)
        await stage.engine.advance(DAY)
        expect(markRequests(stage.engine) - mark).toBeLessThan(60)
        endTrouble(stage.engine)
        await stage.engine.advance(2 * HOUR)
        expect(await stage.titles()).toHaveLength(30)
      },
    )

    test('F15: a client that Google does not know any more is the operator’s trouble, and no user loses a grant', async () => {
      await stage.start()
      cause(stage.engine, { match: { kind: 'oauth.token' }, reason: 'invalid_client', status: 401, times: 'always' })
      await stage.engine.advance(2 * HOUR)
      await stage.book()
      await stage.engine.advance(DAY)
      expect(await stage.connection()).toMatchObject({ status: 'active', statusReason: null })
      endTrouble(stage.engine)
      await stage.engine.advance(2 * HOUR)
      expect(await stage.titles()).toEqual(['Visit apt_1'])
    })

    test('F25: a token endpoint that is down, slow of mind or speaks HTML costs no grant', async () => {
      await stage.start()
      for (const fault of [
        { html: 502 },
        { cut: 'before' },
        { cut: 'after' },
        { status: 503, reason: 'internal_failure' },
      ])
        cause(stage.engine, { match: { kind: 'oauth.token' }, times: 2, ...fault })
      control(stage.engine, 'POST', `accounts/${inPath(stage.connected.email)}/expire-tokens`)
      await stage.book()
      await stage.engine.advance(HOUR)
      expect((await stage.connection())?.status).toBe('active')
      expect(await stage.titles()).toEqual(['Visit apt_1'])
    })

    test('F16: where every write is refused for a day, each is asked once and none again', async () => {
      await stage.start()
      const mark = markRequests(stage.engine)
      always(stage.engine, 'events.insert', { reason: 'eventTypeRestriction', status: 400 })
      for (let n = 0; n < 30; n += 1) await stage.book(`apt_${n}`)
      await stage.engine.advance(DAY)
      expect(countCalls(stage.engine, mark, 'events.insert')).toBe(30)
      expect(await stage.told('appointment.sync_failed')).toHaveLength(30)
    })

    test('F17: an event that is 404 once and lives is not cancelled', async () => {
      await stage.start()
      await stage.book()
      await stage.engine.settle()
      cause(stage.engine, { match: { kind: 'events.update' }, reason: 'notFound' })
      await stage.book('apt_1', { title: 'Renamed' })
      await stage.engine.advance(10 * MINUTE)
      expect((await stage.read('apt_1'))?.appointment.status).toBe('confirmed')
      expect(await stage.titles()).toEqual(['Renamed'])
    })

    test('F18: the id of a deleted event is passed over', async () => {
      await stage.start()
      await stage.book()
      await stage.engine.settle()
      await stage.cancel('apt_1')
      await stage.engine.settle()
      await stage.book()
      await stage.engine.settle()
      expect(await stage.titles()).toEqual(['Visit apt_1'])
      await stage.isQuiet()
    })

    test('F22: a person who edits before every try of ours does not make us loop', async () => {
      await stage.start()
      await stage.book()
      await stage.engine.settle()
      const mark = markRequests(stage.engine)
      always(stage.engine, 'events.update', { reason: 'conditionNotMet' })
      await stage.book('apt_1', { title: 'Renamed' })
      await stage.engine.advance(2 * HOUR)
      expect(countCalls(stage.engine, mark, 'events.update')).toBeLessThanOrEqual(12)
      expect((await stage.read('apt_1'))?.outbox).toMatchObject({ state: 'failed' })
    })

    test('F27: what Google rewrites in what we wrote is no edit of a person', async () => {
      await stage.start()
      control(stage.engine, 'POST', 'settings', { ruleOrder: 'rewritten' })
      await stage.book('apt_1', { recurrence: ['RRULE:FREQ=WEEKLY;WKST=MO;COUNT=4'], title: '  Visit  ' })
      await stage.engine.settle()
      await stage.isQuiet()
    })

    test('F34: after hours without quota the backlog drains, a person’s change first', async () => {
      await stage.start()
      always(stage.engine, 'events.insert', { reason: 'rateLimitExceeded' })
      for (let n = 0; n < 60; n += 1) await stage.book(`apt_${n}`)
      await stage.engine.advance(6 * HOUR)
      expect((await stage.connection())?.statusReason).toBeNull()
      endTrouble(stage.engine)
      await stage.engine.advance(10 * MINUTE)
      expect(await stage.titles()).toHaveLength(60)
    })

    test('F44: nobody is ever sent mail', async () => {
      await stage.start()
      await stage.book()
      await stage.engine.settle()
      const [event] = await stage.person.events()
      await stage.person.patch(event!.id, { attendees: [{ email: 'guest@example.com' }] })
      await stage.engine.settle()
      await stage.book('apt_1', time(17))
      await stage.engine.settle()
      await stage.cancel('apt_1')
      await stage.engine.advance(HOUR)
      const ours = stage.engine.simulator.world.requestLog.filter(each => each.clientId === 'client')
      expect(ours.some(each => each.kind === 'events.update')).toBe(true)
      expect(ours.reduce((mails, each) => mails + each.mails, 0)).toBe(0)
    })
  })

  readingFaults(newEngine)
}
