import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { PgBoss } from 'pg-boss'
import type { Instant } from '../../core/model/time.ts'
import { wakeUpKey, type WakeUp } from '../../ports/jobs.ts'
import { JOB_SCHEMA, type JobData, type SqlExecutor } from './queues.ts'

/** A wake-up as it waits: `delayMs` from now by the database's clock, so that no instance's clock matters. */
export type Waiting = { id: string; key: string; delayMs: number; data: JobData }
type Held = { id: string; waitsMs: number; crashes: number; data: JobData }

/** A job may be fetched between finding and moving it; each further round means that this has happened again. */
const ROUNDS_MAX = 20

/**
 * Locks the waiting jobs with these keys until the caller's transaction ends. Nobody can fetch a locked job: otherwise it could run, and
 * finish, before the change that its wake-up speaks of is committed, and the wake-up would be lost. Sorted, so that two callers cannot
 * deadlock. Matches pg-boss's unique index for `short` queues, which its own lookup by key does not.
 */
const LOCK_WAITING = `
  SELECT id, singleton_key AS key, data::text, (data->>'crashes')::int AS crashes,
    (extract(epoch FROM start_after - clock_timestamp()) * 1000)::float8 AS waits_ms
  FROM ${JOB_SCHEMA}.job
  WHERE name = $1 AND policy = 'short' AND state = 'created'
    AND COALESCE(singleton_key, '') IN (SELECT json_array_elements_text($2::text::json))
  ORDER BY singleton_key FOR UPDATE`

/**
 * Adds wake-ups through `executor`. One that already waits for its kind and key takes the new one in: it keeps the earlier instant and
 * takes the newer data. One that waits out its back-off after a crash keeps its instant.
 */
export async function enqueue(
  boss: PgBoss,
  executor: SqlExecutor,
  wakeUps: readonly WakeUp[],
  now: Instant,
): Promise<void> {
  for (const [kind, ofKind] of [...Map.groupBy(wakeUps, each => each.kind)].sort()) {
    await settle(boss, executor, kind, merge(ofKind, now), async (waiting, held) => {
      if (held.crashes > 0) return true
      if (waiting.delayMs >= held.waitsMs && isSame(waiting.data.wakeUp, held.data.wakeUp)) return true
      const startAfter = waiting.delayMs < held.waitsMs ? { startAfter: waiting.delayMs / 1_000 } : {}
      const { updated } = await boss.update(kind, waiting.data, { id: held.id, ...startAfter, db: executor })
      return updated > 0
    })
  }
}

/** Puts a crashed job back for later. A wake-up that came meanwhile waits with it, for the same key has just failed. */
export async function enqueueAfterCrash(
  boss: PgBoss,
  executor: SqlExecutor,
  crashed: { wakeUp: WakeUp; crashes: number; delayMs: number },
): Promise<void> {
  const { wakeUp, crashes, delayMs } = crashed
  const waiting = { id: randomUUID(), key: wakeUpKey(wakeUp), delayMs, data: { wakeUp, crashes } }
  await settle(boss, executor, wakeUp.kind, [waiting], async (_, held) => {
    const options = { id: held.id, startAfter: delayMs / 1_000, db: executor }
    return (await boss.update(wakeUp.kind, waiting.data, options)).updated > 0
  })
}

/** Nothing to write then: the lock keeps it from being fetched until the caller's transaction ends, and that is all that was asked. */
const isSame = (asked: WakeUp, waiting: WakeUp): boolean =>
  isDeepStrictEqual({ ...asked, startAfter: null }, { ...waiting, startAfter: null })

/** One wake-up per key, sorted by key: the earliest instant, the newest data. */
function merge(wakeUps: readonly WakeUp[], now: Instant): Waiting[] {
  const byKey = new Map<string, Waiting>()
  for (const wakeUp of wakeUps) {
    const key = wakeUpKey(wakeUp)
    const delayMs = Math.max(0, (wakeUp.startAfter ?? now) - now)
    const earliestMs = Math.min(delayMs, byKey.get(key)?.delayMs ?? Infinity)
    byKey.set(key, { id: randomUUID(), key, delayMs: earliestMs, data: { wakeUp } })
  }
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Inserts; where a job of the key waits already, lets `adopt` change that one. @param adopt false: it was fetched meanwhile. */
async function settle(
  boss: PgBoss,
  executor: SqlExecutor,
  kind: WakeUp['kind'],
  all: readonly Waiting[],
  adopt: (waiting: Waiting, held: Held) => Promise<boolean>,
): Promise<void> {
  let rest = [...all]
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const inserted = new Set(await boss.insert(kind, rest.map(insertable), { db: executor, returnId: true }))
    rest = rest.filter(each => !inserted.has(each.id))
    if (rest.length === 0) return
    const held = await lockWaiting(executor, kind, rest)
    const missed: Waiting[] = []
    for (const waiting of rest) {
      const job = held.get(waiting.key)
      if (job === undefined || !(await adopt(waiting, job))) missed.push(waiting)
    }
    rest = missed
    if (rest.length === 0) return
  }
  throw new Error(`${rest.length} wake-ups of kind ${kind} could not be placed in ${ROUNDS_MAX} rounds`)
}

function insertable({ id, key, delayMs, data }: Waiting) {
  return { id, data, singletonKey: key, group: { id: key }, startAfter: delayMs / 1_000 }
}

async function lockWaiting(executor: SqlExecutor, kind: string, rest: readonly Waiting[]): Promise<Map<string, Held>> {
  const { rows } = await executor.executeSql(LOCK_WAITING, [kind, JSON.stringify(rest.map(({ key }) => key))])
  return new Map(
    rows.map(row => [
      String(row['key']),
      {
        id: String(row['id']),
        waitsMs: Number(row['waits_ms']),
        crashes: Number(row['crashes'] ?? 0),
        data: JSON.parse(String(row['data'])) as JobData,
      },
    ]),
  )
}
