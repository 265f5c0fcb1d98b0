import { beforeEach, describe, expect, test } from 'vitest'
import { addAccount } from '../../src/simulator/testing.ts'
import { createFullLists } from '../../src/usecases/sync/full-lists.ts'
import { pullCalendar } from '../../src/usecases/sync/pull-calendar.ts'
import { aCalendar, DAY, HOUR, MINUTE } from '../support/builders.ts'
import type { Engine } from '../support/engine.ts'
import { markRequests, personAt, requestsSince } from '../support/person.ts'
import { CALM, onStage, time } from '../support/stage.ts'
import { cause, control, countCalls, endTrouble, inPath } from '../support/trouble.ts'

const POLL = 15 * MINUTE

/** The rows about what is read: listings, and the calendars themselves. */
export function readingFaults(newEngine: () => Promise<Engine>): void {
  let stage: ReturnType<typeof onStage>

  beforeEach(async () => {
    stage = onStage(await newEngine())
  })

  describe('listings', () => {
    test('F19: 410 at every list is one full list after another, ever more rarely, and cancels nothing', async () => {
      await stage.start()
      for (const id of ['a', 'b', 'c']) await stage.book(id)
      await stage.person.insert({ summary: 'theirs', ...time(16) })
      await stage.engine.settle()
      cause(stage.engine, {
        match: { kind: 'events.list', has: 'syncToken' },
        reason: 'fullSyncRequired',
        times: 'always',
      })
      const mark = markRequests(stage.engine)
      await stage.engine.advance(DAY)
      expect(stage.lists(mark)).toBeLessThan(40)
      expect(await stage.told('appointment.cancelled')).toEqual([])
      expect(await stage.titles()).toEqual(['Visit a', 'Visit b', 'Visit c', 'theirs'])
      endTrouble(stage.engine)
      await stage.engine.advance(7 * HOUR)
      expect((await stage.calendar())?.failures).toBe(0)
    })

    test('F19: what was deleted while the token was dead is found by asking', async () => {
      await stage.start()
      const event = await stage.person.insert({ summary: 'theirs', ...time(16) })
      await stage.engine.settle()
      stage.notifications({ dropShare: 1 })
      await stage.person.remove(event.id)
      control(stage.engine, 'POST', `calendars/${inPath(stage.connected.calendarId)}/kill-sync-tokens`)
      await stage.engine.advance(HOUR)
      expect((await stage.imported()).map(each => each.status)).toEqual(['cancelled'])
    })

    test('F19: other list parameters than the token was made with list in full', async () => {
      await stage.start()
      const mark = markRequests(stage.engine)
      stage.engine.deps.settings = { ...stage.engine.deps.settings, listParameters: 'of another build' }
      await stage.engine.advance(POLL)
      const asked = stage.engine.simulator.world.requestLog.slice(mark).filter(each => each.kind === 'events.list')
      expect(asked[0]?.query['syncToken']).toBeUndefined()
      expect((await stage.calendar())?.cursor).toMatchObject({ parameters: 'of another build', generation: 2 })
    })

    test('F19: only a few full lists run at once, the others come back', async () => {
      await stage.start()
      const fullLists = createFullLists(2)
      const [first, second] = [fullLists.enter(), fullLists.enter()]
      control(stage.engine, 'POST', `calendars/${inPath(stage.connected.calendarId)}/kill-sync-tokens`)
      await stage.engine.deps.store.transaction(stage.connected.tenantId, async tx => {
        const stored = (await tx.calendar(
          stage.connected.tenantId,
          stage.connected.connectionId,
          stage.connected.calendarId,
        ))!
        await tx.saveCalendars([{ ...stored, cursor: { ...stored.cursor, syncToken: null } }])
      })
      const mark = markRequests(stage.engine)
      const deps = { ...stage.engine.deps, fullLists }
      const pull = () => pullCalendar(deps, { ...stage.key(), calendarId: stage.connected.calendarId })
      const refused = await pull()
      expect(refused.kind === 'again' && refused.at > stage.engine.clock.now).toBe(true)
      expect(stage.lists(mark)).toBe(0)
      first?.()
      first?.()
      expect(await pull()).toEqual({ kind: 'done' })
      expect(fullLists.enter()).not.toBeNull()
      expect(fullLists.enter()).toBeNull()
      second?.()
    })

    test.each([
      ['a 503', { reason: 'backendError' }],
      ['an HTML page', { html: 502 }],
      ['half an answer', { truncateBytes: 60 }],
      ['an end of the line', { cut: 'after' }],
    ])('F25: %s moves no cursor and loses nothing', async (_name, fault) => {
      await stage.start()
      const { syncToken } = (await stage.calendar())!.cursor
      cause(stage.engine, { match: { kind: 'events.list' }, times: 'always', ...fault })
      await stage.person.insert({ summary: 'theirs', ...time(16) })
      await stage.engine.advance(10 * MINUTE)
      expect((await stage.calendar())?.cursor.syncToken).toBe(syncToken)
      endTrouble(stage.engine)
      await stage.engine.advance(POLL)
      expect((await stage.imported()).map(each => each.title)).toEqual(['theirs'])
    })

    test('F26: a Google that is slow beyond the limit is a failure that passes, and what it did is found', async () => {
      await stage.start()
      const { google } = stage.engine.deps
      const insertEvent: typeof google.insertEvent = async (...args) => {
        await google.insertEvent(...args)
        return { ok: false, error: { kind: 'unavailable', ambiguous: true, detail: 'TimeoutError' } }
      }
      stage.engine.deps.google = { ...google, insertEvent }
      await stage.book()
      await stage.engine.settle()
      stage.engine.deps.google = google
      await stage.engine.advance(10 * MINUTE)
      expect(await stage.titles()).toEqual(['Visit apt_1'])
      expect((await stage.read('apt_1'))?.outbox).toBeNull()
    })

    test('F28: an edit between two pages, and empty pages, are no loss', async () => {
      await stage.start()
      for (let n = 0; n < 6; n += 1) await stage.person.insert({ summary: `event ${n}`, ...time(14 + n) })
      cause(stage.engine, { match: { kind: 'events.list' }, shortPage: 2, times: 2 })
      cause(stage.engine, { match: { kind: 'events.list' }, shortPage: 0, times: 1 })
      control(stage.engine, 'POST', `calendars/${inPath(stage.connected.calendarId)}/kill-sync-tokens`)
      await stage.engine.advance(HOUR)
      expect(await stage.imported()).toHaveLength(6)
      await stage.isQuiet()
    })

    test('F30: a calendar that is suddenly empty holds the connection and cancels nothing', async () => {
      await stage.start({ policies: { deletionGuard: { count: 3, share: 0.5 } } })
      for (let n = 0; n < 8; n += 1) await stage.person.insert({ summary: `event ${n}`, ...time(14 + n) })
      await stage.engine.settle()
      for (const event of await stage.person.events()) await stage.person.remove(event.id)
      await stage.engine.advance(HOUR)
      expect((await stage.connection())?.status).toBe('held')
      expect(await stage.told('connection.held')).toHaveLength(1)
      expect((await stage.imported()).filter(each => each.status === 'cancelled')).toEqual([])
    })

    test('F31: an event that cannot be read stops no other, and is read when it changes', async () => {
      await stage.start()
      const odd = { summary: 'a \u0000 title', ...time(14), recurrence: ['RRULE:FREQ=FORTNIGHTLY'] }
      control(stage.engine, 'POST', `calendars/${inPath(stage.connected.calendarId)}/events`, {
        events: [
          { ...odd, id: 'oddevent1' },
          { summary: 'next to it', ...time(16) },
        ],
        notify: true,
      })
      await stage.engine.settle()
      expect((await stage.imported()).map(each => each.title)).toContain('next to it')
      expect((await stage.calendar())?.cursor.syncToken).not.toBeNull()
      await stage.isQuiet()
    })

    test('F32: a calendar of many events and a series without end are listed page by page', async () => {
      const events = Array.from({ length: 3_000 }, (_, n) => ({ summary: `event ${n}`, ...time(14) }))
      const endless = { summary: 'endless', ...time(15), recurrence: ['RRULE:FREQ=DAILY'] }
      await stage.start({
        before: id =>
          void control(stage.engine, 'POST', `calendars/${inPath(id)}/events`, { events: [...events, endless] }),
      })
      const asked = stage.engine.simulator.world.requestLog.filter(each => each.kind === 'events.list')
      expect(asked.length).toBeLessThanOrEqual(4)
      expect(
        (await stage.engine.deps.store.countMissing(stage.connected.tenantId, stage.connected.connectionId)).linked,
      ).toBe(3_001)
    })

    test('F33: exceptions that a list names before their series join it all the same', async () => {
      await stage.start()
      const series = await stage.person.insert({
        summary: 'series',
        ...time(14),
        recurrence: ['RRULE:FREQ=DAILY;COUNT=3'],
      })
      const [, second] = await stage.person.instances(series.id)
      await stage.person.patch(second!.id, { summary: 'moved', ...time(20) })
      cause(stage.engine, { match: { kind: 'events.list' }, reverse: true, times: 5 })
      await stage.engine.settle()
      const [exception] = (await stage.imported()).filter(each => each.title === 'moved')
      const [master] = (await stage.imported()).filter(each => each.title === 'series')
      expect(exception?.recurringId).toBe(master?.id)
    })

    test('F33: an exception whose series is not there stands for itself', async () => {
      await stage.start()
      const series = await stage.person.insert({
        summary: 'series',
        ...time(14),
        recurrence: ['RRULE:FREQ=DAILY;COUNT=3'],
      })
      const [, second] = await stage.person.instances(series.id)
      await stage.person.patch(second!.id, { summary: 'moved', ...time(20) })
      await stage.engine.settle()
      const before = (await stage.imported()).map(each => each.title).toSorted()
      expect(before).toEqual(['moved', 'series'])
      await stage.person.remove(series.id)
      await stage.engine.advance(HOUR)
      expect((await stage.imported()).filter(each => each.status !== 'cancelled')).toEqual([])
    })
  })

  describe('calendars', () => {
    test('F23: a role that was lowered holds writes, is told once, and all is written when it is raised again', async () => {
      const owner = () => addAccount(stage.engine.simulator.world, { email: 'owner@example.com' })
      await stage.start()
      stage.engine.simulator.world.calendars.get(stage.connected.calendarId)!.dataOwner = owner().email
      await stage.book('before')
      await stage.engine.settle()
      stage.role('reader')
      await stage.engine.advance(HOUR)
      const mark = markRequests(stage.engine)
      await stage.book('meanwhile')
      await stage.book('before', { title: 'Renamed' })
      await stage.engine.advance(DAY)
      expect(requestsSince(stage.engine, mark).filter(each => /insert|update|delete/.test(each))).toEqual([])
      expect(await stage.connection()).toMatchObject({ status: 'active', statusReason: 'target_read_only' })
      expect((await stage.read('meanwhile'))?.outbox).toMatchObject({
        state: 'held',
        error: { code: 'calendar-read-only' },
      })
      expect(await stage.told('appointment.cancelled')).toEqual([])
      stage.role('writer')
      await stage.engine.advance(HOUR)
      expect(await stage.titles()).toEqual(['Renamed', 'Visit meanwhile'])
      expect((await stage.connection())?.statusReason).toBeNull()
      expect(await stage.told('connection.active')).toHaveLength(3)
    })

    test('F23: a private event whose words are hidden from a reader was not edited', async () => {
      const presentation = {
        title: 'full',
        description: true,
        location: true,
        visibility: 'private',
        colour: null,
      } as const
      await stage.start({ policies: { ...CALM, presentation } })
      addAccount(stage.engine.simulator.world, { email: 'owner@example.com' })
      stage.engine.simulator.world.calendars.get(stage.connected.calendarId)!.dataOwner = 'owner@example.com'
      await stage.book('apt_1', { location: 'Room 2' })
      await stage.engine.settle()
      const before = (await stage.read('apt_1'))?.appointment
      stage.role('reader')
      const [shown] = await stage.person.events()
      expect(shown?.summary).toBeUndefined()
      const { calendarId } = stage.connected
      const owner = { email: 'owner@example.com', role: 'owner' }
      control(stage.engine, 'POST', `calendars/${inPath(calendarId)}/role`, owner)
      await personAt(stage.engine, { email: owner.email, calendarId }).patch(shown!.id, time(19))
      await stage.engine.advance(DAY)
      const after = (await stage.read('apt_1'))?.appointment
      expect(after).toMatchObject({ title: 'Visit apt_1', location: 'Room 2' })
      expect(after?.time).not.toEqual(before?.time)
    })

    test('F23: a source of which only busy times are shown keeps what was read of it', async () => {
      await stage.start()
      stage.engine.simulator.world.calendars.get(stage.connected.calendarId)!.dataOwner = 'owner@example.com'
      await stage.person.insert({ summary: 'series', ...time(14), recurrence: ['RRULE:FREQ=DAILY;COUNT=5'] })
      await stage.engine.settle()
      const before = await stage.imported()
      stage.role('freeBusyReader')
      await stage.engine.advance(DAY)
      expect(await stage.imported()).toEqual(before)
      stage.role('owner')
      await stage.person.insert({ summary: 'since', ...time(16) })
      await stage.engine.advance(DAY)
      expect((await stage.imported()).map(each => each.title).toSorted()).toEqual(['series', 'since'])
      expect((await stage.connection())?.statusReason).toBeNull()
    })

    test('F24: a calendar that is gone is looked for twice; nothing is cancelled, and it is taken up again when it returns', async () => {
      await stage.start()
      await stage.book('before')
      await stage.person.insert({ summary: 'theirs', ...time(16) })
      await stage.engine.settle()
      stage.setListed(false)
      await stage.book('meanwhile')
      await stage.engine.settle()
      expect((await stage.calendar())?.isGone).toBe(false)
      await stage.engine.advance(HOUR)
      expect((await stage.calendar())?.isGone).toBe(true)
      expect(await stage.connection()).toMatchObject({ status: 'active', statusReason: 'target_calendar_gone' })
      expect((await stage.read('meanwhile'))?.outbox).toMatchObject({ state: 'held', error: { code: 'calendar-gone' } })
      expect(await stage.told('appointment.cancelled')).toEqual([])
      const mark = markRequests(stage.engine)
      await stage.engine.advance(DAY)
      expect(markRequests(stage.engine) - mark).toBeLessThan(10)
      stage.setListed(true)
      await stage.engine.advance(26 * HOUR)
      expect((await stage.calendar())?.isGone).toBe(false)
      expect(await stage.titles()).toEqual(['Visit before', 'Visit meanwhile', 'theirs'])
      expect((await stage.connection())?.statusReason).toBeNull()
    })

    test('F24: a calendar that is missing from one list only is not gone', async () => {
      await stage.start()
      stage.setListed(false)
      await stage.engine.deps.jobs.wake([{ kind: 'refresh-calendars', ...stage.key() }])
      await stage.engine.settle()
      stage.setListed(true)
      await stage.engine.advance(HOUR)
      expect(await stage.calendar()).toMatchObject({ isGone: false, absentSince: null })
      expect(await stage.told('connection.active')).toHaveLength(1)
    })

    test('F24: a renamed, a hidden and a renamed primary calendar stay what they are', async () => {
      await stage.start()
      await stage.book()
      await stage.engine.settle()
      const { world } = stage.engine.simulator
      const account = world.accounts.get(stage.connected.email)!
      world.calendars.get(stage.connected.calendarId)!.summary = 'Surgery'
      account.entries.get(stage.connected.calendarId)!.fields['hidden'] = true
      await stage.engine.deps.jobs.wake([{ kind: 'refresh-calendars', ...stage.key() }])
      await stage.engine.settle()
      expect(await stage.calendar()).toMatchObject({ summary: 'Surgery', isGone: false, isTarget: true })
      await stage.engine.deps.store.transaction(stage.connected.tenantId, async tx => {
        const old = aCalendar({
          ...stage.key(),
          id: 'old@example.com',
          isTarget: false,
          isSource: false,
          isPrimary: true,
        })
        await tx.saveCalendars([old])
      })
      await stage.engine.deps.jobs.wake([{ kind: 'refresh-calendars', ...stage.key() }])
      await stage.engine.settle()
      const known = await stage.engine.deps.store.calendarsOf(stage.connected.tenantId, stage.connected.connectionId)
      expect(known.map(each => each.id).toSorted()).toEqual(
        [stage.connected.calendarId, stage.connected.email].toSorted(),
      )
    })

    test('F24: a new calendar or role is heard of through the channel on the list', async () => {
      await stage.start()
      const mark = markRequests(stage.engine)
      control(stage.engine, 'POST', 'calendars', { owner: stage.connected.email, summary: 'Another' })
      await stage.engine.settle()
      expect(countCalls(stage.engine, mark, 'calendarList.list')).toBe(1)
    })

    test('F42: one Google calendar shared by two users does not echo between them', async () => {
      await stage.start()
      const second = await stage.engine.connect({ userId: 'dr-shah', policies: CALM })
      const { world } = stage.engine.simulator
      control(stage.engine, 'POST', `calendars/${inPath(stage.connected.calendarId)}/role`, {
        email: second.email,
        role: 'writer',
        inList: true,
      })
      await stage.engine.deps.store.transaction(stage.connected.tenantId, tx =>
        tx.saveCalendars([
          aCalendar({
            tenantId: second.tenantId,
            connectionId: second.connectionId,
            id: stage.connected.calendarId,
            isTarget: false,
            isPrimary: false,
            cursor: {
              syncToken: null,
              pageToken: null,
              generation: 0,
              parameters: stage.engine.deps.settings.listParameters,
              listedFrom: null,
            },
          }),
        ]),
      )
      await stage.book()
      await stage.engine.advance(HOUR)
      expect(await stage.titles()).toEqual(['Visit apt_1'])
      expect(
        (await stage.engine.deps.store.changes(stage.connected.tenantId, 0, 100)).filter(
          row => row.change?.type === 'appointment.created',
        ),
      ).toHaveLength(1)
      expect(world.calendars.get(second.calendarId)?.ordered.filter(each => !each.isTombstone)).toEqual([])
      await stage.isQuiet()
    })

    test('F20: refreshed at once by many, a token is refreshed once', async () => {
      await stage.start()
      await stage.engine.advance(2 * HOUR)
      const tokens = stage.engine.simulator.world.accessTokens.size
      stage.engine.clock.now += 2 * HOUR
      await Promise.all(Array.from({ length: 50 }, () => stage.engine.deps.accessTokens.accessToken(stage.key())))
      expect(stage.engine.simulator.world.accessTokens.size - tokens).toBe(1)
    })
  })
}
