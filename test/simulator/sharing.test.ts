import { describe, expect, test } from 'vitest'

import { isObject } from '../../src/simulator/json.ts'
import { anEvent, ANNA, aWorld, control, idsOf, itemsOf, reasonOf } from './world-builder.ts'

const BEN = 'ben@example.com'

function invited(fields: Parameters<typeof anEvent>[0] = {}) {
  const made = aWorld()
  const ben = made.as(BEN)
  made.anna('POST', made.events(), anEvent({ id: 'meeting1', attendees: [{ email: BEN }, { email: ANNA }], ...fields }))
  const path = `${made.events()}/meeting1`
  return { ...made, ben, path }
}

describe('invitations', () => {
  test('put a copy into the guest’s primary calendar, under the same id, without private properties', () => {
    const { ben, path } = invited({ extendedProperties: { private: { app: '7' }, shared: { both: '1' } } })
    expect(ben('GET', path).body).toMatchObject({
      id: 'meeting1',
      organizer: { email: ANNA },
      attendees: [
        { email: BEN, self: true, responseStatus: 'needsAction' },
        { email: ANNA, organizer: true },
      ],
      extendedProperties: { shared: { both: '1' } },
    })
    expect(ben('GET', path).text).not.toContain('"app"')
    expect(ben('GET', path).body['organizer']).not.toHaveProperty('self')
  })

  test('a guest may not change what is shared, but their own colour and reminders', () => {
    const { ben, anna, path } = invited()
    const denied = ben('PATCH', path, { summary: 'Mine' })
    expect([denied.status, reasonOf(denied)]).toEqual([403, 'forbiddenForNonOrganizer'])
    expect(ben('PUT', path, anEvent()).status).toBe(403)
    expect(ben('PATCH', path, { colorId: '5' }).status).toBe(200)
    expect(anna('GET', path).body).not.toHaveProperty('colorId')
  })

  test('a guest’s answer reaches the organizer; their deletion is a refusal', () => {
    const { ben, anna, path } = invited()
    const status = () => {
      const rows = anna('GET', path).body['attendees']
      const row = Array.isArray(rows) ? rows.find(one => isObject(one) && one['email'] === BEN) : undefined
      return isObject(row) ? row['responseStatus'] : undefined
    }
    ben('PATCH', path, { attendees: [{ email: BEN, responseStatus: 'accepted' }, { email: ANNA }] })
    expect(status()).toBe('accepted')
    ben('DELETE', path)
    expect(status()).toBe('declined')
    expect(anna('GET', path).body['status']).toBe('confirmed')
  })

  test('the organizer’s changes and deletion reach the guest, who keeps what is theirs', () => {
    const { ben, anna, path, events } = invited()
    ben('PATCH', path, { colorId: '5' })
    anna('PATCH', path, { summary: 'Moved on' })
    expect(ben('GET', path).body).toMatchObject({ summary: 'Moved on', colorId: '5' })
    anna('DELETE', path)
    expect(idsOf(ben('GET', events()))).toEqual([])
  })

  test('never overwrite an event of the guest’s own that has the same id', () => {
    const { as, anna, events } = aWorld()
    const ben = as(BEN)
    ben('POST', events(), anEvent({ id: 'meeting1', summary: 'Ben’s own' }))
    anna('POST', events(), anEvent({ id: 'meeting1', summary: 'Anna’s', attendees: [{ email: BEN }] }))
    expect(ben('GET', `${events()}/meeting1`).body).toMatchObject({ summary: 'Ben’s own', organizer: { email: BEN } })
  })

  test('a guest taken off the list loses the copy', () => {
    const { ben, anna, path } = invited()
    anna('PATCH', path, { attendees: [{ email: ANNA }] })
    expect(ben('GET', path).body['status']).toBe('cancelled')
  })
})

describe('import', () => {
  const foreign = {
    iCalUID: '009c2cc9-0781-482d-8ccd-8fc9bfeb3138',
    organizer: { email: 'boss@elsewhere.org', displayName: 'Boss' },
    attendees: [{ email: ANNA }],
  }

  test('needs an iCalUID, makes a private copy with Google’s kind of id, and finds it again by the UID', () => {
    const { anna, events } = aWorld()
    const imported = anna('POST', `${events()}/import`, anEvent(foreign))
    expect(imported.body).toMatchObject({
      id: '_60o3iopicdhjib9g6ss32b9k70p68b9ocdhm8b9ocphjioj6clh36c9j70',
      privateCopy: true,
      organizer: { email: 'boss@elsewhere.org', displayName: 'Boss' },
    })
    expect(anna('POST', `${events()}/import`, anEvent({ ...foreign, summary: 'Again' })).body['summary']).toBe('Again')
    expect(idsOf(anna('GET', events()))).toHaveLength(1)
    expect(reasonOf(anna('POST', events(), anEvent({ iCalUID: foreign.iCalUID })))).toBe('duplicate')
    expect(reasonOf(anna('POST', `${events()}/import`, anEvent()))).toBe('required')
    expect(reasonOf(anna('POST', `${events()}/import`, anEvent({ ...foreign, id: 'abcde1' })))).toBe('invalid')
  })

  test('of an event in which the owner has no part is refused', () => {
    const { anna, events } = aWorld()
    const answer = anna('POST', `${events()}/import`, anEvent({ ...foreign, attendees: [] }))
    expect([answer.status, reasonOf(answer)]).toEqual([400, 'participantIsNeitherOrganizerNorAttendee'])
  })
})

