import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CalendarEvent, LiveEvent } from '../../src/core/model/calendar-event.ts'
import type { RemoteFailure, Result } from '../../src/core/model/failures.ts'
import type { Projection } from '../../src/core/model/projection.ts'
import type { Span } from '../../src/core/model/time.ts'
import type { EventPage, EventWrite, GoogleCalendar, Grantee, ListRequest } from '../../src/ports/google-calendar.ts'

/** A calendar of its own for one run of the suite, and what can be done to it from outside. */
export type CalendarUnderTest = {
  google: GoogleCalendar
  who: Grantee
  /** An owned calendar without events, in New York's zone. */
  calendarId: string
  /** Another owned one, to move events to. */
  otherCalendarId: string
  /** Where notifications may be sent; null where there is nowhere that Google could reach. */
  watchAddress: string | null
  close: () => Promise<void>
}

const ZONE = 'America/New_York'
const HOUR_MS = 3_600_000
const at = (text: string) => Date.parse(text)
const newEventId = () => `lk${randomUUID().replaceAll('-', '')}`

const timed = (start: string, hours = 1, zone = ZONE): Span => ({
  kind: 'timed',
  startAt: at(start),
  endAt: at(start) + hours * HOUR_MS,
  startZone: zone,
  endZone: zone,
})
const days = (startDate: string, endDate: string): Span => ({ kind: 'all-day', startDate, endDate })

const aContent = (fields: Partial<Projection> = {}): Projection => ({
  time: timed('2031-03-04T15:00:00Z'),
  recurrence: [],
  title: 'Follow-up',
  description: '',
  location: '',
  busy: true,
  status: 'confirmed',
  colour: null,
  ...fields,
})
const aWrite = (content: Partial<Projection> = {}, revision = 1): EventWrite => ({
  content: aContent(content),
  marker: { key: 'contract', revision },
  visibility: 'default',
})

function valueOf<T>(result: Result<T, RemoteFailure>): T {
  if (!result.ok) throw new Error(`failed: ${JSON.stringify(result.error)}`)
  return result.value
}
const kindOf = (result: Result<unknown, RemoteFailure>): string => (result.ok ? 'ok' : result.error.kind)

function liveOf(event: CalendarEvent | undefined): LiveEvent {
  if (event?.kind !== 'live') throw new Error(`not live: ${JSON.stringify(event)}`)
  return event
}

/**
 * What the engine relies on in Google Calendar, whoever plays it. One calendar serves the whole suite, so each test looks at
 * events of its own alone.
 */
