import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isObject, type Json, type JsonObject } from '../../src/simulator/json.ts'
import { anEvent, ANNA, aWorld, control, itemsOf } from './world-builder.ts'

/**
 * The simulator beside what Google was seen to answer. The recordings are not part of this repository: where they are not at hand, a loud line
 * says so, and the same conversations are held against the shapes written down here.
 */
const RECORDINGS = process.env['LOCKSTEP_RECORDINGS'] ?? resolve(import.meta.dirname, '../../../shared/recordings')
const isAtHand = existsSync(RECORDINGS)
if (!isAtHand)
  process.stderr.write(`NO RECORDINGS of Google at ${RECORDINGS}: only the shapes written down here are compared\n`)

const read = (file: string): Json => JSON.parse(readFileSync(join(RECORDINGS, file), 'utf8'))
const files = isAtHand
  ? readdirSync(RECORDINGS, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.json'))
  : []

/** Every answer of Google in a file, however it is wrapped; what was sent is left out. */
function* answersIn(value: Json | undefined): Generator<JsonObject> {
  if (Array.isArray(value)) for (const each of value) yield* answersIn(each)
  if (!isObject(value)) return
  if ('request' in value && 'response' in value) return yield* answersIn(value['response'])
  if (typeof value['kind'] === 'string') yield value
  for (const field of Object.values(value)) yield* answersIn(field)
}
const recorded = files.flatMap(file => [...answersIn(read(file))])

/** What a text looks like, with its letters and digits left out where they mean nothing. */
function formOf(key: string, value: unknown): string {
  if (typeof value !== 'string') return Array.isArray(value) ? 'list' : typeof value
  if (key === 'etag') return /^"[\w+=/-]+"$/.test(value) ? 'quoted' : 'bare'
  if (key === 'id' || key === 'recurringEventId') return /^[\w.@%#+-]+$/.test(value) ? 'id' : 'other'
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) return 'instant with milliseconds'
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) return 'instant'
  if (key === 'nextSyncToken' || key === 'nextPageToken') return 'token'
  return 'text'
}

/** Of each key of these objects: how many have it, and in which forms. */
function shapeOf(objects: readonly JsonObject[]): Map<string, { count: number; forms: Set<string> }> {
  const shape = new Map<string, { count: number; forms: Set<string> }>()
  for (const object of objects)
    for (const [key, value] of Object.entries(object)) {
      const known = shape.get(key) ?? { count: 0, forms: new Set() }
      known.count += 1
      known.forms.add(formOf(key, value))
      shape.set(key, known)
    }
  return shape
}

const isLive = (object: JsonObject): boolean => object['status'] !== 'cancelled'
/** Kinds of answers, with what this simulator leaves out of them on purpose (`docs/simulator.md`, "Where it departs from Google"). */
const KINDS: [kind: string, of: (object: JsonObject) => boolean, leftOut: string[]][] = [
  ['calendar#event', isLive, []],
  ['calendar#event', object => !isLive(object), []],
  ['calendar#events', () => true, []],
  ['calendar#calendarList', () => true, []],
  ['calendar#calendarListEntry', () => true, ['conferenceProperties']],
  ['calendar#calendar', () => true, ['conferenceProperties']],
  ['calendar#acl', () => true, []],
  ['calendar#aclRule', () => true, []],
]

/** One conversation that has every kind of answer in it. */
function simulated(): JsonObject[] {
  const { anna, events, as } = aWorld()
  as('guest@example.com')
  const made = anna('POST', '/calendars', { summary: 'Practice', timeZone: 'America/Chicago' })
  const acl = anna('POST', `/calendars/${encodeURIComponent(ANNA)}/acl`, {
    role: 'writer',
    scope: { type: 'user', value: 'guest@example.com' },
  })
  const single = anna('POST', events(), anEvent({ id: 'single1', description: 'd', location: 'l' }))
  const series = anna('POST', events(), anEvent({ id: 'series1', recurrence: ['RRULE:FREQ=DAILY;COUNT=5'] }))
  anna('DELETE', `${events()}/series1_20260304T160000Z`)
  anna('PATCH', `${events()}/series1_20260305T160000Z`, { summary: 'Moved' })
  anna('DELETE', `${events()}/single1`)
  const lists = [
    anna('GET', `${events()}?showDeleted=true`),
    anna('GET', '/users/me/calendarList'),
    anna('GET', `/calendars/${encodeURIComponent(ANNA)}/acl`),
  ]
  return [made, acl, single, series, ...lists].flatMap(answer => [...answersIn(answer.body)])
}