describe('move', () => {
  test('leaves a tombstone behind, keeps id and iCalUID, changes the organizer, and can go back', () => {
    const { anna, events } = aWorld()
    const other = String(anna('POST', '/calendars', { summary: 'Other' }).body['id'])
    anna('POST', events(), anEvent({ id: 'abcde1' }))
    const moved = anna('POST', `${events()}/abcde1/move?destination=${encodeURIComponent(other)}`)
    expect(moved.body).toMatchObject({
      id: 'abcde1',
      iCalUID: 'abcde1@google.com',
      organizer: { email: other, self: true },
    })
    const left = itemsOf(anna('GET', `${events()}?showDeleted=true`))[0]
    expect(left).toEqual({ kind: 'calendar#event', etag: left?.['etag'], id: 'abcde1', status: 'cancelled' })
    anna('POST', `${events(other)}/abcde1/move?destination=${encodeURIComponent(ANNA)}`)
    expect(idsOf(anna('GET', events()))).toEqual(['abcde1'])
    expect(idsOf(anna('GET', events(other)))).toEqual([])
  })

  test('is not for instances', () => {
    const { anna, events } = aWorld()
    const other = String(anna('POST', '/calendars', { summary: 'Other' }).body['id'])
    anna('POST', events(), anEvent({ id: 'series1', recurrence: ['RRULE:FREQ=DAILY;COUNT=2'] }))
    const answer = anna('POST', `${events()}/series1_20260304T160000Z/move?destination=${encodeURIComponent(other)}`)
    expect(reasonOf(answer)).toBe('cannotChangeOrganizerOfInstance')
  })
})

describe('free and busy', () => {
  const query = (items: string[], more = {}) => ({
    timeMin: '2026-03-03T00:00:00-06:00',
    timeMax: '2026-03-06T00:00:00-06:00',
    items: items.map(id => ({ id })),
    ...more,
  })

  test('joins what touches, expands series, and leaves out the free, the cancelled and the declined', () => {
    const { anna, events } = aWorld()
    const at = (day: string, from: string, to: string) => ({
      start: { dateTime: `2026-03-${day}T${from}:00-06:00`, timeZone: 'America/Chicago' },
      end: { dateTime: `2026-03-${day}T${to}:00-06:00`, timeZone: 'America/Chicago' },
    })
    anna(
      'POST',
      events(),
      anEvent({ id: 'series1', ...at('03', '10:00', '11:00'), recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] }),
    )
    anna('DELETE', `${events()}/series1_20260304T160000Z`)
    anna('POST', events(), anEvent({ ...at('03', '11:00', '12:00') }))
    anna('POST', events(), anEvent({ ...at('04', '09:00', '10:00'), transparency: 'transparent' }))
    anna(
      'POST',
      events(),
      anEvent({ ...at('04', '12:00', '13:00'), attendees: [{ email: ANNA, responseStatus: 'declined' }] }),
    )
    expect(anna('POST', '/freeBusy', query(['primary'])).body).toEqual({
      kind: 'calendar#freeBusy',
      timeMin: '2026-03-03T06:00:00.000Z',
      timeMax: '2026-03-06T06:00:00.000Z',
      calendars: {
        primary: {
          busy: [
            { start: '2026-03-03T10:00:00-06:00', end: '2026-03-03T12:00:00-06:00' },
            { start: '2026-03-05T10:00:00-06:00', end: '2026-03-05T11:00:00-06:00' },
          ],
        },
      },
    })
  })

  test('answers 200 for a calendar it cannot ask, with an error in its place', () => {
    const { anna } = aWorld()
    expect(anna('POST', '/freeBusy', query(['nobody@example.com'])).body['calendars']).toEqual({
      'nobody@example.com': { errors: [{ domain: 'global', reason: 'notFound' }], busy: [] },
    })
    expect(reasonOf(anna('POST', '/freeBusy', query([], { timeMax: '2026-12-01T00:00:00Z' })))).toBe('timeRangeTooLong')
    expect(reasonOf(anna('POST', '/freeBusy', { items: [] }))).toBe('required')
  })

  test('is all that a free/busy reader sees: instances without content', () => {
    const { anna, events, as, simulator } = aWorld()
    anna('POST', events(), anEvent({ id: 'series1', recurrence: ['RRULE:FREQ=DAILY;COUNT=2'], location: 'Room 4' }))
    const ben = as(BEN)
    control(simulator, 'POST', `calendars/${ANNA}/role`, { email: BEN, role: 'freeBusyReader', inList: true })
    const listed = ben('GET', events(ANNA))
    expect(idsOf(listed)).toEqual(['series1_20260303T160000Z', 'series1_20260304T160000Z'])
    expect(listed.text).not.toContain('Room 4')
    expect(itemsOf(listed)[0]).not.toHaveProperty('summary')
    expect(listed.body['accessRole']).toBe('freeBusyReader')
    expect(idsOf(ben('GET', '/users/me/calendarList'))).toContain(ANNA)
  })
})
