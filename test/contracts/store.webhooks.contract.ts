import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { CHANGE_TYPES } from '../../src/core/model/journal.ts'
import { DAY, HOUR, NOW } from '../support/builders.ts'
import { aDelivery, anEndpoint } from '../support/webhook-builders.ts'
import { aChange, aJournalEntry, newTenant, type StoreUnderTest } from './store.fixtures.ts'

export function storeWebhooksContract(subject: () => StoreUnderTest): void {
  test('an endpoint comes back as it was written, and is changed in place', async () => {
    const { store } = subject()
    const { tenantId, write } = await newTenant(store)
    const first = anEndpoint({ tenantId, types: [...CHANGE_TYPES], description: 'ours', cursor: 3_000_000_000 })
    const later = anEndpoint({
      tenantId,
      id: 'whe_2',
      createdAt: NOW,
      status: 'disabled',
      disabledReason: 'failing',
      failures: 3,
      lastFailureAt: NOW,
      failingSince: NOW - DAY,
      lastDeliveredAt: NOW - 2 * DAY,
      restUntil: NOW + HOUR,
      sealedOldSecret: 'old',
      oldSecretUntil: NOW + DAY,
    })
    await write(async tx => {
      await tx.saveWebhookEndpoint(later)
      await tx.saveWebhookEndpoint(first)
    })
    expect(await store.webhookEndpoints(tenantId)).toEqual([first, later])
    await write(tx => tx.saveWebhookEndpoint({ ...first, types: null, cursor: 3_000_000_001 }))
    expect(await store.webhookEndpoint(tenantId, 'whe_1')).toEqual({ ...first, types: null, cursor: 3_000_000_001 })
  })

  test('an erased endpoint takes its deliveries with it and leaves its neighbour’s', async () => {
    const { store } = subject()
    const { tenantId, write } = await newTenant(store)
    await write(async tx => {
      for (const id of ['whe_1', 'whe_2']) await tx.saveWebhookEndpoint(anEndpoint({ tenantId, id }))
      for (const endpointId of ['whe_1', 'whe_2']) await tx.saveDeliveries([aDelivery({ tenantId, endpointId })])
      await tx.eraseWebhookEndpoint(tenantId, 'whe_1')
    })
    expect((await store.webhookEndpoints(tenantId)).map(each => each.id)).toEqual(['whe_2'])
    expect(await store.deliveriesAt(tenantId, 'whe_1', [1])).toEqual([])
    expect(await store.deliveriesAt(tenantId, 'whe_2', [1])).toHaveLength(1)
  })

  test('deliveries are listed newest first, by state and page; those that wait in their order, detached ones last', async () => {
    const { store } = subject()
    const { tenantId, write } = await newTenant(store)
    const rows = [
      aDelivery({ tenantId, seq: 9, state: 'delivered', nextAttemptAt: NOW - DAY }),
      aDelivery({ tenantId, seq: 4, isDetached: true }),
      aDelivery({ tenantId, seq: 10, appointmentId: null, connectionId: 'con_1', lastStatus: null, lastError: null }),
      aDelivery({ tenantId, seq: 7, state: 'failed', lastAttemptAt: null }),
    ]
    await write(tx => tx.saveDeliveries(rows))
    const list = (state: 'waiting' | 'failed' | null, beforeSeq: number | null, limit = 9) =>
      store.deliveries(tenantId, 'whe_1', { state, beforeSeq, limit }).then(found => found.map(each => each.seq))
    expect(await list(null, null)).toEqual([10, 9, 7, 4])
    expect(await list(null, 9, 1)).toEqual([7])
    expect(await list('failed', null)).toEqual([7])
    expect((await store.waitingDeliveries(tenantId, 'whe_1', 9)).map(each => each.seq)).toEqual([10, 4])
    expect(await store.waitingDeliveries(tenantId, 'whe_1', 1)).toEqual([rows[2]])
    expect(await store.deliveriesAt(tenantId, 'whe_1', [7, 9, 7, 8])).toEqual([rows[3], rows[0]])
    expect(await store.deliveriesAt(tenantId, 'whe_1', [])).toEqual([])
  })

  test('deliveries are replaced by number, erased by number, and purged when they are old and over', async () => {
    const { store } = subject()
    const { tenantId, write } = await newTenant(store)
    const seqs = () =>
      store
        .deliveries(tenantId, 'whe_1', { state: null, beforeSeq: null, limit: 9 })
        .then(found => found.map(each => each.seq))
    await write(tx => tx.saveDeliveries([1, 2, 3, 4].map(seq => aDelivery({ tenantId, seq, createdAt: NOW - DAY }))))
    await write(tx =>
      tx.saveDeliveries([3, 4].map(seq => aDelivery({ tenantId, seq, state: 'failed', createdAt: NOW - seq * DAY }))),
    )
    await write(tx => tx.eraseDeliveries(tenantId, 'whe_1', [2, 99]))
    await write(tx => tx.eraseDeliveries(tenantId, 'whe_1', []))
    expect(await seqs()).toEqual([4, 3, 1])
    await write(tx => tx.purgeDeliveries(tenantId, 'whe_1', NOW - 3 * DAY))
    expect(await seqs()).toEqual([3, 1])
    await write(tx => tx.purgeDeliveries(tenantId, 'whe_1', NOW))
    expect(await seqs()).toEqual([1])
  })

  test('the journal’s head is the newest row, and at an instant the one before the first row since', async () => {
    const { store } = subject()
    const { tenantId, apply } = await newTenant(store)
    expect(await store.journalHead(tenantId)).toBe(0)
    expect(await store.journalHeadAt(tenantId, NOW)).toBe(0)
    await apply({ journal: [aChange({ at: NOW - DAY }), aJournalEntry({ at: NOW }), aChange({ at: NOW + 5 })] })
    expect(await store.journalHead(tenantId)).toBe(3)
    expect(await store.journalHeadAt(tenantId, NOW - 2 * DAY)).toBe(0)
    expect(await store.journalHeadAt(tenantId, NOW)).toBe(1)
    expect(await store.journalHeadAt(tenantId, NOW + 6)).toBe(3)
  })

  test('a lane’s changes are those of its appointment, or of its connection where no appointment is concerned', async () => {
    const { store } = subject()
    const { tenantId, apply } = await newTenant(store)
    const active = { type: 'connection.active', data: {} } as const
    await apply({
      journal: [
        aChange({ appointmentId: 'a', connectionId: 'c' }),
        aChange({ appointmentId: 'b' }),
        aChange({ appointmentId: null, connectionId: 'c', change: active }),
        aJournalEntry({ appointmentId: 'a' }),
        aChange({ appointmentId: 'a', change: { type: 'appointment.updated', data: { id: 'a' } } }),
        aChange({ appointmentId: null, connectionId: null, change: active }),
      ],
    })
    const range = { after: 0, upTo: 99, types: null, limit: 9 }
    const of = async (appointmentId: string | null, connectionId: string | null, over: Partial<typeof range> = {}) => {
      const rows = await store.changesOfLane(tenantId, { appointmentId, connectionId }, { ...range, ...over })
      return rows.map(row => row.seq)
    }
    expect(await of('a', 'whatever')).toEqual([1, 5])
    expect(await of('a', null, { after: 1 })).toEqual([5])
    expect(await of('a', null, { upTo: 4 })).toEqual([1])
    expect(await of('a', null, { limit: 1 })).toEqual([1])
    expect(await of(null, 'c')).toEqual([3])
    expect(await of(null, null)).toEqual([6])
    const typed = await store.changesOfLane(
      tenantId,
      { appointmentId: 'a', connectionId: null },
      { ...range, types: ['appointment.updated'] },
    )
    expect(typed.map(row => row.seq)).toEqual([5])
    expect((await store.changesAt(tenantId, [5, 4, 1, 77])).map(row => row.seq)).toEqual([1, 5])
    expect((await store.changesAt(tenantId, [5]))[0]?.change?.data).toEqual({ id: 'a' })
  })

  test('due are the endpoints with a waiting delivery whose time has come or a change they have not seen', async () => {
    const { store } = subject()
    const endpoint = async (fields: Parameters<typeof anEndpoint>[0], waitsUntil: number | null, hasChange = false) => {
      const { tenantId, write, apply } = await newTenant(store)
      await write(tx => tx.saveWebhookEndpoint(anEndpoint({ ...fields, tenantId })))
      if (hasChange) await apply({ journal: [aChange()] })
      else await apply({ journal: [aJournalEntry()] })
      const row = aDelivery({ tenantId, nextAttemptAt: waitsUntil ?? 0 })
      if (waitsUntil !== null) await write(tx => tx.saveDeliveries([row]))
      return tenantId
    }
    const waited = await endpoint({ lastDeliveredAt: NOW }, NOW)
    const changed = await endpoint({ lastDeliveredAt: NOW - 1 }, null, true)
    const fresh = await endpoint({ restUntil: NOW }, NOW + 1, true)
    const notDue = [
      await endpoint({}, NOW + 1),
      await endpoint({}, null),
      await endpoint({ cursor: 1 }, null, true),
      await endpoint({ restUntil: NOW + 1 }, NOW, true),
      await endpoint({ status: 'disabled' }, NOW, true),
    ]
    const due = (await store.endpointsDue(NOW, 1_000)).filter(({ tenantId }) =>
      [waited, changed, fresh, ...notDue].includes(tenantId),
    )
    expect(due).toEqual([fresh, changed, waited].map(tenantId => ({ tenantId, endpointId: 'whe_1' })))
    expect(await store.endpointsDue(NOW, 1)).toHaveLength(1)
  })

  test('a user has one feed, found by its hash until it is erased', async () => {
    const { store } = subject()
    const { tenantId, write } = await newTenant(store)
    const [old, now] = [randomUUID(), randomUUID()]
    const feed = { tenantId, userId: 'dr-lee', hash: old, createdAt: NOW }
    await write(tx => tx.saveFeed(feed))
    expect(await store.feedByHash(old)).toEqual(feed)
    await write(tx => tx.saveFeed({ ...feed, hash: now }))
    expect(await store.feedByHash(old)).toBeNull()
    expect(await store.feedOf(tenantId, 'dr-lee')).toEqual({ ...feed, hash: now })
    expect(await store.feedOf(tenantId, 'dr-kim')).toBeNull()
    await write(tx => tx.eraseFeed(tenantId, 'dr-lee'))
    expect(await store.feedByHash(now)).toBeNull()
    await write(tx => tx.eraseFeed(tenantId, 'dr-lee'))
  })
}
