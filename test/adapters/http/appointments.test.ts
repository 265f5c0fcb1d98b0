import { expect, test } from 'vitest'
import type { Appointment } from '../../../src/core/model/appointment.ts'
import { anAppointment } from '../../support/builders.ts'
import { aBooking, aClinic, bearer, type Clinic, STRANGERS_KEY, TENANT } from './an-app.ts'

const WEEKLY = { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] }

async function insert(clinic: Clinic, appointment: Partial<Appointment>): Promise<void> {
  await clinic.store.transaction(TENANT, tx =>
    tx.apply(TENANT, { appointments: [{ ...anAppointment({ tenantId: TENANT, ...appointment }), markerKey: null }] }),
  )
}

async function changesOf(clinic: Clinic): Promise<string[]> {
  const rows = await clinic.store.changes(TENANT, 0, 1_000)
  return rows.map(row => row.change?.type ?? '')
}

async function reasonsOf(clinic: Clinic, id: string): Promise<string[]> {
  return (await clinic.store.history(TENANT, id, 100)).map(row => row.reason)
}

test('an appointment is booked under the platform’s own id and read back as it was said', async () => {
  const clinic = await aClinic()
  const put = await clinic.call('PUT', '/v1/appointments/apt_842', aBooking({ metadata: { room: 2 } }))
  expect(put.status).toBe(201)
  expect(put.headers.etag).toBe('"1"')
  const { status, body } = await clinic.call('GET', '/v1/appointments/apt_842')
  expect(status).toBe(200)
  expect(body).toEqual(put.body)
  expect(body).toMatchObject({
    id: 'apt_842',
    kind: 'appointment',
    status: 'confirmed',
    start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'America/New_York' },
    recurrence: null,
    originalStart: null,
    busy: true,
    metadata: { room: 2 },
    origin: 'platform',
    locked: false,
    version: 1,
    archived: false,
    google: { state: 'none', error: null },
  })
  expect(await reasonsOf(clinic, 'apt_842')).toEqual([
    'The platform booked it for 2026-12-01 09:00–09:30 (America/New_York).',
  ])
})

test('saying the same again changes nothing: no version, no history, no change for the feed', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking({ metadata: { x: 1, y: { z: 2 } } }))
  const again = await clinic.call('PUT', '/v1/appointments/a', aBooking({ metadata: { y: { z: 2 }, x: 1 } }))
  expect(again.status).toBe(200)
  expect(again.body['version']).toBe(1)
  expect(await changesOf(clinic)).toEqual(['appointment.created'])
})

test('what was read can be sent back as it is', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking(WEEKLY))
  const { body } = await clinic.call('GET', '/v1/appointments/a')
  const again = await clinic.call('PUT', '/v1/appointments/a', body)
  expect([again.status, again.body['version']]).toEqual([200, 1])
})

test('a PATCH changes what it names, merges metadata, and the history says what moved', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking({ metadata: { keep: 1, drop: 2 }, location: 'Room 2' }))
  const { status, body } = await clinic.call('PATCH', '/v1/appointments/a', {
    start: { dateTime: '2026-12-02T10:00:00-05:00', timeZone: 'America/New_York' },
    end: { dateTime: '2026-12-02T10:30:00-05:00', timeZone: 'America/New_York' },
    title: 'Other',
    metadata: { drop: null, more: true },
  })
  expect(status).toBe(200)
  expect(body).toMatchObject({ version: 2, location: 'Room 2', title: 'Other', metadata: { keep: 1, more: true } })
  expect(body['metadata']).not.toHaveProperty('drop')
  expect((await reasonsOf(clinic, 'a')).at(-1)).toBe(
    'The platform moved it from 2026-12-01 09:00–09:30 (America/New_York) to 2026-12-02 10:00–10:30 (America/New_York) and changed its title and its metadata.',
  )
})

test('cancelling keeps the record, tells the feed, and does nothing the second time', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  const first = await clinic.call('POST', '/v1/appointments/a/cancel', { reason: 'patient_ill' })
  expect([first.status, first.body['status'], first.headers.etag]).toEqual([200, 'cancelled', '"2"'])
  const second = await clinic.call('POST', '/v1/appointments/a/cancel')
  expect([second.status, second.body['version']]).toEqual([200, 2])
  expect(await changesOf(clinic)).toEqual(['appointment.created', 'appointment.cancelled'])
  const { body } = await clinic.call('GET', '/v1/appointments/a/history')
  expect(body['items'].at(-1)).toMatchObject({
    side: 'platform',
    action: 'cancelled',
    rule: 'platform-cancels',
    reason: 'The platform cancelled it.',
    before: { status: 'confirmed' },
    after: { status: 'cancelled', reason: 'patient_ill' },
  })
})

test('a no-show is a no-show', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  const { body } = await clinic.call('POST', '/v1/appointments/a/cancel', { reason: 'no_show' })
  expect(body['status']).toBe('no_show')
})

