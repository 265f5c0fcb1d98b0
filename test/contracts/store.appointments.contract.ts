import { describe, expect, test } from 'vitest'
import type { AppointmentFilter, Paired } from '../../src/ports/store/appointments.ts'
import { at, DAY, HOUR, MINUTE, NOW, onDay } from '../support/builders.ts'
import { storeComparisonContract } from './store.comparison.contract.ts'
import { aChange, newTenant, type StoreUnderTest } from './store.fixtures.ts'

const everything: AppointmentFilter = {
  userId: null,
  from: null,
  to: null,
  origin: null,
  status: null,
  isArchived: false,
  after: null,
  limit: 100,
}
const idsOf = (pairs: readonly Paired[]): string[] => pairs.map(pair => pair.appointment.id)
const weekly = ['RRULE:FREQ=WEEKLY']

export function storeAppointmentsContract(subject: () => StoreUnderTest): void {
  describe('lists', () => lists(subject))
  describe('a comparison', () => storeComparisonContract(subject))
  describe('a page of events', () => pages(subject))
  describe('the outbox', () => outbox(subject))
  describe('missing events', () => missing(subject))
  describe('what was never sent', () => unsent(subject))
  describe('proposals', () => proposals(subject))
}

function lists(subject: () => StoreUnderTest): void {
  test('changes are written alike whether they were prepared or not', async () => {
    const { store } = subject()
    const [plain, prepared] = [await newTenant(store), await newTenant(store)]
    const written = await Promise.all(
      [plain, prepared].map(async t => {
        const ids = Array.from({ length: 300 }, (_, place) => `apt_${place}`)
        const changes = {
          appointments: ids.map(id => t.appointment({ id })),
          links: ids.map(id => t.link({ eventId: id, appointmentId: id })),
          journal: ids.map(appointmentId => aChange({ appointmentId, action: `made ${appointmentId}` })),
        }
        if (t === prepared) store.prepare(t.tenantId, changes)
        await t.apply(changes)
        const changed = await store.changes(t.tenantId, 0, 500)
        const pairs = await store.appointmentsByIds(t.tenantId, ids)
        return JSON.stringify({ changed, pairs }).replaceAll(t.tenantId, '')
      }),
    )
    expect(written[1]).toBe(written[0])
    expect(written[0]).toContain('made apt_299')
    await expect(
      prepared.write(tx => tx.apply(prepared.tenantId, { appointments: [plain.appointment()] })),
    ).rejects.toThrow('cannot write for')
  })

  test('an appointment comes with its events, the one we write first, and its newest outbox row', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const read = t.link({ connectionId: 'a', eventId: 'e0', role: 'theirs' })
    const ours = t.link({ connectionId: 'b', eventId: 'e1' })
    const newest = t.outbox({ calendarId: 'cal_2', queuedAt: NOW + 1 })
    await t.apply({ appointments: [t.appointment()], links: [read, ours], outbox: [t.outbox(), newest] })
    const pair = await store.appointment(t.tenantId, 'apt_1')
    expect(pair?.links).toEqual([ours, read])
    expect(pair?.outbox).toEqual(newest)
    expect(await store.appointment(t.tenantId, 'unknown')).toBeNull()
    expect(idsOf(await store.appointmentsByIds(t.tenantId, ['unknown', 'apt_1', 'apt_1']))).toEqual(['apt_1'])
    expect(await store.appointmentsByIds(t.tenantId, [])).toEqual([])
  })

  test('a window holds what touches it, series as a whole, days in every zone, and not what only borders on it', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await t.apply({
      appointments: [
        t.appointment({ id: 'before', time: at(NOW - 30 * MINUTE, 30) }),
        t.appointment({ id: 'into', time: at(NOW - 29 * MINUTE, 30) }),
        t.appointment({ id: 'within', time: at(NOW + 10 * MINUTE) }),
        t.appointment({ id: 'after', time: at(NOW + HOUR) }),
        t.appointment({ id: 'endless', time: at(NOW - 900 * DAY), recurrence: weekly }),
        t.appointment({ id: 'ended', time: at(NOW - 900 * DAY), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=3'] }),
        t.appointment({ id: 'day', time: onDay('2026-11-30', '2026-12-01') }),
        t.appointment({ id: 'far day', time: onDay('2026-12-03', '2026-12-04') }),
      ],
    })
    const listed = await store.listAppointments(t.tenantId, { ...everything, from: NOW, to: NOW + HOUR })
    expect(idsOf(listed)).toEqual(['endless', 'day', 'into', 'within'])
  })

  test('each filter narrows the list', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const theirs = { origin: 'google' as const, userId: 'dr-wu', status: 'tentative' as const }
    await t.apply({
      appointments: [
        t.appointment({ id: 'a' }),
        t.appointment({ id: 'b', ...theirs }),
        t.appointment({ id: 'c', archivedAt: NOW }),
      ],
    })
    const list = async (filter: Partial<AppointmentFilter>) =>
      idsOf(await store.listAppointments(t.tenantId, { ...everything, ...filter }))
    expect(await list({})).toEqual(['a', 'b'])
    expect(await list({ userId: 'dr-wu' })).toEqual(['b'])
    expect(await list({ origin: 'platform' })).toEqual(['a'])
    expect(await list({ status: 'tentative' })).toEqual(['b'])
    expect(await list({ isArchived: true })).toEqual(['c'])
    expect(await list({ userId: 'dr-wu', origin: 'platform' })).toEqual([])
  })

  test('pages follow one another by start and id, whatever starts at the same time', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const ids = ['a', 'b', 'c', 'd', 'e']
    await t.apply({
      appointments: ids.map((id, place) => t.appointment({ id, time: at(NOW + Math.floor(place / 3) * HOUR) })),
    })
    const first = await store.listAppointments(t.tenantId, { ...everything, limit: 2 })
    const second = await store.listAppointments(t.tenantId, {
      ...everything,
      limit: 2,
      after: { startAt: NOW, id: 'b' },
    })
    const third = await store.listAppointments(t.tenantId, {
      ...everything,
      limit: 2,
      after: { startAt: NOW + HOUR, id: 'd' },
    })
    expect([first, second, third].map(idsOf)).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  })

  test('a series comes with its exceptions, the master first', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const exception = { recurringId: 'series', originalStart: { kind: 'timed' as const, at: NOW } }
    await t.apply({
      appointments: [
        t.appointment({ id: 'an exception', ...exception }),
        t.appointment({ id: 'series', recurrence: weekly }),
        t.appointment({ id: 'other series', recurrence: weekly }),
        t.appointment({ id: 'single' }),
      ],
    })
    const found = await store.seriesWithExceptions(t.tenantId, ['series', 'unknown'])
    expect(idsOf(found)).toEqual(['series', 'an exception'])
    expect(found[1]?.appointment.originalStart).toEqual(exception.originalStart)
  })
}

