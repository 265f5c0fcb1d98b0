import { and, asc, desc, eq, gt } from 'drizzle-orm'
import type { SampleReads, SampleWrites } from '../../../ports/store/samples.ts'
import { samples } from '../schema.ts'
import { all, run, type Db, type Row } from '../statements.ts'
import { codecs } from './rows.ts'
import { save, type Scope } from './scope.ts'

export function sampleReads(db: () => Db): SampleReads {
  return {
    calendarsToCompare: async limit => {
      const rows = await run(db(), TO_COMPARE, [limit])
      return {
        total: Number(rows[0]?.['total'] ?? 0),
        calendars: rows.map((row: Row) => ({
          tenantId: String(row['tenant_id']),
          connectionId: String(row['connection_id']),
          calendarId: String(row['id']),
        })),
      }
    },
    samplesOf: (tenantId, connectionId) =>
      all(
        db()
          .select()
          .from(samples)
          .where(and(eq(samples.tenantId, tenantId), eq(samples.connectionId, connectionId)))
          .orderBy(asc(samples.calendarId)),
      ),
    divergentSamples: limit =>
      all(
        db()
          .select({
            tenantId: samples.tenantId,
            connectionId: samples.connectionId,
            calendarId: samples.calendarId,
            at: samples.at,
            compared: samples.compared,
            differing: samples.differing,
          })
          .from(samples)
          .where(gt(samples.differing, 0))
          .orderBy(desc(samples.at), asc(samples.tenantId), asc(samples.connectionId), asc(samples.calendarId))
          .limit(limit),
      ),
  }
}

const TO_COMPARE = `
select k.tenant_id, k.connection_id, k.id, (count(*) over ())::int as total
from calendars k
join connections c on c.tenant_id = k.tenant_id and c.id = k.connection_id
left join samples s on s.tenant_id = k.tenant_id and s.connection_id = k.connection_id and s.calendar_id = k.id
where c.status = 'active' and c.mode <> 'off' and not k.is_gone and k.sync_token is not null
  and (k.is_target or ((k.is_source or k.is_conflict) and c.mode <> 'push_only'))
order by s.at nulls first, k.tenant_id, k.connection_id, k.id
limit $1`

export function sampleWrites(scope: Scope): SampleWrites {
  return { saveSample: sample => save(scope, codecs.samples, [sample]) }
}
