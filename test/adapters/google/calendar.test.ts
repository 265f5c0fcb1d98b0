import nock from 'nock'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { googleCalendar } from '../../../src/adapters/google/calendar.ts'
import type { RemoteFailure } from '../../../src/core/model/failures.ts'
import type { Projection } from '../../../src/core/model/projection.ts'
import type { EventAddress, EventWrite, GoogleCalendar, ListRequest } from '../../../src/ports/google-calendar.ts'
import { definitionsOf, memoryTokens, NOW, play, valueOf, WHO } from './conversation.ts'
import type { FixtureName } from './conversation.ts'

const CALENDAR = 'clinic@example.com'
const OURS: EventAddress = { calendarId: CALENDAR, eventId: 'lk5s9m3v0q2t8e1r7u4p6a0dfg' }
const SINGLE: EventAddress = { calendarId: CALENDAR, eventId: 'a1single000000000000000001' }
const at = (text: string) => Date.parse(text)

const content: Projection = {
  time: {
    kind: 'timed',
    startAt: at('2026-12-01T14:00:00Z'),
    endAt: at('2026-12-01T14:30:00Z'),
    startZone: 'America/New_York',
    endZone: 'America/New_York',
  },
  recurrence: [],
  title: 'Follow-up',
  description: '',
  location: 'Room 2',
  busy: true,
  status: 'confirmed',
  colour: null,
}
const FIRST: EventWrite = { content, marker: { key: 'k-842', revision: 3 }, visibility: 'private' }
const LATER: EventWrite = {
  content: {
    ...content,
    time: {
      ...content.time,
      startAt: at('2026-12-01T16:00:00Z'),
      endAt: at('2026-12-01T16:30:00Z'),
    } as Projection['time'],
  },
  marker: { key: 'k-842', revision: 4 },
  visibility: 'private',
}
const CHANNEL = {
  id: 'channel-1',
  address: 'https://sync.example/webhooks/google',
  token: 'check',
  ttlSeconds: 604_800,
}

const increment = (syncToken: string, pageToken: string | null = null): ListRequest => ({
  calendarId: CALENDAR,
  syncToken,
  pageToken,
  timeMin: null,
  pageSize: 2_500,
})
const full = (fields: Partial<ListRequest> = {}): ListRequest => ({
  calendarId: CALENDAR,
  syncToken: null,
  pageToken: null,
  timeMin: null,
  pageSize: 2_500,
  ...fields,
})

let google: GoogleCalendar
let left: () => string[] = () => []

const during = (name: FixtureName): GoogleCalendar => {
  left = play(name).left
  return google
}
/** What Google answered with in the fixture's last exchange. */
const answered = (name: FixtureName) => definitionsOf(name).at(-1)?.response as Record<string, unknown>

beforeAll(() => nock.disableNetConnect())
afterAll(() => nock.enableNetConnect())
beforeEach(() => {
  google = googleCalendar({ tokens: memoryTokens(), now: () => NOW })
})
afterEach(() => {
  const unasked = left()
  nock.cleanAll()
  expect(unasked, 'requests of the fixture that were never made').toEqual([])
})

