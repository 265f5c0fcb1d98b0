import type { Instant } from '../model/time.ts'
import { type Delivery, type Lane, type WebhookEndpoint } from './endpoint.ts'
import { noteSign, type Sign } from './health.ts'
import { nextAttemptAt } from './retry-schedule.ts'
import type { LaneRun, Message, Page } from './round.ts'

/** How one message fared. `status`: what was answered, null where nothing was; `error`: one of our words. */
export type Attempt = { message: Message; sign: Sign; status: number | null; error: string | null; at: Instant }

/** A lane's messages and how far they came: `attempts` is a prefix of them; only its last one may have failed. */
export type LaneOutcome = LaneRun & { attempts: readonly Attempt[] }

export type Settlement = {
  endpoint: WebhookEndpoint
  save: readonly Delivery[]
  /** Deliveries that left no trace worth keeping. */
  erase: readonly number[]
  /** Lanes that go on: their next change after `after`, up to the endpoint's cursor, is due at once. */
  goOn: readonly (Lane & { after: number })[]
}

/**
 * DECIDES what is stored after a round.
 * @param endpoint as it is now, which may be later than when the round began.
 * @param waiting the deliveries of the round that still wait; what was settled otherwise meanwhile stays as it is.
 * @param began the cursor the round began at; when somebody has moved it since, the page counts for nothing and comes again.
 */
export function settleRound(
  endpoint: WebhookEndpoint,
  round: { heads: readonly LaneOutcome[]; page: Page; pageOutcomes: readonly LaneOutcome[]; began: number },
  waiting: readonly Delivery[],
  random: () => number,
): Settlement {
  const isOvertaken = endpoint.cursor !== round.began
  const stillWaiting = new Map(waiting.map(delivery => [delivery.seq, delivery]))
  const isOpen = ({ messages: [first] }: LaneOutcome): boolean =>
    first?.delivery != null && stillWaiting.get(first.delivery.seq)?.state === 'waiting'
  const heads = round.heads.filter(isOpen)
  const lanes = isOvertaken ? heads : [...heads, ...round.pageOutcomes]
  const attempts = [...round.heads, ...round.pageOutcomes].flatMap(lane => lane.attempts)
  const sick = attempts
    .toSorted((a, b) => a.at - b.at)
    .reduce((noted, { sign, at }) => noteSign(noted, sign, at, random), endpoint)
  const parts = lanes.map(lane => settleLane(endpoint, lane, random))
  return {
    endpoint: isOvertaken ? sick : { ...sick, cursor: cursorAfter(round.page, round.pageOutcomes) },
    save: parts.flatMap(part => part.save),
    erase: parts.flatMap(part => part.erase),
    goOn: parts.flatMap(part => part.goOn),
  }
}

/** Just before the first message that was not even tried; a message held back by a failed one before it will follow that one. */
function cursorAfter(page: Page, outcomes: readonly LaneOutcome[]): number {
  const untried = outcomes.flatMap(({ messages, attempts }) =>
    hasFailed(attempts) ? [] : messages.slice(attempts.length).map(({ row }) => row.seq),
  )
  return Math.min(page.cursor, ...untried.map(seq => seq - 1))
}

const hasFailed = (attempts: readonly Attempt[]): boolean => attempts.some(attempt => attempt.sign.kind !== 'delivered')

function settleLane(
  endpoint: WebhookEndpoint,
  { attempts, isDetached }: LaneOutcome,
  random: () => number,
): Omit<Settlement, 'endpoint'> {
  const last = attempts.at(-1)
  if (last === undefined) return { save: [], erase: [], goOn: [] }
  const arrived = attempts.filter(attempt => attempt.sign.kind === 'delivered')
  const isFromWaiting = attempts[0]?.message.delivery != null
  const failed = last.sign.kind === 'delivered' ? null : failedDelivery(endpoint, last, random)
  const isOver = failed === null ? isFromWaiting : failed.state === 'failed'
  const { appointmentId, connectionId, seq } = last.message.row
  return {
    save: [
      ...arrived.filter(isWorthKeeping).map(attempt => arrivedDelivery(endpoint, attempt)),
      ...(failed === null ? [] : [failed]),
    ],
    erase: arrived.filter(attempt => !isWorthKeeping(attempt)).map(({ message }) => message.row.seq),
    goOn: isOver && !isDetached ? [{ appointmentId, connectionId, after: seq }] : [],
  }
}

const isWorthKeeping = ({ message: { delivery } }: Attempt): boolean =>
  delivery !== null && (delivery.attempts > 0 || delivery.isDetached)

function arrivedDelivery(endpoint: WebhookEndpoint, attempt: Attempt): Delivery {
  return { ...triedDelivery(endpoint, attempt), state: 'delivered' }
}

function failedDelivery(endpoint: WebhookEndpoint, attempt: Attempt, random: () => number): Delivery {
  const tried = triedDelivery(endpoint, attempt)
  const retryAfterMs = attempt.sign.kind === 'failed' ? attempt.sign.retryAfterMs : 0
  const next = nextAttemptAt(tried.attempts, attempt.at, retryAfterMs, random)
  return next === null ? { ...tried, state: 'failed' } : { ...tried, nextAttemptAt: next }
}

function triedDelivery(endpoint: WebhookEndpoint, { message, status, error, at }: Attempt): Delivery {
  const known = message.delivery ?? waitingDelivery(endpoint, message.row, at)
  return { ...known, attempts: known.attempts + 1, lastAttemptAt: at, lastStatus: status, lastError: error }
}

/** A delivery that is due at `now` and was never tried. @throws Error for a row that is history only: a caller's bug. */
export function waitingDelivery(
  endpoint: Pick<WebhookEndpoint, 'tenantId' | 'id'>,
  row: Message['row'],
  now: Instant,
): Delivery {
  if (row.change === null) throw new Error(`row ${row.seq} is not an item of the change feed`)
  return {
    tenantId: endpoint.tenantId,
    endpointId: endpoint.id,
    seq: row.seq,
    appointmentId: row.appointmentId,
    connectionId: row.connectionId,
    type: row.change.type,
    state: 'waiting',
    isDetached: false,
    attempts: 0,
    nextAttemptAt: now,
    lastAttemptAt: null,
    lastStatus: null,
    lastError: null,
    createdAt: now,
  }
}
