import { endpointResource, type Delivery, type WebhookEndpoint } from '../../core/webhooks/endpoint.ts'
import {
  nextLookAt,
  planPage,
  planRound,
  WAITING_MAX,
  PAGE_MAX,
  type LaneRun,
  type Page,
} from '../../core/webhooks/round.ts'
import { settleRound, waitingDelivery, type LaneOutcome } from '../../core/webhooks/settle.ts'
import type { JobOutcome } from '../../ports/jobs.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import type { WhichEndpoint } from './read-endpoints.ts'
import { sendLanes } from './send-lanes.ts'

type DeliverDeps = Pick<Deps, 'store' | 'system' | 'vault' | 'webhooks' | 'log'>

/** A run makes room for other endpoints after this long, or after so many rounds. */
const RUN_MS_MAX = 20_000
const ROUNDS_MAX = 500
/** Changes read ahead: an endpoint that wants few types passes over many. */
const READ_MAX = 4 * PAGE_MAX
/** Changes of a lane that follow a waiting one in the same round. */
const FOLLOWERS_MAX = 20
/** The bound on what waits, and some: deliveries asked for by hand are not bounded. */
const WAITING_READ_MAX = 2 * WAITING_MAX + PAGE_MAX
/** How long a delivery that is over stays readable. */
const KEPT_MS = 30 * 86_400_000

/**
 * Tells one endpoint of the changes it has not seen. Source is the journal, in commit order; a round sends, then settles in one
 * transaction, so a crash repeats at most a round and loses nothing.
 */
export async function deliverChanges(
  deps: DeliverDeps,
  which: WhichEndpoint,
  signal?: AbortSignal,
): Promise<JobOutcome> {
  const { store, system } = deps
  const { tenantId, endpointId } = which
  const until = system.now() + RUN_MS_MAX
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const endpoint = await store.webhookEndpoint(tenantId, endpointId)
    if (endpoint === null || endpoint.status === 'disabled') return { kind: 'done' }
    const waiting = await store.waitingDeliveries(tenantId, endpointId, WAITING_READ_MAX)
    const now = system.now()
    const plan = planRound(endpoint, waiting, now)
    if (plan.kind === 'rest') return { kind: 'again', at: plan.until }
    const heads = await headLanes(deps, endpoint, plan.heads)
    const rows = plan.changesMax === 0 ? [] : await store.changes(tenantId, endpoint.cursor, READ_MAX)
    if (heads.length === 0 && rows.length === 0) return nextRun(endpoint, waiting)
    const page = planPage(endpoint, waiting, rows, plan.changesMax)
    const outcomes = await sendLanes(deps, endpoint, [...heads, ...page.lanes], signal)
    const parted = { heads: outcomes.slice(0, heads.length), pageOutcomes: outcomes.slice(heads.length) }
    await store.transaction(tenantId, tx => settle(deps, tx, which, { ...parted, page, began: endpoint.cursor }))
    if (signal?.aborted === true || system.now() > until) break
  }
  return { kind: 'again', at: system.now() }
}

function nextRun(endpoint: WebhookEndpoint, waiting: readonly Delivery[]): JobOutcome {
  const at = nextLookAt(endpoint, waiting)
  return at === null ? { kind: 'done' } : { kind: 'again', at }
}

/** Each waiting delivery with the changes that its lane has kept back behind it. */
async function headLanes(
  { store }: DeliverDeps,
  endpoint: WebhookEndpoint,
  heads: readonly Delivery[],
): Promise<LaneRun[]> {
  const { tenantId, cursor: upTo, types } = endpoint
  const seqs = heads.map(({ seq }) => seq)
  const rows = heads.length === 0 ? [] : await store.changesAt(tenantId, seqs)
  const bySeq = new Map(rows.map(row => [row.seq, row]))
  const lanes: LaneRun[] = []
  for (const delivery of heads) {
    const row = bySeq.get(delivery.seq)
    if (row === undefined) throw new Error(`change ${delivery.seq} of a waiting delivery is not in the journal`)
    const range = { after: delivery.seq, upTo, types, limit: FOLLOWERS_MAX }
    const isTried = delivery.attempts > 0
    // Behind one that has failed before there may be much; whether it arrives now shows first.
    const followers = delivery.isDetached || isTried ? [] : await store.changesOfLane(tenantId, delivery, range)
    const messages = [{ row, delivery }, ...followers.map(each => ({ row: each, delivery: null }))]
    lanes.push({ messages, isDetached: delivery.isDetached })
  }
  return lanes
}

type Sent = { heads: readonly LaneOutcome[]; pageOutcomes: readonly LaneOutcome[]; page: Page; began: number }

async function settle(deps: DeliverDeps, tx: Tx, { tenantId, endpointId }: WhichEndpoint, sent: Sent): Promise<void> {
  const endpoint = await tx.webhookEndpoint(tenantId, endpointId)
  if (endpoint === null) return
  const seqs = sent.heads.flatMap(lane => lane.messages.flatMap(({ delivery }) => delivery?.seq ?? []))
  const waiting = seqs.length === 0 ? [] : await tx.deliveriesAt(tenantId, endpointId, seqs)
  const settled = settleRound(endpoint, sent, waiting, () => deps.system.random())
  const now = deps.system.now()
  const next: Delivery[] = []
  for (const { after, ...lane } of settled.goOn) {
    const range = { after, upTo: settled.endpoint.cursor, types: endpoint.types, limit: 1 }
    const [row] = await tx.changesOfLane(tenantId, lane, range)
    if (row !== undefined) next.push(waitingDelivery(endpoint, row, now))
  }
  await tx.saveWebhookEndpoint(settled.endpoint)
  if (settled.erase.length > 0) await tx.eraseDeliveries(tenantId, endpointId, settled.erase)
  if (settled.save.length + next.length > 0) {
    await tx.saveDeliveries([...settled.save, ...next])
    await tx.purgeDeliveries(tenantId, endpointId, now - KEPT_MS)
  }
  if (endpoint.status === 'enabled' && settled.endpoint.status === 'disabled') await tell(deps, tx, settled.endpoint)
}

/** An endpoint that is given up says so in the change feed, where it is read by whoever still listens. */
async function tell({ log, system }: DeliverDeps, tx: Tx, endpoint: WebhookEndpoint): Promise<void> {
  const { tenantId, id: endpointId, disabledReason } = endpoint
  log.warn('webhook endpoint disabled', { tenantId, endpointId, reason: disabledReason ?? 'unknown' })
  const isGone = disabledReason === 'gone'
  await tx.apply(tenantId, {
    journal: [
      {
        at: system.now(),
        appointmentId: null,
        connectionId: null,
        side: 'lockstep',
        action: 'webhook_disabled',
        rule: isGone ? 'webhook-gone' : 'webhook-failing',
        reason: isGone
          ? 'A webhook endpoint answered that it is gone and was disabled.'
          : 'A webhook endpoint has failed for days without a break and was disabled.',
        before: { status: 'enabled' },
        after: { status: 'disabled' },
        change: { type: 'webhook_endpoint.disabled', data: endpointResource(endpoint) },
      },
    ],
  })
}