describe.runIf(isAtHand)('the simulator answers in the shapes of the recordings', () => {
  const ours = simulated()

  test('and every file of them is looked at', () => {
    expect(files.length).toBeGreaterThanOrEqual(60)
    expect(recorded.length).toBeGreaterThan(100)
    const kinds = new Set(recorded.map(each => each['kind']))
    const known = new Set([...KINDS.map(([kind]) => kind), 'calendar#freeBusy'])
    expect([...kinds].filter(kind => !known.has(String(kind)))).toEqual([])
  })

  test.each(
    KINDS.map(([kind, of, leftOut], n) => ({ kind, of, leftOut, name: `${kind}${n === 1 ? ', deleted' : ''}` })),
  )('$name: what Google always says is said, in the same forms', ({ kind, of, leftOut }) => {
    const google = recorded.filter(each => each['kind'] === kind && of(each))
    const simulator = ours.filter(each => each['kind'] === kind && of(each))
    expect(google.length).toBeGreaterThan(0)
    expect(simulator.length).toBeGreaterThan(0)
    const theirs = shapeOf(google)
    const here = shapeOf(simulator)
    const always = [...theirs].filter(([, { count }]) => count === google.length).map(([key]) => key)
    expect(always.filter(key => here.get(key)?.count !== simulator.length && !leftOut.includes(key))).toEqual([])
    for (const [key, { forms }] of here) {
      const known = theirs.get(key)
      if (known !== undefined) expect([key, [...forms].filter(form => !known.forms.has(form))]).toEqual([key, []])
    }
  })

  test.each([
    ['compass/errors/410-fullSyncRequired.json', 'killed'],
    ['compass/errors/400-invalid-syncToken.json', 'mangled'],
  ])('%s: the same status and the same body', (file, how) => {
    const { anna, events, simulator } = aWorld()
    anna('POST', events(), anEvent({ id: 'single1' }))
    const token = String(anna('GET', events()).body['nextSyncToken'])
    control(simulator, 'POST', `calendars/${encodeURIComponent(ANNA)}/kill-sync-tokens`)
    const answer = anna('GET', `${events()}?syncToken=${how === 'killed' ? encodeURIComponent(token) : 'no-token'}`)
    const google = read(file) as {
      status: number
      body: { error: { errors: JsonObject[]; code: number; message: string } }
    }
    expect(answer.status).toBe(google.status)
    expect(answer.body).toMatchObject({ error: { code: google.body.error.code, message: google.body.error.message } })
    const [reason] = google.body.error.errors
    expect((answer.body['error'] as { errors: JsonObject[] }).errors[0]).toEqual(reason)
  })

  test('a dead grant is the same refusal', () => {
    const { simulator } = aWorld()
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: 'gone',
      client_id: 'c',
      client_secret: 's',
    }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = simulator.handle({ method: 'POST', path: '/token', query: new URLSearchParams(), headers, body })
    const google = read('compass/errors/400-invalid_grant.json') as { status: number; body: JsonObject }
    expect(answer.status).toBe(google.status)
    expect(JSON.parse(answer.body)).toMatchObject({ error: google.body['error'] })
  })
})

/** An item of a list as far as a conversation decides it: which event it is of which series, and what it says of it. */
function kindOfItem(item: JsonObject, base: string): JsonObject {
  const id = String(item['id'])
  const under = (name: Json | undefined): string => (typeof name === 'string' ? name.replace(base, '') : '')
  return {
    id: under(id),
    status: item['status'] ?? null,
    ...(Array.isArray(item['recurrence']) ? { recurrence: item['recurrence'] } : {}),
    ...(item['recurringEventId'] === undefined
      ? {}
      : { of: under(item['recurringEventId']), slot: item['originalStartTime'] ?? null }),
    ...(item['status'] === 'cancelled'
      ? { keys: Object.keys(item).toSorted() }
      : { start: item['start'] ?? null, end: item['end'] ?? null }),
  }
}

type Talk = {
  file: string
  /** The items that the recording shows, for those who have none at hand. */
  shown: JsonObject[]
  /** What a person does, on a series as it was before; `base` is its id. */
  act: (world: ReturnType<typeof aWorld>, base: string, page: JsonObject[]) => void
  /** What was there before: the rule of the series, and which of the listed exceptions. */
  before: { rule?: string; exceptions?: boolean }
}

