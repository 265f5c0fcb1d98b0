import type { AppointmentReads } from '../../../ports/store/appointments.ts'
import { run, type Db, type Row } from '../statements.ts'
import { codecs, linkOf } from './rows.ts'

export function linkReads(db: () => Db): Pick<AppointmentReads, 'missingLinks' | 'countMissing'> {
  return {
    missingLinks: async (tenantId, connectionId, limit) => {
      const rows = await run(
        db(),
        `select to_jsonb(l) as link from links l where tenant_id = $1 and connection_id = $2 and missing_how is not null
        order by missing_since, calendar_id, event_id limit $3`,
        [tenantId, connectionId, limit],
      )
      return rows.map(row => linkOf(codecs.links.decode(row['link'] as Row)))
    },
    countMissing: async (tenantId, connectionId) => {
      const [row] = await run(
        db(),
        `select count(missing_how)::float8 as missing, count(*)::float8 as linked from links
        where tenant_id = $1 and connection_id = $2`,
        [tenantId, connectionId],
      )
      return { missing: Number(row?.['missing']), linked: Number(row?.['linked']) }
    },
  }
}
