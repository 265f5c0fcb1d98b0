import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import {
  deliveryResource,
  endpointResource,
  seqOfDeliveryId,
  type Delivery,
  type DeliveryResource,
  type EndpointResource,
} from '../../core/webhooks/endpoint.ts'
import type { Deps } from '../deps.ts'

export type WhichEndpoint = { tenantId: string; endpointId: string }

/** Oldest first. */
export async function listEndpoints(
  { store }: Pick<Deps, 'store'>,
  { tenantId }: { tenantId: string },
): Promise<EndpointResource[]> {
  return (await store.webhookEndpoints(tenantId)).map(endpointResource)
}

export async function getEndpoint(
  { store }: Pick<Deps, 'store'>,
  { tenantId, endpointId }: WhichEndpoint,
): Promise<Result<EndpointResource, DomainError>> {
  const endpoint = await store.webhookEndpoint(tenantId, endpointId)
  return endpoint === null ? fail({ kind: 'not-found' }) : succeed(endpointResource(endpoint))
}

/** Deliveries that did not arrive at the first attempt, the newest change first; `cursor` is the id of the last one of the page before. */
export async function listDeliveries(
  { store }: Pick<Deps, 'store'>,
  input: WhichEndpoint & { state: Delivery['state'] | null; cursor: string | null; limit: number },
): Promise<Result<{ items: DeliveryResource[]; cursor: string | null }, DomainError>> {
  const { tenantId, endpointId, state, cursor, limit } = input
  if ((await store.webhookEndpoint(tenantId, endpointId)) === null) return fail({ kind: 'not-found' })
  const beforeSeq = cursor === null ? null : seqOfDeliveryId(endpointId, cursor)
  if (cursor !== null && beforeSeq === null)
    return fail({ kind: 'invalid', problems: [{ path: 'cursor', message: 'is not a cursor of this list' }] })
  const found = await store.deliveries(tenantId, endpointId, { state, beforeSeq, limit: limit + 1 })
  const items = found.slice(0, limit).map(deliveryResource)
  return succeed({ items, cursor: found.length > limit ? (items.at(-1)?.id ?? null) : null })
}
