import { isWanted, type Delivery } from '../../src/core/webhooks/endpoint.ts'
import type { FeedReads, FeedWrites } from '../../src/ports/store/feeds.ts'
import type { WebhookReads, WebhookWrites } from '../../src/ports/store/webhooks.ts'
import { by } from './memory-reads.ts'
import type { Draft, View } from './memory-world.ts'

/** Webhook endpoints, their deliveries and feeds, as the store in memory keeps them. */
export function memoryWebhookReads(view: () => View): WebhookReads & FeedReads {
  const endpoints = (tenantId: string) =>
    view()
      .of('webhookEndpoints', tenantId)
      .sort(by(each => [each.createdAt, each.id]))
  const deliveries = (tenantId: string, endpointId: string): Delivery[] =>
    view()
      .of('webhookDeliveries', tenantId)
      .filter(each => each.endpointId === endpointId)
  const changes = (tenantId: string) =>
    view()
      .of('journal', tenantId)
      .filter(row => row.change !== null)
      .sort(by(row => [row.seq]))
  const journalHead = async (tenantId: string) => view().get('tenants', tenantId)?.journalSeq ?? 0
  return {
    webhookEndpoint: async (tenantId, id) => view().get('webhookEndpoints', tenantId, id),
    webhookEndpoints: async tenantId => endpoints(tenantId),
    endpointsDue: async (now, limit) =>
      view()
        .across('webhookEndpoints')
        .filter(each => each.status === 'enabled' && (each.restUntil ?? now) <= now)
        .filter(
          ({ tenantId, id, cursor }) =>
            deliveries(tenantId, id).some(each => each.state === 'waiting' && each.nextAttemptAt <= now) ||
            changes(tenantId).some(row => row.seq > cursor),
        )
        .sort(by(each => [each.lastDeliveredAt ?? -Infinity, each.tenantId, each.id]))
        .slice(0, limit)
        .map(({ tenantId, id }) => ({ tenantId, endpointId: id })),
    waitingDeliveries: async (tenantId, endpointId, limit) =>
      deliveries(tenantId, endpointId)
        .filter(each => each.state === 'waiting')
        .sort(by(each => [each.isDetached, each.seq]))
        .slice(0, limit),
    deliveriesAt: async (tenantId, endpointId, seqs) =>
      deliveries(tenantId, endpointId)
        .filter(each => seqs.includes(each.seq))
        .sort(by(each => [each.seq])),
    deliveries: async (tenantId, endpointId, { state, beforeSeq, limit }) =>
      deliveries(tenantId, endpointId)
        .filter(each => each.state === (state ?? each.state) && (beforeSeq === null || each.seq < beforeSeq))
        .sort(by(each => [-each.seq]))
        .slice(0, limit),
    journalHead,
    journalHeadAt: async (tenantId, at) => {
      const since = view()
        .of('journal', tenantId)
        .filter(row => row.at >= at)
      return since.length === 0 ? journalHead(tenantId) : Math.min(...since.map(row => row.seq)) - 1
    },
    changesAt: async (tenantId, seqs) => changes(tenantId).filter(row => seqs.includes(row.seq)),
    changesOfLane: async (tenantId, { appointmentId, connectionId }, { after, upTo, types, limit }) =>
      changes(tenantId)
        .filter(row => row.seq > after && row.seq <= upTo && row.appointmentId === appointmentId)
        .filter(row => appointmentId !== null || row.connectionId === connectionId)
        .filter(row => row.change !== null && isWanted({ types }, row.change.type))
        .slice(0, limit),
    feedOf: async (tenantId, userId) => view().get('feeds', tenantId, userId),
    feedByHash: async hash =>
      view()
        .across('feeds')
        .find(each => each.hash === hash) ?? null,
  }
}

export function memoryWebhookWrites(own: (tenantIds: readonly string[]) => Draft): WebhookWrites & FeedWrites {
  const eraseWhere = (tenantId: string, endpointId: string, isDoomed: (delivery: Delivery) => boolean): void => {
    const draft = own([tenantId])
    for (const delivery of draft.of('webhookDeliveries', tenantId))
      if (delivery.endpointId === endpointId && isDoomed(delivery))
        draft.remove('webhookDeliveries', endpointId, delivery.seq)
  }
  return {
    saveWebhookEndpoint: async endpoint => own([endpoint.tenantId]).put('webhookEndpoints', endpoint, endpoint.id),
    eraseWebhookEndpoint: async (tenantId, id) => {
      eraseWhere(tenantId, id, () => true)
      own([tenantId]).remove('webhookEndpoints', id)
    },
    saveDeliveries: async rows => {
      const draft = own(rows.map(each => each.tenantId))
      for (const row of rows) draft.put('webhookDeliveries', row, row.endpointId, row.seq)
    },
    eraseDeliveries: async (tenantId, endpointId, seqs) =>
      eraseWhere(tenantId, endpointId, ({ seq }) => seqs.includes(seq)),
    purgeDeliveries: async (tenantId, endpointId, before) =>
      eraseWhere(tenantId, endpointId, each => each.state !== 'waiting' && each.createdAt < before),
    saveFeed: async feed => own([feed.tenantId]).put('feeds', feed, feed.userId),
    eraseFeed: async (tenantId, userId) => own([tenantId]).remove('feeds', userId),
  }
}