describe('listEvents', () => {
  test('reads a full list to its sync token, the same parameters on each page', async () => {
    const timeMin = at('2026-11-01T00:00:00Z')
    const first = valueOf(await during('events.list/full-two-pages').listEvents(WHO, full({ timeMin })))
    expect(first).toMatchObject({
      nextPageToken: 'page-2=',
      nextSyncToken: null,
      timeZone: 'America/New_York',
      accessRole: 'owner',
    })
    expect(first.events.map(event => event.kind)).toEqual(['live', 'live', 'live'])
    expect(first.events[2]).toMatchObject({
      content: { recurrence: ['EXDATE:20261215T140000Z', 'RRULE:FREQ=WEEKLY;BYDAY=TU'] },
    })

    const second = valueOf(await google.listEvents(WHO, full({ timeMin, pageToken: 'page-2=' })))
    expect(second).toMatchObject({ nextPageToken: null, nextSyncToken: 'token-1=' })
    const slot = { kind: 'timed', at: at('2026-12-08T14:00:00Z') }
    expect(second.events[0]).toMatchObject({
      kind: 'live',
      recurringEventId: 'a1series000000000000000003',
      originalStart: slot,
    })
    expect(second.events[1]).toMatchObject({ kind: 'tombstone', recurringEventId: 'a1series000000000000000003' })
  })

  test('reads an increment over an empty page', async () => {
    during('events.list/incremental-three-pages')
    const pages = []
    for (const pageToken of [null, 'page-2=', 'page-3='])
      pages.push(valueOf(await google.listEvents(WHO, increment('token-1=', pageToken))))
    expect(pages.map(page => page.events.map(event => event.kind))).toEqual([['live'], [], ['tombstone']])
    expect(pages.map(page => page.nextSyncToken)).toEqual([null, null, 'token-2='])
  })

  test('takes an increment without a change for one', async () => {
    const page = valueOf(await during('events.list/nothing-changed').listEvents(WHO, increment('token-2=')))
    expect(page).toMatchObject({ events: [], nextPageToken: null, nextSyncToken: 'token-3=' })
  })

  test('never sends a lower bound beside a sync token', async () => {
    const request = { ...increment('token-2='), timeMin: NOW }
    expect((await during('events.list/nothing-changed').listEvents(WHO, request)).ok).toBe(true)
  })

  test('reads deletions that say no more than an id', async () => {
    const { events } = valueOf(await during('events.list/deletions').listEvents(WHO, increment('token-3=')))
    expect(events).toMatchObject([
      { kind: 'tombstone', eventId: 'a1series000000000000000003', recurringEventId: null },
      {
        kind: 'tombstone',
        recurringEventId: 'b2series000000000000000004',
        originalStart: { at: at('2026-12-08T14:00:00Z') },
      },
      { kind: 'tombstone', recurringEventId: 'b2hols0000000000000000005', originalStart: { date: '2026-12-24' } },
      {
        kind: 'tombstone',
        recurringEventId: 'b2series000000000000000004_R20261215T140000',
        originalStart: { at: at('2026-12-22T14:00:00Z') },
      },
      { kind: 'tombstone', eventId: 'b2single000000000000000006', originalStart: null },
    ])
  })

  test('shows both halves of a split series, both with the mark', async () => {
    const { events } = valueOf(await during('events.list/this-and-following').listEvents(WHO, increment('token-4=')))
    expect(events).toMatchObject([
      {
        eventId: 'c3series000000000000000007_R20261215T140000',
        recurringEventId: null,
        marker: { key: 'k-c3', revision: 4 },
      },
      { eventId: 'c3series000000000000000007', recurringEventId: null, marker: { key: 'k-c3', revision: 4 } },
    ])
  })

  test('keeps an event that it cannot read, and its neighbours', async () => {
    const { events } = valueOf(await during('events.list/one-unreadable-event').listEvents(WHO, increment('token-5=')))
    expect(events.map(event => event.kind)).toEqual(['live', 'unreadable', 'live'])
    expect(events[1]).toMatchObject({ eventId: 'd4broken000000000000000009', reason: 'ends before it starts' })
  })

  test('reads what a busy-only reader is shown, in the calendar’s zone', async () => {
    const page = valueOf(await during('events.list/busy-only-reader').listEvents(WHO, full()))
    expect(page.accessRole).toBe('freeBusyReader')
    expect(page.events[0]).toMatchObject({
      kind: 'live',
      isPrivate: true,
      isOrganizer: false,
      content: { title: '', time: { startZone: 'America/New_York' } },
    })
  })

  const failures: [fixture: FixtureName, request: ListRequest, failure: RemoteFailure][] = [
    ['events.list/expired-token', increment('token-0='), { kind: 'sync-token-expired' }],
    ['events.list/malformed-token', increment('garbage'), { kind: 'sync-token-expired' }],
    ['events.list/expired-page-token', increment('token-1=', 'page-0='), { kind: 'page-token-expired' }],
    ['events.list/calendar-gone', increment('token-1='), { kind: 'not-found' }],
    ['events.list/edge-html-404', increment('token-1='), { kind: 'unavailable', ambiguous: false, detail: 'http-404' }],
    ['events.list/edge-html-502', increment('token-1='), { kind: 'unavailable', ambiguous: false, detail: 'http-502' }],
    [
      'events.list/truncated-json',
      increment('token-1='),
      { kind: 'unavailable', ambiguous: false, detail: 'unreadable-answer' },
    ],
    [
      'events.list/error-in-a-200',
      increment('token-1='),
      { kind: 'unavailable', ambiguous: false, detail: 'unreadable-answer' },
    ],
    [
      'events.list/last-page-without-token',
      full(),
      { kind: 'unavailable', ambiguous: false, detail: 'unreadable-answer' },
    ],
    [
      'events.list/project-rate',
      increment('token-1='),
      { kind: 'rate-limited', scope: 'project', retryAfterMs: 7_000 },
    ],
  ]
  test.each(failures)('%s', async (fixture, request, error) =>
    expect(await during(fixture).listEvents(WHO, request)).toEqual({ ok: false, error }),
  )
})