test('PUT books a cancelled one anew under its id; PATCH may not', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  await clinic.call('POST', '/v1/appointments/a/cancel', {})
  const patched = await clinic.call('PATCH', '/v1/appointments/a', { status: 'confirmed' })
  expect([patched.status, patched.body['type']]).toEqual([409, 'status-move'])
  const put = await clinic.call('PUT', '/v1/appointments/a', aBooking())
  expect([put.status, put.body['status'], put.body['version']]).toEqual([200, 'confirmed', 3])
  expect((await reasonsOf(clinic, 'a')).at(-1)).toBe('The platform booked it anew.')
})

test('an archived one is gone from reading and lists, unless asked for; its history stays', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  expect((await clinic.call('DELETE', '/v1/appointments/a')).body).toMatchObject({ archived: true, version: 2 })
  expect((await clinic.call('GET', '/v1/appointments/a')).status).toBe(404)
  expect((await clinic.call('DELETE', '/v1/appointments/a')).status).toBe(404)
  expect((await clinic.call('PATCH', '/v1/appointments/a', { title: 'x' })).status).toBe(404)
  expect((await clinic.call('GET', '/v1/appointments/a?archived=true')).body['archived']).toBe(true)
  expect((await clinic.call('GET', '/v1/appointments')).body['items']).toEqual([])
  expect((await clinic.call('GET', '/v1/appointments?archived=true')).body['items']).toHaveLength(1)
  expect((await clinic.call('GET', '/v1/appointments/a/history')).body['items']).toHaveLength(2)
  const rebooked = await clinic.call('PUT', '/v1/appointments/a', aBooking())
  expect([rebooked.status, rebooked.body['version'], rebooked.body['archived']]).toEqual([201, 3, false])
})

test.each([
  ['PUT', '/v1/appointments/g', aBooking()],
  ['PUT', '/v1/appointments/g', { nonsense: true }],
  ['PATCH', '/v1/appointments/g', { title: 'mine now' }],
  ['POST', '/v1/appointments/g/cancel', {}],
  ['DELETE', '/v1/appointments/g', undefined],
] as const)(
  '%s %s on one that Google owns is 423 with the way there, and changes nothing',
  async (method, url, body) => {
    const clinic = await aClinic()
    await insert(clinic, { id: 'g', origin: 'google' })
    await clinic.store.transaction(TENANT, tx =>
      tx.apply(TENANT, { links: [{ ...aLinkTo('g'), htmlLink: 'https://calendar.google.com/event?eid=1' }] }),
    )
    const before = await clinic.store.appointment(TENANT, 'g')
    const reply = await clinic.call(method, url, body)
    expect(reply.status).toBe(423)
    expect(reply.body).toMatchObject({ type: 'google-owned', htmlLink: 'https://calendar.google.com/event?eid=1' })
    expect(await clinic.store.appointment(TENANT, 'g')).toEqual(before)
    expect(await changesOf(clinic)).toEqual([])
  },
)

test('F40: If-Match lets only the present version through', async () => {
  const clinic = await aClinic()
  const put = (match: string) =>
    clinic.call('PUT', '/v1/appointments/a', aBooking({ title: match }), { 'if-match': match })
  expect((await put('*')).status).toBe(412)
  expect((await put('"1"')).body).toMatchObject({ type: 'stale-version', status: 412 })
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  expect((await put('"1"')).status).toBe(200)
  expect((await put('"1"')).body).toMatchObject({ type: 'stale-version', currentVersion: 2 })
  expect((await put('"7", "2"')).status).toBe(200)
  expect((await put('W/"3"')).status).toBe(412)
  expect((await put('three')).body).toMatchObject({ type: 'invalid-request', errors: [{ path: 'If-Match' }] })
  const deleted = await clinic.call('DELETE', '/v1/appointments/a', undefined, { 'if-match': '"1"' })
  expect(deleted.status).toBe(412)
  expect((await clinic.call('GET', '/v1/appointments/a')).body['version']).toBe(3)
})

test('a stranger sees nothing, changes nothing, and cannot tell it from what does not exist', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  const as = bearer(STRANGERS_KEY)
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['GET', '/history', undefined],
    ['PATCH', '', { title: 'x' }],
    ['POST', '/cancel', {}],
    ['DELETE', '', undefined],
  ] as const) {
    const theirs = await clinic.call(method, `/v1/appointments/a${path}`, body, as)
    const unknown = await clinic.call(method, `/v1/appointments/b${path}`, body, as)
    expect(theirs.status).toBe(404)
    expect({ ...theirs.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' })
  }
  expect((await clinic.call('PUT', '/v1/appointments/a', aBooking({ title: 'theirs' }), as)).status).toBe(201)
  expect((await clinic.call('GET', '/v1/appointments/a')).body).toMatchObject({
    title: 'Follow-up, Jane Roe',
    version: 1,
  })
  expect((await clinic.call('GET', '/v1/changes', undefined, as)).body['items']).toHaveLength(1)
})

