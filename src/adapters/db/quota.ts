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

/** Meters in the database: one row each, one instance at a time, by the database's clock. */
export function createQuota(database: Database): Quota & MeterReads {
  const change = <T>(name: string, allowance: Allowance, decide: (meter: Meter, now: number) => [Meter, T]) => {
    mustBeOutside()
    return database.fleet.transaction(async tx => {
      const { meter, now } = await lock(tx, name, allowance)
      const [next, answer] = decide(meter, now)
      const { tokens, filledAt, perMinute } = next.bucket
      await run(tx, WRITE, [name, tokens, filledAt, perMinute, next.slowedAt])
      return answer
    })
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
