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

test('a series that stops recurring drops its exceptions, and says so', async () => {
  const clinic = await aWeekly()
  await clinic.call('PUT', '/v1/appointments/one', moved())
  expect((await clinic.call('PUT', '/v1/appointments/weekly', aBooking())).status).toBe(200)
  expect((await clinic.call('GET', '/v1/appointments/one')).body).toMatchObject({
    status: 'cancelled',
    recurringId: null,
    originalStart: null,
  })
  const history = await clinic.call('GET', '/v1/appointments/one/history')
  expect(history.body['items'].at(-1)).toMatchObject({ rule: 'slot-left-series', before: { recurringId: 'weekly' } })
  expect((await starts(clinic, `${DECEMBER}&status=confirmed`)).map(each => each.split(' ')[0])).toEqual(['weekly'])
})

test('a series moved by an hour takes its exceptions along; those that lay elsewhere stay there', async () => {
  const clinic = await aWeekly()
  await clinic.call('PUT', '/v1/appointments/one', moved())
  const third = { dateTime: '2026-12-15T09:00:00-05:00', timeZone: 'America/New_York' }
  const end = { dateTime: '2026-12-15T09:30:00-05:00', timeZone: 'America/New_York' }
  const renamed = aBooking({ recurringId: 'weekly', originalStart: third, start: third, end, title: 'Renamed' })
  await clinic.call('PUT', '/v1/appointments/two', renamed)
  const later = {
    start: { dateTime: '2026-12-01T10:00:00-05:00', timeZone: 'America/New_York' },
    end: { dateTime: '2026-12-01T10:30:00-05:00', timeZone: 'America/New_York' },
  }
  expect((await clinic.call('PATCH', '/v1/appointments/weekly', later)).status).toBe(200)
  expect(await starts(clinic, DECEMBER)).toEqual([
    'weekly_20261201T150000Z 2026-12-01T10:00:00-05:00',
    'one 2026-12-09T14:00:00-05:00',
    'two 2026-12-15T10:00:00-05:00',
    'weekly_20261222T150000Z 2026-12-22T10:00:00-05:00',
  ])
  const { body } = await clinic.call('GET', '/v1/appointments/one')
  expect(body).toMatchObject({ version: 2, originalStart: { dateTime: '2026-12-08T10:00:00-05:00' } })
})

test('a shorter rule drops the exceptions past its end and leaves the others alone', async () => {
  const clinic = await aWeekly()
  await clinic.call('PUT', '/v1/appointments/one', moved())
  const last = { dateTime: '2026-12-22T09:00:00-05:00', timeZone: 'America/New_York' }
  await clinic.call('PUT', '/v1/appointments/two', moved({ originalStart: last, status: 'cancelled' }))
  await clinic.call('PATCH', '/v1/appointments/weekly', { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] })
  expect((await clinic.call('GET', '/v1/appointments/one')).body).toMatchObject({ version: 1, recurringId: 'weekly' })
  expect((await clinic.call('GET', '/v1/appointments/two')).body).toMatchObject({ version: 2, recurringId: null })
  await clinic.call('PATCH', '/v1/appointments/weekly', { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] })
  expect((await starts(clinic, DECEMBER)).map(each => each.split(' ')[0])).toContain('weekly_20261222T140000Z')
})

