import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { instanceOf, readEvent } from '../../src/adapters/google/from-google.ts'
import { readCalendarPage, readChannel, readEventPage, storable } from '../../src/adapters/google/wire.ts'
import { draftAppointment } from '../../src/core/model/appointment-draft.ts'
import {
  FIRST_INSTANT,
  isZone,
  LAST_INSTANT,
  parseDate,
  parseDateTime,
  parseSlotKey,
} from '../../src/core/model/time.ts'
import { expandSeries } from '../../src/core/recurrence/expand.ts'
import { parseRecurrence, validateRecurrence } from '../../src/core/recurrence/rule.ts'
import { readRule, readSlot } from '../../src/core/recurrence/rrule.ts'
import { loadIcs } from '../../src/simulator/ics.ts'
import { aClinic, anApp, storeWith, type Clinic } from '../adapters/http/an-app.ts'
import { createMemoryStore } from '../support/memory-store.ts'

const seed = Number(process.env['SEED'] ?? 20_261_130)
/** Per parser; the long run is `HOSTILE_RUNS=100000 HOSTILE_FORGED=100000`. */
const runs = Number(process.env['HOSTILE_RUNS'] ?? 300)
const forgeries = Number(process.env['HOSTILE_FORGED'] ?? 3_000)
/** Of the processor's own time for one input: a machine that does other things as well is not the parser's fault. */
const SLOW_MS = 1_000

process.stdout.write(`hostile seed ${seed}\n`)

const NASTY = [
  ...[
    '',
    '\0',
    '\ud800',
    '\udfff\ud800',
    '\u202e',
    'x'.repeat(30_000),
    '__proto__',
    'constructor',
    '%00',
    '{{',
    '\r\nX: y',
  ],
  ...[
    '9999-12-31',
    '9999-12-31T23:59:59Z',
    '10000-01-01',
    '0000-00-00',
    '-000001-01-01',
    '2026-02-30',
    '2026-12-01T25:00:00Z',
  ],
  ...['2026-12-01T09:00:00-05:00', '2026-12-01', '99991231T235959Z', '20261201T090000', '+99:99', 'Z'],
  ...['UTC', 'America/New_York', 'Mars/Olympus', '+02:00', 'Etc/GMT+25', '../../etc/passwd', 'utc\0'],
  ...[
    'RRULE:FREQ=DAILY',
    'RRULE:FREQ=SECONDLY',
    'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    'RRULE:FREQ=DAILY;COUNT=999999999',
  ],
  ...[
    'RRULE:FREQ=DAILY;INTERVAL=999999999',
    `RRULE:FREQ=DAILY;BYDAY=${'MO,'.repeat(5_000)}`,
    'EXDATE:',
    'RDATE:20261208T140000Z',
  ],
  ...[
    'RRULE:FREQ=WEEKLY;UNTIL=99991231T235959Z',
    'RRULE:FREQ=MONTHLY;BYSETPOS=-366;BYDAY=SU',
    'RRULE:FREQ=DAILY;COUNT=-1',
  ],
]
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.constantFrom('RRULE', ':', ';', '=', 'FREQ', 'DAILY', 'BYDAY', ',', 'MO', '1', '-', 'T', 'Z', '0'),
      maxLength: 40,
    }),
  },
)
const NAMES = [
  ...[
    'kind',
    'id',
    'status',
    'summary',
    'start',
    'end',
    'dateTime',
    'date',
    'timeZone',
    'recurrence',
    'recurringEventId',
  ],
  ...[
    'originalStartTime',
    'etag',
    'iCalUID',
    'organizer',
    'creator',
    'email',
    'self',
    'extendedProperties',
    'private',
    'items',
  ],
  ...[
    'nextPageToken',
    'nextSyncToken',
    'updated',
    'sequence',
    'transparency',
    'visibility',
    'eventType',
    'attendees',
    'colorId',
  ],
  ...[
    'resourceId',
    'expiration',
    'accessRole',
    'primary',
    '__proto__',
    'toString',
    'userId',
    'title',
    'metadata',
    'originalStart',
  ],
]
/** Anything that JSON can say, in members whose names mean something. */
const json = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 8 }),
  ),
})).value
const wire = fc.oneof(
  json,
  fc.record(
    {
      id: text,
      status: fc.oneof(fc.constantFrom('confirmed', 'cancelled', 'tentative'), json),
      start: fc.oneof(fc.record({ dateTime: text, timeZone: text }), fc.record({ date: text }), json),
      end: fc.oneof(fc.record({ dateTime: text, timeZone: text }), fc.record({ date: text }), json),
      recurrence: fc.oneof(fc.array(text, { maxLength: 4 }), json),
      summary: fc.oneof(text, json),
      originalStartTime: json,
      extendedProperties: json,
      etag: json,
    },
    { requiredKeys: [] },
  ),
)

