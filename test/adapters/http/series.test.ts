import { expect, test } from 'vitest'
import { aBooking, aClinic, type Clinic } from './an-app.ts'

const WEEKLY = { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] }
const SECOND = { dateTime: '2026-12-08T09:00:00-05:00', timeZone: 'America/New_York' }
const moved = (over: Record<string, unknown> = {}): Record<string, unknown> =>
  aBooking({
    recurringId: 'weekly',
    originalStart: SECOND,
    start: { dateTime: '2026-12-09T14:00:00-05:00', timeZone: 'America/New_York' },
    end: { dateTime: '2026-12-09T14:30:00-05:00', timeZone: 'America/New_York' },
    ...over,
  })

async function starts(clinic: Clinic, query: string): Promise<string[]> {
  const { status, body } = await clinic.call('GET', `/v1/appointments?${query}`)
  expect(status).toBe(200)
  return (body['items'] as { id: string; start: { dateTime: string } }[]).map(
    each => `${each.id} ${each.start.dateTime}`,
  )
}

const DECEMBER = 'expand=instances&from=2026-12-01&to=2026-12-31'

async function aWeekly(): Promise<Clinic> {
  const clinic = await aClinic()
  expect((await clinic.call('PUT', '/v1/appointments/weekly', aBooking(WEEKLY))).status).toBe(201)
  return clinic
}

test('a series is one item, or each of its occurrences, as asked', async () => {
  const clinic = await aWeekly()
  expect(await starts(clinic, 'userId=dr-lee')).toEqual(['weekly 2026-12-01T09:00:00-05:00'])
  expect(await starts(clinic, DECEMBER)).toEqual([
    'weekly_20261201T140000Z 2026-12-01T09:00:00-05:00',
    'weekly_20261208T140000Z 2026-12-08T09:00:00-05:00',
    'weekly_20261215T140000Z 2026-12-15T09:00:00-05:00',
    'weekly_20261222T140000Z 2026-12-22T09:00:00-05:00',
  ])
})

test('a moved occurrence leaves no ghost in its old place', async () => {
  const clinic = await aWeekly()
  expect((await clinic.call('PUT', '/v1/appointments/one', moved())).status).toBe(201)
  expect(await starts(clinic, DECEMBER)).toEqual([
    'weekly_20261201T140000Z 2026-12-01T09:00:00-05:00',
    'one 2026-12-09T14:00:00-05:00',
    'weekly_20261215T140000Z 2026-12-15T09:00:00-05:00',
    'weekly_20261222T140000Z 2026-12-22T09:00:00-05:00',
  ])
  expect(await starts(clinic, 'expand=instances&from=2026-12-08&to=2026-12-09')).toEqual([])
  const { body } = await clinic.call('GET', '/v1/appointments/one')
  expect(body).toMatchObject({ recurringId: 'weekly', originalStart: { dateTime: '2026-12-08T09:00:00-05:00' } })
})

test('cancelling an exception cancels that occurrence; deleting it takes it out of sight', async () => {
  const clinic = await aWeekly()
  await clinic.call('PUT', '/v1/appointments/one', moved())
  await clinic.call('POST', '/v1/appointments/one/cancel', {})
  const { body } = await clinic.call('GET', `/v1/appointments?${DECEMBER}&status=cancelled`)
  expect((body['items'] as { id: string }[]).map(each => each.id)).toEqual(['one'])
  await clinic.call('DELETE', '/v1/appointments/one')
  expect((await starts(clinic, DECEMBER)).map(each => each.split(' ')[0])).toEqual([
    'weekly_20261201T140000Z',
    'weekly_20261215T140000Z',
    'weekly_20261222T140000Z',
  ])
})

test('calling off a series calls off its exceptions, each with its own history', async () => {
  const clinic = await aWeekly()
  await clinic.call('PUT', '/v1/appointments/one', moved())
  await clinic.call('POST', '/v1/appointments/weekly/cancel', {})
  const { body } = await clinic.call('GET', '/v1/appointments/one')
  expect(body).toMatchObject({ status: 'cancelled', version: 2 })
  const history = await clinic.call('GET', '/v1/appointments/one/history')
  expect(history.body['items'].at(-1)).toMatchObject({
    rule: 'series-called-off',
    reason: 'The platform called off the series that it belongs to.',
  })
  const again = await clinic.call('PATCH', '/v1/appointments/one', { title: 'x' })
  expect(again.status).toBe(200)
  const revived = await clinic.call('PUT', '/v1/appointments/one', moved())
  expect([revived.status, revived.body['type']]).toEqual([409, 'series-called-off'])
})

