import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { aBooking, aClinic, type Clinic, TENANT } from './an-app.ts'

const seed = Number(process.env['SEED'] ?? 20_261_130)
const runs = Number(process.env['FUZZ_RUNS'] ?? 400)

let clinic: Clinic
beforeAll(async () => {
  process.stdout.write(`fuzz seed ${seed}\n`)
  clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/single', aBooking())
  await clinic.call('PUT', '/v1/appointments/series', aBooking({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=9'] }))
})

const NAMES = Object.keys(aBooking()).concat(
  ['id', 'kind', 'status', 'description', 'location', 'recurrence', 'recurringId', 'originalStart', 'busy'],
  ['colour', 'metadata', 'origin', 'locked', 'version', 'google', 'archived', 'nosuch'],
)
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '\0', '\ud800', 'x'.repeat(9_000), 'series', 'single', 'confirmed', 'cancelled', '../..', '%00'),
  fc.constantFrom('2026-12-01', '9999-12-31', '0000-00-00', '2026-12-01T09:00:00Z', '2026-02-30T25:61:00+99:99'),
  fc.constantFrom(
    'America/New_York',
    'UTC',
    'utc',
    '+02:00',
    'Mars/Olympus',
    'RRULE:FREQ=DAILY',
    'RRULE:FREQ=',
    'EXDATE:',
  ),
  fc.constantFrom(
    'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    'RRULE:FREQ=DAILY;COUNT=99999999',
    'RDATE:20261208T140000Z',
  ),
)
const scalar = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null))
const moment = fc.oneof(
  fc.record({ dateTime: text, timeZone: text, date: text }, { requiredKeys: [] }),
  fc.constantFrom(
    { date: '2026-12-08' },
    { dateTime: '2026-12-08T09:00:00-05:00', timeZone: 'America/New_York' },
    { dateTime: '0001-01-01T00:00:00+14:00', timeZone: 'Pacific/Apia' },
    { dateTime: '9999-12-31T23:59:59-12:00', timeZone: 'America/Lima' },
  ),
)
const value = fc.oneof(
  scalar,
  moment,
  fc.array(text, { maxLength: 5 }),
  fc.array(scalar, { maxLength: 3 }),
  fc.jsonValue({ maxDepth: 6, noUnicodeString: false }),
)
const anything = fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 8 })), value, { maxKeys: 8 })
const spoiled = fc
  .tuple(anything, fc.boolean())
  .map(([over, isWhole]) => (isWhole ? aBooking(Object.fromEntries(Object.entries(over))) : over))
const body = fc.oneof({ weight: 5, arbitrary: spoiled }, { weight: 1, arbitrary: fc.jsonValue() })
const id = fc.oneof(
  fc.constantFrom('single', 'series', 'fresh', 'other'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(each => each.isWellFormed()),
)

type Ask = { method: 'PUT' | 'PATCH' | 'POST' | 'GET' | 'DELETE'; url: string; body?: unknown }
const ask: fc.Arbitrary<Ask> = fc.oneof(
  fc.record({
    method: fc.constantFrom('PUT', 'PATCH'),
    url: id.map(each => `/v1/appointments/${encodeURIComponent(each)}`),
    body,
  }),
  fc.record({
    method: fc.constant('PUT' as const),
    url: fc.constant('/v1/appointments/fresh?onConflict=reject'),
    body,
  }),
  fc.record({
    method: fc.constant('POST' as const),
    url: id.map(each => `/v1/appointments/${encodeURIComponent(each)}/cancel`),
    body,
  }),
  fc.record({
    method: fc.constant('POST' as const),
    url: fc.constant('/v1/appointments/batch'),
    body: fc.oneof(
      body,
      fc.array(body, { maxLength: 4 }).map(items => ({ items })),
    ),
  }),
  fc.record({ method: fc.constant('POST' as const), url: fc.constant('/v1/users/dr-lee/availability/check'), body }),
  fc.record({
    method: fc.constant('GET' as const),
    url: fc
      .tuple(
        fc.constantFrom('/v1/appointments', '/v1/changes', '/v1/users/dr-lee/availability', '/v1/appointments/single'),
        fc.dictionary(
          fc.constantFrom('from', 'to', 'limit', 'cursor', 'after', 'expand', 'status', 'archived', 'userId', 'x'),
          text,
          {
            maxKeys: 4,
          },
        ),
      )
      .map(
        ([path, query]) =>
          `${path}?${new URLSearchParams(Object.entries(query).map(([k, v]): [string, string] => [k, v.toWellFormed()]))}`,
      ),
  }),
)

async function everything(): Promise<string> {
  const { store } = clinic
  const filter = { userId: null, from: null, to: null, origin: null, status: null, after: null, limit: 100_000 }
  const shown = await store.listAppointments(TENANT, { ...filter, isArchived: false })
  const hidden = await store.listAppointments(TENANT, { ...filter, isArchived: true })
  return JSON.stringify([shown, hidden, (await store.changes(TENANT, 0, 1_000_000)).length])
}

test(
  'whatever is sent, the answer is never a failure, and what is refused has changed nothing',
  { timeout: 120_000 },
  async () => {
    const seen = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(ask, async ({ method, url, body: sent }) => {
        const before = await everything()
        const reply = await clinic.call(method, url, sent)
        seen.set(reply.status, (seen.get(reply.status) ?? 0) + 1)
        expect(reply.status).toBeLessThan(500)
        if (reply.status < 400) return
        expect(reply.headers['content-type']).toContain('application/problem+json')
        expect(reply.body).toMatchObject({ type: expect.any(String), title: expect.any(String), status: reply.status })
        if (reply.status === 400) expect(reply.body['detail']).toBeTruthy()
        expect(await everything()).toBe(before)
      }),
      { seed, numRuns: runs },
    )
    expect(seen.get(400) ?? 0).toBeGreaterThan(0)
    expect((seen.get(200) ?? 0) + (seen.get(201) ?? 0)).toBeGreaterThan(0)
  },
)

test.each([
  ['half an object', '{'],
  ['nothing', ''],
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"text"'],
  ['a number', '1'],
  ['a poisoned prototype', '{"__proto__":{"x":1}}'],
  ['twenty thousand brackets', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ['a member nested ten thousand deep', `{"items":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
])('a body of %s is refused as a problem', async (_sentence, raw) => {
  const headers = { 'content-type': 'application/json' }
  for (const [method, url] of [
    ['PUT', '/v1/appointments/fresh-raw'],
    ['POST', '/v1/appointments/batch'],
    ['POST', '/v1/users/dr-lee/availability/check'],
  ] as const) {
    const reply = await clinic.call(method, url, raw, { ...headers, 'idempotency-key': `${url}-${raw.length}` })
    expect(reply.status).toBe(400)
    expect(reply.headers['content-type']).toContain('application/problem+json')
  }
  expect((await clinic.call('GET', '/v1/appointments/fresh-raw')).status).toBe(404)
})

test('another media type is refused by name', async () => {
  const reply = await clinic.call('PUT', '/v1/appointments/a', 'x=1', { 'content-type': 'text/plain' })
  expect([reply.status, reply.body['type']]).toEqual([415, 'unsupported-media-type'])
})
