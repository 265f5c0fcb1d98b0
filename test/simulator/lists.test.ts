import { describe, expect, test } from 'vitest'

import { seedEvents } from '../../src/simulator/seeding.ts'
import { anEvent, ANNA, aWorld, control, idsOf, itemsOf, reasonOf } from './world-builder.ts'

const q = (params: Record<string, string>): string => new URLSearchParams(params).toString()

function seeded(count: number) {
  const made = aWorld()
  const calendar = made.world.calendars.get(ANNA)
  if (!calendar) throw new Error('no calendar')
  seedEvents(
    made.world,
    calendar,
    Array.from({ length: count }, (_, i) => anEvent({ id: `event${String(i).padStart(5, '0')}` })),
  )
  const list = (params: Record<string, string> = {}) => made.anna('GET', `${made.events()}?${q(params)}`)
  const token = () => String(list().body['nextSyncToken'])
  return { ...made, calendar, list, token }
}

describe('full lists', () => {
  test('pages are 250 events long by default and 2500 at most, and only the last has the sync token', () => {
    const { list } = seeded(2600)
    const first = list()
    expect(idsOf(first)).toHaveLength(250)
    expect(first.body).not.toHaveProperty('nextSyncToken')
    const large = list({ maxResults: '9999' })
    expect(idsOf(large)).toHaveLength(2500)
    const last = list({ maxResults: '9999', pageToken: String(large.body['nextPageToken']) })
    expect(idsOf(last)).toHaveLength(100)
    expect(last.body).not.toHaveProperty('nextPageToken')
    expect(last.body['nextSyncToken']).toMatch(/^[A-Za-z0-9+/]+=*$/)
    expect(new Set([...idsOf(large), ...idsOf(last)]).size).toBe(2600)
  })

  test('the envelope is that of the recordings', () => {
    const { list } = seeded(1)
    expect(list().body).toMatchObject({
      kind: 'calendar#events',
      summary: ANNA,
      description: '',
      timeZone: 'America/Chicago',
      accessRole: 'owner',
      defaultReminders: [{ method: 'popup', minutes: 30 }],
    })
  })

  test('deleted events are absent unless asked for, and then they are their id alone', () => {
    const { anna, events, list } = seeded(2)
    anna('DELETE', `${events()}/event00000`)
    expect(idsOf(list())).toEqual(['event00001'])
    const tombstone = itemsOf(list({ showDeleted: 'true' })).find(item => item['id'] === 'event00000')
    expect(Object.keys(tombstone ?? {}).sort()).toEqual(['etag', 'id', 'kind', 'status'])
  })

  test('an ordered list gives no sync token', () => {
    const { list } = seeded(2)
    expect(list({ orderBy: 'updated' }).body).not.toHaveProperty('nextSyncToken')
    expect(list({ singleEvents: 'true', orderBy: 'startTime' }).body).not.toHaveProperty('nextSyncToken')
    expect(reasonOf(list({ orderBy: 'startTime' }))).toBe('badRequest')
  })

  test('timeMin bounds the end, timeMax the start, both exclusively', () => {
    const { list } = seeded(1)
    expect(idsOf(list({ timeMin: '2026-03-03T17:00:00Z' }))).toEqual([])
    expect(idsOf(list({ timeMin: '2026-03-03T16:59:59Z' }))).toEqual(['event00000'])
    expect(idsOf(list({ timeMax: '2026-03-03T16:00:00Z' }))).toEqual([])
    expect(idsOf(list({ timeMax: '2026-03-03T16:00:01Z' }))).toEqual(['event00000'])
    expect(list({ timeMin: '2026-03-03T16:00:00' }).status).toBe(400)
  })

  test('events are found by text, iCalUID and extended property', () => {
    const { anna, events, list } = seeded(1)
    anna(
      'POST',
      events(),
      anEvent({ id: 'marked1', summary: 'Dentist', extendedProperties: { private: { app: '7' } } }),
    )
    expect(idsOf(list({ q: 'dent' }))).toEqual(['marked1'])
    expect(idsOf(list({ iCalUID: 'marked1@google.com' }))).toEqual(['marked1'])
    expect(idsOf(list({ privateExtendedProperty: 'app=7' }))).toEqual(['marked1'])
    expect(idsOf(list({ privateExtendedProperty: 'app=8' }))).toEqual([])
  })

  test('an event added while a list is paged is told by the first increment, if not before', () => {
    const { anna, events, list } = seeded(300)
    const first = list()
    anna('POST', events(), anEvent({ id: 'late1' }))
    anna('PATCH', `${events()}/event00000`, { summary: 'changed behind the reader' })
    const last = list({ pageToken: String(first.body['nextPageToken']) })
    const increment = list({ syncToken: String(last.body['nextSyncToken']) })
    expect([...idsOf(last), ...idsOf(increment)]).toContain('late1')
    expect(idsOf(increment)).toContain('event00000')
  })
})