function pages(subject: () => StoreUnderTest): void {
  const none = { connectionId: 'con_1', calendarId: 'cal_1', eventIds: [], iCalUIDs: [], markerKeys: [] }

  test('is decided against its links, those of its series, and nothing else', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await t.apply({
      appointments: ['x', 'y', 'z'].map(id => t.appointment({ id })),
      links: [
        t.link({ eventId: 'e1', appointmentId: 'x' }),
        t.link({
          eventId: 'e1_1',
          recurringEventId: 'e1',
          appointmentId: 'y',
          originalStart: { kind: 'timed', at: NOW },
        }),
        t.link({ eventId: 'parked', appointmentId: null, role: 'parked', error: { code: 'a', message: 'b' } }),
        t.link({ eventId: 'e2', appointmentId: 'z' }),
        t.link({ eventId: 'e1', calendarId: 'cal_2', appointmentId: 'z' }),
      ],
      outbox: [t.outbox({ appointmentId: 'y' }), t.outbox({ appointmentId: 'z' })],
    })
    const context = await store.pageContext(t.tenantId, {
      ...none,
      eventIds: ['e1', 'e1', 'e1_1', 'parked', 'unknown'],
    })
    expect(context.links.map(link => link.eventId).sort()).toEqual(['e1', 'e1_1', 'parked'])
    expect(context.links.find(link => link.eventId === 'e1_1')?.originalStart).toEqual({ kind: 'timed', at: NOW })
    expect(context.appointments.map(each => each.id).sort()).toEqual(['x', 'y'])
    expect(context.outbox.map(row => row.appointmentId)).toEqual(['y'])
    expect(context.elsewhere).toEqual([])
    expect(context.markers.size).toBe(0)
  })

  test('knows the same meeting in other calendars of the same user only', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await t.write(async tx => {
      await tx.saveConnection(t.connection())
      await tx.saveConnection(t.connection({ id: 'con_2', googleSub: 'sub_2' }))
      await tx.saveConnection(t.connection({ id: 'con_3', userId: 'dr-wu', googleSub: 'sub_3' }))
    })
    const link = { eventId: 'm', iCalUID: 'meeting@x', role: 'theirs' as const }
    await t.apply({
      appointments: ['here', 'there', 'second', 'foreign'].map(id => t.appointment({ id, origin: 'google' })),
      links: [
        t.link({ ...link, appointmentId: 'here' }),
        t.link({ ...link, calendarId: 'cal_2', appointmentId: 'there' }),
        t.link({ ...link, connectionId: 'con_2', appointmentId: 'second' }),
        t.link({ ...link, connectionId: 'con_3', appointmentId: 'foreign' }),
      ],
    })
    const context = await store.pageContext(t.tenantId, { ...none, iCalUIDs: ['meeting@x'] })
    expect(context.links).toEqual([])
    expect(context.elsewhere.map(each => each.appointmentId).sort()).toEqual(['second', 'there'])
    expect(context.appointments.map(each => each.id).sort()).toEqual(['second', 'there'])
  })

  test('finds appointments by their markers, and the whole series of what it finds', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const slot = { kind: 'timed' as const, at: NOW }
    await t.apply({
      appointments: [
        t.appointment({ id: 'single', markerKey: 'm1' }),
        t.appointment({ id: 'series', recurrence: weekly, markerKey: 'm2' }),
        t.appointment({ id: 'moved', recurringId: 'series', originalStart: slot, markerKey: 'm3' }),
        t.appointment({ id: 'other', markerKey: 'm4' }),
      ],
      outbox: [t.outbox({ appointmentId: 'moved' })],
    })
    const asked = await store.pageContext(t.tenantId, { ...none, markerKeys: ['m1', 'm3', 'unknown'] })
    expect(asked.markers).toEqual(
      new Map([
        ['m1', 'single'],
        ['m3', 'moved'],
      ]),
    )
    expect(asked.appointments.map(each => each.id).sort()).toEqual(['moved', 'series', 'single'])
    expect(asked.outbox.map(row => row.appointmentId)).toEqual(['moved'])
    expect(asked.appointments[0]).not.toHaveProperty('markerKey')
    const nothing = await store.pageContext(t.tenantId, none)
    expect(nothing).toEqual({ links: [], elsewhere: [], own: [], appointments: [], markers: new Map(), outbox: [] })
  })
}