test('a series booked anew after it was called off has none of the former exceptions', async () => {
  const clinic = await aWeekly()
  await clinic.call('PUT', '/v1/appointments/one', moved())
  await clinic.call('POST', '/v1/appointments/weekly/cancel', {})
  await clinic.call('PUT', '/v1/appointments/weekly', aBooking(WEEKLY))
  expect((await starts(clinic, `${DECEMBER}&status=confirmed`)).map(each => each.split(' ')[0])).toEqual([
    'weekly_20261201T140000Z',
    'weekly_20261208T140000Z',
    'weekly_20261215T140000Z',
    'weekly_20261222T140000Z',
  ])
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

const THIRD = { dateTime: '2026-12-15T09:00:00-05:00', timeZone: 'America/New_York' }

test('this and following: the series ends, and another goes on with the change and the later exceptions', async () => {
  const clinic = await aWeekly()
  const fourth = { dateTime: '2026-12-22T09:00:00-05:00', timeZone: 'America/New_York' }
  await clinic.call('PUT', '/v1/appointments/one', moved())
  await clinic.call('PUT', '/v1/appointments/two', moved({ originalStart: fourth, status: 'cancelled' }))
  const changes = {
    title: 'In room 3',
    start: { dateTime: '2026-12-15T10:00:00-05:00', timeZone: 'America/New_York' },
    end: { dateTime: '2026-12-15T10:45:00-05:00', timeZone: 'America/New_York' },
  }
  const split = await clinic.call('POST', '/v1/appointments/weekly/split', { originalStart: THIRD, changes })
  expect(split.status).toBe(200)
  expect(split.body).toMatchObject({
    series: { id: 'weekly', version: 2, recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] },
    following: {
      id: 'weekly~R20261215T140000Z',
      version: 1,
      title: 'In room 3',
      recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'],
    },
  })
  expect(await starts(clinic, `${DECEMBER}&status=confirmed`)).toEqual([
    'weekly_20261201T140000Z 2026-12-01T09:00:00-05:00',
    'one 2026-12-09T14:00:00-05:00',
    'weekly~R20261215T140000Z_20261215T150000Z 2026-12-15T10:00:00-05:00',
  ])
  expect((await clinic.call('GET', '/v1/appointments/two')).body).toMatchObject({
    recurringId: 'weekly~R20261215T140000Z',
    originalStart: { dateTime: '2026-12-22T10:00:00-05:00' },
  })
})

test('cancelling this and following ends the series and drops what came later', async () => {
  const clinic = await aWeekly()
  await clinic.call('PUT', '/v1/appointments/one', moved({ originalStart: THIRD }))
  const split = await clinic.call('POST', '/v1/appointments/weekly/split', { originalStart: THIRD, cancel: true })
  expect(split.body).toMatchObject({ series: { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] }, following: null })
  expect((await starts(clinic, `${DECEMBER}&status=confirmed`)).map(each => each.split(' ')[0])).toEqual([
    'weekly_20261201T140000Z',
    'weekly_20261208T140000Z',
  ])
  expect((await clinic.call('GET', '/v1/appointments/one')).body).toMatchObject({
    status: 'cancelled',
    recurringId: null,
  })
})

test.each([
  ['no occurrence', { originalStart: { dateTime: '2026-12-15T10:00:00-05:00' } }, 400, 'originalStart'],
  ['no slot', {}, 400, 'originalStart'],
  ['the first occurrence', { originalStart: { dateTime: '2026-12-01T09:00:00-05:00' } }, 400, 'originalStart'],
  ['a bad title', { originalStart: THIRD, changes: { title: 7 } }, 400, 'changes.title'],
  ['another user', { originalStart: THIRD, changes: { userId: 'dr-kim' } }, 400, 'changes.userId'],
  ['a change and a cancellation', { originalStart: THIRD, changes: { title: 'x' }, cancel: true }, 400, 'changes'],
  ['something unknown', { originalStart: THIRD, scope: 'all' }, 400, 'scope'],
])('a split that names %s is refused and changes nothing', async (_sentence, body, status, path) => {
  const clinic = await aWeekly()
  const reply = await clinic.call('POST', '/v1/appointments/weekly/split', body)
  expect(reply.status).toBe(status)
  expect(reply.body['errors'].map((each: { path: string }) => each.path)).toEqual([path])
  expect((await clinic.call('GET', '/v1/appointments/weekly')).body['version']).toBe(1)
})

test('only a living series of the platform can be split, once at each occurrence', async () => {
  const clinic = await aWeekly()
  const split = (id: string) => clinic.call('POST', `/v1/appointments/${id}/split`, { originalStart: THIRD })
  await clinic.call('PUT', '/v1/appointments/single', aBooking())
  expect((await split('nowhere')).status).toBe(404)
  expect((await split('single')).body['type']).toBe('not-a-series')
  expect((await split('weekly')).status).toBe(200)
  expect((await split('weekly')).body['type']).toBe('series-split-before')
  await clinic.call('POST', '/v1/appointments/weekly/cancel', {})
  expect((await split('weekly')).body['type']).toBe('series-called-off')
})
