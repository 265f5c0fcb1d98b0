import type { PageContext, PageKeys } from '../../../ports/store/appointments.ts'
import { run, type Db, type Row } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { texts } from './paired.ts'
import { appointmentOf, codecs, linkOf } from './rows.ts'

export async function pageContext(db: Db, tenantId: string, keys: PageKeys): Promise<PageContext> {
  const { connectionId, calendarId, eventIds, iCalUIDs, markerKeys } = keys
  const sets = [eventIds, iCalUIDs, markerKeys].map(storableJson)
  return contextOf(await run(db, PAGE_CONTEXT, [tenantId, connectionId, calendarId, ...sets]), markerKeys)
}

/**
 * Everything a page of events is decided against, in one statement: rows of a kind (link, elsewhere, appointment, outbox) and a body.
 * Ids are gathered into arrays before they are looked up: the planner cannot know how few they are, and an array it asks
 * the index for.
 * $1 tenant, $2 connection, $3 calendar, $4 event ids, $5 iCalUIDs, $6 marker keys.
 */
export const PAGE_CONTEXT = `
with here as materialized (
  select l.* from links l
  where l.tenant_id = $1 and l.connection_id = $2 and l.calendar_id = $3
    and (l.event_id = any(${texts('$4')}) or l.recurring_event_id = any(${texts('$4')}))
), elsewhere as materialized (
  select l.* from links l
  join connections c on c.tenant_id = l.tenant_id and c.id = l.connection_id
  where l.tenant_id = $1 and l.ical_uid = any(${texts('$5')}) and (l.connection_id, l.calendar_id) <> ($2, $3)
    and c.user_id = (select user_id from connections where tenant_id = $1 and id = $2)
), named as materialized (
  select appointment_id as id from here where appointment_id is not null
  union select appointment_id from elsewhere where appointment_id is not null
  union select id from appointments where tenant_id = $1 and marker_key = any(${texts('$6')})
), series as materialized (
  select distinct coalesce(recurring_id, id) as id from appointments
  where tenant_id = $1 and id = any(array(select id from named)) and (recurring_id is not null or recurrence <> '[]')
), wanted as materialized (
  select id from named
  union select id from series
  union select id from appointments where tenant_id = $1 and recurring_id = any(array(select id from series))
)
select 'link' as kind, to_jsonb(here) as body from here
union all select 'elsewhere', to_jsonb(elsewhere) from elsewhere
union all select 'appointment', to_jsonb(a) from appointments a
  where tenant_id = $1 and id = any(array(select id from wanted))
union all select 'outbox', to_jsonb(o) from outbox o
  where tenant_id = $1 and appointment_id = any(array(select id from wanted))`

function contextOf(rows: readonly Row[], markerKeys: readonly string[]): PageContext {
  const asked = new Set(markerKeys)
  const markers = new Map<string, string>()
  const context: PageContext = { links: [], elsewhere: [], appointments: [], markers, outbox: [] }
  for (const { kind, body } of rows as { kind: string; body: Row }[]) {
    if (kind === 'link') context.links.push(linkOf(codecs.links.decode(body)))
    else if (kind === 'elsewhere') context.elsewhere.push(linkOf(codecs.links.decode(body)))
    else if (kind === 'outbox') context.outbox.push(codecs.outbox.decode(body))
    else {
      const row = codecs.appointments.decode(body)
      context.appointments.push(appointmentOf(row))
      if (typeof row.markerKey === 'string' && asked.has(row.markerKey)) markers.set(row.markerKey, row.id)
    }
  }
  return context
}
