import type { ChangeType } from '../model/journal.ts'
import type { Instant } from '../model/time.ts'

/** Where a platform wants to hear of changes. */
export type WebhookEndpoint = {
  tenantId: string
  id: string
  url: string
  description: string | null
  /** The types it wants; null: all, also those that come later. */
  types: readonly ChangeType[] | null
  status: 'enabled' | 'disabled'
  /** `gone`: it answered 410; `failing`: for days nothing arrived; `request`: the platform said so. */
  disabledReason: 'gone' | 'failing' | 'request' | null
  sealedSecret: string
  /** Signs beside the present one until `oldSecretUntil`. */
  sealedOldSecret: string | null
  oldSecretUntil: Instant | null
  /** Every change up to this one was delivered, is not wanted, or is kept back by a waiting delivery of its lane. */
  cursor: number
  /** Attempts that failed in a row. */
  failures: number
  lastFailureAt: Instant | null
  /** Since when attempts fail again and again; null while they do not. */
  failingSince: Instant | null
  lastDeliveredAt: Instant | null
  /** Nothing is sent before this instant. */
  restUntil: Instant | null
  createdAt: Instant
}

/** What stays in order: the changes of one appointment; those of a connection that concern no appointment; and the few others. */
export type Lane = { appointmentId: string | null; connectionId: string | null }

export function laneKey({ appointmentId, connectionId }: Lane): string {
  if (appointmentId !== null) return `appointment ${appointmentId}`
  return connectionId === null ? 'tenant' : `connection ${connectionId}`
}

/**
 * A delivery that failed, waits behind one that failed, or was asked for by hand. What arrives at the first attempt leaves no row: the
 * endpoint's cursor says so.
 */
export type Delivery = Lane & {
  tenantId: string
  endpointId: string
  /** The change's number in the journal. */
  seq: number
  type: ChangeType
  state: 'waiting' | 'delivered' | 'failed'
  /** Asked for by hand after its lane had gone on: holds nothing back, nothing follows it. */
  isDetached: boolean
  attempts: number
  nextAttemptAt: Instant
  lastAttemptAt: Instant | null
  /** The HTTP status of the last answer; null where there was none. */
  lastStatus: number | null
  /** One of our words for what went wrong last. */
  lastError: string | null
  createdAt: Instant
}

export function isWanted(endpoint: Pick<WebhookEndpoint, 'types'>, type: ChangeType): boolean {
  return endpoint.types === null || endpoint.types.includes(type)
}

/** The `webhook-id`, the same at each attempt, and the delivery's id in the API. Holds no full stop, which the signature uses as a separator. */
export function deliveryId({ endpointId, seq }: Pick<Delivery, 'endpointId' | 'seq'>): string {
  return `${endpointId}_${seq}`
}

/** Null for an id that no delivery of this endpoint can have. */
export function seqOfDeliveryId(endpointId: string, id: string): number | null {
  if (!id.startsWith(`${endpointId}_`)) return null
  const text = id.slice(endpointId.length + 1)
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}

/** What the platform sees; never a secret. */
export type EndpointResource = {
  id: string
  url: string
  description: string | null
  types: readonly ChangeType[] | null
  status: string
  disabledReason: string | null
  failingSince: string | null
  lastDeliveredAt: string | null
  createdAt: string
}

export function endpointResource(endpoint: WebhookEndpoint): EndpointResource {
  const { id, url, description, types, status, disabledReason } = endpoint
  return {
    id,
    url,
    description,
    types,
    status,
    disabledReason,
    failingSince: momentOf(endpoint.failingSince),
    lastDeliveredAt: momentOf(endpoint.lastDeliveredAt),
    createdAt: new Date(endpoint.createdAt).toISOString(),
  }
}

export type DeliveryResource = {
  id: string
  changeId: string
  type: ChangeType
  appointmentId: string | null
  connectionId: string | null
  state: string
  attempts: number
  nextAttemptAt: string | null
  lastAttemptAt: string | null
  lastStatus: number | null
  lastError: string | null
}

export function deliveryResource(delivery: Delivery): DeliveryResource {
  const { seq, type, appointmentId, connectionId, state, attempts, lastStatus, lastError } = delivery
  return {
    id: deliveryId(delivery),
    changeId: `chg_${seq}`,
    type,
    appointmentId,
    connectionId,
    state,
    attempts,
    nextAttemptAt: state === 'waiting' ? momentOf(delivery.nextAttemptAt) : null,
    lastAttemptAt: momentOf(delivery.lastAttemptAt),
    lastStatus,
    lastError,
  }
}

const momentOf = (at: Instant | null): string | null => (at === null ? null : new Date(at).toISOString())
