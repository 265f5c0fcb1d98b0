import type { Database } from '../database.ts'
import { run } from '../statements.ts'
import { CHANGES_CHANNEL } from './changes.ts'

/** A notification may be lost with the listening connection: whoever waits looks for himself this often. */
const LOOK_MS = 5_000

/**
 * Waits for the change feed of a tenant to grow, over one subscription for all who wait in this process. It begins with the first one;
 * should it not come about, looking every now and then serves.
 */
export function changeSignal(database: Database) {
  const waiting = new Map<string, Set<() => void>>()
  let subscription: Promise<unknown> | null = null

  const subscribe = async (): Promise<void> => {
    subscription ??= database.listen(CHANGES_CHANNEL, tenantId => waiting.get(tenantId)?.forEach(wake => wake()))
    try {
      await subscription
    } catch {
      subscription = null
    }
  }

  const isGrown = async (tenantId: string, after: number): Promise<boolean> => {
    const text = 'select from journal where tenant_id = $1 and seq > $2 and change_type is not null limit 1'
    const rows = await database.alone(tenantId, 'read only', db => run(db, text, [tenantId, after]))
    return rows.length > 0
  }

  /** Resolves with a notification, after `ms` or with the abort. Registered before this returns. */
  const nextSignal = (tenantId: string, ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      const waiters = waiting.get(tenantId) ?? new Set()
      waiting.set(tenantId, waiters)
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        waiters.delete(done)
        if (waiters.size === 0 && waiting.get(tenantId) === waiters) waiting.delete(tenantId)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
      waiters.add(done)
    })

  return async function awaitChange(
    tenantId: string,
    after: number,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const end = performance.now() + timeoutMs
    await subscribe()
    for (;;) {
      const leftMs = end - performance.now()
      if (leftMs <= 0 || signal?.aborted) return
      // Listen first, look then: what commits in between is seen by one of the two.
      const stop = new AbortController()
      const signals = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
      const next = nextSignal(tenantId, Math.min(leftMs, LOOK_MS), signals)
      try {
        if (await isGrown(tenantId, after)) return
        await next
      } finally {
        stop.abort()
      }
    }
  }
}