const at = (date: string, hour: string, offset = '-05:00') => ({
  dateTime: `${date}T${hour}:00${offset}`,
  timeZone: 'America/Chicago',
})
const path = (id: string): string => `/calendars/primary/events/${id}`
const timeIn = (item: JsonObject) => ({ start: item['start'], end: item['end'] }) as JsonObject
const tombstone = ['etag', 'id', 'kind', 'status']
const series = (
  from: string,
  until: string | null,
  start: [string, string],
  end: string,
  offset?: string,
): JsonObject => ({
  id: from,
  status: 'confirmed',
  recurrence: [`RRULE:FREQ=DAILY${until === null ? '' : `;UNTIL=${until}`}`],
  start: at(start[0], start[1], offset),
  end: at(start[0], end, offset),
})
const exception = (slot: string, was: [string, string], is: [string, string], end: string): JsonObject => ({
  id: `_${slot}`,
  status: 'confirmed',
  of: '',
  slot: at(was[0], was[1]),
  start: at(is[0], is[1]),
  end: at(is[0], end),
})
const split = ({ simulator }: ReturnType<typeof aWorld>, base: string, slot: string, changes: JsonObject): void => {
  const answer = control(simulator, 'POST', `calendars/${encodeURIComponent(ANNA)}/split`, {
    instanceId: `${base}_${slot}`,
    changes,
  })
  expect(answer.status, answer.text).toBe(200)
}
const endBefore = ({ simulator }: ReturnType<typeof aWorld>, base: string, slot: string): void => {
  const answer = control(simulator, 'POST', `calendars/${encodeURIComponent(ANNA)}/end-series`, {
    instanceId: `${base}_${slot}`,
  })
  expect(answer.status, answer.text).toBe(200)
}

const TALKS: Talk[] = [
  {
    file: 'compass/recurring/edit/single/single.instance-2.json',
    shown: [
      series('', null, ['2025-03-24', '07:30'], '08:15'),
      exception('20250326T123000Z', ['2025-03-26', '07:30'], ['2025-03-26', '20:45'], '21:30'),
    ],
    before: {},
    act: ({ anna }, base) =>
      void anna('PATCH', path(`${base}_20250326T123000Z`), {
        summary: 'One',
        start: at('2025-03-26', '20:45'),
        end: at('2025-03-26', '21:30'),
      }),
  },
  {
    file: 'compass/recurring/edit/single/single.instance-3.json',
    shown: [
      series('', null, ['2025-03-24', '07:30'], '08:15'),
      ...['26', '27', '28'].map(day =>
        exception(`202503${day}T123000Z`, [`2025-03-${day}`, '07:30'], [`2025-03-${day}`, '07:30'], '08:15'),
      ),
    ],
    before: {},
    act: ({ anna }, base) => {
      for (const day of ['26', '27', '28'])
        anna('PATCH', path(`${base}_202503${day}T123000Z`), { summary: `On ${day}` })
    },
  },
  {
    file: 'compass/recurring/edit/this-and-following/this-and-following-1.json',
    shown: [
      series('', '20250327T045959Z', ['2025-03-24', '07:30'], '08:15'),
      series('_R20250327T123000', null, ['2025-03-27', '07:30'], '08:15'),
    ],
    before: { rule: 'RRULE:FREQ=DAILY' },
    act: (world, base) => split(world, base, '20250327T123000Z', { summary: 'From here on' }),
  },
  {
    file: 'compass/recurring/edit/this-and-following/this-and-following-2.json',
    shown: [
      series('', '20250326T045959Z', ['2025-03-12', '08:15'], '09:00'),
      exception('20250315T131500Z', ['2025-03-15', '08:15'], ['2025-03-15', '16:00'], '16:45'),
      exception('20250319T131500Z', ['2025-03-19', '08:15'], ['2025-03-20', '16:30'], '17:15'),
      series('_R20250326T131500', null, ['2025-03-26', '08:15'], '09:00'),
    ],
    before: { rule: 'RRULE:FREQ=DAILY', exceptions: true },
    act: (world, base) => split(world, base, '20250326T131500Z', { summary: 'From here on' }),
  },
  {
    file: 'compass/recurring/edit/this-and-following/this-and-following-3.json',
    shown: [
      series('', '20250326T045959Z', ['2025-03-12', '09:15'], '10:15'),
      series('_R20250326T141500', null, ['2025-03-26', '09:15'], '10:15'),
    ],
    before: { rule: 'RRULE:FREQ=DAILY' },
    act: (world, base) => split(world, base, '20250326T141500Z', { summary: 'From here on' }),
  },
  {
    file: 'compass/recurring/edit/this-and-following-v2/this-and-following-1.json',
    shown: [
      series('', '20250409T045959Z', ['2025-04-01', '07:00'], '08:00'),
      series('_R20250409T120000', null, ['2025-04-09', '07:00'], '08:00'),
    ],
    before: { rule: 'RRULE:FREQ=DAILY' },
    act: (world, base) => split(world, base, '20250409T120000Z', { summary: 'From here on' }),
  },
  {
    file: 'compass/recurring/delete/single/delete.single.json',
    shown: [
      series('', '20250401T045959Z', ['2025-02-09', '08:00'], '09:00', '-06:00'),
      {
        id: '_20250325T130000Z',
        status: 'cancelled',
        of: '',
        slot: at('2025-03-25', '08:00'),
        keys: [...tombstone, 'originalStartTime', 'recurringEventId'].toSorted(),
      },
    ],
    before: {},
    act: ({ anna }, base) => void anna('DELETE', path(`${base}_20250325T130000Z`)),
  },
  {
    file: 'compass/recurring/delete/single/delete.single-2.json',
    shown: [
      series('', null, ['2025-03-24', '10:00'], '11:30'),
      {
        id: '_20250328T150000Z',
        status: 'cancelled',
        of: '',
        slot: at('2025-03-28', '10:00'),
        keys: [...tombstone, 'originalStartTime', 'recurringEventId'].toSorted(),
      },
    ],
    before: {},
    act: ({ anna }, base) => void anna('DELETE', path(`${base}_20250328T150000Z`)),
  },
  {
    file: 'compass/recurring/delete/this-and-following/delete.this-and-following.json',
    shown: [
      series('', '20250327T045959Z', ['2025-02-09', '08:00'], '09:00', '-06:00'),
      {
        id: '_20250325T130000Z',
        status: 'cancelled',
        of: '',
        slot: at('2025-03-25', '08:00'),
        keys: [...tombstone, 'originalStartTime', 'recurringEventId'].toSorted(),
      },
    ],
    before: { rule: 'RRULE:FREQ=DAILY;UNTIL=20250401T045959Z', exceptions: true },
    act: (world, base) => endBefore(world, base, '20250327T130000Z'),
  },
  {
    file: 'compass/recurring/delete/this-and-following/delete.this-and-following-2.json',
    shown: [
      series('', '20250326T045959Z', ['2025-03-24', '10:00'], '11:30'),
      { id: '_20250328T150000Z', status: 'cancelled', keys: tombstone },
    ],
    before: { rule: 'RRULE:FREQ=DAILY', exceptions: true },
    act: (world, base) => endBefore(world, base, '20250326T150000Z'),
  },
  {
    file: 'compass/recurring/delete/all/all-1.json',
    shown: [{ id: '', status: 'cancelled', keys: tombstone }],
    before: { rule: 'RRULE:FREQ=DAILY' },
    act: ({ anna }, base) => void anna('DELETE', path(base)),
  },
]