describe('getEvent and findByICalUID', () => {
  test('an event that is there', async () => {
    const event = valueOf(await during('events.get/live').getEvent(WHO, SINGLE))
    expect(event).toMatchObject({ kind: 'live', eventId: SINGLE.eventId, raw: answered('events.get/live') })
  })

  test('a deleted event is an answer, not a failure', async () => {
    expect(valueOf(await during('events.get/deleted').getEvent(WHO, SINGLE)).kind).toBe('tombstone')
  })

  test('an unknown event', async () => {
    expect(await during('events.get/unknown').getEvent(WHO, SINGLE)).toEqual({
      ok: false,
      error: { kind: 'not-found' },
    })
  })

  test('an event without a zone is in the zone its calendar was listed with', async () => {
    valueOf(await during('events.list/busy-only-reader').listEvents(WHO, full()))
    nock('https://www.googleapis.com')
      .get('/calendar/v3/calendars/clinic%40example.com/events/bare')
      .reply(200, {
        id: 'bare',
        etag: '"1"',
        start: { dateTime: '2026-12-03T14:00:00Z' },
        end: { dateTime: '2026-12-03T15:00:00Z' },
      })
    const event = valueOf(await google.getEvent(WHO, { calendarId: CALENDAR, eventId: 'bare' }))
    expect(event).toMatchObject({ content: { time: { startZone: 'America/New_York' } } })
  })

  test('an iCalUID is looked for to the last page, deletions included', async () => {
    const events = valueOf(
      await during('events.list/by-icaluid').findByICalUID(WHO, CALENDAR, 'feed-1@lockstep.example'),
    )
    expect(events).toMatchObject([
      { kind: 'tombstone' },
      { kind: 'live', eventId: '_f6imported0000000000000013', iCalUID: 'feed-1@lockstep.example' },
    ])
  })
})

