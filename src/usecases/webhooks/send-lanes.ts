import { unreachable } from '../../core/model/failures.ts'
import { deliveryId, type WebhookEndpoint } from '../../core/webhooks/endpoint.ts'
import { FAILURES_TO_REST, isAiling, type Sign } from '../../core/webhooks/health.ts'
import { messageBody } from '../../core/webhooks/message.ts'
import type { LaneRun, Message } from '../../core/webhooks/round.ts'
import type { Attempt, LaneOutcome } from '../../core/webhooks/settle.ts'
import type { SendFailure } from '../../ports/webhook-sender.ts'
import type { Deps } from '../deps.ts'
import { signingSecrets } from './endpoint-secret.ts'

/** Messages under way to one endpoint at once, each of another lane. */
const CONCURRENCY = 8
/** After "too many requests" without a time, nothing is sent for this long. */
const THROTTLED_MS = 5_000
/** Answers that speak of the endpoint as a whole: what they ask for holds for all messages. */
const OVERLOADED = [429, 502, 503, 504]

type SendDeps = Pick<Deps, 'system' | 'vault' | 'webhooks'>

/**
 * Sends lanes beside one another and the messages of a lane one after the other, the next only after the one before has arrived. Begins
 * nothing more after a row of failures, after 410 and with the abort.
 */
export async function sendLanes(
  deps: SendDeps,
  endpoint: WebhookEndpoint,
  lanes: readonly LaneRun[],
  signal?: AbortSignal,
): Promise<LaneOutcome[]> {
  const attempts = lanes.map((): Attempt[] => [])
  const mood = { failures: endpoint.failures, isProbing: isAiling(endpoint), mustStop: false }
  const mayGoOn = (): boolean => !mood.mustStop && signal?.aborted !== true
  let next = 0
  const work = async (): Promise<void> => {
    while (mayGoOn() && next < lanes.length) {
      const place = next++
      for (const message of lanes[place]?.messages ?? []) {
        if (!mayGoOn()) return
        const attempt = await send(deps, endpoint, message)
        attempts[place]?.push(attempt)
        mood.failures = attempt.sign.kind === 'delivered' ? 0 : mood.failures + 1
        if (attempt.sign.kind !== 'delivered') {
          mood.mustStop ||= mood.isProbing || mood.failures >= FAILURES_TO_REST || mustPause(attempt.sign)
          break
        }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, lanes.length) }, work))
  return lanes.map((lane, place) => ({ ...lane, attempts: attempts[place] ?? [] }))
}

const mustPause = (sign: Sign): boolean => sign.kind === 'gone' || (sign.kind === 'failed' && sign.retryAfterMs > 0)

async function send(deps: SendDeps, endpoint: WebhookEndpoint, message: Message): Promise<Attempt> {
  const startedAt = deps.system.now()
  const sent = await deps.webhooks.send({
    url: endpoint.url,
    secrets: signingSecrets(deps, endpoint, startedAt),
    id: deliveryId({ endpointId: endpoint.id, seq: message.row.seq }),
    at: startedAt,
    body: messageBody(message.row),
  })
  const at = deps.system.now()
  if (sent.ok) return { message, sign: { kind: 'delivered' }, status: sent.value.status, error: null, at }
  return { message, ...readFailure(sent.error), error: sent.error.kind, at }
}

/** DECIDES what a failure says about the endpoint. */
function readFailure(failure: SendFailure): { sign: Sign; status: number | null } {
  switch (failure.kind) {
    case 'gone':
      return { sign: { kind: 'gone' }, status: 410 }
    case 'answered': {
      const { status, retryAfterMs } = failure
      const askedMs = OVERLOADED.includes(status) ? retryAfterMs : 0
      return {
        sign: { kind: 'failed', retryAfterMs: status === 429 ? Math.max(askedMs, THROTTLED_MS) : askedMs },
        status,
      }
    }
    case 'address-refused':
    case 'name-unknown':
    case 'tls':
    case 'timeout':
    case 'connection':
      return { sign: { kind: 'failed', retryAfterMs: 0 }, status: null }
    default:
      return unreachable(failure)
  }
}
