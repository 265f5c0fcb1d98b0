import type { AppointmentReads } from '../../../ports/store/appointments.ts'
import { instantToText } from '../instant.ts'
import { run, type Db, type Row } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { codecs, linkOf } from './rows.ts'

const ORPHANS = `select to_jsonb(l) as link from links l
  where tenant_id = $1 and error->>'code' = 'orphan' and content_hash in (select json_array_elements_text($2::json))
  order by connection_id, calendar_id, event_id`

export function linkReads(
  db: () => Db,
): Pick<AppointmentReads, 'missingLinks' | 'orphans' | 'countMissing' | 'missingByCalendar' | 'linksIn'> {
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
    orphans: async (tenantId, contentHashes) => {
      const rows = await run(db(), ORPHANS, [tenantId, storableJson(contentHashes)])
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
    linksIn: async (tenantId, connectionId, { calendarIds, role, after, limit }) => {
      const rows = await run(
        db(),
        `select to_jsonb(l) as link from links l
        where tenant_id = $1 and connection_id = $2 and role = $3
          and calendar_id in (select json_array_elements_text($4::json))
          and ($5::text is null or (calendar_id, event_id) > ($5, $6::text))
        order by calendar_id, event_id limit $7`,
        [
          tenantId,
          connectionId,
          role,
          storableJson(calendarIds),
          after?.calendarId ?? null,
          after?.eventId ?? null,
          limit,
        ],
      )
      return rows.map(row => linkOf(codecs.links.decode(row['link'] as Row)))
    },
    missingByCalendar: async (tenantId, connectionId, after) => {
      const rows = await run(
        db(),
        `select calendar_id, missing::float8, linked::float8 from (
          select calendar_id, count(*) as linked,
            count(*) filter (where missing_how is not null and ($3::timestamptz is null or missing_since > $3)) as missing
          from links where tenant_id = $1 and connection_id = $2 group by calendar_id
        ) counted where missing > 0 order by calendar_id`,
        [tenantId, connectionId, after === null ? null : instantToText(after)],
      )
      return rows.map(row => ({
        calendarId: String(row['calendar_id']),
        missing: Number(row['missing']),
        linked: Number(row['linked']),
      }))
    },
  }
}