export function googleCalendarContract(name: string, newCalendar: () => Promise<CalendarUnderTest>): void {
  describe(name, () => {
    let under: CalendarUnderTest
    beforeAll(async () => {
      under = await newCalendar()
    })
    afterAll(() => under.close())

    const addressOf = (eventId: string) => ({ calendarId: under.calendarId, eventId })
    const insert = async (write: EventWrite = aWrite(), eventId = newEventId()) =>
      valueOf(await under.google.insertEvent(under.who, addressOf(eventId), write))
    const get = async (eventId: string) => valueOf(await under.google.getEvent(under.who, addressOf(eventId)))
    const update = (event: LiveEvent, write: EventWrite, etag = event.etag) =>
      under.google.updateEvent(under.who, addressOf(event.eventId), write, { raw: event.raw, etag })
    const remove = (eventId: string, etag: string | null = null) =>
      under.google.deleteEvent(under.who, addressOf(eventId), etag)

    const listPages = async (request: Partial<ListRequest> = {}): Promise<EventPage[]> => {
      const pages: EventPage[] = []
      let pageToken: string | null = null
      do {
        const whole: ListRequest = {
          calendarId: under.calendarId,
          syncToken: null,
          timeMin: null,
          pageSize: 2_500,
          ...request,
          pageToken,
        }
        const page: EventPage = valueOf(await under.google.listEvents(under.who, whole))
        pages.push(page)
        pageToken = page.nextPageToken
      } while (pageToken !== null && pages.length < 100)
      return pages
    }
    const list = async (request: Partial<ListRequest> = {}): Promise<CalendarEvent[]> =>
      (await listPages(request)).flatMap(page => page.events)
    const syncToken = async (): Promise<string> => {
      const token = (await listPages()).at(-1)?.nextSyncToken
      if (typeof token !== 'string') throw new Error('the last page has no sync token')
      return token
    }
    const byId = (events: CalendarEvent[], eventId: string) => events.filter(event => event.eventId === eventId)

    describe('calendars', () => {
      test('the account lists what it owns, one of them primary', async () => {
        const calendars = valueOf(await under.google.listCalendars(under.who))
        expect(calendars.filter(calendar => calendar.isPrimary)).toHaveLength(1)
        const ours = calendars.find(calendar => calendar.id === under.calendarId)
        expect(ours).toMatchObject({ accessRole: 'owner', timeZone: ZONE, isDeleted: false })
      })

      test('one that is not there is not found, to read or to write', async () => {
        const calendarId = `${newEventId()}@group.calendar.google.com`
        const request = { calendarId, syncToken: null, pageToken: null, timeMin: null, pageSize: 10 }
        expect(kindOf(await under.google.listEvents(under.who, request))).toBe('not-found')
        const event = { calendarId, eventId: newEventId() }
        expect(kindOf(await under.google.insertEvent(under.who, event, aWrite()))).toBe('not-found')
      })
    })

    describe('an insert', () => {
      const contents: [sentence: string, content: Partial<Projection>][] = [
        ['a plain hour', {}],
        ['an hour in another zone', { time: timed('2031-03-04T15:00:00Z', 1, 'Asia/Kolkata') }],
        ['an hour across the end of winter time', { time: timed('2031-03-09T06:30:00Z', 2) }],
        [
          'a journey between zones',
          {
            time: {
              kind: 'timed',
              startAt: at('2031-05-01T08:00:00Z'),
              endAt: at('2031-05-01T17:00:00Z'),
              startZone: 'Europe/Paris',
              endZone: ZONE,
            },
          },
        ],
        ['no length', { time: timed('2031-03-04T15:00:00Z', 0) }],
        ['one day', { time: days('2031-03-04', '2031-03-05') }],
        ['three days', { time: days('2031-02-27', '2031-03-02') }],
        ['texts', { title: 'Zoë’s “check” 🥑', description: 'line one\nline two', location: 'Room 2' }],
        ['no title', { title: '' }],
        ['free, tentative and coloured', { busy: false, status: 'tentative', colour: '7' }],
        ['a weekly series', { recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=8'] }],
        [
          'a series with an end and a hole',
          { recurrence: ['EXDATE:20310311T140000Z', 'RRULE:FREQ=WEEKLY;UNTIL=20310501T035959Z;BYDAY=TU'] },
        ],
        ['a series of days', { time: days('2031-03-04', '2031-03-05'), recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] }],
      ]
      test.each(contents)('of %s is returned, got and listed as it was meant', async (_sentence, content) => {
        const inserted = await insert(aWrite(content))
        expect(inserted.content.time).toEqual(aContent(content).time)
        expect(inserted.content.recurrence).toHaveLength(aContent(content).recurrence.length)
        expect(inserted).toMatchObject({
          content: { ...aContent(content), recurrence: inserted.content.recurrence },
          marker: { key: 'contract', revision: 1 },
          recurringEventId: null,
          eventType: 'default',
          hasGuests: false,
          isOrganizer: true,
          isPrivate: false,
        })
        const got = liveOf(await get(inserted.eventId))
        expect([got.content, got.etag, got.iCalUID]).toEqual([inserted.content, inserted.etag, inserted.iCalUID])
        const [listed, ...more] = byId(await list(), inserted.eventId)
        expect(liveOf(listed).content).toEqual(inserted.content)
        expect(more).toEqual([])
      })

      test('may make the event private', async () => {
        expect(await insert({ ...aWrite(), visibility: 'private' })).toMatchObject({ isPrivate: true })
      })

      test('twice under one id makes one event', async () => {
        const first = await insert()
        const second = await under.google.insertEvent(under.who, addressOf(first.eventId), aWrite({ title: 'Twin' }))
        expect(kindOf(second)).toBe('id-taken')
        expect(liveOf(await get(first.eventId))).toMatchObject({ etag: first.etag, content: { title: 'Follow-up' } })
      })

      test('under the id of a deleted event is refused: a tombstone keeps its id', async () => {
        const { eventId } = await insert()
        valueOf(await remove(eventId))
        expect(kindOf(await under.google.insertEvent(under.who, addressOf(eventId), aWrite()))).toBe('id-taken')
        expect((await get(eventId)).kind).toBe('tombstone')
      })

      test('under an id of foreign letters is refused for good', async () => {
        const reply = await under.google.insertEvent(under.who, addressOf('Not_An_Id!'), aWrite())
        expect(reply).toMatchObject({ ok: false, error: { kind: 'rejected', status: 400 } })
      })

      test('of an event that ends before it starts is refused for good', async () => {
        const time = { ...timed('2031-03-04T15:00:00Z'), endAt: at('2031-03-04T14:00:00Z') } as Span
        const reply = await under.google.insertEvent(under.who, addressOf(newEventId()), aWrite({ time }))
        expect(reply).toMatchObject({ ok: false, error: { kind: 'rejected', status: 400 } })
      })
    })

    describe('an update', () => {
      const steps: [sentence: string, content: Partial<Projection>][] = [
        ['moves it', { time: timed('2031-03-05T18:00:00Z', 2) }],
        ['makes it whole days', { time: days('2031-03-05', '2031-03-07') }],
        ['gives it texts', { title: 'Other', description: 'More', location: 'Elsewhere' }],
        ['frees it', { busy: false, status: 'tentative', colour: '3' }],
        ['makes it a series', { recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] }],
      ]
      test.each(steps)('%s, and back again', async (_sentence, content) => {
        const before = await insert()
        const changed = valueOf(await update(before, aWrite(content, 2)))
        expect(changed.content).toEqual({ ...aContent(content), recurrence: changed.content.recurrence })
        expect(changed.content.recurrence).toHaveLength(aContent(content).recurrence.length)
        expect(changed.marker?.revision).toBe(2)
        expect(changed.etag).not.toBe(before.etag)
        expect([changed.eventId, changed.iCalUID]).toEqual([before.eventId, before.iCalUID])
        const back = valueOf(await update(changed, aWrite({}, 3)))
        expect(back.content).toEqual(aContent())
        expect(liveOf(await get(before.eventId)).content).toEqual(aContent())
      })

      test('built on an etag of yesterday is refused and changes nothing', async () => {
        const before = await insert()
        const now = valueOf(await update(before, aWrite({ title: 'First' }, 2)))
        expect(kindOf(await update(before, aWrite({ title: 'Second' }, 2)))).toBe('edited-meanwhile')
        expect(liveOf(await get(before.eventId))).toMatchObject({ etag: now.etag, content: { title: 'First' } })
      })

      test('loses nothing that is not ours', async () => {
        const before = await insert()
        const theirs = {
          reminders: { useDefault: false, overrides: [{ method: 'popup', minutes: 25 }] },
          extendedProperties: { private: { other: 'kept' }, shared: { all: 'kept' } },
          visibility: 'public',
          guestsCanInviteOthers: false,
        }
        const raw = { ...(before.raw as object), ...theirs }
        const touched = valueOf(await update({ ...before, raw }, aWrite({}, 2)))
        const after = valueOf(await update(touched, aWrite({ title: 'Changed by us' }, 3)))
        expect(after.raw).toMatchObject({
          ...theirs,
          extendedProperties: {
            shared: { all: 'kept' },
            private: { other: 'kept', lockstepKey: 'contract', lockstepRevision: '3' },
          },
        })
      })

      test('of an event that is not there is not found', async () => {
        const before = await insert()
        const nowhere = { ...before, eventId: newEventId() }
        expect(kindOf(await update(nowhere, aWrite()))).toBe('not-found')
      })
    })

    describe('a delete', () => {
      test('leaves a tombstone, and a second one says so', async () => {
        const { eventId, etag } = await insert()
        expect(await remove(eventId, etag)).toEqual({ ok: true, value: null })
        expect(await get(eventId)).toMatchObject({ kind: 'tombstone', eventId, recurringEventId: null })
        expect(kindOf(await remove(eventId))).toBe('already-gone')
        expect(byId(await list(), eventId)).toEqual([])
      })

      test('under an etag of yesterday is refused', async () => {
        const before = await insert()
        valueOf(await update(before, aWrite({ title: 'Edited' }, 2)))
        expect(kindOf(await remove(before.eventId, before.etag))).toBe('edited-meanwhile')
        expect((await get(before.eventId)).kind).toBe('live')
      })

      test('of what was never there is not found', async () => {
        expect(kindOf(await remove(newEventId()))).toBe('not-found')
        expect(kindOf(await under.google.getEvent(under.who, addressOf(newEventId())))).toBe('not-found')
      })
    })

    describe('a list', () => {
      test('comes in pages, each event once, the sync token on the last alone', async () => {
        const ids = await Promise.all([1, 2, 3, 4, 5].map(async () => (await insert()).eventId))
        const pages = await listPages({ pageSize: 2 })
        expect(pages.length).toBeGreaterThanOrEqual(3)
        expect(pages.map(page => [page.nextPageToken !== null, page.nextSyncToken !== null])).toEqual(
          pages.map((_page, index) => [index < pages.length - 1, index === pages.length - 1]),
        )
        const seen = pages.flatMap(page => page.events.map(event => event.eventId))
        for (const id of ids) expect(seen.filter(other => other === id)).toHaveLength(1)
        expect(pages[0]).toMatchObject({ timeZone: ZONE, accessRole: 'owner' })
      })

      test('from a lower bound leaves out what ended before', async () => {
        const early = await insert(aWrite({ time: timed('2030-01-01T10:00:00Z') }))
        const late = await insert(aWrite({ time: timed('2032-01-01T10:00:00Z') }))
        const events = await list({ timeMin: at('2031-01-01T00:00:00Z') })
        expect(byId(events, early.eventId)).toEqual([])
        expect(byId(events, late.eventId)).toHaveLength(1)
      })

      test('of changes shows what was made, changed and deleted since, and nothing twice', async () => {
        const [changed, deleted, untouched] = [await insert(), await insert(), await insert()]
        const token = await syncToken()
        const made = await insert()
        valueOf(await update(changed, aWrite({ title: 'Changed' }, 2)))
        valueOf(await remove(deleted.eventId))
        const pages = await listPages({ syncToken: token })
        const events = pages.flatMap(page => page.events)
        expect(byId(events, made.eventId)).toMatchObject([{ kind: 'live' }])
        expect(byId(events, changed.eventId)).toMatchObject([{ kind: 'live', content: { title: 'Changed' } }])
        expect(byId(events, deleted.eventId)).toMatchObject([{ kind: 'tombstone' }])
        expect(byId(events, untouched.eventId)).toEqual([])

        const next = await listPages({ syncToken: pages.at(-1)?.nextSyncToken ?? '' })
        expect(next.flatMap(page => page.events)).toEqual([])
        expect(next.at(-1)?.nextSyncToken).toEqual(expect.any(String))
      })

      test('shows the etag that our own write returned: the way to know an echo', async () => {
        const token = await syncToken()
        const { eventId, etag } = await insert()
        expect(byId(await list({ syncToken: token }), eventId)).toMatchObject([{ etag }])
      })

      test('of changes may come in pages too', async () => {
        const token = await syncToken()
        const ids = [(await insert()).eventId, (await insert()).eventId, (await insert()).eventId]
        const pages = await listPages({ syncToken: token, pageSize: 1 })
        expect(pages.length).toBeGreaterThanOrEqual(3)
        const seen = pages.flatMap(page => page.events.map(event => event.eventId))
        expect(seen.sort()).toEqual(ids.sort())
      })

      test('with a token that nobody gave starts over', async () => {
        const request = { calendarId: under.calendarId, timeMin: null, pageSize: 10 }
        const bySync = await under.google.listEvents(under.who, { ...request, syncToken: 'nonsense', pageToken: null })
        expect(kindOf(bySync)).toBe('sync-token-expired')
        const byPage = await under.google.listEvents(under.who, { ...request, syncToken: null, pageToken: 'nonsense' })
        expect(kindOf(byPage)).toBe('page-token-expired')
      })

      test('finds an event by its iCalUID, deleted or not', async () => {
        const { eventId, iCalUID } = await insert()
        const find = async () => valueOf(await under.google.findByICalUID(under.who, under.calendarId, iCalUID))
        expect(await find()).toMatchObject([{ kind: 'live', eventId, iCalUID }])
        valueOf(await remove(eventId))
        expect(await find()).toMatchObject([{ kind: 'tombstone', eventId }])
        expect(valueOf(await under.google.findByICalUID(under.who, under.calendarId, `${newEventId()}@x`))).toEqual([])
      })
    })

    describe('a series', () => {
      const weekly = aWrite({ recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=8'] })
      const slot = { kind: 'timed', at: at('2031-03-11T14:00:00Z') } // New York is on summer time by then
      const occurrenceOf = (master: LiveEvent) => `${master.eventId}_20310311T140000Z`

      test('is listed as one event, its occurrences are there for the asking', async () => {
        const master = await insert(weekly)
        const events = await list()
        expect(events.filter(event => event.eventId.startsWith(master.eventId))).toHaveLength(1)
        const occurrence = liveOf(await get(occurrenceOf(master)))
        expect(occurrence).toMatchObject({
          recurringEventId: master.eventId,
          originalStart: slot,
          content: { time: timed('2031-03-11T14:00:00Z'), recurrence: [] },
        })
        expect(occurrence.iCalUID).toBe(master.iCalUID)
      })

      test('lets an occurrence move, which then is an exception with its old slot', async () => {
        const master = await insert(weekly)
        const occurrence = liveOf(await get(occurrenceOf(master)))
        const time = timed('2031-03-12T18:00:00Z')
        const moved = valueOf(await update(occurrence, aWrite({ time }, 2)))
        const expected = {
          eventId: occurrence.eventId,
          recurringEventId: master.eventId,
          originalStart: slot,
          content: { time },
        }
        expect(moved).toMatchObject(expected)
        expect(byId(await list(), occurrence.eventId)).toMatchObject([expected])
        expect(liveOf(await get(master.eventId)).content).toEqual(master.content)
      })

      test('lets an occurrence be cancelled, which a full list still tells', async () => {
        const master = await insert(weekly)
        const token = await syncToken()
        const eventId = occurrenceOf(master)
        valueOf(await remove(eventId))
        const expected = { kind: 'tombstone', eventId, recurringEventId: master.eventId, originalStart: slot }
        expect(byId(await list({ syncToken: token }), eventId)).toMatchObject([expected])
        expect(byId(await list(), eventId)).toMatchObject([expected])
        expect((await get(master.eventId)).kind).toBe('live')
      })

      test('of days names its occurrences by their dates', async () => {
        const master = await insert(
          aWrite({ time: days('2031-03-04', '2031-03-05'), recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] }),
        )
        const occurrence = await get(`${master.eventId}_20310305`)
        expect(occurrence).toMatchObject({
          recurringEventId: master.eventId,
          originalStart: { kind: 'all-day', date: '2031-03-05' },
        })
      })

      test('that is deleted is one deletion at least: its own', async () => {
        const master = await insert(weekly)
        const token = await syncToken()
        valueOf(await remove(master.eventId))
        const events = await list({ syncToken: token })
        expect(byId(events, master.eventId)).toMatchObject([{ kind: 'tombstone', recurringEventId: null }])
        expect((await list()).filter(event => event.eventId.startsWith(master.eventId))).toEqual([])
      })
    })

    test('an event that moves leaves a tombstone behind and keeps its iCalUID', async () => {
      const event = await insert()
      const token = await syncToken()
      const moved = valueOf(await under.google.moveEvent(under.who, addressOf(event.eventId), under.otherCalendarId))
      expect(moved.content).toEqual(event.content)
      const found = valueOf(await under.google.findByICalUID(under.who, under.otherCalendarId, event.iCalUID))
      expect(found).toMatchObject([{ kind: 'live', eventId: moved.eventId, iCalUID: event.iCalUID }])
      expect(byId(await list({ syncToken: token }), event.eventId)).toMatchObject([{ kind: 'tombstone' }])
    })

    describe('a channel', () => {
      const channelTo = (address: string, calendarId: string | null, id = randomUUID()) => ({
        id,
        calendarId,
        address,
        token: 'check',
        ttlSeconds: 3_600,
      })

      test('opens on a calendar and on the list of calendars, and its id serves once', async ({ skip }) => {
        const { watchAddress, google, who } = under
        if (watchAddress === null) return skip('no address that Google could post to')
        for (const calendarId of [under.calendarId, null]) {
          const channel = channelTo(watchAddress, calendarId)
          const opened = valueOf(await google.watch(who, channel))
          expect(opened.expiresAt).toBeGreaterThan(0)
          expect(kindOf(await google.watch(who, channel))).toBe('channel-id-taken')
          const stopping = { id: channel.id, resourceId: opened.resourceId }
          expect(await google.stopChannel(who, stopping)).toEqual({ ok: true, value: null })
          expect(await google.stopChannel(who, stopping)).toEqual({ ok: true, value: null })
        }
      })
    })
  })
}