describe('writes', () => {
  test('an insert sends our id and fields, and mail to nobody', async () => {
    const event = valueOf(await during('events.insert/created').insertEvent(WHO, OURS, FIRST))
    expect(event).toMatchObject({ kind: 'live', eventId: OURS.eventId, content, marker: FIRST.marker, isPrivate: true })
  })

  test('an update repeats what is not ours, under the etag it was built on', async () => {
    const raw = answered('events.update/changed')
    const before = {
      ...raw,
      start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'America/New_York' },
      colorId: '7',
    }
    const etag = definitionsOf('events.update/changed')[0]?.reqheaders?.['if-match'] as string
    const event = valueOf(await during('events.update/changed').updateEvent(WHO, OURS, LATER, { raw: before, etag }))
    expect(event).toMatchObject({ content: { time: LATER.content.time }, hasGuests: true })
    expect(event.etag).not.toBe(etag)
  })

  test('an update of an event whose guests were left out is a patch of our fields', async () => {
    const [exchange] = definitionsOf('events.patch/guests-left-out')
    const raw = { ...answered('events.insert/created'), attendeesOmitted: true }
    const time = { kind: 'all-day', startDate: '2026-12-01', endDate: '2026-12-02' } as const
    const over = { raw, etag: exchange?.reqheaders?.['if-match'] as string }
    const write = { ...LATER, content: { ...content, time } }
    const event = valueOf(await during('events.patch/guests-left-out').updateEvent(WHO, OURS, write, over))
    expect(event).toMatchObject({ content: { time }, hasGuests: true })
  })

  test('a delete is done, under an etag or whatever the state', async () => {
    const etag = definitionsOf('events.delete/done')[0]?.reqheaders?.['if-match'] as string
    expect(await during('events.delete/done').deleteEvent(WHO, OURS, etag)).toEqual({ ok: true, value: null })
    nock('https://www.googleapis.com', { badheaders: ['if-match'] })
      .delete(`/calendar/v3/calendars/clinic%40example.com/events/${OURS.eventId}?sendUpdates=none`)
      .reply(204)
    expect(await google.deleteEvent(WHO, OURS, null)).toEqual({ ok: true, value: null })
  })

  test('a page in the place of an empty answer deletes nothing for certain', async () => {
    nock('https://www.googleapis.com').delete(/./).reply(200, '<html>sign in</html>', { 'content-type': 'text/html' })
    const reply = await google.deleteEvent(WHO, OURS, null)
    expect(reply).toEqual({ ok: false, error: { kind: 'unavailable', ambiguous: true, detail: 'unreadable-answer' } })
  })

  test('a move names its destination', async () => {
    const event = valueOf(await during('events.move/moved').moveEvent(WHO, OURS, 'second@group.calendar.example.com'))
    expect(event.eventId).toBe(OURS.eventId)
  })

  const over = () => {
    const etag = definitionsOf('events.update/stale-etag')[0]?.reqheaders?.['if-match'] as string
    const raw = answered('events.update/changed')
    return {
      etag,
      raw: { ...raw, start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'America/New_York' }, colorId: '7' },
    }
  }
  const failures: [fixture: FixtureName, call: () => Promise<unknown>, failure: RemoteFailure][] = [
    ['events.insert/id-taken', () => google.insertEvent(WHO, OURS, FIRST), { kind: 'id-taken' }],
    ['events.insert/role-lost', () => google.insertEvent(WHO, OURS, FIRST), { kind: 'role-too-low' }],
    ['events.insert/account-quota', () => google.insertEvent(WHO, OURS, FIRST), { kind: 'quota-exceeded' }],
    [
      'events.insert/half-an-answer',
      () => google.insertEvent(WHO, OURS, FIRST),
      { kind: 'unavailable', ambiguous: true, detail: 'unreadable-answer' },
    ],
    ['events.update/stale-etag', () => google.updateEvent(WHO, OURS, LATER, over()), { kind: 'edited-meanwhile' }],
    ['events.update/deleted-meanwhile', () => google.updateEvent(WHO, OURS, LATER, over()), { kind: 'role-too-low' }],
    ['events.delete/gone-before', () => google.deleteEvent(WHO, OURS, null), { kind: 'already-gone' }],
    ['events.delete/unknown', () => google.deleteEvent(WHO, OURS, null), { kind: 'not-found' }],
  ]
  test.each(failures)('%s', async (fixture, call, error) => {
    during(fixture)
    expect(await call()).toEqual({ ok: false, error })
  })
})

