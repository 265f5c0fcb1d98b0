import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readEvent } from '../../../src/adapters/google/from-google.ts'
import { changeBody, insertBody } from '../../../src/adapters/google/to-google.ts'
import { RAW_WITHHELD } from '../../../src/core/model/link.ts'
import type { Projection } from '../../../src/core/model/projection.ts'
import type { Span } from '../../../src/core/model/time.ts'
import { veil } from '../../../src/core/sync/veil.ts'
import type { EventWrite } from '../../../src/ports/google-calendar.ts'
import { aProjection } from '../../support/builders.ts'

const at = (text: string) => Date.parse(text)
const timed = (start: string, end: string, zone = 'America/New_York'): Span => ({
  kind: 'timed',
  startAt: at(start),
  endAt: at(end),
  startZone: zone,
  endZone: zone,
})
const NINE = timed('2026-12-01T14:00:00Z', '2026-12-01T14:30:00Z')
const TWO_DAYS: Span = { kind: 'all-day', startDate: '2026-12-01', endDate: '2026-12-03' }

const aContent = (fields: Partial<Projection> = {}): Projection => ({
  time: NINE,
  recurrence: [],
  title: 'Follow-up',
  description: '',
  location: '',
  busy: true,
  status: 'confirmed',
  colour: null,
  ...fields,
})

const aWrite = (content: Partial<Projection> = {}, fields: Partial<EventWrite> = {}): EventWrite => ({
  content: aContent(content),
  marker: { key: 'k1', revision: 2 },
  visibility: 'default',
  ...fields,
})

const START = { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'America/New_York' }
const END = { dateTime: '2026-12-01T09:30:00-05:00', timeZone: 'America/New_York' }
const MARK = { private: { lockstepKey: 'k1', lockstepRevision: '2' } }

/** What Google returned for `aContent`, with what users and Google have added since. */
const aRaw = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  kind: 'calendar#event',
  etag: '"1"',
  id: 'event1',
  status: 'confirmed',
  htmlLink: 'https://calendar.example/1',
  created: '2026-11-20T10:00:00.000Z',
  updated: '2026-11-20T10:00:00.000Z',
  creator: { email: 'clinic@example.com', self: true },
  organizer: { email: 'clinic@example.com', self: true },
  iCalUID: 'event1@google.com',
  sequence: 4,
  summary: 'Follow-up',
  start: START,
  end: END,
  eventType: 'default',
  ...fields,
})

describe('an insert', () => {
  test('says who we are, what it is, and nothing that it is not', () => {
    expect(insertBody('id1', aWrite({ location: 'Room 2' }))).toEqual({
      id: 'id1',
      start: START,
      end: END,
      summary: 'Follow-up',
      location: 'Room 2',
      transparency: 'opaque',
      status: 'confirmed',
      extendedProperties: MARK,
    })
  })

  test('sets visibility, colour, recurrence and whole days where they are wanted', () => {
    const content = {
      time: TWO_DAYS,
      recurrence: ['RRULE:FREQ=WEEKLY'],
      colour: '7',
      busy: false,
      status: 'tentative',
    } as const
    expect(insertBody('id1', aWrite(content, { visibility: 'private' }))).toEqual({
      id: 'id1',
      start: { date: '2026-12-01' },
      end: { date: '2026-12-03' },
      recurrence: ['RRULE:FREQ=WEEKLY'],
      summary: 'Follow-up',
      transparency: 'transparent',
      status: 'tentative',
      colorId: '7',
      visibility: 'private',
      extendedProperties: MARK,
    })
  })

  test('carries no text that Google cannot store', () => {
    expect(insertBody('id1', aWrite({ title: 'a\ud800\0b' }))).toMatchObject({ summary: 'a\ufffdb' })
  })
})

