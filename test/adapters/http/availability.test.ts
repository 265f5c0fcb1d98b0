import { expect, test } from 'vitest'
import { anAppointment } from '../../support/builders.ts'
import { aBooking, aClinic, bearer, STRANGERS_KEY, TENANT } from './an-app.ts'

const NEW_YORK = 'America/New_York'
const span = (from: string, to: string): Record<string, unknown> => ({
  start: { dateTime: from, timeZone: NEW_YORK },
  end: { dateTime: to, timeZone: NEW_YORK },
})
const DAY = 'from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z'

test('busy time is merged, names its sources and never a title', async () => {
  const clinic = await aClinic()
  await clinic.call(
    'PUT',
    '/v1/appointments/a',
    aBooking(span('2026-12-01T09:00:00-05:00', '2026-12-01T10:00:00-05:00')),
  )
  await clinic.call(
    'PUT',
    '/v1/appointments/b',
    aBooking(span('2026-12-01T09:30:00-05:00', '2026-12-01T11:00:00-05:00')),
  )
  await clinic.call(
    'PUT',
    '/v1/appointments/free',
    aBooking({ busy: false, ...span('2026-12-01T12:00:00-05:00', '2026-12-01T13:00:00-05:00') }),
  )
  await clinic.call(
    'PUT',
    '/v1/appointments/off',
    aBooking({ status: 'cancelled', ...span('2026-12-01T14:00:00-05:00', '2026-12-01T15:00:00-05:00') }),
  )
  await clinic.call('PUT', '/v1/appointments/other', aBooking({ userId: 'dr-kim' }))
  await clinic.store.transaction(TENANT, tx =>
    tx.apply(TENANT, {
      appointments: [
        {
          ...anAppointment({ tenantId: TENANT, id: 'g', origin: 'google', title: 'Dentist' }),
          time: {
            kind: 'timed',
            startAt: Date.parse('2026-12-01T20:00:00Z'),
            endAt: Date.parse('2026-12-01T21:00:00Z'),
            startZone: NEW_YORK,
            endZone: NEW_YORK,
          },
          markerKey: null,
        },
      ],
    }),
  )
  const { status, body } = await clinic.call('GET', `/v1/users/dr-lee/availability?${DAY}`)
  expect(status).toBe(200)
  expect(body).toEqual({
    busy: [
      {
        start: '2026-12-01T14:00:00Z',
        end: '2026-12-01T16:00:00Z',
        sources: [
          { kind: 'appointment', id: 'a' },
          { kind: 'appointment', id: 'b' },
        ],
      },
      { start: '2026-12-01T20:00:00Z', end: '2026-12-01T21:00:00Z', sources: [{ kind: 'calendar', id: 'g' }] },
    ],
    timeZone: 'UTC',
  })
  expect(JSON.stringify(body)).not.toContain('Jane')
  expect(
    (await clinic.call('GET', `/v1/users/dr-lee/availability?${DAY}`, undefined, bearer(STRANGERS_KEY))).body['busy'],
  ).toEqual([])
})

test('slots are answered in the order of the question, with what stands in their way', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking({ recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] }))
  const slots = [
    { start: '2026-12-02T09:15:00-05:00', end: '2026-12-02T09:45:00-05:00' },
    { start: '2026-12-01T09:30:00-05:00', end: '2026-12-01T10:00:00-05:00' },
  ]
  const { body } = await clinic.call('POST', '/v1/users/dr-lee/availability/check', { slots })
  expect(body['slots']).toEqual([
    {
      ...slots[0],
      free: false,
      conflicts: [
        { start: '2026-12-02T14:00:00Z', end: '2026-12-02T14:30:00Z', source: { kind: 'appointment', id: 'a' } },
      ],
    },
    { ...slots[1], free: true, conflicts: [] },
  ])
})

test.each([
  ['no window', 'GET', '', undefined, ['from', 'to']],
  ['a window without end', 'GET', '?from=2026-01-01&to=2028-01-01', undefined, ['to']],
  ['no slots', 'POST', '/check', { slots: [] }, ['slots']],
  [
    'a slot that runs backwards',
    'POST',
    '/check',
    { slots: [{ start: '2026-12-02T00:00:00Z', end: '2026-12-01T00:00:00Z' }] },
    ['slots[0].end'],
  ],
  ['slots without sense', 'POST', '/check', { slots: [{ start: 'now', end: 'then', why: 1 }] }, ['slots[0].why']],
  [
    'times without sense',
    'POST',
    '/check',
    { slots: [{ start: 'now', end: 'then' }] },
    ['slots[0].start', 'slots[0].end'],
  ],
] as const)('a question with %s is refused by its place', async (_sentence, method, path, body, places) => {
  const clinic = await aClinic()
  const reply = await clinic.call(method, `/v1/users/dr-lee/availability${path}`, body)
  expect(reply.status).toBe(400)
  expect(reply.body['errors'].map((each: { path: string }) => each.path)).toEqual(places)
})