function outbox(subject: () => StoreUnderTest): void {
  test('gives what is due: people first, then by age, never what is held, failed or later', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const rows = [
      t.outbox({ appointmentId: 'backfill', lane: 'backfill', queuedAt: NOW - 9 }),
      t.outbox({ appointmentId: 'catchup', lane: 'catchup', queuedAt: NOW - 8 }),
      t.outbox({ appointmentId: 'young', queuedAt: NOW - 1 }),
      t.outbox({ appointmentId: 'old', queuedAt: NOW - 2 }),
      t.outbox({ appointmentId: 'held', state: 'held' }),
      t.outbox({ appointmentId: 'failed', state: 'failed' }),
      t.outbox({ appointmentId: 'later', notBefore: NOW + 1 }),
      t.outbox({ appointmentId: 'foreign', connectionId: 'con_2' }),
    ]
    await t.apply({ appointments: rows.map(row => t.appointment({ id: row.appointmentId })), outbox: rows })
    const due = await store.outboxDue(t.tenantId, 'con_1', NOW, 10)
    expect(idsOf(due)).toEqual(['old', 'young', 'catchup', 'backfill'])
    expect(due[0]?.outbox).toEqual(rows[3])
    expect(idsOf(await store.outboxDue(t.tenantId, 'con_1', NOW, 2))).toEqual(['old', 'young'])
    expect(await store.nextOutboxAt(t.tenantId, 'con_1')).toBe(NOW)
    await t.apply({
      sent: rows
        .filter(row => row.notBefore === NOW)
        .map(({ appointmentId, calendarId }) => ({ appointmentId, calendarId })),
    })
    expect(await store.outboxDue(t.tenantId, 'con_1', NOW, 10)).toEqual([])
    expect(await store.nextOutboxAt(t.tenantId, 'con_1')).toBe(NOW + 1)
    expect(await store.nextOutboxAt(t.tenantId, 'con_9')).toBeNull()
  })

  test('sends a master before its exceptions, even when it was queued last and in the last lane', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const exception = { recurringId: 'series', originalStart: { kind: 'timed' as const, at: NOW } }
    await t.apply({
      appointments: [
        t.appointment({ id: 'single' }),
        t.appointment({ id: 'exception', ...exception }),
        t.appointment({ id: 'series', recurrence: weekly }),
      ],
      outbox: [
        t.outbox({ appointmentId: 'single', queuedAt: NOW - 9 }),
        t.outbox({ appointmentId: 'exception', queuedAt: NOW - 8 }),
        t.outbox({ appointmentId: 'series', lane: 'backfill', queuedAt: NOW }),
      ],
    })
    expect(idsOf(await store.outboxDue(t.tenantId, 'con_1', NOW, 10))).toEqual(['single', 'series', 'exception'])
    expect(idsOf(await store.outboxDue(t.tenantId, 'con_1', NOW, 2))).toEqual(['single', 'series'])
  })

  test('keeps its order among many, without reading them all twice', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const ids = Array.from({ length: 300 }, (_, place) => `a${String(place).padStart(3, '0')}`)
    await t.apply({
      appointments: ids.map(id => t.appointment({ id })),
      outbox: ids.map((appointmentId, place) =>
        t.outbox({ appointmentId, queuedAt: NOW - place, lane: place % 2 ? 'backfill' : 'catchup' }),
      ),
    })
    const due = idsOf(await store.outboxDue(t.tenantId, 'con_1', NOW, 3))
    expect(due).toEqual(['a298', 'a296', 'a294'])
  })

  test('releases what was held for a calendar, its reason gone', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const error = { code: 'role-too-low', message: 'm' }
    const rows = [
      t.outbox({ appointmentId: 'a', state: 'held', error }),
      t.outbox({ appointmentId: 'b', state: 'failed', error }),
      t.outbox({ appointmentId: 'c', state: 'held', calendarId: 'cal_2', error }),
    ]
    await t.apply({ appointments: rows.map(row => t.appointment({ id: row.appointmentId })), outbox: rows })
    expect(await t.write(tx => tx.releaseHeld(t.tenantId, 'con_1', 'cal_1', NOW + 5))).toBe(1)
    const due = await store.outboxDue(t.tenantId, 'con_1', NOW + 5, 10)
    expect(due.map(pair => pair.outbox)).toEqual([{ ...rows[0], state: 'queued', notBefore: NOW + 5, error: null }])
    expect(await t.write(tx => tx.releaseHeld(t.tenantId, 'con_1', 'cal_1', NOW + 5))).toBe(0)
  })

  test('holds what is queued for a calendar, with the reason', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const error = { code: 'calendar-read-only', message: 'm' }
    const rows = [
      t.outbox({ appointmentId: 'a' }),
      t.outbox({ appointmentId: 'b', state: 'failed', error: { code: 'other', message: 'm' } }),
      t.outbox({ appointmentId: 'c', calendarId: 'cal_2' }),
    ]
    await t.apply({ appointments: rows.map(row => t.appointment({ id: row.appointmentId })), outbox: rows })
    expect(await t.write(tx => tx.holdQueued(t.tenantId, 'con_1', 'cal_1', error))).toBe(1)
    expect((await store.appointment(t.tenantId, 'a'))?.outbox).toMatchObject({ state: 'held', error })
    expect((await store.appointment(t.tenantId, 'b'))?.outbox?.state).toBe('failed')
    expect((await store.appointment(t.tenantId, 'c'))?.outbox?.state).toBe('queued')
  })

  test('goes with the links when a connection is forgotten, the neighbour stays', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await t.apply({
      appointments: [t.appointment()],
      links: [t.link(), t.link({ connectionId: 'con_2' })],
      outbox: [t.outbox(), t.outbox({ connectionId: 'con_2', calendarId: 'cal_2' })],
    })
    await t.write(tx => tx.forgetConnection(t.tenantId, 'con_1'))
    const pair = await store.appointment(t.tenantId, 'apt_1')
    expect(pair?.links.map(link => link.connectionId)).toEqual(['con_2'])
    expect(pair?.outbox?.connectionId).toBe('con_2')
    expect(await store.nextOutboxAt(t.tenantId, 'con_1')).toBeNull()
  })
}

