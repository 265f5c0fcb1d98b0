import { describe, expect, test } from 'vitest'

import { anEvent, ANNA, aWorld, control, idsOf, itemsOf, reasonOf } from './world-builder.ts'

const DAILY = 'RRULE:FREQ=DAILY;COUNT=5'

function aSeries(fields: Parameters<typeof anEvent>[0] = {}, timeZone = 'America/Chicago') {
  const made = aWorld({ timeZone })
  const created = made.anna('POST', made.events(), anEvent({ id: 'series1', recurrence: [DAILY], ...fields }))
  expect(created.status).toBe(200)
  const list = (params: Record<string, string> = {}) =>
    made.anna('GET', `${made.events()}?${new URLSearchParams(params).toString()}`)
  const instances = (params: Record<string, string> = {}) =>
    made.anna('GET', `${made.events()}/series1/instances?${new URLSearchParams(params).toString()}`)
  const path = (id: string) => `${made.events()}/${id}`
  return { ...made, created, list, instances, path }
}

const second = 'series1_20260304T160000Z'

describe('instances', () => {
  test('are named by their original start in UTC and inherit everything', () => {
    const { instances } = aSeries({ location: 'Room 4' })
    expect(idsOf(instances())).toEqual([
      'series1_20260303T160000Z',
      'series1_20260304T160000Z',
      'series1_20260305T160000Z',
      'series1_20260306T160000Z',
      'series1_20260307T160000Z',
    ])
    expect(itemsOf(instances())[1]).toMatchObject({
      recurringEventId: 'series1',
      originalStartTime: { dateTime: '2026-03-04T10:00:00-06:00', timeZone: 'America/Chicago' },
      location: 'Room 4',
      iCalUID: 'series1@google.com',
    })
    expect(itemsOf(instances())[1]).not.toHaveProperty('recurrence')
  })

  test('keep the hour on the wall through daylight saving', () => {
    const { instances } = aSeries({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] })
    expect(itemsOf(instances()).map(item => [item['id'], item['start']])).toEqual([
      ['series1_20260303T160000Z', { dateTime: '2026-03-03T10:00:00-06:00', timeZone: 'America/Chicago' }],
      ['series1_20260310T150000Z', { dateTime: '2026-03-10T10:00:00-05:00', timeZone: 'America/Chicago' }],
    ])
  })

  test('count in the event’s own zone, not in the calendar’s', () => {
    const at = (hour: string) => ({ dateTime: `2026-03-27T${hour}:00:00`, timeZone: 'Europe/Berlin' })
    const { instances } = aSeries({ start: at('09'), end: at('10'), recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] })
    expect(idsOf(instances())).toEqual([
      'series1_20260327T080000Z',
      'series1_20260328T080000Z',
      'series1_20260329T070000Z',
    ])
  })

  test('of whole days are named by their date', () => {
    const { instances } = aSeries({ start: { date: '2026-03-03' }, end: { date: '2026-03-05' } })
    expect(itemsOf(instances())[1]).toMatchObject({
      id: 'series1_20260304',
      start: { date: '2026-03-04' },
      end: { date: '2026-03-06' },
      originalStartTime: { date: '2026-03-04' },
    })
  })

  test('obey UNTIL in UTC, inclusive, EXDATE and RDATE in any form', () => {
    const { instances } = aSeries({
      recurrence: [
        'RRULE:FREQ=DAILY;UNTIL=20260305T160000Z',
        'EXDATE;TZID=America/Chicago:20260304T100000',
        'RDATE:20260310T150000Z',
      ],
    })
    expect(idsOf(instances())).toEqual([
      'series1_20260303T160000Z',
      'series1_20260305T160000Z',
      'series1_20260310T150000Z',
    ])
    const allDay = aSeries({
      start: { date: '2026-03-03' },
      end: { date: '2026-03-04' },
      recurrence: ['RRULE:FREQ=DAILY;UNTIL=20260305', 'EXDATE;VALUE=DATE:20260304'],
    })
    expect(idsOf(allDay.instances())).toEqual(['series1_20260303', 'series1_20260305'])
  })

  test('are found by their id without having been listed, and others are not', () => {
    const { anna, path } = aSeries()
    expect(anna('GET', path(second)).body).toMatchObject({ id: second, recurringEventId: 'series1' })
    for (const id of ['series1_20260304T170000Z', 'series1_20270304T160000Z', `${second}_20260304T160000Z`]) {
      expect(anna('GET', path(id)).status).toBe(404)
    }
  })

  test('a series that ends before it starts has none, and is accepted', () => {
    const { instances } = aSeries({ recurrence: ['RRULE:FREQ=DAILY;UNTIL=20260101T000000Z'] })
    expect(idsOf(instances())).toEqual([])
  })

  test('a list of single events has instances and no masters, within its window', () => {
    const { list } = aSeries()
    const listed = list({
      singleEvents: 'true',
      orderBy: 'startTime',
      timeMin: '2026-03-04T00:00:00Z',
      timeMax: '2026-03-05T23:00:00Z',
    })
    expect(idsOf(listed)).toEqual([second, 'series1_20260305T160000Z'])
    expect(idsOf(list())).toEqual(['series1'])
  })
})

