import { describe, expect, test } from 'vitest'
import { readCalendarPage, readChannel, readEventPage, roleOf } from '../../../src/adapters/google/wire.ts'

const page = {
  kind: 'calendar#events',
  timeZone: 'UTC',
  accessRole: 'writer',
  items: [{ id: 'a' }],
  nextSyncToken: 's',
}
const list = { kind: 'calendar#calendarList', items: [{ id: 'a' }], nextSyncToken: 's' }

describe('a page of events', () => {
  test('is read', () => {
    expect(readEventPage(page)).toEqual({
      items: [{ id: 'a' }],
      nextPageToken: null,
      nextSyncToken: 's',
      timeZone: 'UTC',
      accessRole: 'writer',
    })
  })

  test('without items is empty', () => {
    expect(readEventPage({ kind: 'calendar#events', nextSyncToken: 's' })?.items).toEqual([])
  })

  test('that goes on has no sync token, whatever it says', () => {
    expect(readEventPage({ ...page, nextPageToken: 'p' })).toMatchObject({ nextPageToken: 'p', nextSyncToken: null })
  })

  const others: unknown[] = [
    null,
    '',
    '<html>',
    [],
    {},
    { ...page, kind: undefined },
    { ...page, kind: 'calendar#event' },
    { ...page, error: {} },
    { ...page, items: {} },
  ]
  test.each(others)('is not %j: no emptiness is made up', answer => expect(readEventPage(answer)).toBeUndefined())
})

describe('a page of calendars', () => {
  test('leaves out what has no id', () => {
    expect(readCalendarPage({ ...list, items: [{ id: 'a' }, {}, null, { id: 7 }] })).toEqual({
      items: [{ id: 'a' }],
      nextPageToken: null,
    })
  })

  const others: unknown[] = [
    null,
    '',
    [],
    {},
    { ...list, kind: 'calendar#events' },
    { ...list, error: {} },
    { ...list, items: 'x' },
  ]
  test.each(others)('is not %j', answer => expect(readCalendarPage(answer)).toBeUndefined())
})

test('a channel expires at a time in text or number, or at none', () => {
  const expirations: [unknown, number | null][] = [
    ['1795773600000', 1_795_773_600_000],
    [1_795_773_600_000, 1_795_773_600_000],
    [undefined, null],
    ['soon', null],
    [-1, null],
  ]
  for (const [expiration, expected] of expirations) {
    expect(readChannel({ resourceId: 'r', expiration })).toEqual({ resourceId: 'r', expiration: expected })
  }
  for (const answer of [null, {}, { resourceId: '' }, 'x']) expect(readChannel(answer)).toBeUndefined()
})

test('a role that nobody knows grants the least', () => {
  expect(roleOf('owner')).toBe('owner')
  for (const role of ['none', 'toString', '__proto__', undefined, 7]) expect(roleOf(role)).toBe('freeBusyReader')
})