function missing(subject: () => StoreUnderTest): void {
  const absent = { how: 'absent' as const, since: NOW + 5 }

  test('a full list flags what it could have shown and did not, once', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const deleted = { how: 'deleted' as const, since: NOW }
    await t.apply({
      appointments: [
        t.appointment({ id: 'unseen' }),
        t.appointment({ id: 'seen' }),
        t.appointment({ id: 'past', time: at(NOW - 9 * DAY) }),
        t.appointment({ id: 'old series', time: at(NOW - 900 * DAY), recurrence: weekly }),
        t.appointment({ id: 'flagged' }),
      ],
      links: [
        t.link({ eventId: 'unseen', appointmentId: 'unseen' }),
        t.link({ eventId: 'seen', appointmentId: 'seen', seenGeneration: 2 }),
        t.link({ eventId: 'past', appointmentId: 'past' }),
        t.link({ eventId: 'old series', appointmentId: 'old series' }),
        t.link({ eventId: 'flagged', appointmentId: 'flagged', missing: deleted }),
        t.link({ eventId: 'parked', appointmentId: null, role: 'parked' }),
        t.link({ eventId: 'elsewhere', calendarId: 'cal_2', appointmentId: 'unseen' }),
      ],
    })
    const calendar = { connectionId: 'con_1', calendarId: 'cal_1', generation: 2, listedFrom: NOW - DAY }
    expect(await t.write(tx => tx.flagAbsent(t.tenantId, calendar, absent))).toBe(3)
    const flagged = await store.missingLinks(t.tenantId, 'con_1', 10)
    expect(flagged.map(link => [link.eventId, link.missing])).toEqual([
      ['flagged', deleted],
      ['old series', absent],
      ['parked', absent],
      ['unseen', absent],
    ])
    expect((await store.missingLinks(t.tenantId, 'con_1', 1)).map(link => link.eventId)).toEqual(['flagged'])
    expect(await store.countMissing(t.tenantId, 'con_1')).toEqual({ missing: 4, linked: 7 })
    expect(await t.write(tx => tx.flagAbsent(t.tenantId, calendar, absent))).toBe(0)
    expect(await t.write(tx => tx.flagAbsent(t.tenantId, { ...calendar, listedFrom: null }, absent))).toBe(1)
  })

  test('a connection without links has none', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    expect(await store.missingLinks(t.tenantId, 'con_1', 10)).toEqual([])
    expect(await store.countMissing(t.tenantId, 'con_1')).toEqual({ missing: 0, linked: 0 })
  })
}