test('deleting a series deletes its exceptions', async () => {
  const clinic = await aWeekly()
  await clinic.call('PUT', '/v1/appointments/one', moved())
  await clinic.call('DELETE', '/v1/appointments/weekly')
  expect((await clinic.call('GET', '/v1/appointments/one')).status).toBe(404)
  expect(await starts(clinic, DECEMBER)).toEqual([])
})

test.each([
  ['names no series', { recurringId: 'nowhere' }, 400, 'recurringId'],
  ['belongs to another user than its series', { userId: 'dr-kim' }, 400, 'recurringId'],
  ['names a slot that is not in the series', { originalStart: { date: '2026-12-08' } }, 400, 'originalStart'],
  [
    'names an hour that is not in the series',
    { originalStart: { dateTime: '2026-12-08T10:00:00-05:00' } },
    400,
    'originalStart',
  ],
  ['names no slot', { originalStart: null }, 400, 'originalStart'],
  ['names no series for its slot', { recurringId: null }, 400, 'recurringId'],
  ['is a series itself', { ...WEEKLY }, 400, 'recurrence'],
])('an exception that %s is refused', async (_sentence, over, status, path) => {
  const clinic = await aWeekly()
  const reply = await clinic.call('PUT', '/v1/appointments/one', moved(over))
  expect(reply.status).toBe(status)
  expect(reply.body['errors'].map((each: { path: string }) => each.path)).toEqual([path])
  expect((await clinic.call('GET', '/v1/appointments/one')).status).toBe(404)
})

test('an occurrence has one exception, not two', async () => {
  const clinic = await aWeekly()
  await clinic.call('PUT', '/v1/appointments/one', moved())
  const two = await clinic.call('PUT', '/v1/appointments/two', moved())
  expect([two.status, two.body['type']]).toEqual([409, 'occurrence-taken'])
})

test('a series with exceptions cannot stop recurring under them', async () => {
  const clinic = await aWeekly()
  await clinic.call('PUT', '/v1/appointments/one', moved())
  const single = await clinic.call('PUT', '/v1/appointments/weekly', aBooking())
  expect([single.status, single.body['type']]).toEqual([409, 'series-has-exceptions'])
  await clinic.call('DELETE', '/v1/appointments/one')
  expect((await clinic.call('PUT', '/v1/appointments/weekly', aBooking())).status).toBe(200)
})

test('a listing is read page by page without a gap or a repeat, expanded or not', async () => {
  const clinic = await aWeekly()
  await clinic.call('PUT', '/v1/appointments/one', moved())
  for (const id of ['b', 'a', 'c']) await clinic.call('PUT', `/v1/appointments/${id}`, aBooking())
  for (const query of ['userId=dr-lee', DECEMBER]) {
    const whole = await starts(clinic, query)
    const read: string[] = []
    let cursor: string | undefined
    for (let page = 0; page < 20; page += 1) {
      const { body } = await clinic.call('GET', `/v1/appointments?${query}&limit=2${cursor ? `&cursor=${cursor}` : ''}`)
      read.push(
        ...(body['items'] as { id: string; start: { dateTime: string } }[]).map(
          each => `${each.id} ${each.start.dateTime}`,
        ),
      )
      cursor = body['cursor']
      if (cursor === undefined) break
    }
    expect(read).toEqual(whole)
    expect(whole.length).toBeGreaterThan(4)
  }
})

test('whole days keep their days', async () => {
  const clinic = await aClinic()
  const body = aBooking({ start: { date: '2026-12-24' }, end: { date: '2026-12-27' }, busy: false })
  const put = await clinic.call('PUT', '/v1/appointments/holiday', body)
  expect(put.body).toMatchObject({ start: { date: '2026-12-24' }, end: { date: '2026-12-27' } })
  expect(put.body['start']).not.toHaveProperty('dateTime')
  const { body: found } = await clinic.call('GET', '/v1/appointments?from=2026-12-26&to=2026-12-27')
  expect(found['items']).toHaveLength(1)
})
