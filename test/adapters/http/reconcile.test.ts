import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { aBooking, aClinic, bearer, type Clinic, STRANGERS_KEY } from './an-app.ts'

let clinic: Clinic
beforeEach(async () => {
  clinic = await aClinic()
})

const book = async (id: string, over: Record<string, unknown> = {}): Promise<void> => {
  expect((await clinic.call('PUT', `/v1/appointments/${encodeURIComponent(id)}`, aBooking(over))).status).toBe(201)
}
const compare = (body: Record<string, unknown>, headers = {}) => clinic.call('POST', '/v1/reconcile', body, headers)
const ids = (items: { id: string }[]): string[] => items.map(item => item.id)

test('says what is missing, what is stale on which side, and what is extra', async () => {
  for (const id of ['a', 'b', 'c', 'd', 'e']) await book(id)
  await clinic.call('PATCH', '/v1/appointments/b', { title: 'Moved' })
  const { status, body } = await compare({
    items: [
      { id: 'a', version: 1 },
      { id: 'b', version: 1 },
      { id: 'c', version: 9 },
      { id: 'cc', version: 2 },
      { id: 'd', version: 1, updatedAt: '2020-01-01T00:00:00Z' },
    ],
    last: true,
  })
  expect(status).toBe(200)
  expect(body).toEqual({
    matched: 1,
    missing: [{ id: 'cc', version: 2 }],
    stale: [
      { id: 'b', version: 1, here: 2, updatedAt: expect.any(String), behind: 'platform' },
      { id: 'c', version: 9, here: 1, updatedAt: expect.any(String), behind: 'lockstep' },
      { id: 'd', version: 1, here: 1, updatedAt: expect.any(String), behind: 'unknown' },
    ],
    extra: [{ id: 'e', userId: 'dr-lee', origin: 'platform', status: 'confirmed', version: 1 }],
    again: false,
  })
})

test('what the answers of the service say of an appointment matches it', async () => {
  await book('a')
  const { version, updatedAt } = (await clinic.call('GET', '/v1/appointments/a')).body
  expect((await compare({ items: [{ id: 'a', version, updatedAt }], last: true })).body['matched']).toBe(1)
})

test('however the ids are cut into pages, together they say the same, and each difference once', async () => {
  const all = ['A', 'B', 'a', 'a-1', 'b', 'c', 'é', 'z', '🗓']
  for (const id of all) await book(id)
  await fc.assert(
    fc.asyncProperty(
      fc.subarray([...all, 'Q', 'q', '🗓🗓'], { minLength: 0 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 12 }),
      fc.boolean(),
      async (listed, sizes, isLastEmpty) => {
        const left = listed
          .toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)))
          .map(id => ({ id, version: 1 }))
        const found = { matched: 0, missing: [] as string[], extra: [] as string[] }
        let cursor: string | undefined
        for (const size of sizes) {
          const items = left.splice(0, size)
          const last = left.length === 0 && (!isLastEmpty || items.length === 0)
          const { status, body } = await compare({ items, last, ...(cursor === undefined ? {} : { cursor }) })
          expect(status).toBe(200)
          found.matched += Number(body['matched'])
          found.missing.push(...ids(body['missing']))
          found.extra.push(...ids(body['extra']))
          cursor = body['cursor']
          expect(cursor === undefined).toBe(last)
          if (last) break
        }
        expect(found.matched).toBe(listed.filter(id => all.includes(id)).length)
        expect(found.missing.toSorted()).toEqual(listed.filter(id => !all.includes(id)).toSorted())
        expect(found.extra.toSorted()).toEqual(all.filter(id => !listed.includes(id)).toSorted())
      },
    ),
    { numRuns: 60 },
  )
})