describe('increments', () => {
  test('hold each changed event once, at its newest, deletions by id alone; then nothing, with a new token', () => {
    const { anna, events, list, token } = seeded(5)
    const syncToken = token()
    anna('PATCH', `${events()}/event00001`, { summary: 'A' })
    anna('PATCH', `${events()}/event00001`, { summary: 'B' })
    anna('DELETE', `${events()}/event00002`)
    const increment = list({ syncToken })
    expect(itemsOf(increment).map(item => [item['id'], item['status'], item['summary']])).toEqual([
      ['event00001', 'confirmed', 'B'],
      ['event00002', 'cancelled', undefined],
    ])
    const next = list({ syncToken: String(increment.body['nextSyncToken']) })
    expect(idsOf(next)).toEqual([])
    expect(next.body['nextSyncToken']).toBeDefined()
  })

  test('a token can be replayed: the same changes come again', () => {
    const { anna, events, list, token } = seeded(1)
    const syncToken = token()
    anna('PATCH', `${events()}/event00000`, { summary: 'A' })
    expect(idsOf(list({ syncToken }))).toEqual(idsOf(list({ syncToken })))
    expect(idsOf(list({ syncToken }))).toEqual(['event00000'])
  })

  test('are paged with the same sync token and a page token', () => {
    const { anna, events, list, token } = seeded(7)
    const syncToken = token()
    for (let i = 0; i < 7; i++) anna('PATCH', `${events()}/event0000${i}`, { summary: 'new' })
    const seen: unknown[] = []
    let page = list({ syncToken, maxResults: '3' })
    for (let pages = 1; pages < 9; pages++) {
      seen.push(...idsOf(page))
      if (page.body['nextPageToken'] === undefined) break
      page = list({ syncToken, maxResults: '3', pageToken: String(page.body['nextPageToken']) })
    }
    expect(seen).toHaveLength(7)
    expect(new Set(seen).size).toBe(7)
    expect(idsOf(list({ syncToken: String(page.body['nextSyncToken']) }))).toEqual([])
  })

  const forbidden = {
    iCalUID: 'x',
    orderBy: 'updated',
    privateExtendedProperty: 'a=b',
    q: 'x',
    sharedExtendedProperty: 'a=b',
    timeMin: '2026-01-01T00:00:00Z',
    timeMax: '2027-01-01T00:00:00Z',
    updatedMin: '2026-01-01T00:00:00Z',
    showDeleted: 'false',
  }
  test.each(Object.entries(forbidden))('refuse %s beside a sync token', (name, value) => {
    const { list, token } = seeded(1)
    const answer = list({ syncToken: token(), [name]: value })
    expect([answer.status, reasonOf(answer)]).toEqual([400, 'badRequest'])
  })

  test('answer 400 to a mangled or foreign token, 410 to a dead one', () => {
    const { list, token, simulator, anna, events } = seeded(1)
    const syncToken = token()
    for (const wrong of [syncToken.slice(2), 'garbage', `x${syncToken}`]) {
      expect([list({ syncToken: wrong }).status, reasonOf(list({ syncToken: wrong }))]).toEqual([400, 'invalid'])
    }
    const other = anna('POST', '/calendars', { summary: 'Other' }).body['id']
    expect(anna('GET', `${events(String(other))}?${q({ syncToken })}`).status).toBe(400)
    control(simulator, 'POST', `calendars/${ANNA}/kill-sync-tokens`)
    const dead = list({ syncToken })
    expect(dead.status).toBe(410)
    expect(dead.body).toEqual({
      error: {
        errors: [
          {
            domain: 'calendar',
            reason: 'fullSyncRequired',
            message: 'Sync token is no longer valid, a full sync is required.',
            locationType: 'parameter',
            location: 'syncToken',
          },
        ],
        code: 410,
        message: 'Sync token is no longer valid, a full sync is required.',
      },
    })
    expect(list({ syncToken: token() }).status).toBe(200)
  })

  test('die for an account whose role changed, and for no other', () => {
    const { as, anna, events } = seeded(1)
    const ben = as('ben@example.com')
    const rule = { role: 'writer', scope: { type: 'user', value: 'ben@example.com' } }
    anna('POST', '/calendars/primary/acl', rule)
    const bens = String(ben('GET', events(ANNA)).body['nextSyncToken'])
    const annas = String(anna('GET', events()).body['nextSyncToken'])
    anna('PATCH', '/calendars/primary/acl/user:ben@example.com', { role: 'reader' })
    expect(ben('GET', `${events(ANNA)}?${q({ syncToken: bens })}`).status).toBe(410)
    expect(anna('GET', `${events()}?${q({ syncToken: annas })}`).status).toBe(200)
    anna('DELETE', '/calendars/primary/acl/user:ben@example.com')
    expect(ben('GET', events(ANNA)).status).toBe(404)
  })

  test('keep the window of the first list, and still tell when an event leaves it', () => {
    const { anna, events, list } = seeded(1)
    const full = list({ timeMin: '2026-03-01T00:00:00Z' })
    const syncToken = String(full.body['nextSyncToken'])
    const at = (day: string) => ({
      start: { dateTime: `${day}T10:00:00Z`, timeZone: 'UTC' },
      end: { dateTime: `${day}T11:00:00Z`, timeZone: 'UTC' },
    })
    anna('POST', events(), anEvent({ id: 'past1', ...at('2025-06-01') }))
    anna('PATCH', `${events()}/event00000`, at('2025-06-02'))
    expect(idsOf(list({ syncToken }))).toEqual(['event00000'])
  })

  test('are lagging when told to, and catch up', async () => {
    const { anna, events, list, token, simulator } = seeded(1)
    const syncToken = token()
    control(simulator, 'POST', 'faults', { lagMs: 5000, match: { kind: 'events.list' } })
    await simulator.advance(60_000)
    anna('PATCH', `${events()}/event00000`, { summary: 'new' })
    const lagging = list({ syncToken })
    expect(idsOf(lagging)).toEqual([])
    expect(idsOf(list({ syncToken: String(lagging.body['nextSyncToken']) }))).toEqual(['event00000'])
  })

  test('with other parameters than the token was made with are logged as undefined behaviour', () => {
    const { list, token, world } = seeded(1)
    list({ syncToken: token(), singleEvents: 'true' })
    expect(world.requestLog.at(-1)?.warning).toContain('undefined behaviour')
  })
})