describe('an update', () => {
  test('repeats everything that is not ours, and sends nothing that is Google’s', () => {
    const theirs = {
      attendees: [{ email: 'guest@example.com', responseStatus: 'accepted' }],
      reminders: { useDefault: false, overrides: [{ method: 'popup', minutes: 5 }] },
      conferenceData: { conferenceId: 'abc' },
      attachments: [{ fileUrl: 'https://files.example/1' }],
      source: { url: 'https://practice.example/1', title: 'Practice' },
      visibility: 'public',
      guestsCanModify: true,
      fieldOfTomorrow: 1,
    }
    const extendedProperties = {
      shared: { all: '1' },
      private: { other: 'kept', lockstepKey: 'old', lockstepRevision: '1' },
    }
    const change = changeBody(
      aWrite(),
      aRaw({ ...theirs, hangoutLink: 'https://meet.example/abc', locked: true, extendedProperties }),
    )
    expect(change).toEqual({
      method: 'update',
      params: { conferenceDataVersion: 1, supportsAttachments: true },
      body: {
        status: 'confirmed',
        summary: 'Follow-up',
        start: START,
        end: END,
        eventType: 'default',
        ...theirs,
        extendedProperties: {
          shared: { all: '1' },
          private: { other: 'kept', lockstepKey: 'k1', lockstepRevision: '2' },
        },
      },
    })
  })

  test('leaves conference and attachments to Google where there are none', () => {
    expect(changeBody(aWrite(), aRaw()).params).toEqual({})
  })

  const changes: [
    sentence: string,
    content: Partial<Projection>,
    raw: Record<string, unknown>,
    body: object,
    gone: string[],
  ][] = [
    [
      'moves it',
      { time: timed('2026-12-02T14:00:00Z', '2026-12-02T15:00:00Z') },
      {},
      { start: { dateTime: '2026-12-02T09:00:00-05:00', timeZone: 'America/New_York' } },
      [],
    ],
    [
      'makes it last whole days',
      { time: TWO_DAYS },
      {},
      { start: { date: '2026-12-01' }, end: { date: '2026-12-03' } },
      [],
    ],
    [
      'gives whole days a time',
      {},
      { start: { date: '2026-12-01' }, end: { date: '2026-12-02' } },
      { start: START, end: END },
      [],
    ],
    ['ends a recurrence', {}, { recurrence: ['RRULE:FREQ=DAILY'] }, {}, ['recurrence']],
    ['begins a recurrence', { recurrence: ['RRULE:FREQ=DAILY'] }, {}, { recurrence: ['RRULE:FREQ=DAILY'] }, []],
    ['clears texts', { title: '' }, { description: 'x', location: 'y' }, {}, ['summary', 'description', 'location']],
    ['clears the colour', {}, { colorId: '7' }, {}, ['colorId']],
    ['frees the time', { busy: false }, {}, { transparency: 'transparent' }, []],
    ['takes the time again', {}, { transparency: 'transparent' }, { transparency: 'opaque' }, []],
    [
      'revives what was cancelled',
      {},
      { status: 'cancelled' },
      { status: 'confirmed', start: START, summary: 'Follow-up' },
      [],
    ],
    ['mends what cannot be read', {}, { start: 'soon', end: undefined }, { start: START, end: END }, []],
    [
      'keeps an exception in its series',
      {},
      { recurringEventId: 'm', originalStartTime: START },
      { recurringEventId: 'm', originalStartTime: START },
      [],
    ],
  ]
  test.each(changes)('%s', (_sentence, content, raw, body, gone) => {
    const change = changeBody(aWrite(content), aRaw(raw))
    expect(change.method).toBe('update')
    expect(change.body).toMatchObject(body)
    for (const field of gone) expect(change.body).not.toHaveProperty(field)
  })

  test('repeats a field that already reads as wanted in Google’s own words', () => {
    const raw = aRaw({
      recurrence: ['RRULE:BYDAY=TU;FREQ=WEEKLY;WKST=MO'],
      end: { dateTime: '2026-12-01T14:30:00.000Z' },
      transparency: 'opaque',
    })
    const read = readEvent(raw, 'America/New_York')
    if (read.kind !== 'live') throw new Error('unreadable')
    const { body } = changeBody(aWrite({ ...read.content, title: 'Other' }), raw)
    expect(body).toMatchObject({
      recurrence: raw['recurrence'],
      start: raw['start'],
      end: raw['end'],
      summary: 'Other',
    })
  })

  test('never carries the form of time that was left', () => {
    const { body } = changeBody(aWrite({ time: TWO_DAYS }), aRaw())
    expect(body['start']).toEqual({ date: '2026-12-01' })
    const back = changeBody(aWrite(), aRaw({ start: { date: '2026-12-01' }, end: { date: '2026-12-02' } }))
    expect(back.body['start']).toEqual(START)
  })

  test('without a representation says all of it again, under no id', () => {
    for (const raw of [null, undefined, 'x']) {
      const { method, body } = changeBody(aWrite({}, { visibility: 'private' }), raw)
      expect(method).toBe('update')
      expect(body).toMatchObject({
        status: 'confirmed',
        summary: 'Follow-up',
        start: START,
        visibility: 'private',
        extendedProperties: MARK,
      })
      expect(body).not.toHaveProperty('id')
    }
  })

  test('does not touch the visibility that the user chose', () => {
    expect(changeBody(aWrite({}, { visibility: 'private' }), aRaw({ visibility: 'public' })).body['visibility']).toBe(
      'public',
    )
    expect(changeBody(aWrite({}, { visibility: 'private' }), aRaw()).body).not.toHaveProperty('visibility')
  })
})

