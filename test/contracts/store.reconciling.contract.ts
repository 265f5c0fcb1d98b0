import { describe, expect, test } from 'vitest'
import { at, DAY, HOUR, NOW, onDay } from '../support/builders.ts'
import { newTenant, type StoreUnderTest } from './store.fixtures.ts'

const WEEKLY = ['RRULE:FREQ=WEEKLY;COUNT=4']

/** What proposals, duplicates, the deletion guard and changed policies need of a store. */
export function storeReconcilingContract(subject: () => StoreUnderTest): void {
  describe('proposals', () => {
    test('whose time is over come longest waiting first, across tenants, and never a settled one', async () => {
      const { store } = subject()
      const [one, two] = [await newTenant(store), await newTenant(store)]
      const expiresAt = NOW - 400 * DAY
      await one.apply({
        proposals: [
          one.proposal({ id: 'later', expiresAt: expiresAt + 1 }),
          one.proposal({ id: 'settled', expiresAt, state: 'accepted', settledAt: NOW }),
          one.proposal({ id: 'not yet', expiresAt: expiresAt + DAY }),
        ],
      })
      await two.apply({ proposals: [two.proposal({ id: 'sooner', expiresAt })] })
      expect(await store.proposalsExpired(expiresAt + 1, 10)).toEqual([
        { tenantId: two.tenantId, id: 'sooner' },
        { tenantId: one.tenantId, id: 'later' },
      ])
      expect(await store.proposalsExpired(expiresAt + 1, 1)).toHaveLength(1)
      expect(await store.proposalsExpired(expiresAt - 1, 10)).toEqual([])
      for (const [tenant, id] of [
        [one, 'later'],
        [one, 'not yet'],
        [two, 'sooner'],
      ] as const)
        await tenant.apply({ proposals: [tenant.proposal({ id, state: 'expired', settledAt: NOW })] })
    })
  })

  describe('duplicates', () => {
    test('open ones come oldest first, page by page; of named appointments all come, whatever their state', async () => {
      const { store } = subject()
      const t = await newTenant(store)
      const [first, second] = [t.duplicate({ id: 'd1' }), t.duplicate({ id: 'd2', appointmentId: 'apt_2' })]
      const settled = t.duplicate({ id: 'd0', state: 'kept', settledAt: NOW, kind: 'feed-copy', twinId: null })
      await t.apply({ duplicates: [second, first, settled] })
      const find = (filter: { appointmentIds?: string[]; afterId?: string; limit?: number }) =>
        store.duplicates(t.tenantId, { appointmentIds: null, afterId: null, limit: 9, ...filter })
      expect(await find({})).toEqual([first, second])
      expect(await find({ limit: 1 })).toEqual([first])
      expect(await find({ afterId: 'd1' })).toEqual([second])
      expect(await find({ appointmentIds: ['apt_1'] })).toEqual([settled, first])
      expect(await find({ appointmentIds: [] })).toEqual([])
      await t.apply({ duplicates: [{ ...first, state: 'linked', ownEventId: 'own', settledAt: NOW }] })
      expect(await store.duplicate(t.tenantId, 'd1')).toEqual({
        ...first,
        state: 'linked',
        ownEventId: 'own',
        settledAt: NOW,
      })
      expect(await store.duplicate(t.tenantId, 'unknown')).toBeNull()
    })
  })

  describe('what blocks time in some spans', () => {
    test('is neither free nor called off nor archived, of this user alone, and touches one of the spans', async () => {
      const { store } = subject()
      const t = await newTenant(store)
      const during = at(NOW + DAY)
      await t.apply({
        appointments: [
          t.appointment({ id: 'inside', time: during }),
          t.appointment({ id: 'whole-day', time: onDay('2026-12-01', '2026-12-02') }),
          t.appointment({ id: 'series', time: at(NOW - 6 * DAY), recurrence: WEEKLY }),
          t.appointment({ id: 'between', time: at(NOW + 2 * DAY) }),
          t.appointment({ id: 'touching', time: at(NOW + DAY - HOUR, 60) }),
          t.appointment({ id: 'free', time: during, busy: false }),
          t.appointment({ id: 'cancelled', time: during, status: 'cancelled' }),
          t.appointment({ id: 'missed', time: during, status: 'no_show' }),
          t.appointment({ id: 'archived', time: during, archivedAt: NOW }),
          t.appointment({ id: 'other', time: during, userId: 'dr-wu' }),
          t.appointment({ id: 'week', time: at(NOW + 7 * DAY) }),
        ],
      })
      const spans = [
        { startAt: NOW + DAY, endAt: NOW + DAY + HOUR },
        { startAt: NOW + 7 * DAY, endAt: NOW + 7 * DAY + 1 },
      ]
      const found = await store.appointmentsDuring(t.tenantId, 'dr-lee', spans)
      expect(found.map(each => each.id)).toEqual(['inside', 'series', 'week', 'whole-day'])
      expect(await store.appointmentsDuring(t.tenantId, 'dr-lee', [])).toEqual([])
    })
  })

  describe('what is missing', () => {
    test('is counted by calendar, also only what went missing after an answer', async () => {
      const { store } = subject()
      const t = await newTenant(store)
      const gone = (since: number) => ({ missing: { how: 'deleted' as const, since } })
      await t.apply({
        links: [
          t.link({ eventId: 'a', ...gone(NOW) }),
          t.link({ eventId: 'b', ...gone(NOW + 1) }),
          t.link({ eventId: 'c' }),
          t.link({ eventId: 'd', calendarId: 'cal_2', ...gone(NOW) }),
          t.link({ eventId: 'e', calendarId: 'cal_3' }),
          t.link({ eventId: 'f', connectionId: 'con_2', ...gone(NOW + 1) }),
        ],
      })
      expect(await store.missingByCalendar(t.tenantId, 'con_1', null)).toEqual([
        { calendarId: 'cal_1', missing: 2, linked: 3 },
        { calendarId: 'cal_2', missing: 1, linked: 1 },
      ])
      expect(await store.missingByCalendar(t.tenantId, 'con_1', NOW)).toEqual([
        { calendarId: 'cal_1', missing: 1, linked: 3 },
      ])
      expect(await store.missingByCalendar(t.tenantId, 'con_1', NOW + 1)).toEqual([])
    })
  })

  describe('what is shown', () => {
    test('is queued once as backfill; what waits keeps its place, what was parked gets another try', async () => {
      const { store } = subject()
      const t = await newTenant(store)
      const refused = { code: 'invalid', message: 'refused' }
      const held = { code: 'calendar-read-only', message: 'waits' }
      await t.apply({
        appointments: ['a', 'b', 'c', 'd', 'e'].map(id => t.appointment({ id })),
        links: [
          ...['a', 'b', 'c', 'd'].map(id => t.link({ eventId: id, appointmentId: id })),
          t.link({ eventId: 'e', appointmentId: 'e', role: 'theirs' }),
          t.link({ eventId: 'p', appointmentId: null, role: 'parked' }),
          t.link({ eventId: 'x', appointmentId: 'e', connectionId: 'con_2' }),
        ],
        outbox: [
          t.outbox({ appointmentId: 'b' }),
          t.outbox({ appointmentId: 'c', state: 'failed', attempts: 12, error: refused }),
          t.outbox({ appointmentId: 'd', state: 'held', error: held }),
        ],
      })
      const now = NOW + HOUR
      expect(await t.write(tx => tx.queueShown(t.tenantId, { connectionId: 'con_1', now }))).toBe(2)
      const outboxOf = async (id: string) => (await store.appointment(t.tenantId, id))?.outbox
      expect(await outboxOf('a')).toEqual(
        t.outbox({ appointmentId: 'a', lane: 'backfill', notBefore: now, queuedAt: now }),
      )
      expect(await outboxOf('b')).toEqual(t.outbox({ appointmentId: 'b' }))
      expect(await outboxOf('c')).toEqual(t.outbox({ appointmentId: 'c', notBefore: now }))
      expect(await outboxOf('d')).toEqual(t.outbox({ appointmentId: 'd', state: 'held', error: held }))
      expect(await outboxOf('e')).toBeNull()
    })
  })
}
