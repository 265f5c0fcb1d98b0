import type { Metrics } from '../../ports/metrics.ts'
import type { Store } from '../../ports/store/store.ts'
import type { WebhookSender } from '../../ports/webhook-sender.ts'

/** What waits by design says nothing of the database. */
const UNTIMED: ReadonlySet<string> = new Set(['awaitChange'])

/** The same store, each call timed under its name. */
export function measuredStore(store: Store, metrics: Pick<Metrics, 'databaseCall'>): Store {
  const timed = Object.entries(store).map(([operation, call]: [string, Store[keyof Store]]) => {
    if (UNTIMED.has(operation)) return [operation, call] as const
    const measured = async (...given: unknown[]): Promise<unknown> => {
      const startedAt = performance.now()
      try {
        // Every member of the store is a function that answers with a promise.
        return await (call as (...given: unknown[]) => Promise<unknown>)(...given)
      } finally {
        metrics.databaseCall({ operation, ms: performance.now() - startedAt })
      }
    }
    return [operation, measured] as const
  })
  return Object.fromEntries(timed) as unknown as Store // the same members, each around its own
}

/** The same sender, each attempt counted by what it led to. */
export function measuredSender(sender: WebhookSender, metrics: Pick<Metrics, 'delivery'>): WebhookSender {
  return {
    faultOf: url => sender.faultOf(url),
    send: async message => {
      const startedAt = performance.now()
      const sent = await sender.send(message)
      const outcome = sent.ok ? 'ok' : sent.error.kind === 'answered' ? `status ${sent.error.status}` : sent.error.kind
      metrics.delivery({ outcome, ms: performance.now() - startedAt })
      return sent
    },
  }
}