test('all that is wrong with a body is named at once, each with its place', async () => {
  const clinic = await aClinic()
  const { status, body } = await clinic.call('PUT', '/v1/appointments/a', {
    kind: 'party',
    title: 'x'.repeat(1_025),
    location: 'half a \ud83d',
    start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'Mars/Olympus' },
    end: { date: '2026-12-02', extra: 1 },
    recurrence: 'RRULE:FREQ=DAILY',
    recurringId: 'm',
    colour: '12',
    busy: 'yes',
    locked: true,
    nosuch: 1,
  })
  expect(status).toBe(400)
  expect(body['type']).toBe('invalid-request')
  const paths = (body['errors'] as { path: string }[]).map(each => each.path)
  expect(paths.sort()).toEqual(
    [
      'userId',
      'kind',
      'title',
      'location',
      'start.timeZone',
      'end.extra',
      'recurrence',
      'originalStart',
      'colour',
      'busy',
      'locked',
      'nosuch',
    ].sort(),
  )
  expect((await clinic.call('GET', '/v1/appointments/a')).status).toBe(404)
})

test.each([
  ['ends before it starts', { end: { dateTime: '2026-12-01T08:00:00-05:00' } }, 'end'],
  ['lasts no time', { end: { dateTime: '2026-12-01T09:00:00-05:00' } }, 'end'],
  ['mixes a day and a time', { end: { date: '2026-12-02' } }, 'end'],
  ['is on a day that does not exist', { start: { date: '2026-02-30' }, end: { date: '2026-03-02' } }, 'start.date'],
  ['has a time without an offset or a zone', { start: { dateTime: '2026-12-01T09:00:00' } }, 'start.dateTime'],
  ['recurs every second', { recurrence: ['RRULE:FREQ=SECONDLY'] }, 'recurrence[0]'],
  ['recurs by nonsense', { recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=XX'] }, 'recurrence[0]'],
  ['holds a NUL', { title: 'a\0b' }, 'title'],
  [
    'has metadata that nest too deep',
    { metadata: { a: { b: { c: { d: { e: { f: { g: { h: {} } } } } } } } } },
    'metadata',
  ],
  ['has metadata that are a list', { metadata: [] }, 'metadata'],
  ['claims to come from Google', { origin: 'google' }, 'origin'],
  ['has another id than its path', { id: 'b' }, 'id'],
  ['belongs to nobody', { userId: '' }, 'userId'],
  ['has a status of its own', { status: 'maybe' }, 'status'],
])('an appointment that %s is refused with its place', async (_sentence, over, path) => {
  const clinic = await aClinic()
  const { status, body } = await clinic.call('PUT', '/v1/appointments/a', aBooking(over))
  expect(status).toBe(400)
  expect(body['errors']).toEqual([{ path, message: expect.any(String) }])
  expect(await changesOf(clinic)).toEqual([])
})

test('a series needs a zone, since its clock decides where the hour goes', async () => {
  const clinic = await aClinic()
  const start = { dateTime: '2026-12-01T09:00:00-05:00' }
  const { body } = await clinic.call('PUT', '/v1/appointments/a', aBooking({ start, ...WEEKLY }))
  expect(body['errors']).toEqual([{ path: 'start.timeZone', message: expect.stringContaining('series') }])
})

test('whose it is cannot change', async () => {
  const clinic = await aClinic()
  await clinic.call('PUT', '/v1/appointments/a', aBooking())
  const { status, body } = await clinic.call('PUT', '/v1/appointments/a', aBooking({ userId: 'dr-kim' }))
  expect([status, body['errors'][0].path]).toEqual([400, 'userId'])
})

test.each([
  ['an unknown route parameter', 'GET', '/v1/appointments?colour=1', 'colour'],
  ['a limit above the maximum', 'GET', '/v1/appointments?limit=501', 'limit'],
  ['a limit that is no number', 'GET', '/v1/appointments?limit=many', 'limit'],
  ['a cursor of its own making', 'GET', '/v1/appointments?cursor=abc', 'cursor'],
  ['a time without an offset', 'GET', '/v1/appointments?from=2026-12-01T09:00:00', 'from'],
  ['a window that ends before it begins', 'GET', '/v1/appointments?from=2026-12-02&to=2026-12-01', 'to'],
  ['an expansion without a window', 'GET', '/v1/appointments?expand=instances&from=2026-12-02', 'to'],
  ['an unknown status', 'GET', '/v1/appointments?status=gone', 'status'],
  ['an id with a NUL', 'GET', '/v1/appointments/%00', 'id'],
  ['an unknown conflict rule', 'PUT', '/v1/appointments/a?onConflict=ask', 'onConflict'],
] as const)('%s is refused by its name', async (_sentence, method, url, path) => {
  const clinic = await aClinic()
  const { status, body } = await clinic.call(method, url, method === 'PUT' ? aBooking() : undefined)
  expect(status).toBe(400)
  expect((body['errors'] as { path: string }[]).map(each => each.path)).toEqual([path])
})

function aLinkTo(appointmentId: string) {
  return {
    tenantId: TENANT,
    connectionId: 'con',
    calendarId: 'cal',
    eventId: `event-${appointmentId}`,
    role: 'theirs' as const,
    appointmentId,
    iCalUID: null,
    etag: null,
    recurringEventId: null,
    originalStart: null,
    base: null,
    contentHash: null,
    raw: null,
    htmlLink: null,
    generation: 0,
    shownVersion: null,
    missing: null,
    seenGeneration: 0,
    error: null,
  }
}