describe('exceptions', () => {
  const moved = {
    start: { dateTime: '2026-03-04T14:00:00-06:00', timeZone: 'America/Chicago' },
    end: { dateTime: '2026-03-04T15:00:00-06:00', timeZone: 'America/Chicago' },
  }

  test('come of writing an instance: same id, same original start, beside the master in a list', () => {
    const { anna, path, list, instances } = aSeries()
    const patched = anna('PATCH', path(second), moved)
    expect(patched.body).toMatchObject({
      id: second,
      start: moved.start,
      originalStartTime: { dateTime: '2026-03-04T10:00:00-06:00' },
      sequence: 1,
    })
    expect(idsOf(list())).toEqual(['series1', second])
    expect(idsOf(instances())).toHaveLength(5)
  })

  test('share their master’s etag and come with it in an increment, as recorded', () => {
    const { anna, path, list } = aSeries()
    const syncToken = String(list().body['nextSyncToken'])
    anna('PATCH', path(second), moved)
    const increment = itemsOf(list({ syncToken }))
    expect(increment.map(item => item['id']).sort()).toEqual(['series1', second])
    expect(increment[0]?.['updated']).toBe(increment[1]?.['updated'])
  })

  test('cancelled: deleting an instance leaves its place in the series, in default full lists too', () => {
    const { anna, path, list, instances } = aSeries()
    expect(anna('DELETE', path(second)).status).toBe(204)
    const cancelled = itemsOf(list()).find(item => item['id'] === second)
    expect(cancelled).toEqual({
      kind: 'calendar#event',
      etag: cancelled?.['etag'],
      id: second,
      status: 'cancelled',
      recurringEventId: 'series1',
      originalStartTime: { dateTime: '2026-03-04T10:00:00-06:00', timeZone: 'America/Chicago' },
    })
    expect(idsOf(instances())).toHaveLength(4)
    expect(idsOf(instances({ showDeleted: 'true' }))).toHaveLength(5)
    expect(reasonOf(anna('DELETE', path(second)))).toBe('deleted')
    expect(anna('PATCH', path(second), { status: 'confirmed' }).body['status']).toBe('confirmed')
    expect(idsOf(instances())).toHaveLength(5)
  })

  test('die with their master without a word of their own', () => {
    const { anna, path, list } = aSeries()
    anna('PATCH', path(second), moved)
    const syncToken = String(list().body['nextSyncToken'])
    anna('DELETE', path('series1'))
    expect(itemsOf(list({ syncToken })).map(item => Object.keys(item).sort())).toEqual([
      ['etag', 'id', 'kind', 'status'],
    ])
    expect(idsOf(list())).toEqual([])
    expect(anna('GET', path(second)).body['status']).toBe('cancelled')
    expect(anna('GET', path('series1')).body).not.toHaveProperty('recurrence')
  })

  test('past a shortened rule become bare tombstones, as recorded', () => {
    const { anna, path, list } = aSeries()
    anna('PATCH', path(second), moved)
    const syncToken = String(list().body['nextSyncToken'])
    anna('PATCH', path('series1'), { recurrence: ['RRULE:FREQ=DAILY;UNTIL=20260304T055959Z'] })
    const tombstone = itemsOf(list({ syncToken })).find(item => item['id'] === second)
    expect(Object.keys(tombstone ?? {}).sort()).toEqual(['etag', 'id', 'kind', 'status'])
  })

  test('whose occurrence comes back are ordinary occurrences again, and can be written anew', () => {
    const { anna, path, list } = aSeries()
    anna('PATCH', path(second), moved)
    anna('PATCH', path('series1'), { recurrence: ['RRULE:FREQ=DAILY;COUNT=1'] })
    expect(anna('GET', path(second)).body['status']).toBe('cancelled')
    anna('PATCH', path('series1'), { recurrence: [DAILY] })
    expect(anna('GET', path(second)).body).toMatchObject({
      status: 'confirmed',
      start: { dateTime: '2026-03-04T10:00:00-06:00' },
    })
    const syncToken = String(list().body['nextSyncToken'])
    expect(anna('PATCH', path(second), { summary: 'Again' }).status).toBe(200)
    expect(idsOf(list({ syncToken })).sort()).toEqual(['series1', second])
    expect(idsOf(list())).toEqual(['series1', second])
  })

  test('stay when the master’s title changes, and keep their own', () => {
    const { anna, path, instances } = aSeries()
    anna('PATCH', path(second), { summary: 'Special' })
    anna('PATCH', path('series1'), { summary: 'All' })
    expect(itemsOf(instances()).map(item => item['summary'])).toEqual(['All', 'Special', 'All', 'All', 'All'])
  })
})

describe('this and following', () => {
  test('makes a second master named by the split, copies private properties, and hands over later exceptions', () => {
    const { anna, path, list, simulator } = aSeries({ extendedProperties: { private: { app: '7' } } })
    const fourth = 'series1_20260306T160000Z'
    anna('DELETE', path(fourth))
    const syncToken = String(list().body['nextSyncToken'])
    const split = { instanceId: 'series1_20260305T160000Z', changes: { summary: 'Later' } }
    expect(control(simulator, 'POST', `calendars/${ANNA}/split`, split).body).toEqual({
      id: 'series1_R20260305T160000',
    })
    const halves = itemsOf(list({ syncToken }))
    const half = (id: string) => halves.find(item => item['id'] === id)
    expect(half('series1')).toMatchObject({ recurrence: ['RRULE:FREQ=DAILY;UNTIL=20260305T055959Z'] })
    expect(half('series1_R20260305T160000')).toMatchObject({
      summary: 'Later',
      recurrence: ['RRULE:FREQ=DAILY;COUNT=3'],
      extendedProperties: { private: { app: '7' } },
      start: { dateTime: '2026-03-05T10:00:00-06:00' },
    })
    expect(half(fourth)).toMatchObject({ status: 'cancelled', recurringEventId: 'series1_R20260305T160000' })
    expect(half('series1')?.['etag']).toBeDefined()
    const later = anna('GET', path('series1_20260307T160000Z'))
    expect(later.body).toMatchObject({ recurringEventId: 'series1_R20260305T160000', summary: 'Later' })
  })
})