test('the calendar list has increments, pages, roles and tombstones of its own', () => {
  const { anna, as } = aWorld()
  const list = (params: Record<string, string> = {}) => anna('GET', `/users/me/calendarList?${q(params)}`)
  const full = list()
  expect(itemsOf(full)).toMatchObject([{ id: ANNA, primary: true, accessRole: 'owner', selected: true }])
  const syncToken = String(full.body['nextSyncToken'])
  const made = String(anna('POST', '/calendars', { summary: 'Clinic', timeZone: 'Europe/Berlin' }).body['id'])
  expect(itemsOf(list({ syncToken }))).toMatchObject([{ id: made, summary: 'Clinic', timeZone: 'Europe/Berlin' }])
  const ben = as('ben@example.com')
  anna('POST', `/calendars/${made}/acl`, { role: 'reader', scope: { type: 'user', value: 'ben@example.com' } })
  expect(idsOf(ben('GET', '/users/me/calendarList'))).toEqual(['ben@example.com'])
  expect(ben('POST', '/users/me/calendarList', { id: made }).body).toMatchObject({ accessRole: 'reader' })
  const denied = ben('POST', `/calendars/${made}/events`, anEvent())
  expect([denied.status, reasonOf(denied)]).toEqual([403, 'requiredAccessLevel'])
  anna('DELETE', `/calendars/${made}`)
  expect(itemsOf(list({ syncToken }))).toMatchObject([{ id: made, deleted: true }])
  expect(idsOf(ben('GET', '/users/me/calendarList'))).toEqual(['ben@example.com'])
  expect(reasonOf(anna('DELETE', '/calendars/primary'))).toBe('cannotDeletePrimaryCalendar')
  expect(list({ syncToken, minAccessRole: 'owner' }).status).toBe(400)
})