/** Every input is read or refused as the parser's contract says, within its time. */
function survives<T>(arbitrary: fc.Arbitrary<T>, parse: (input: T) => void): void {
  fc.assert(
    fc.property(arbitrary, input => {
      const from = process.cpuUsage()
      parse(input)
      const { user, system } = process.cpuUsage(from)
      expect((user + system) / 1_000).toBeLessThan(SLOW_MS)
    }),
    { seed, numRuns: runs },
  )
}

const LONG = { timeout: 3_600_000 }

describe('whatever comes, a parser reads it or says no, and in time', () => {
  test('events as Google might send them', LONG, () => {
    const kinds = new Set<string>()
    survives(fc.tuple(wire, text), ([event, zone]) => {
      const read = readEvent(event, isZone(zone) ? zone : 'UTC')
      kinds.add(read.kind)
      // What is kept of it can be kept: no NUL, no half surrogate, no member that is a prototype.
      expect(JSON.stringify(storable(event)) ?? '').not.toMatch(/\\u0000|\\ud[89a-f][0-9a-f]{2}/i)
      expect(Object.getPrototypeOf({})).toBe(Object.prototype)
    })
    expect(kinds.size).toBeGreaterThan(1)
    survives(text, id => void instanceOf(id))
  })

  test('a channel whose numbers are objects without a value', () => {
    const odd = JSON.parse('{"resourceId":"r","expiration":{"toString":1,"valueOf":1}}') as unknown
    expect(readChannel(odd)).toEqual({ resourceId: 'r', expiration: null })
  })

  test('pages, calendar lists and channels', LONG, () => {
    survives(json, answer => {
      readEventPage(answer)
      readCalendarPage(answer)
      readChannel(answer)
    })
  })

  test('rules, dates and zones', LONG, () => {
    const startAt = Date.parse('2026-12-01T14:00:00Z')
    const span = { kind: 'timed', startAt, endAt: startAt + 1_800_000, startZone: 'UTC', endZone: 'UTC' } as const
    survives(fc.array(text, { maxLength: 6 }), lines => {
      const zone = 'America/New_York'
      for (const line of lines) {
        readRule(line, zone)
        readSlot(line, zone)
        parseDate(line)
        parseDateTime(line, null)
        parseSlotKey(line)
        isZone(line)
      }
      parseRecurrence(lines, zone)
      validateRecurrence(lines, span)
    })
  })

  test('a series at the last instant there is, and one whose end lies before its start', LONG, () => {
    const zones = { startZone: 'UTC', endZone: 'America/New_York' }
    const window = { startAt: FIRST_INSTANT, endAt: LAST_INSTANT }
    for (const lengthMs of [-3_600_000, 0, 3_600_000])
      survives(fc.tuple(fc.integer({ min: 0, max: 9e9 }), fc.array(text, { maxLength: 3 })), ([before, lines]) => {
        const startAt = LAST_INSTANT - before
        const time = { kind: 'timed', startAt, endAt: Math.min(LAST_INSTANT, startAt + lengthMs), ...zones } as const
        expect(expandSeries({ time, recurrence: lines }, [], window, 'UTC').occurrences.length).toBeLessThan(100_000)
      })
  })

  test('appointments of a platform', LONG, () => {
    let refused = 0
    survives(fc.tuple(text, json), ([id, body]) => {
      if (!draftAppointment(id, body).ok) refused += 1
    })
    expect(refused).toBeGreaterThan(runs / 2)
  })

  test('calendar files', LONG, () => {
    const line = fc.oneof(
      text,
      fc.constantFrom(
        'BEGIN:VCALENDAR',
        'END:VCALENDAR',
        'BEGIN:VEVENT',
        'END:VEVENT',
        'DTSTART:20261201T090000Z',
        'DTEND:19000101',
      ),
      fc
        .tuple(
          fc.constantFrom('UID', 'DTSTART', 'DTEND;VALUE=DATE', 'RRULE', 'EXDATE;TZID=X', 'RECURRENCE-ID', 'SUMMARY'),
          text,
        )
        .map(([name, value]) => `${name}:${value}`),
    )
    survives(fc.array(line, { maxLength: 14 }), lines => {
      try {
        loadIcs(['BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR'].join('\r\n'), 'UTC')
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
        expect(error).not.toBeInstanceOf(RangeError) // the stack is not at its end
      }
    })
  })
})