function unsent(subject: () => StoreUnderTest): void {
  const scope = { userId: 'dr-lee', connectionId: 'con_1', calendarId: 'cal_1', from: NOW, to: NOW + 9 * DAY }

  test('is what the platform booked for the user in the window and has no event in the calendar', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    await t.apply({
      appointments: [
        ...['d', 'c', 'b', 'linked', 'linked elsewhere'].map(id => t.appointment({ id })),
        t.appointment({ id: 'google', origin: 'google' }),
        t.appointment({ id: 'other user', userId: 'dr-wu' }),
        t.appointment({ id: 'archived', archivedAt: NOW }),
        t.appointment({ id: 'past', time: at(NOW - DAY) }),
        t.appointment({ id: 'future', time: at(NOW + 10 * DAY) }),
      ],
      links: [
        t.link({ eventId: 'e1', appointmentId: 'linked' }),
        t.link({ eventId: 'e2', appointmentId: 'linked elsewhere', calendarId: 'cal_2' }),
      ],
    })
    const ids = (afterId: string | null, limit: number) => store.unsent(t.tenantId, { ...scope, afterId, limit })
    expect(await ids(null, 10)).toEqual(['b', 'c', 'd', 'linked elsewhere'])
    expect(await ids(null, 2)).toEqual(['b', 'c'])
    expect(await ids('c', 2)).toEqual(['d', 'linked elsewhere'])
    await t.apply({ outbox: [t.outbox({ appointmentId: 'b', attempts: 3 })] })
    const now = NOW + 1
    expect(await t.write(tx => tx.queueUnsent(t.tenantId, { ...scope, now }))).toBe(3)
    expect(await t.write(tx => tx.queueUnsent(t.tenantId, { ...scope, now }))).toBe(0)
    const rows = (await store.outboxDue(t.tenantId, 'con_1', now, 10)).map(pair => pair.outbox)
    expect(rows.map(row => row?.appointmentId)).toEqual(['b', 'c', 'd', 'linked elsewhere'])
    expect(rows[0]?.attempts).toBe(3)
    expect(rows[1]).toEqual(t.outbox({ appointmentId: 'c', lane: 'backfill', notBefore: now, queuedAt: now }))
    const error = { code: 'invalid', message: 'Google refused it.' }
    await t.apply({ outbox: [t.outbox({ appointmentId: 'c', state: 'failed', attempts: 2, error, notBefore: now })] })
    expect(await t.write(tx => tx.queueUnsent(t.tenantId, { ...scope, now: now + 5 }))).toBe(1)
    const again = (await store.outboxDue(t.tenantId, 'con_1', now + 5, 10)).map(pair => pair.outbox)
    expect(again.find(row => row?.appointmentId === 'c')).toMatchObject({
      attempts: 0,
      error: null,
      notBefore: now + 5,
    })
  })
}

function proposals(subject: () => StoreUnderTest): void {
  test('those that are open come oldest first, page by page, also for some appointments only', async () => {
    const { store } = subject()
    const t = await newTenant(store)
    const rows = ['p1', 'p2', 'p3'].map(id => t.proposal({ id, appointmentId: `apt_${id}` }))
    await t.apply({ proposals: [...rows, t.proposal({ id: 'p0', state: 'rejected', settledAt: NOW })] })
    const open = (filter: { appointmentIds?: string[]; afterId?: string; limit?: number }) =>
      store.openProposals(t.tenantId, { appointmentIds: null, afterId: null, limit: 9, ...filter })
    expect(await open({})).toEqual(rows)
    expect(await open({ limit: 1, afterId: 'p1' })).toEqual([rows[1]])
    expect(await open({ appointmentIds: ['apt_p3', 'apt_p1', 'unknown'] })).toEqual([rows[0], rows[2]])
    expect(await open({ appointmentIds: [] })).toEqual([])
    await t.apply({ proposals: [t.proposal({ ...rows[0], state: 'accepted', settledAt: NOW })] })
    expect(await open({ limit: 1 })).toEqual([rows[1]])
    expect(await store.proposal(t.tenantId, 'unknown')).toBeNull()
  })
}
