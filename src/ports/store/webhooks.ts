import type { ChangeType, JournalRow } from '../../core/model/journal.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Delivery, Lane, WebhookEndpoint } from '../../core/webhooks/endpoint.ts'

export interface WebhookReads {
  webhookEndpoint(tenantId: string, id: string): Promise<WebhookEndpoint | null>
  /** Oldest first. */
  webhookEndpoints(tenantId: string): Promise<WebhookEndpoint[]>
  /** Enabled endpoints that have something to send at `now`, across tenants, those that were never sent anything and the longest quiet first. */
  endpointsDue(now: Instant, limit: number): Promise<{ tenantId: string; endpointId: string }[]>
  /** Those that wait, by `seq`; detached ones last. */
  waitingDeliveries(tenantId: string, endpointId: string, limit: number): Promise<Delivery[]>
  /** By `seq`; those there are. */
  deliveriesAt(tenantId: string, endpointId: string, seqs: readonly number[]): Promise<Delivery[]>
  /** The newest first. */
  deliveries(
    tenantId: string,
    endpointId: string,
    filter: { state: Delivery['state'] | null; beforeSeq: number | null; limit: number },
  ): Promise<Delivery[]>
  /** The number of the newest journal row; 0 for none. */
  journalHead(tenantId: string): Promise<number>
  /** The number before the first journal row that is not older than `at`; the newest one where there is none. */
  journalHeadAt(tenantId: string, at: Instant): Promise<number>
  /** Change-feed items with these numbers, by number. */
  changesAt(tenantId: string, seqs: readonly number[]): Promise<JournalRow[]>
  /** Change-feed items of one lane with numbers in (after, upTo] and of these types (null: any), by number. */
  changesOfLane(
    tenantId: string,
    lane: Lane,
    range: { after: number; upTo: number; types: readonly ChangeType[] | null; limit: number },
  ): Promise<JournalRow[]>
}

export interface WebhookWrites {
  saveWebhookEndpoint(endpoint: WebhookEndpoint): Promise<void>
  /** With its deliveries. */
  eraseWebhookEndpoint(tenantId: string, id: string): Promise<void>
  saveDeliveries(deliveries: readonly Delivery[]): Promise<void>
  eraseDeliveries(tenantId: string, endpointId: string, seqs: readonly number[]): Promise<void>
  /** Those that do not wait and were made before `before`. */
  purgeDeliveries(tenantId: string, endpointId: string, before: Instant): Promise<void>
}
