import { allowanceOf, reading, reserve, slow, type Allowance, type Meter } from '../../core/pacing/meter.ts'
import type { MeterReading, MeterReads, Quota } from '../../ports/quota.ts'
import type { Database } from './database.ts'
import { mustBeOutside } from './inside-transaction.ts'
import { run, type Db, type Row } from './statements.ts'

const LOCK = `
  select tokens, filled_at, per_minute, slowed_at, (extract(epoch from clock_timestamp()) * 1000)::float8 as now
  from quota_meters where name = $1 for update`
/** Begins full; what is full only now is full for everybody who asks later. */
const BEGIN = `
  insert into quota_meters (name, tokens, filled_at, per_minute)
  values ($1, $2, (extract(epoch from clock_timestamp()) * 1000)::float8, $3) on conflict do nothing`
const WRITE = 'update quota_meters set tokens = $2, filled_at = $3, per_minute = $4, slowed_at = $5 where name = $1'

const READ = `
  select name, tokens, filled_at, per_minute, slowed_at, (extract(epoch from clock_timestamp()) * 1000)::float8 as now
  from quota_meters order by name like 'user %', tokens / per_minute limit $1`

/** The table keeps no burst: that of its rate stands in. */
function readingOf(row: Row): MeterReading {
  const perMinute = Number(row['per_minute'])
  const capacity = allowanceOf(perMinute).burst
  const bucket = { tokens: Number(row['tokens']), filledAt: Number(row['filled_at']), perMinute, capacity }
  const slowedAt = row['slowed_at'] === null ? null : Number(row['slowed_at'])
  return { meter: String(row['name']), ...reading({ bucket, slowedAt }, Number(row['now'])) }
}

/**
 * The same row, if nobody else wrote it since: one statement, which is a transaction of its own. What a crash of the server could lose of it is
 * some milliseconds of a quota, so its commit is not waited for.
 */
const SWAP = `
  with hurried as materialized (select set_config('synchronous_commit', 'off', true))
  update quota_meters set tokens = $2, filled_at = $3, per_minute = $4, slowed_at = $5 from hurried
  where name = $1 and tokens = $6 and filled_at = $7 and per_minute = $8 and slowed_at is not distinct from $9
  returning (extract(epoch from clock_timestamp()) * 1000)::float8 as now`

/** A meter as this instance left it, and how far the database's clock is ahead of this process's own. */
type Known = { meter: Meter; aheadMs: number; readAtMs: number }
/** A clock that was compared longer ago than this is compared anew. */
const CLOCK_GOOD_MS = 30_000
const KNOWN_MAX = 10_000

/** Meters in the database: one row each, one instance at a time, by the database's clock. Whoever wrote a meter last need not read it again. */
export function createQuota(database: Database): Quota & MeterReads {
  const known = new Map<string, Known>()

  const keep = (name: string, meter: Meter, now: number): void => {
    if (known.size >= KNOWN_MAX && !known.has(name)) known.clear()
    const readAtMs = performance.now()
    known.set(name, { meter, aheadMs: now - readAtMs, readAtMs })
  }
  const change = async <T>(name: string, allowance: Allowance, decide: Decide<T>): Promise<T> => {
    mustBeOutside()
    const swapped = await swap(name, allowance, decide)
    if (swapped !== null) return swapped.answer
    const locked = await database.fleet.transaction(async tx => {
      const { meter, now } = await lock(tx, name, allowance)
      const [next, answer] = decide(meter, now)
      await run(tx, WRITE, [name, ...columnsOf(next)])
      return { next, answer, now }
    })
    keep(name, locked.next, locked.now)
    return locked.answer
  }
  /** Null: another instance was there meanwhile, or this one was not lately. */
  const swap = async <T>(name: string, allowance: Allowance, decide: Decide<T>): Promise<{ answer: T } | null> => {
    const last = known.get(name)
    known.delete(name)
    if (last === undefined || performance.now() - last.readAtMs > CLOCK_GOOD_MS) return null
    // The clock was read before its answer arrived: what is reckoned with it is late rather than early, and gives no token too soon.
    const meter = { ...last.meter, bucket: { ...last.meter.bucket, capacity: allowance.burst } }
    const [next, answer] = decide(meter, last.aheadMs + performance.now())
    const [row] = await run(database.fleet, SWAP, [name, ...columnsOf(next), ...columnsOf(last.meter)])
    if (row === undefined) return null
    keep(name, next, Number(row['now']))
    return { answer }
  }
  return {
    reserve: (name, allowance, costs) =>
      change(name, allowance, (meter, now) => {
        const reserved = reserve(meter, allowance, now, costs)
        return [reserved.meter, reserved.waitsMs]
      }),
    slow: (name, allowance) => change(name, allowance, (meter, now) => [slow(meter, allowance, now), undefined]),
    readMeters: async limit => (await run(database.fleet, READ, [limit])).map(readingOf),
  }
}

type Decide<T> = (meter: Meter, now: number) => [Meter, T]

const columnsOf = ({ bucket: { tokens, filledAt, perMinute }, slowedAt }: Meter): (number | null)[] => [
  tokens,
  filledAt,
  perMinute,
  slowedAt,
]

async function lock(tx: Db, name: string, allowance: Allowance): Promise<{ meter: Meter; now: number }> {
  let [row] = await run(tx, LOCK, [name])
  if (row === undefined) {
    await run(tx, BEGIN, [name, allowance.burst, allowance.perMinute])
    ;[row] = await run(tx, LOCK, [name])
  }
  if (row === undefined) throw new Error('a quota meter vanished while it was begun')
  const slowedAt = row['slowed_at'] === null ? null : Number(row['slowed_at'])
  const bucket = {
    tokens: Number(row['tokens']),
    filledAt: Number(row['filled_at']),
    perMinute: Number(row['per_minute']),
    capacity: allowance.burst,
  }
  return { meter: { bucket, slowedAt }, now: Number(row['now']) }
}