describe('a recorded conversation held with the simulator brings the same items', () => {
  test.each(TALKS)('$file', ({ file, shown, act, before }) => {
    const [first] = shown
    const listed = isAtHand ? ((read(file) as JsonObject)['items'] as JsonObject[]) : null
    const baseIn =
      listed === null ? '' : String(listed.map(each => String(each['id'])).toSorted((a, b) => a.length - b.length)[0])
    if (listed !== null) expect(listed.map(each => kindOfItem(each, baseIn))).toEqual(shown) // what is written down here is what was recorded
    const world = aWorld({ timeZone: 'America/Chicago', virtualTime: Date.UTC(2025, 2, 24, 12) })
    const base = 'recorded00000000000000001'
    const whole = Array.isArray(first?.['recurrence'])
      ? timeIn(first)
      : { start: at('2025-03-24', '10:00'), end: at('2025-03-24', '11:00') }
    const rule = before.rule ?? String((first?.['recurrence'] as string[])[0])
    expect(
      world.anna('POST', '/calendars/primary/events', { id: base, summary: 'Series', recurrence: [rule], ...whole })
        .status,
    ).toBe(200)
    for (const each of before.exceptions === true ? shown.filter(item => /^_\d/.test(String(item['id']))) : [])
      if (each['status'] === 'cancelled') world.anna('DELETE', path(`${base}${String(each['id'])}`))
      else world.anna('PATCH', path(`${base}${String(each['id'])}`), timeIn(each))
    const token = String(world.anna('GET', '/calendars/primary/events').body['nextSyncToken'])
    act(world, base, shown)
    const increment = itemsOf(world.anna('GET', `/calendars/primary/events?syncToken=${encodeURIComponent(token)}`))
    const byId = (a: JsonObject, b: JsonObject): number => (String(a['id']) < String(b['id']) ? -1 : 1)
    expect(increment.map(each => kindOfItem(each, base)).toSorted(byId)).toEqual(shown.toSorted(byId))
    const etags = new Set(
      increment
        .filter(each => /^\w+?(_\d{8}T\d{6}Z)?$/.test(String(each['id']).replace(base, 'b')))
        .map(each => each['etag']),
    )
    expect(etags.size).toBeLessThanOrEqual(1) // a series and its exceptions share one, as recorded
  })
})
