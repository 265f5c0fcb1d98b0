import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draftAppointment, METADATA_LIMITS, patchedBody } from '../../../src/core/model/appointment-draft.ts'
import { anAppointment, at, NOW, onDay } from '../../support/builders.ts'

const whole = (over: Record<string, unknown> = {}): Record<string, unknown> => ({
  userId: 'dr-lee',
  start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-12-01T09:30:00-05:00', timeZone: 'America/New_York' },
  ...over,
})

function draft(body: unknown, id = 'a') {
  const drafted = draftAppointment(id, body)
  if (!drafted.ok) throw new Error(JSON.stringify(drafted.error))
  return drafted.value
}

function places(body: unknown, id = 'a'): string[] {
  const drafted = draftAppointment(id, body)
  return drafted.ok ? [] : drafted.error.map(each => each.path)
}

test('what is left out takes its default', () => {
  expect(draft(whole())).toEqual({
    userId: 'dr-lee',
    kind: 'appointment',
    status: 'confirmed',
    title: null,
    description: null,
    location: null,
    time: at(Date.parse('2026-12-01T14:00:00Z'), 30),
    recurrence: [],
    recurringId: null,
    originalStart: null,
    busy: true,
    colour: null,
    metadata: {},
  })
})

const readings: [sentence: string, over: Record<string, unknown>, part: Record<string, unknown>][] = [
  [
    'whole days are days',
    { start: { date: '2026-12-24' }, end: { date: '2026-12-26' } },
    { time: onDay('2026-12-24', '2026-12-26') },
  ],
  [
    'an end without a zone is in the zone of the start',
    { end: { dateTime: '2026-12-01T09:30:00-05:00' } },
    { time: at(Date.parse('2026-12-01T14:00:00Z'), 30) },
  ],
  [
    'a time without an offset is local to its zone',
    { start: { dateTime: '2026-12-01T09:00:00', timeZone: 'America/New_York' } },
    { time: at(Date.parse('2026-12-01T14:00:00Z'), 30) },
  ],
  [
    'null is as good as left out',
    { recurrence: null, recurringId: null, originalStart: null, metadata: null },
    { metadata: {} },
  ],
  [
    'recurrence is kept in one spelling',
    { recurrence: ['rrule:interval=1;freq=daily;count=2'] },
    { recurrence: ['RRULE:FREQ=DAILY;COUNT=2'] },
  ],
  [
    'an exception names its series and its slot',
    { recurringId: 'm', originalStart: { dateTime: '2026-12-01T14:00:00Z' } },
    { recurringId: 'm', originalStart: { kind: 'timed', at: Date.parse('2026-12-01T14:00:00Z') } },
  ],
  [
    'members that only the service sets may come back as they were read',
    { origin: 'platform', locked: false, archived: false, version: 7, google: null, createdAt: 'x', updatedAt: 'x' },
    {},
  ],
]
test.each(readings)('%s', (_sentence, over, part) => expect(draft(whole(over))).toMatchObject(part))

const refusals: [sentence: string, over: Record<string, unknown>, place: string][] = [
  ['an id of its own', { id: 'b' }, 'id'],
  ['a date beside a time', { start: { date: '2026-12-01', dateTime: '2026-12-01T09:00:00Z' } }, 'start'],
  ['a start that is text', { start: '2026-12-01' }, 'start'],
  ['no time in its start', { start: {} }, 'start.dateTime'],
  ['a day that is a number', { start: { date: 20261201 } }, 'start.date'],
  ['a zone that is a number', { start: { dateTime: '2026-12-01T09:00:00Z', timeZone: 5 } }, 'start.timeZone'],
  ['lines that are numbers', { recurrence: [1] }, 'recurrence'],
  ['itself as its series', { recurringId: 'a', originalStart: { date: '2026-12-01' } }, 'recurringId'],
  ['a number as its user', { userId: 7 }, 'userId'],
  ['a user with a line break', { userId: 'a\nb' }, 'userId'],
  ['a user that is too long', { userId: 'x'.repeat(256) }, 'userId'],
  ['a number as its title', { title: 7 }, 'title'],
  ['a description that is too long', { description: 'x'.repeat(8_193) }, 'description'],
  ['half a character in metadata', { metadata: { a: ['\udc00'] } }, 'metadata'],
  ['half a character in the name of metadata', { metadata: { '\udc00': 1 } }, 'metadata'],
  ['a number beyond all numbers in metadata', { metadata: { a: Infinity } }, 'metadata'],
  ['metadata that weigh too much', { metadata: { a: 'x'.repeat(METADATA_LIMITS.lengthMax) } }, 'metadata'],
  ['an archive of its own', { archived: true }, 'archived'],
  ['a version that is no number', { version: '3' }, 'version'],
]
test.each(refusals)('an appointment with %s is refused there, and only there', (_sentence, over, place) =>
  expect(places(whole(over))).toEqual([place]),
)

test.each([['null'], ['[]'], ['"x"'], ['1'], ['true']])('%s is no appointment', json =>
  expect(places(JSON.parse(json))).toEqual(['']),
)

test('an id that the path could not carry is refused', () => expect(places(whole(), 'a\0b')).toEqual(['id']))

describe('a partial body', () => {
  const existing = anAppointment({ metadata: { keep: { deep: 1, other: 2 }, drop: true }, time: at(NOW, 45) })

  test('that names nothing means the appointment as it is', () => {
    const { userId, kind, status, title, description, location, time, busy, metadata } = existing
    expect(draft(patchedBody(existing, {}), existing.id)).toMatchObject({
      ...{ userId, kind, status, title, description, location },
      ...{ time, busy, metadata },
    })
  })
  test('merges metadata member by member, and null takes one away', () => {
    const body = patchedBody(existing, { metadata: { keep: { deep: 3 }, drop: null, more: 1 } })
    expect(body['metadata']).toEqual({ keep: { deep: 3, other: 2 }, more: 1 })
    expect(existing.metadata).toEqual({ keep: { deep: 1, other: 2 }, drop: true })
  })
  test('keeps what it does not know, so that it is refused', () => {
    expect(places(patchedBody(existing, { nosuch: 1 }), existing.id)).toEqual(['nosuch'])
  })
  test('round-trips every exception and series', () => {
    const exception = anAppointment({ recurringId: 'm', originalStart: { kind: 'timed', at: NOW } })
    expect(draft(patchedBody(exception, {}), exception.id)).toMatchObject({
      recurringId: 'm',
      originalStart: { kind: 'timed', at: NOW },
    })
    const series = anAppointment({ recurrence: ['EXDATE:20261208T140000Z', 'RRULE:FREQ=DAILY'] })
    expect(draft(patchedBody(series, {}), series.id).recurrence).toEqual(series.recurrence)
  })
})

test('whatever is sent, it is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom(...Object.keys(whole()), 'metadata', 'recurrence'), fc.jsonValue()),
      ),
      body => {
        const drafted = draftAppointment('a', body)
        if (!drafted.ok) expect(drafted.error.length).toBeGreaterThan(0)
      },
    ),
    { numRuns: 500 },
  )
})
