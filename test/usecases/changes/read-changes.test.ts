import { expect, test } from 'vitest'
import type { JournalRow } from '../../../src/core/model/journal.ts'
import type { Store } from '../../../src/ports/store/store.ts'
import type { System } from '../../../src/ports/system.ts'
import { readChanges } from '../../../src/usecases/changes/read-changes.ts'

const row = (seq: number): JournalRow => ({
  seq,
  at: 0,
  appointmentId: 'a',
  connectionId: null,
  side: 'platform',
  action: 'edited',
  rule: 'platform-edits',
  reason: '',
  before: null,
  after: null,
  change: { type: 'appointment.updated', data: {} },
})

/** A feed to which rows are added by hand, and a clock that only moves while somebody waits. */
function aFeed(rows: JournalRow[], onWait: (timeoutMs: number) => void | Promise<void>) {
  const clock = { now: 0 }
  const waits: number[] = []
  const changes = async (_tenantId: string, after: number, limit: number): Promise<JournalRow[]> =>
    rows.filter(each => each.seq > after).slice(0, limit)
  const awaitChange = async (_tenantId: string, _after: number, timeoutMs: number): Promise<void> => {
    waits.push(timeoutMs)
    await onWait(timeoutMs)
  }
  const deps = { store: { changes, awaitChange } as unknown as Store, system: { now: () => clock.now } as System }
  return { deps, clock, waits }
}

test('what is there is answered at once, and whether there is more', async () => {
  const { deps, waits } = aFeed([row(1), row(2), row(3)], () => undefined)
  const found = await readChanges(deps, { tenantId: 't', after: 0, limit: 2, waitMs: 60_000 })
  expect([found.rows.map(each => each.seq), found.next, found.hasMore]).toEqual([[1, 2], 2, true])
  expect(await readChanges(deps, { tenantId: 't', after: 2, limit: 1, waitMs: 0 })).toMatchObject({
    next: 3,
    hasMore: false,
  })
  expect(waits).toEqual([])
})

test('without a wish to wait, nothing is waited for', async () => {
  const { deps, waits } = aFeed([], () => undefined)
  expect(await readChanges(deps, { tenantId: 't', after: 7, limit: 2, waitMs: 0 })).toEqual({
    rows: [],
    next: 7,
    hasMore: false,
  })
  expect(waits).toEqual([])
})

test('a wake-up without a change is waited out for the rest of the time, no longer', async () => {
  const feed = aFeed([], () => void (feed.clock.now += 400))
  const found = await readChanges(feed.deps, { tenantId: 't', after: 0, limit: 2, waitMs: 1_000 })
  expect(found.rows).toEqual([])
  expect(feed.waits).toEqual([1_000, 600, 200])
})

test('the change that ends the wait is in the answer', async () => {
  const rows: JournalRow[] = []
  const { deps } = aFeed(rows, () => void rows.push(row(8)))
  expect((await readChanges(deps, { tenantId: 't', after: 7, limit: 2, waitMs: 1_000 })).rows).toHaveLength(1)
})

test('a reader that has gone is not waited for', async () => {
  const gone = new AbortController()
  const { deps, waits } = aFeed([], () => gone.abort())
  await readChanges(deps, { tenantId: 't', after: 0, limit: 2, waitMs: 1_000, signal: gone.signal })
  expect(waits).toHaveLength(1)
})

test('a store that never lets anybody wait cannot keep a call for ever', async () => {
  const { deps, waits } = aFeed([], () => undefined)
  expect((await readChanges(deps, { tenantId: 't', after: 0, limit: 2, waitMs: 1_000 })).rows).toEqual([])
  expect(waits.length).toBeLessThanOrEqual(1_000)
})