describe('calendars', () => {
  test('are listed to the last page, hidden ones too, with the names the user gave them', async () => {
    const calendars = valueOf(await during('calendarList.list/two-pages').listCalendars(WHO))
    const plain = { timeZone: 'America/New_York', isPrimary: false, isHidden: false, isDeleted: false }
    expect(calendars).toEqual([
      { ...plain, id: CALENDAR, summary: CALENDAR, accessRole: 'owner', isPrimary: true },
      { ...plain, id: 'team@group.calendar.example.com', summary: 'My team', accessRole: 'writerWithoutPrivateAccess' },
      {
        ...plain,
        id: 'en.usa#holiday@group.v.calendar.example.com',
        summary: 'Holidays',
        accessRole: 'reader',
        isHidden: true,
      },
      {
        ...plain,
        id: 'new@group.calendar.example.com',
        summary: 'new@group.calendar.example.com',
        accessRole: 'freeBusyReader',
      },
    ])
  })

  test('cannot be listed without the permission', async () => {
    const reply = await during('calendarList.list/scope-missing').listCalendars(WHO)
    expect(reply).toEqual({ ok: false, error: { kind: 'scope-missing' } })
  })

  test('that never end are no list', async () => {
    const page = { kind: 'calendar#calendarList', items: [], nextPageToken: 'again' }
    const scope = nock('https://www.googleapis.com')
      .get(/calendarList/)
      .times(100)
      .reply(200, page)
    const reply = await google.listCalendars(WHO)
    expect(reply).toEqual({
      ok: false,
      error: { kind: 'unavailable', ambiguous: false, detail: 'listing-without-end' },
    })
    expect(scope.isDone()).toBe(false)
  })

  test('are made', async () => {
    const made = await during('calendars.insert/created').createCalendar(WHO, {
      summary: 'Practice',
      timeZone: 'America/New_York',
    })
    expect(made).toEqual({ ok: true, value: { id: 'made@group.calendar.example.com' } })
  })
})

describe('channels', () => {
  const opened = { resourceId: 'resource-1', expiresAt: 1_795_773_600_000 }

  test('a channel opens, its expiration text read as a number', async () => {
    const channel = await during('events.watch/opened').watch(WHO, { ...CHANNEL, calendarId: CALENDAR })
    expect(channel).toEqual({ ok: true, value: opened })
  })

  test('the calendar list is watched by its own call', async () => {
    const channel = await during('calendarList.watch/opened').watch(WHO, { ...CHANNEL, calendarId: null })
    expect(channel).toEqual({ ok: true, value: { ...opened, resourceId: 'resource-2' } })
  })

  test('a channel without an expiration lives as long as was asked', async () => {
    nock('https://www.googleapis.com').post(/watch/).reply(200, { resourceId: 'resource-1' })
    const channel = valueOf(await google.watch(WHO, { ...CHANNEL, calendarId: CALENDAR }))
    expect(channel.expiresAt).toBe(NOW + 604_800_000)
  })

  test('a channel without a resource could never be stopped and is none', async () => {
    nock('https://www.googleapis.com').post(/watch/).reply(200, { kind: 'api#channel', id: 'channel-1' })
    expect(await google.watch(WHO, { ...CHANNEL, calendarId: CALENDAR })).toMatchObject({
      ok: false,
      error: { ambiguous: true },
    })
  })

  const refusals: [fixture: FixtureName, failure: RemoteFailure][] = [
    ['events.watch/not-supported', { kind: 'push-unsupported' }],
    ['events.watch/id-taken', { kind: 'channel-id-taken' }],
  ]
  test.each(refusals)('%s', async (fixture, error) =>
    expect(await during(fixture).watch(WHO, { ...CHANNEL, calendarId: CALENDAR })).toEqual({ ok: false, error }),
  )

  test.each(['channels.stop/stopped', 'channels.stop/unknown'])('%s is stopped either way', async fixture => {
    const reply = await during(fixture).stopChannel(WHO, { id: 'channel-1', resourceId: 'resource-1' })
    expect(reply).toEqual({ ok: true, value: null })
  })
})