test('a booking that may not collide is refused with what it collides with, and nothing is stored', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  const reply = await clinic.call('PUT', '/v1/appointments/b?onConflict=reject', aBooking())
  expect(reply.status).toBe(409)
  expect(reply.body).toMatchObject({
    type: 'slot-taken',
    conflicts: [{ start: '2026-12-01T14:00:00Z', end: '2026-12-01T14:30:00Z', source: 'a' }],
  })
  expect((await clinic.call('GET', '/v1/appointments/b')).status).toBe(404)
  expect((await clinic.call('GET', '/v1/changes')).body['items']).toHaveLength(1)
})

test.each([
  ['touches', aBooking(span('2026-12-01T09:30:00-05:00', '2026-12-01T10:00:00-05:00'))],
  ['blocks no time', aBooking({ busy: false })],
  ['is called off', aBooking({ status: 'cancelled' })],
  ['is another user’s', aBooking({ userId: 'dr-kim' })],
])('a booking that %s does not collide', async (_sentence, body) => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  expect((await clinic.call('PUT', '/v1/appointments/b?onConflict=reject', body)).status).toBe(201)
})

test('an appointment does not collide with itself, nor when its time stays', async () => {
  const clinic = await aClinic()
  const shifted = span('2026-12-01T09:15:00-05:00', '2026-12-01T09:45:00-05:00')
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  expect((await clinic.call('PATCH', '/v1/appointments/a?onConflict=reject', shifted)).status).toBe(200)
  await clinic.call('PUT', '/v1/appointments/b', aBooking(shifted))
  expect((await clinic.call('PATCH', '/v1/appointments/a?onConflict=reject', { title: 'x' })).status).toBe(200)
  expect((await clinic.call('PATCH', '/v1/appointments/a?onConflict=reject', { status: 'completed' })).status).toBe(200)
})

test('a series collides by any of its occurrences, and frees the place of a moved one', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/weekly', aBooking({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] }))
  const second = span('2026-12-08T09:00:00-05:00', '2026-12-08T09:30:00-05:00')
  expect((await clinic.call('PUT', '/v1/appointments/b?onConflict=reject', aBooking(second))).status).toBe(409)
  await clinic.call(
    'PUT',
    '/v1/appointments/one',
    aBooking({
      recurringId: 'weekly',
      originalStart: second['start'],
      ...span('2026-12-08T11:00:00-05:00', '2026-12-08T11:30:00-05:00'),
    }),
  )
  expect((await clinic.call('PUT', '/v1/appointments/b?onConflict=reject', aBooking(second))).status).toBe(201)
  const daily = aBooking({
    ...span('2026-12-05T09:00:00-05:00', '2026-12-05T09:30:00-05:00'),
    recurrence: ['RRULE:FREQ=DAILY'],
  })
  const reply = await clinic.call('PUT', '/v1/appointments/daily?onConflict=reject', daily)
  expect(reply.status).toBe(409)
  expect(reply.body['conflicts'].map((each: { source: string }) => each.source)).toEqual(['b', 'weekly', 'weekly'])
})

test('in a batch, an item collides with the items before it, not with those after', async () => {
  const clinic = await aClinic()
  const items = ['a', 'b'].map(id => ({ id, ...aBooking() }))
  const { body } = await clinic.call('POST', '/v1/appointments/batch?onConflict=reject', { items })
  expect(body['items'].map((each: { status: number }) => each.status)).toEqual([201, 409])
  expect(body['items'][1].problem.conflicts).toMatchObject([{ source: 'a' }])
})

test('of two bookings for one slot at the same moment, one gets it', async () => {
  const clinic = await aClinic()
  const replies = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      clinic.call('PUT', `/v1/appointments/a${index}?onConflict=reject`, aBooking()),
    ),
  )
  expect(replies.map(each => each.status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)])
})
