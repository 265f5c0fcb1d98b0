import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instanceOf, readEvent } from '../../../src/adapters/google/from-google.ts'
import type { CalendarEvent, LiveEvent } from '../../../src/core/model/calendar-event.ts'

const NEW_YORK = 'America/New_York'
const at = (text: string) => Date.parse(text)

/** A timed event as Google sends it; `undefined` takes a field away. */
const aWireEvent = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  kind: 'calendar#event',
  etag: '"1"',
  id: 'event1',
  status: 'confirmed',
  updated: '2026-11-20T10:00:00.123Z',
  summary: 'Dentist',
  organizer: { email: 'clinic@example.com', self: true },
  start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: NEW_YORK },
  end: { dateTime: '2026-12-01T09:30:00-05:00', timeZone: NEW_YORK },
  iCalUID: 'event1@google.com',
  eventType: 'default',
  ...fields,
})

function live(fields: Record<string, unknown> = {}, zone = NEW_YORK): LiveEvent {
  const event = readEvent(aWireEvent(fields), zone)
  if (event.kind !== 'live') throw new Error(`read as ${JSON.stringify(event)}`)
  return event
}

const without = (...fields: string[]) => Object.fromEntries(fields.map(field => [field, undefined]))

describe('an event that is there', () => {
  test('is read whole, with its representation', () => {
    const wire = aWireEvent({ location: 'Room 2', colorId: '7', htmlLink: 'https://calendar.example/1' })
    expect(readEvent(wire, 'UTC')).toEqual({
      kind: 'live',
      eventId: 'event1',
      etag: '"1"',
      iCalUID: 'event1@google.com',
      updatedAt: at('2026-11-20T10:00:00.123Z'),
      content: {
        time: {
          kind: 'timed',
          startAt: at('2026-12-01T14:00:00Z'),
          endAt: at('2026-12-01T14:30:00Z'),
          startZone: NEW_YORK,
          endZone: NEW_YORK,
        },
        recurrence: [],
        title: 'Dentist',
        description: '',
        location: 'Room 2',
        busy: true,
        status: 'confirmed',
        colour: '7',
      },
      recurringEventId: null,
      originalStart: null,
      marker: null,
      eventType: 'default',
      selfResponse: null,
      hasGuests: false,
      isOrganizer: true,
      isPrivate: false,
      htmlLink: 'https://calendar.example/1',
      raw: wire,
    })
  })

  const zones: [
    sentence: string,
    start: object,
    end: object,
    calendarZone: string,
    startZone: string,
    endZone: string,
  ][] = [
    [
      'its own zone',
      { timeZone: 'Europe/Prague' },
      { timeZone: 'Europe/Prague' },
      'UTC',
      'Europe/Prague',
      'Europe/Prague',
    ],
    ["the calendar's where it names none", {}, {}, NEW_YORK, NEW_YORK, NEW_YORK],
    [
      'two zones, as of a flight',
      { timeZone: 'Europe/Paris' },
      { timeZone: NEW_YORK },
      'UTC',
      'Europe/Paris',
      NEW_YORK,
    ],
    ["the start's for an end without", { timeZone: 'Europe/Paris' }, {}, 'UTC', 'Europe/Paris', 'Europe/Paris'],
    [
      "the calendar's where its own does not exist",
      { timeZone: 'Mars/Olympus' },
      { timeZone: 'W. Europe Standard Time' },
      NEW_YORK,
      NEW_YORK,
      NEW_YORK,
    ],
    ['UTC where nobody names one that exists', { timeZone: '+02:00' }, {}, 'nowhere', 'UTC', 'UTC'],
  ]
  test.each(zones)('is in %s', (_sentence, start, end, calendarZone, startZone, endZone) => {
    const { time } = live(
      {
        start: { dateTime: '2026-12-01T09:00:00-05:00', ...start },
        end: { dateTime: '2026-12-01T10:00:00-05:00', ...end },
      },
      calendarZone,
    ).content
    expect(time).toEqual({
      kind: 'timed',
      startAt: at('2026-12-01T14:00:00Z'),
      endAt: at('2026-12-01T15:00:00Z'),
      startZone,
      endZone,
    })
  })

  test('may last whole days, and a zone beside a date means nothing', () => {
    const { time } = live({ start: { date: '2026-12-24', timeZone: NEW_YORK }, end: { date: '2026-12-27' } }).content
    expect(time).toEqual({ kind: 'all-day', startDate: '2026-12-24', endDate: '2026-12-27' })
  })

  test('of one day without length is that day', () => {
    const { time } = live({ start: { date: '2026-12-31' }, end: { date: '2026-12-31' } }).content
    expect(time).toEqual({ kind: 'all-day', startDate: '2026-12-31', endDate: '2027-01-01' })
  })

  test('may have no length, and an end that Google does not know is its start', () => {
    const start = { dateTime: '2026-12-01T09:00:00Z' }
    for (const fields of [
      { start, end: start },
      { start, ...without('end'), endTimeUnspecified: true },
    ]) {
      expect(live(fields).content.time).toMatchObject({
        startAt: at('2026-12-01T09:00:00Z'),
        endAt: at('2026-12-01T09:00:00Z'),
      })
    }
  })

  test('may lie in the year 9999', () => {
    const fields = { start: { dateTime: '9999-12-31T22:00:00Z' }, end: { dateTime: '9999-12-31T23:59:59Z' } }
    expect(live(fields).content.time).toMatchObject({ startAt: at('9999-12-31T22:00:00Z') })
  })

  const fields: [sentence: string, wire: Record<string, unknown>, expected: object][] = [
    ['needs no summary', without('summary'), { content: { title: '' } }],
    ['needs no status', without('status'), { content: { status: 'confirmed' } }],
    ['may be tentative', { status: 'tentative' }, { content: { status: 'tentative' } }],
    ['is busy unless it says transparent', { transparency: 'opaque' }, { content: { busy: true } }],
    ['is free when transparent', { transparency: 'transparent' }, { content: { busy: false } }],
    ['without a type is a default one', without('eventType'), { eventType: 'default' }],
    ['keeps its type', { eventType: 'focusTime' }, { eventType: 'focusTime' }],
    ['is private', { visibility: 'private' }, { isPrivate: true }],
    ['is private when confidential', { visibility: 'confidential' }, { isPrivate: true }],
    ['is not private when public', { visibility: 'public' }, { isPrivate: false }],
    ['of another organizer', { organizer: { email: 'other@example.com' } }, { isOrganizer: false }],
    ['of nobody named is not ours', without('organizer'), { isOrganizer: false }],
    ['without an iCalUID has the one that Google gives', without('iCalUID'), { iCalUID: 'event1@google.com' }],
    ['that was never updated counts from its making', { updated: 'yesterday', created: undefined }, { updatedAt: 0 }],
    [
      'knows the own answer',
      { attendees: [{ email: 'a@example.com', self: true, responseStatus: 'declined' }] },
      { selfResponse: 'declined', hasGuests: false },
    ],
    [
      'knows guests',
      { attendees: [{ email: 'b@example.com', responseStatus: 'accepted' }] },
      { selfResponse: null, hasGuests: true },
    ],
    ['has guests that Google left out', { attendeesOmitted: true }, { selfResponse: null, hasGuests: true }],
    ['takes no unknown answer', { attendees: [{ self: true, responseStatus: 'maybe' }] }, { selfResponse: null }],
    [
      'without our mark',
      { extendedProperties: { private: { other: 'x' }, shared: { lockstepKey: 'x' } } },
      { marker: null },
    ],
    [
      'with our mark',
      { extendedProperties: { private: { lockstepKey: 'k1', lockstepRevision: '12' } } },
      { marker: { key: 'k1', revision: 12 } },
    ],
    [
      'with a mark whose revision was spoiled',
      { extendedProperties: { private: { lockstepKey: 'k1', lockstepRevision: '-1' } } },
      { marker: { key: 'k1', revision: 0 } },
    ],
  ]
  test.each(fields)('%s', (_sentence, wire, expected) => expect(live(wire)).toMatchObject(expected))

  test('is an exception with its slot, wherever it was moved', () => {
    const moved = live({
      id: 'm_20261208T140000Z',
      recurringEventId: 'm',
      originalStartTime: { dateTime: '2026-12-08T09:00:00-05:00' },
    })
    expect(moved).toMatchObject({
      recurringEventId: 'm',
      originalStart: { kind: 'timed', at: at('2026-12-08T14:00:00Z') },
    })
    const unnamed = live({ id: 'm_20261208', recurringEventId: 'm' })
    expect(unnamed).toMatchObject({ recurringEventId: 'm', originalStart: { kind: 'all-day', date: '2026-12-08' } })
  })

  test('keeps fields that nobody here knows', () => {
    expect(live({ fieldOfTomorrow: { a: 1 } }).raw).toMatchObject({ fieldOfTomorrow: { a: 1 } })
  })

  test('compares equal however Google spells its recurrence', () => {
    const first = live({
      recurrence: ['EXDATE;TZID=America/New_York:20261215T090000', 'RRULE:FREQ=WEEKLY;WKST=MO;BYDAY=TU;INTERVAL=1'],
    })
    const second = live({ recurrence: ['RRULE:BYDAY=TU;FREQ=WEEKLY', 'EXDATE:20261215T140000Z'] })
    expect(first.content.recurrence).toEqual(second.content.recurrence)
    const local = live({ recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=TU', 'EXDATE:20261215T090000'] }, 'Asia/Tokyo')
    expect(first.content.recurrence).toEqual(local.content.recurrence)
    expect(first.content.recurrence).toHaveLength(2)
  })
})

describe('text that no database takes', () => {
  test('is mended, in the representation too', () => {
    const event = live({ summary: 'a\ud800b\0c', extendedProperties: { shared: { 'k\0': ['\udc00'] } } })
    expect(event.content.title).toBe('a\ufffdbc')
    expect(event.raw).toMatchObject({ summary: 'a\ufffdbc', extendedProperties: { shared: { k: ['\ufffd'] } } })
  })

  test('leaves a sound event untouched', () => {
    const wire = aWireEvent({ summary: '🥑 ok' })
    const event = readEvent(wire, 'UTC')
    expect(event.kind === 'live' && event.raw).toBe(wire)
  })
})

describe('a deletion', () => {
  const slot = { kind: 'timed', at: at('2026-12-08T14:00:00Z') }
  const rows: [sentence: string, wire: Record<string, unknown>, expected: object][] = [
    [
      'guarantees its id alone',
      { id: 'x1' },
      { eventId: 'x1', etag: null, recurringEventId: null, originalStart: null },
    ],
    ['keeps its etag', { id: 'x1', etag: '"7"' }, { etag: '"7"' }],
    ['of an imported event is of no series', { id: '_6p33gd1i' }, { recurringEventId: null, originalStart: null }],
    [
      'of an occurrence says which',
      { id: 'm_20261208T140000Z', recurringEventId: 'm', originalStartTime: { dateTime: '2026-12-08T09:00:00-05:00' } },
      { recurringEventId: 'm', originalStart: slot },
    ],
    [
      'of an occurrence that was moved goes by its slot, not its id',
      { id: 'm_20261208T150000Z', recurringEventId: 'm', originalStartTime: { dateTime: '2026-12-08T14:00:00Z' } },
      { originalStart: slot },
    ],
    [
      'of an occurrence is read from the id alone',
      { id: 'm_20261208T140000Z' },
      { recurringEventId: 'm', originalStart: slot },
    ],
    [
      'of a whole day is read from the id alone',
      { id: 'm_20261208' },
      { recurringEventId: 'm', originalStart: { kind: 'all-day', date: '2026-12-08' } },
    ],
    [
      'of a split series is of no series',
      { id: 'm_R20261215T140000' },
      { recurringEventId: null, originalStart: null },
    ],
    [
      'of an occurrence of a split series names that',
      { id: 'm_R20261201T140000_20261208T140000Z' },
      { recurringEventId: 'm_R20261201T140000', originalStart: slot },
    ],
    [
      'of an imported series',
      { id: '_6p33gd1i_20261208T140000Z' },
      { recurringEventId: '_6p33gd1i', originalStart: slot },
    ],
    [
      'with an unreadable slot falls back to the id',
      { id: 'm_20261208T140000Z', recurringEventId: 'm', originalStartTime: { dateTime: 'noon' } },
      { originalStart: slot },
    ],
    [
      'of an occurrence without any slot keeps its series',
      { id: 'odd', recurringEventId: 'm' },
      { recurringEventId: 'm', originalStart: null },
    ],
    [
      'of no series has no slot',
      { id: 'odd', originalStartTime: { dateTime: '2026-12-08T14:00:00Z' } },
      { recurringEventId: null, originalStart: null },
    ],
    [
      'with everything else still there is a deletion',
      aWireEvent({ status: 'cancelled' }),
      { eventId: 'event1', recurringEventId: null },
    ],
  ]
  test.each(rows)('%s', (_sentence, wire, expected) => {
    const event = readEvent({ ...wire, status: 'cancelled' }, 'UTC')
    expect(event).toMatchObject({ kind: 'tombstone', ...expected })
  })

  test('is never read from an id that only looks like an occurrence', () => {
    for (const id of ['_20261208', 'm_20261308', 'm_20261208T250000Z', 'm_20261208T140000', 'm20261208', 'm_2026120']) {
      expect(instanceOf(id), id).toBeNull()
    }
  })
})

describe('an event that cannot be read is kept with its reason', () => {
  const rows: [wire: unknown, reason: string][] = [
    [null, 'is not an object'],
    [['event'], 'is not an object'],
    [aWireEvent(without('id')), 'has no id'],
    [aWireEvent({ id: 7 }), 'has no id'],
    [aWireEvent(without('etag')), 'has no etag'],
    [aWireEvent(without('start')), 'has no start'],
    [aWireEvent({ start: 'soon' }), 'has no start'],
    [aWireEvent({ start: {} }), 'start is no time'],
    [aWireEvent(without('end')), 'has no end'],
    [aWireEvent({ end: {} }), 'has no end'],
    [aWireEvent({ start: { dateTime: 'noon' } }), 'start is no time'],
    [aWireEvent({ start: { dateTime: '2026-02-30T09:00:00Z' } }), 'start is no time'],
    [aWireEvent({ end: { dateTime: '12026-12-01T09:00:00Z' } }), 'end is no time'],
    [aWireEvent({ end: { date: '2026-12-02' } }), 'end is no time'],
    [aWireEvent({ start: { date: '2026-12-01' } }), 'end is no date'],
    [aWireEvent({ start: { date: '2026-02-30' }, end: { date: '2026-03-02' } }), 'start is no date'],
    [aWireEvent({ end: { dateTime: '2026-12-01T08:59:59-05:00' } }), 'ends before it starts'],
    [aWireEvent({ start: { date: '2026-12-02' }, end: { date: '2026-12-01' } }), 'ends before it starts'],
    [aWireEvent({ summary: { text: 'x' } }), 'summary is no text'],
    [aWireEvent({ colorId: 7 }), 'colorId is no text'],
    [aWireEvent({ recurrence: 'RRULE:FREQ=DAILY' }), 'recurrence is no list'],
    [aWireEvent({ recurrence: ['RRULE:FREQ=DAILY', 7] }), 'recurrence has a line that is no text'],
    [aWireEvent({ recurrence: ['RRULE:FREQ=SOMETIMES'] }), 'recurrence cannot be read'],
    [
      aWireEvent({
        recurrence: ['RRULE:FREQ=DAILY'],
        start: { dateTime: '2026-12-01T09:00:00Z', timeZone: 'Mars/Olympus' },
      }),
      'is a series in an unknown time zone',
    ],
    [aWireEvent({ recurringEventId: 'm' }), 'is an exception without its original start'],
  ]
  test.each(rows)('%j: %s', (wire, reason) => {
    const event = readEvent(wire, NEW_YORK)
    expect(event).toMatchObject({ kind: 'unreadable', reason })
  })
})

describe('whatever Google sends', () => {
  const hostileText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\ud800',
      '\0',
      '__proto__',
      '9999-12-31',
      '2026-12-01T09:00:00Z',
      'm_20261208T140000Z',
      'cancelled',
      'Europe/Prague',
      'RRULE:FREQ=DAILY',
    ),
  )
  const anything: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' })
  const hostileEvent = fc.record(
    {
      id: fc.oneof(hostileText, anything),
      etag: hostileText,
      status: hostileText,
      summary: fc.oneof(hostileText, anything),
      start: fc.oneof(
        fc.record({ dateTime: hostileText, date: hostileText, timeZone: hostileText }, { requiredKeys: [] }),
        anything,
      ),
      end: fc.oneof(fc.record({ dateTime: hostileText, date: hostileText }, { requiredKeys: [] }), anything),
      recurrence: fc.oneof(fc.array(fc.oneof(hostileText, fc.constant(7)), { maxLength: 4 }), anything),
      recurringEventId: hostileText,
      originalStartTime: anything,
      attendees: anything,
      organizer: anything,
      extendedProperties: fc.oneof(fc.record({ private: fc.dictionary(hostileText, anything) }), anything),
      updated: hostileText,
    },
    { requiredKeys: [] },
  )
  const kinds: CalendarEvent['kind'][] = ['live', 'tombstone', 'unreadable']

  test('nothing throws, and what is kept can be stored', () => {
    fc.assert(
      fc.property(fc.oneof(hostileEvent, anything), hostileText, (wire, zone) => {
        const event = readEvent(wire, zone)
        expect(kinds).toContain(event.kind)
        expect(event.eventId.isWellFormed()).toBe(true)
        if (event.kind !== 'live') return
        const { title, description, location } = event.content
        for (const text of [title, description, location])
          expect(text.isWellFormed() && !text.includes('\0')).toBe(true)
        expect(JSON.stringify(event.raw)).not.toMatch(/\\ud[89a-f]|\\u0000/)
        expect(event.recurringEventId === null).toBe(event.originalStart === null)
      }),
      { numRuns: 3_000, verbose: true },
    )
  })

  test('depth does not exhaust the stack', () => {
    let deep: unknown = 'bottom\0'
    for (let level = 0; level < 100_000; level++) deep = { a: deep }
    expect(readEvent(aWireEvent({ extendedProperties: deep }), 'UTC').kind).toBe('live')
  })
})
