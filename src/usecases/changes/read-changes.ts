import type { JournalRow } from '../../core/model/journal.ts'
import type { Deps } from '../deps.ts'

export type Changes = {
  rows: JournalRow[]
  /** The `after` of the next call. */
  next: number
  hasMore: boolean
}

/** A waiter is woken for changes that are not feed items, too; so many times it looks again before it answers with nothing. */
const LOOKS_MAX = 1_000

/**
 * Feed items after `after` in commit order. With none there, waits up to `waitMs` for one; a reader that goes away ends the wait.
 */
export async function readChanges(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  input: { tenantId: string; after: number; limit: number; waitMs: number; signal?: AbortSignal },
): Promise<Changes> {
  const { tenantId, after, limit, waitMs, signal } = input
  const until = system.now() + waitMs
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const rows = await store.changes(tenantId, after, limit + 1)
    const leftMs = until - system.now()
    if (rows.length > 0 || leftMs <= 0 || signal?.aborted === true) return page(rows, after, limit)
    await store.awaitChange(tenantId, after, leftMs, signal)
  }
  return page([], after, limit)
}

function page(found: readonly JournalRow[], after: number, limit: number): Changes {
  const rows = found.slice(0, limit)
  return { rows, next: rows.at(-1)?.seq ?? after, hasMore: found.length > limit }
}
