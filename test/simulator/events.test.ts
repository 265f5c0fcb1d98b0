import { describe, expect, test } from 'vitest'

import { anEvent, ANNA, aWorld, idsOf, itemsOf, reasonOf } from './world-builder.ts'

describe('writing events', () => {
  test('an inserted event comes back in the shape of the recordings', () => {
    const { anna, events } = aWorld()
    const inserted = anna('POST', events(), anEvent())
    expect(inserted.status).toBe(200)
    expect(inserted.body).toMatchObject({
      kind: 'calendar#event',
      status: 'confirmed',
      created: '2026-03-02T09:00:00.000Z',
      updated: '2026-03-02T09:00:00.000Z',
      summary: 'Check-up',
      creator: { email: ANNA, self: true },
      organizer: { email: ANNA, self: true },
      start: { dateTime: '2026-03-03T10:00:00-06:00', timeZone: 'America/Chicago' },
      sequence: 0,
      reminders: { useDefault: true },
      eventType: 'default',
    })
    expect(inserted.body['etag']).toMatch(/^"\d{16}"$/)
    expect(inserted.body['id']).toMatch(/^[a-v0-9]{26}$/)
    expect(inserted.body['iCalUID']).toBe(`${String(inserted.body['id'])}@google.com`)
    expect(inserted.body).not.toHaveProperty('transparency')
    expect(inserted.body).not.toHaveProperty('hangoutLink')
    expect(inserted.headers['etag']).toBe(inserted.body['etag'])
  })

  test('times are shown in the calendar’s zone and keep their own', () => {
    const { anna, events } = aWorld()
    const zoned = { dateTime: '2026-07-01T10:00:00', timeZone: 'Europe/Berlin' }
    const inserted = anna(
      'POST',
      events(),
      anEvent({ start: zoned, end: { ...zoned, dateTime: '2026-07-01T11:00:00' } }),
    )
    expect(inserted.body['start']).toEqual({ dateTime: '2026-07-01T03:00:00-05:00', timeZone: 'Europe/Berlin' })
  })

  test('a timeZone sent with an all-day date is dropped', () => {
    const { anna, events } = aWorld()
    const day = (date: string) => ({ date, timeZone: 'Europe/Berlin' })
    const inserted = anna('POST', events(), anEvent({ start: day('2026-03-03'), end: day('2026-03-04') }))
    expect(inserted.body['start']).toEqual({ date: '2026-03-03' })
  })

  const refused: [string, Record<string, unknown>, number, string][] = [
    ['without an end', { end: undefined }, 400, 'required'],
    ['that mixes a date with a time', { start: { date: '2026-03-03' } }, 400, 'invalid'],
    [
      'with both date and dateTime',
      { start: { date: '2026-03-03', dateTime: '2026-03-03T10:00:00Z' } },
      400,
      'invalid',
    ],
    ['that ends before it starts', { end: { dateTime: '2026-03-03T09:00:00-06:00' } }, 400, 'timeRangeEmpty'],
    ['with a client id outside a–v0–9', { id: 'wxyz-1' }, 400, 'invalid'],
    ['with a rule that cannot be read', { recurrence: ['RRULE:FREQ=SOMETIMES'] }, 400, 'invalid'],
    ['with DTSTART among its rules', { recurrence: ['DTSTART:20260303T100000Z'] }, 400, 'invalid'],
    [
      'that recurs without a zone',
      { start: { dateTime: '2026-03-03T10:00:00-06:00' }, recurrence: ['RRULE:FREQ=DAILY'] },
      400,
      'required',
    ],
  ]
  test.each(refused)('an event %s is refused', (_sentence, fields, status, reason) => {
    const { anna, events } = aWorld()
    const given = JSON.parse(
      JSON.stringify({ ...anEvent(), ...fields, end: 'end' in fields ? fields['end'] : anEvent()['end'] }),
    )
    const answer = anna('POST', events(), given)
    expect([answer.status, reasonOf(answer)]).toEqual([status, reason])
    expect(idsOf(anna('GET', events()))).toEqual([])
  })

  test('an id once used is taken for ever, and a deleted event is deleted only once', () => {
    const { anna, events } = aWorld()
    expect(anna('POST', events(), anEvent({ id: 'abcde1' })).status).toBe(200)
    expect(reasonOf(anna('POST', events(), anEvent({ id: 'abcde1' })))).toBe('duplicate')
    expect(anna('DELETE', `${events()}/abcde1`)).toMatchObject({ status: 204, text: '' })
    const again = anna('DELETE', `${events()}/abcde1`)
    expect([again.status, reasonOf(again)]).toEqual([410, 'deleted'])
    const insertedAgain = anna('POST', events(), anEvent({ id: 'abcde1' }))
    expect([insertedAgain.status, reasonOf(insertedAgain)]).toEqual([409, 'duplicate'])
    expect(anna('GET', `${events()}/abcde1`)).toMatchObject({
      status: 200,
      body: { status: 'cancelled', summary: 'Check-up' },
    })
  })

  test('a deleted event comes back by status confirmed, unless this Google forbids it', () => {
    const { anna, events, world } = aWorld()
    anna('POST', events(), anEvent({ id: 'abcde1' }))
    anna('DELETE', `${events()}/abcde1`)
    world.settings.undelete = 'forbidden'
    expect(anna('PATCH', `${events()}/abcde1`, { status: 'confirmed' }).status).toBe(403)
    world.settings.undelete = 'allowed'
    expect(anna('PATCH', `${events()}/abcde1`, { status: 'confirmed' }).body).toMatchObject({ status: 'confirmed' })
    expect(idsOf(anna('GET', events()))).toEqual(['abcde1'])
  })

  test('update replaces all, patch merges, null deletes, arrays are replaced', () => {
    const { anna, events } = aWorld()
    const properties = { private: { a: '1', b: '2' } }
    anna('POST', events(), anEvent({ id: 'abcde1', location: 'Room 4', extendedProperties: properties }))
    const patched = anna('PATCH', `${events()}/abcde1`, {
      location: null,
      extendedProperties: { private: { a: null, c: '3' } },
    })
    expect(patched.body).not.toHaveProperty('location')
    expect(patched.body['extendedProperties']).toEqual({ private: { b: '2', c: '3' } })
    const updated = anna('PUT', `${events()}/abcde1`, anEvent({ summary: 'Replaced' }))
    expect(updated.body['summary']).toBe('Replaced')
    expect(updated.body).not.toHaveProperty('extendedProperties')
  })

  test('a patch from timed to all-day must clear the times', () => {
    const { anna, events } = aWorld()
    anna('POST', events(), anEvent({ id: 'abcde1' }))
    const mixed = anna('PATCH', `${events()}/abcde1`, { start: { date: '2026-03-03' }, end: { date: '2026-03-04' } })
    expect([mixed.status, mixed.text.includes('Invalid start time.')]).toEqual([400, true])
    const clear = (date: string) => ({ date, dateTime: null, timeZone: null })
    const cleared = anna('PATCH', `${events()}/abcde1`, { start: clear('2026-03-03'), end: clear('2026-03-04') })
    expect(cleared.body['start']).toEqual({ date: '2026-03-03' })
  })

  test('a stale If-Match is 412 and changes nothing; the etag changes with every write', () => {
    const { anna, events } = aWorld()
    const first = anna('POST', events(), anEvent({ id: 'abcde1' })).body['etag']
    const second = anna('PATCH', `${events()}/abcde1`, { summary: 'Two' }, { 'if-match': String(first) })
    expect(second.status).toBe(200)
    expect(second.body['etag']).not.toBe(first)
    for (const [method, body] of [
      ['PATCH', { summary: 'Three' }],
      ['PUT', anEvent()],
      ['DELETE', undefined],
    ] as const) {
      const stale = anna(method, `${events()}/abcde1`, body, { 'if-match': String(first) })
      expect([stale.status, reasonOf(stale)]).toEqual([412, 'conditionNotMet'])
    }
    expect(anna('GET', `${events()}/abcde1`).body).toMatchObject({ summary: 'Two', etag: second.body['etag'] })
  })

  test('a change of reminders gives a new etag but leaves updated alone', async () => {
    const { anna, events, simulator } = aWorld()
    const before = anna('POST', events(), anEvent({ id: 'abcde1' })).body
    await simulator.advance(60_000)
    const reminders = { useDefault: false, overrides: [{ method: 'popup', minutes: 5 }] }
    const after = anna('PATCH', `${events()}/abcde1`, { reminders }).body
    expect(after['reminders']).toEqual(reminders)
    expect(after['updated']).toBe(before['updated'])
    expect(after['etag']).not.toBe(before['etag'])
  })

  test('a lower sequence than stored is refused, a move raises it', () => {
    const { anna, events } = aWorld()
    anna('POST', events(), anEvent({ id: 'abcde1', sequence: 3 }))
    expect(reasonOf(anna('PATCH', `${events()}/abcde1`, { sequence: 2 }))).toBe('invalid')
    const moved = anna('PATCH', `${events()}/abcde1`, { end: { dateTime: '2026-03-03T12:00:00-06:00' } })
    expect(moved.body['sequence']).toBe(4)
  })

  test('extended properties keep to their limits: long keys dropped, long values cut', () => {
    const { anna, events } = aWorld()
    const properties = { private: { ['k'.repeat(45)]: 'x', kept: 'y'.repeat(2000) } }
    const kept = anna('POST', events(), anEvent({ extendedProperties: properties })).body['extendedProperties']
    expect(kept).toEqual({ private: { kept: 'y'.repeat(1024) } })
  })

  test('mails are counted only for what sendUpdates asks', () => {
    const { anna, events, world } = aWorld()
    const attendees = [{ email: 'guest@elsewhere.org' }, { email: ANNA }]
    anna('POST', events(), anEvent({ attendees }))
    anna('POST', `${events()}?sendUpdates=none`, anEvent({ attendees }))
    anna('POST', `${events()}?sendUpdates=all`, anEvent({ attendees }))
    expect(world.requestLog.map(entry => entry.mails)).toEqual([0, 0, 1])
  })

  test('unknown events, calendars and paths are 404', () => {
    const { anna, events } = aWorld()
    for (const path of [`${events()}/nothing`, events('nobody@example.com'), '/nowhere']) {
      const answer = anna('GET', path)
      expect([answer.status, reasonOf(answer)]).toEqual([404, 'notFound'])
    }
  })

  test('a private event hides its content from readers, not its time', () => {
    const { as, anna, events } = aWorld()
    anna('POST', '/calendars/primary/acl', { role: 'reader', scope: { type: 'user', value: 'ben@example.com' } })
    anna('POST', events(), anEvent({ id: 'abcde1', visibility: 'private', description: 'secret' }))
    const seen = itemsOf(as('ben@example.com')('GET', events(ANNA)))[0]
    expect(seen).toMatchObject({ id: 'abcde1', visibility: 'private', start: anEvent()['start'] })
    expect(seen).not.toHaveProperty('summary')
    expect(seen).not.toHaveProperty('description')
  })
})