describe('whatever a request carries, the answer is no failure', () => {
  const endless = { perMinute: 1e9, burst: 1e9 }
  let clinic: Clinic
  beforeAll(async () => {
    clinic = await aClinic(createMemoryStore, { rates: { key: endless, refused: endless, visitor: endless } })
  })
  afterAll(() => clinic.app.close())
  const header = fc.string({
    unit: fc.integer({ min: 0x20, max: 0xff }).map(code => String.fromCharCode(code)),
    maxLength: 300,
  })

  test('cookies and headers', LONG, async () => {
    const { app, store } = clinic
    const before = JSON.stringify(await store.changes('tnt_clinic', 0, 9))
    const asked = fc.asyncProperty(
      fc.constantFrom(
        '/v1/changes',
        '/v1/appointments/a',
        '/connect/some',
        '/console',
        '/feeds/some.ics',
        '/health/live',
      ),
      fc.record(
        {
          authorization: fc.oneof(
            header,
            header.map(value => `Bearer ${value}`),
          ),
          cookie: fc.oneof(
            header,
            header.map(value => `lockstep-console=${value}; lockstep-connect=${value}`),
          ),
          'if-match': header,
          'idempotency-key': header,
          'content-type': header,
          'x-forwarded-for': header,
        },
        { requiredKeys: [] },
      ),
      async (url, headers) => {
        const { statusCode, headers: sent } = await app.inject({ url, headers })
        expect([url, headers, statusCode]).toEqual([url, headers, expect.toSatisfy((code: number) => code < 500)])
        expect(JSON.stringify(sent)).not.toContain('\\r\\nX')
      },
    )
    await fc.assert(asked, { seed, numRuns: runs })
    expect(JSON.stringify(await store.changes('tnt_clinic', 0, 9))).toBe(before)
  })

  test('a parameter given twice, and members named like an object’s own parts', async () => {
    const { app, call } = clinic
    for (const url of [
      '/v1/changes?limit=1&limit=2',
      '/v1/appointments?userId=a&userId=b',
      '/v1/changes?__proto__=1',
      '/v1/changes?constructor[prototype][x]=1',
    ])
      expect([url, (await call('GET', url)).status]).toEqual([url, 400])
    for (const body of [
      '{"__proto__":{"isAdmin":true}}',
      '{"constructor":{"prototype":{"isAdmin":true}}}',
      '{"metadata":{"__proto__":{"isAdmin":true}}}',
    ])
      expect([body, (await call('PUT', '/v1/appointments/polluted', body)).status]).toEqual([body, 400])
    expect((await app.inject({ url: '/health/live' })).json()).not.toHaveProperty('isAdmin')
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined()
  })
})

test(`${forgeries} forged notifications make no job, no read and no write, and are answered fast`, LONG, async () => {
  let touched = 0
  const touch = async () => {
    touched += 1
    return null
  }
  const { app } = await anApp({
    store: storeWith({ noteNotification: touch, noteOrphan: async () => (await touch()) !== null }),
    jobs: { wake: async () => void (touched += 1) },
  })
  const hash = (value: string) => createHash('sha256').update(value).digest('hex')
  const took: number[] = []
  for (let at = 0; at < forgeries; at++) {
    const id = `channel_${at % 50}`
    const token = [hash(`${id}x`), '', hash(id).slice(1), 'x'.repeat(2_000), hash(id).toUpperCase()][at % 5] ?? ''
    const headers = {
      'x-goog-channel-id': id,
      'x-goog-channel-token': token,
      'x-goog-resource-id': 'r',
      'x-goog-resource-state': 'exists',
      'x-goog-message-number': '1',
    }
    const payload = at % 3 === 0 ? 'x'.repeat(at % 900) : undefined
    const from = performance.now()
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/webhooks/google',
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
    took.push(performance.now() - from)
    expect(statusCode).toBeGreaterThanOrEqual(400)
    expect(statusCode).toBeLessThan(500)
  }
  took.sort((a, b) => a - b)
  const p99 = took[Math.floor(took.length * 0.99)] ?? Infinity
  process.stdout.write(
    `forged notifications: ${forgeries}, p50 ${took[Math.floor(took.length / 2)]?.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms\n`,
  )
  expect(touched).toBe(0)
  expect(p99).toBeLessThan(50)
})
