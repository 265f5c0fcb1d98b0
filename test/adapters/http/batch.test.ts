import { expect, test } from 'vitest'
import { aBooking, aClinic, TENANT } from './an-app.ts'

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `apt_${index}`)

test('a thousand appointments are put in one transaction with one change set', async () => {
  const clinic = await aClinic()
  let transactions = 0
  let applies = 0
  const { transaction } = clinic.store
  clinic.deps.store = clinic.store
  clinic.store.transaction = (tenantId, work) => {
    transactions += 1
    return transaction(tenantId, tx =>
      work({
        ...tx,
        apply: (whose, changes) => {
          applies += 1
          return tx.apply(whose, changes)
        },
      }),
    )
  }
  const items = ids(1_000).map(id => ({ id, ...aBooking({ title: id }) }))
  const { status, body } = await clinic.call('POST', '/v1/appointments/batch', { items })
  expect(status).toBe(200)
  expect(body['items']).toHaveLength(1_000)
  expect(body['items'][999]).toEqual({ id: 'apt_999', status: 201, version: 1 })
  expect({ transactions, applies }).toEqual({ transactions: 1, applies: 1 })
})

test('one bad item spoils no other, and the answers come in the order of the questions', async () => {
  const clinic = await aClinic()
  const items = [
    { id: 'good', ...aBooking() },
    { id: 'bad', ...aBooking({ start: { date: 'never' } }) },
    'not an appointment',
    aBooking(),
    { id: 'good', ...aBooking({ title: 'again' }) },
    { id: 'series', ...aBooking({ recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] }) },
    { id: 'exception', ...aBooking({ recurringId: 'series', originalStart: { dateTime: '2026-12-02T14:00:00Z' } }) },
    { id: 'nul', ...aBooking({ title: 'a\0' }) },
  ]
  const { body } = await clinic.call('POST', '/v1/appointments/batch', { items })
  expect(
    (body['items'] as { id: string; status: number; version?: number }[]).map(each => [each.id, each.status]),
  ).toEqual([
    ['good', 201],
    ['bad', 400],
    [null, 400],
    [null, 400],
    ['good', 200],
    ['series', 201],
    ['exception', 201],
    ['nul', 400],
  ])
  expect(body['items'][1].problem).toMatchObject({ type: 'invalid-request', errors: [{ path: 'start.date' }] })
  expect(body['items'][4].version).toBe(2)
  expect((await clinic.call('GET', '/v1/appointments/good')).body).toMatchObject({ title: 'again', version: 2 })
  const history = await clinic.store.history(TENANT, 'good', 10)
  expect(history.map(row => row.action)).toEqual(['created', 'edited'])
  expect(await clinic.store.appointment(TENANT, 'bad')).toBeNull()
})

test.each([
  ['more than a thousand items', { items: ids(1_001).map(id => ({ id })) }, 'items'],
  ['no items', {}, 'items'],
  ['items that are no list', { items: {} }, 'items'],
  ['unknown members', { items: [], extra: 1 }, 'extra'],
])('a batch with %s is refused whole', async (_sentence, body, path) => {
  const clinic = await aClinic()
  const reply = await clinic.call('POST', '/v1/appointments/batch', body)
  expect([reply.status, reply.body['errors'][0].path]).toEqual([400, path])
})

test('a batch may weigh more than another body, but not without end', async () => {
  const clinic = await aClinic()
  const heavy = aBooking({ description: 'x'.repeat(8_000) })
  const batch = { items: ids(100).map(id => ({ id, ...heavy })) }
  expect((await clinic.call('POST', '/v1/appointments/batch', batch)).status).toBe(200)
  const single = aBooking({ metadata: { x: 'x'.repeat(70_000) } })
  expect((await clinic.call('PUT', '/v1/appointments/a', single)).body).toMatchObject({
    type: 'too-large',
    status: 413,
  })
  const huge = { items: ids(200).map(id => ({ id, ...heavy })) }
  expect((await clinic.call('POST', '/v1/appointments/batch', huge)).status).toBe(413)
})