test('more extras than an answer holds are told over the same page sent again', async () => {
  const many = Array.from({ length: 2_300 }, (_, index) => ({
    id: `p-${String(index).padStart(5, '0')}`,
    ...aBooking(),
  }))
  for (let at = 0; at < many.length; at += 1_000)
    expect((await clinic.call('POST', '/v1/appointments/batch', { items: many.slice(at, at + 1_000) })).status).toBe(
      200,
    )
  const items = [
    { id: 'p-00000', version: 1 },
    { id: 'p-01500', version: 1 },
    { id: 'q', version: 1 },
  ]
  const told: string[] = []
  let matched = 0
  let cursor: string | undefined
  const again: boolean[] = []
  for (let call = 0; call < 5; call++) {
    const { body } = await compare({ items, last: true, ...(cursor === undefined ? {} : { cursor }) })
    told.push(...ids(body['extra']))
    matched += Number(body['matched'])
    again.push(body['again'])
    cursor = body['cursor']
    if (cursor === undefined) {
      expect(ids(body['missing'])).toEqual(['q'])
      break
    }
    expect(body['missing']).toEqual([])
  }
  expect(again).toEqual([true, true, false])
  expect([matched, told.length, new Set(told).size]).toEqual([2, 2_298, 2_298])
})

test('what is booked while the pages come is no extra; what was called off or archived is none either', async () => {
  for (const id of ['a', 'm', 'x', 'y']) await book(id)
  await clinic.call('POST', '/v1/appointments/x/cancel')
  await clinic.call('DELETE', '/v1/appointments/y')
  const first = await compare({ items: [{ id: 'a', version: 1 }] })
  clinic.clock.now += 1_000
  await book('b')
  const { body } = await compare({ items: [{ id: 'm', version: 1 }], last: true, cursor: first.body['cursor'] })
  expect([body['matched'], body['extra']]).toEqual([1, []])
  expect((await compare({ items: [{ id: 'y', version: 2 }], last: true, from: '2027-01-01' })).body).toMatchObject({
    missing: [{ id: 'y', version: 2 }],
  })
})

test('the cursor remembers what is compared, and another word later is refused', async () => {
  await book('a')
  await book('b', { userId: 'dr-chan' })
  const first = await compare({ items: [{ id: '0', version: 1 }], userId: 'dr-chan' })
  const cursor = first.body['cursor']
  const rest = await compare({ items: [], last: true, cursor })
  expect(ids(rest.body['extra'])).toEqual(['b'])
  expect((await compare({ items: [], last: true, cursor, userId: 'dr-chan', origin: 'platform' })).status).toBe(200)
  const other = await compare({ items: [], last: true, cursor, userId: 'dr-lee' })
  expect([other.status, other.body['errors'][0]['path']]).toEqual([400, 'userId'])
})

test('a stranger’s appointments are neither held nor extra', async () => {
  await book('a')
  const { body } = await compare({ items: [{ id: 'a', version: 1 }], last: true }, bearer(STRANGERS_KEY))
  expect(body).toMatchObject({ matched: 0, missing: [{ id: 'a', version: 1 }], extra: [] })
})

describe('refused', () => {
  test.each([
    [
      'ids out of order',
      {
        items: [
          { id: 'b', version: 1 },
          { id: 'a', version: 1 },
        ],
      },
      'items[1].id',
    ],
    [
      'an id twice',
      {
        items: [
          { id: 'b', version: 1 },
          { id: 'b', version: 1 },
        ],
      },
      'items[1].id',
    ],
    ['an empty page that is not the last', { items: [] }, 'items'],
    ['a cursor of another call', { items: [], last: true, cursor: 'abc' }, 'cursor'],
    ['a cursor that is no JSON of ours', { items: [], last: true, cursor: 'W10' }, 'cursor'],
    [
      'an updatedAt without an offset',
      { items: [{ id: 'a', version: 1, updatedAt: '2026-12-01T09:00' }] },
      'items[0].updatedAt',
    ],
    ['an end before its beginning', { items: [], last: true, from: '2026-12-02', to: '2026-12-01' }, 'to'],
    ['a version that is none', { items: [{ id: 'a', version: 0 }], last: true }, 'items[0].version'],
    ['an id with a control character', { items: [{ id: 'a\n', version: 1 }], last: true }, 'items[0].id'],
  ])('%s', async (_sentence, body, path) => {
    const answer = await compare(body)
    expect([answer.status, answer.body['type'], answer.body['errors'][0]['path']]).toEqual([
      400,
      'invalid-request',
      path,
    ])
  })

  test('a page that begins before the end of the one before', async () => {
    const { body } = await compare({ items: [{ id: 'm', version: 1 }] })
    const next = await compare({ items: [{ id: 'c', version: 1 }], last: true, cursor: body['cursor'] })
    expect([next.status, next.body['errors'][0]['path']]).toEqual([400, 'items[0].id'])
  })
})
