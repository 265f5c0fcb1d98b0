import type { JournalRow } from '../model/journal.ts'
import type { Instant } from '../model/time.ts'
import { isWanted, laneKey, type Delivery, type WebhookEndpoint } from './endpoint.ts'
import { isAiling } from './health.ts'

/** With so many deliveries waiting, nothing new is begun: what an endpoint that is down has missed stays in the journal. */
export const WAITING_MAX = 200
/** Lanes and new changes taken up in one round, which is settled in one transaction. */
const HEADS_MAX = 50
export const PAGE_MAX = 50

/** What to do for an endpoint now. `changesMax`: how many new changes may be begun. */
export type Round = { kind: 'rest'; until: Instant } | { kind: 'send'; heads: readonly Delivery[]; changesMax: number }

/**
 * DECIDES what a round sends: of each lane only its oldest waiting delivery, and what falls due; new changes while not too many wait.
 * An ailing endpoint gets a single message, which tries the way for all others.
 */
export function planRound(
  endpoint: Pick<WebhookEndpoint, 'restUntil' | 'failures'>,
  waiting: readonly Delivery[],
  now: Instant,
): Round {
  if (endpoint.restUntil !== null && endpoint.restUntil > now) return { kind: 'rest', until: endpoint.restUntil }
  const due = laneHeads(waiting)
    .filter(delivery => delivery.nextAttemptAt <= now)
    .sort((a, b) => a.nextAttemptAt - b.nextAttemptAt || a.seq - b.seq)
  const changesMax = waiting.length < WAITING_MAX ? PAGE_MAX : 0
  if (!isAiling(endpoint)) return { kind: 'send', heads: due.slice(0, HEADS_MAX), changesMax }
  return { kind: 'send', heads: due.slice(0, 1), changesMax: due.length > 0 ? 0 : Math.min(1, changesMax) }
}

/** The oldest waiting delivery of each lane, and every detached one: it is in nobody's way. */
function laneHeads(waiting: readonly Delivery[]): Delivery[] {
  const heads = new Map<string, Delivery>()
  for (const delivery of waiting) {
    if (delivery.isDetached) continue
    const key = laneKey(delivery)
    const known = heads.get(key)
    if (known === undefined || delivery.seq < known.seq) heads.set(key, delivery)
  }
  return [...heads.values(), ...waiting.filter(delivery => delivery.isDetached)]
}

/** One message to send: a change, and the delivery that waits for it, if it was tried or kept back before. */
export type Message = { row: JournalRow; delivery: Delivery | null }

/** Messages that are sent one after the other, the next only after the one before has arrived. */
export type LaneRun = { messages: readonly Message[]; isDetached: boolean }

/** New changes: those to be sent, by lane, and how far the cursor moves when all of them are settled. */
export type Page = { lanes: readonly LaneRun[]; cursor: number }

/**
 * DECIDES which of the new changes are begun: those that are wanted and whose lane is free. What lies in a lane with a waiting delivery is
 * passed over; it follows when that one has arrived.
 */
export function planPage(
  endpoint: Pick<WebhookEndpoint, 'cursor' | 'types'>,
  waiting: readonly Delivery[],
  rows: readonly JournalRow[],
  changesMax: number,
): Page {
  const blocked = new Set(waiting.filter(delivery => !delivery.isDetached).map(laneKey))
  const lanes = new Map<string, Message[]>()
  let { cursor } = endpoint
  let begun = 0
  for (const row of rows) {
    const isBegun = row.change !== null && isWanted(endpoint, row.change.type) && !blocked.has(laneKey(row))
    if (isBegun && begun === changesMax) break
    cursor = row.seq
    if (!isBegun) continue
    begun += 1
    const key = laneKey(row)
    lanes.set(key, [...(lanes.get(key) ?? []), { row, delivery: null }])
  }
  return { lanes: [...lanes.values()].map(messages => ({ messages, isDetached: false })), cursor }
}

/** When to look again by itself; null: when something changes. */
export function nextLookAt(endpoint: Pick<WebhookEndpoint, 'restUntil'>, waiting: readonly Delivery[]): Instant | null {
  const heads = laneHeads(waiting).map(delivery => delivery.nextAttemptAt)
  return heads.length === 0 ? null : Math.max(Math.min(...heads), endpoint.restUntil ?? 0)
}
