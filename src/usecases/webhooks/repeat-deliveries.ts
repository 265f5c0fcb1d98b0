import { parseChangeCursor } from '../../core/model/change-item.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { parseDateTime } from '../../core/model/time.ts'
import { deliveryResource, seqOfDeliveryId, type DeliveryResource } from '../../core/webhooks/endpoint.ts'
import type { Reads } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import type { WhichEndpoint } from './read-endpoints.ts'

const DISABLED: DomainError = {
  kind: 'conflict',
  slug: 'endpoint-disabled',
  detail: 'Nothing is sent to a disabled endpoint; enable it first.',
}

/** Sends one delivery again at once. One that still waits keeps its place in its lane; one that is over goes out beside it. */
export async function retryDelivery(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  { tenantId, endpointId, deliveryId }: WhichEndpoint & { deliveryId: string },
): Promise<Result<DeliveryResource, DomainError>> {
  return store.transaction(tenantId, async tx => {
    const endpoint = await tx.webhookEndpoint(tenantId, endpointId)
    const seq = seqOfDeliveryId(endpointId, deliveryId)
    if (endpoint === null || seq === null) return fail({ kind: 'not-found' })
    const [delivery] = await tx.deliveriesAt(tenantId, endpointId, [seq])
    if (delivery === undefined) return fail({ kind: 'not-found' })
    if (endpoint.status === 'disabled') return fail(DISABLED)
    const isDetached = delivery.isDetached || delivery.state !== 'waiting'
    const again = { ...delivery, state: 'waiting' as const, isDetached, nextAttemptAt: system.now() }
    await tx.saveDeliveries([again])
    await tx.saveWebhookEndpoint({ ...endpoint, restUntil: null })
    await tx.wake([{ kind: 'deliver', tenantId, endpointId }])
    return succeed(deliveryResource(again))
  })
}

/** Where to begin again: an instant, or a cursor of the change feed. Exactly one. */
export type ReplayFrom = { since: string | null; after: string | null }

/** Sends every change since then again, in order and under the ids they had; a receiver that remembers ids sees no difference. */
export async function replayChanges(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  { tenantId, endpointId, from }: WhichEndpoint & { from: ReplayFrom },
): Promise<Result<{ changes: number }, DomainError>> {
  return store.transaction(tenantId, async tx => {
    const endpoint = await tx.webhookEndpoint(tenantId, endpointId)
    if (endpoint === null) return fail({ kind: 'not-found' })
    if (endpoint.status === 'disabled') return fail(DISABLED)
    const start = await readStart(tx, tenantId, from)
    if (!start.ok) return start
    const cursor = Math.min(start.value, endpoint.cursor)
    const waiting = await tx.waitingDeliveries(tenantId, endpointId, WAITING_READ_MAX)
    const repeated = waiting.filter(delivery => delivery.seq > cursor).map(delivery => delivery.seq)
    await tx.eraseDeliveries(tenantId, endpointId, repeated)
    await tx.saveWebhookEndpoint({ ...endpoint, cursor, restUntil: null })
    await tx.wake([{ kind: 'deliver', tenantId, endpointId, startAfter: system.now() }])
    return succeed({ changes: endpoint.cursor - cursor })
  })
}

const WAITING_READ_MAX = 10_000

async function readStart(
  reads: Reads,
  tenantId: string,
  { since, after }: ReplayFrom,
): Promise<Result<number, DomainError>> {
  if ((since === null) === (after === null)) return fail(invalid('since', 'give either since or after'))
  if (after !== null) {
    const seq = parseChangeCursor(after)
    return seq === null ? fail(invalid('after', 'is not a cursor of the change feed')) : succeed(seq)
  }
  const read = parseDateTime(since ?? '', null)
  return read.ok ? succeed(await reads.journalHeadAt(tenantId, read.value.at)) : fail(invalid('since', read.error))
}

const invalid = (path: string, message: string): DomainError => ({ kind: 'invalid', problems: [{ path, message }] })