describe('where Google left guests out', () => {
  test('a patch names our fields alone, and no guest', () => {
    const raw = aRaw({ attendeesOmitted: true, attendees: [{ self: true }], conferenceData: {}, description: 'old' })
    expect(changeBody(aWrite({ time: TWO_DAYS, colour: '7' }), raw)).toEqual({
      method: 'patch',
      params: {},
      body: {
        start: { date: '2026-12-01', dateTime: null, timeZone: null },
        end: { date: '2026-12-03', dateTime: null, timeZone: null },
        description: null,
        colorId: '7',
        extendedProperties: MARK,
      },
    })
  })
})

describe('whatever is written', () => {
  const OURS = ['start', 'end', 'recurrence', 'summary', 'description', 'location', 'transparency', 'status', 'colorId']
  const text = fc.string({ maxLength: 20 })
  const contents = fc.record({
    time: fc.constantFrom<Span>(NINE, TWO_DAYS, timed('2026-03-29T00:30:00Z', '2026-03-29T02:30:00Z', 'Europe/Berlin')),
    recurrence: fc.constantFrom<readonly string[]>([], ['RRULE:FREQ=DAILY']),
    title: text,
    description: text,
    location: text,
    busy: fc.boolean(),
    status: fc.constantFrom('confirmed' as const, 'tentative' as const),
    colour: fc.constantFrom(null, '1', '11'),
  })
  const others = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 8 }).map(name => `x${name}`),
    fc.jsonValue({ maxDepth: 1 }).filter(value => value !== null),
  )

  test('is read back as it was meant, and no field of another changes', () => {
    fc.assert(
      fc.property(contents, contents, others, (before, after, theirs) => {
        const raw = { ...aRaw(theirs), ...insertBody('event1', aWrite(before)), etag: '"1"' }
        const { body } = changeBody(aWrite(after), raw)
        const again = readEvent({ id: 'event1', etag: '"2"', ...body }, 'UTC')
        expect(again).toMatchObject({ kind: 'live', content: after, marker: { key: 'k1', revision: 2 } })
        for (const [name, value] of Object.entries(theirs)) if (!OURS.includes(name)) expect(body[name]).toEqual(value)
      }),
      { numRuns: 500, verbose: true },
    )
  })
})

test('where the representation is withheld, a patch names our fields alone and no word that is hidden', () => {
  const content = { ...aProjection({ colour: '3' }), title: veil('Theirs'), location: '' }
  const write = { content, marker: { key: 'k', revision: 4 }, visibility: 'default' as const }
  const change = changeBody(write, RAW_WITHHELD)
  expect(change).toMatchObject({ method: 'patch', params: {} })
  expect(Object.keys(change.body).toSorted()).toEqual(
    [
      'colorId',
      'description',
      'end',
      'extendedProperties',
      'location',
      'recurrence',
      'start',
      'status',
      'transparency',
    ].toSorted(),
  )
  expect(change.body).toMatchObject({ location: null, description: null, colorId: '3' })
  expect(JSON.stringify(insertBody('id', write))).not.toContain('\\u0001')
})
