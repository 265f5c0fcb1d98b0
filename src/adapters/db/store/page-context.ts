import type { Calendar } from '../../../core/model/connection.ts'
import type { PageContext, PageKeys } from '../../../ports/store/appointments.ts'
import { run, type Db, type Row } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { given, lookedUp } from './lookup.ts'
import { WAKE_SEQ } from './connections.ts'
import { appointmentOf, calendarRow, codecs, linkOf } from './rows.ts'

/** In one statement: the calendar is written only while it stands at `expected`, and what is read does not depend on it. */
export async function advanceAndRead(
  db: Db,
  calendar: Calendar,
  expected: number,
  { eventIds, iCalUIDs, markerKeys }: Pick<PageKeys, 'eventIds' | 'iCalUIDs' | 'markerKeys'>,
): Promise<{ wakeSeq: number; context: PageContext } | null> {
  const { tenantId, connectionId, id } = calendar
  const sets = [eventIds, iCalUIDs, markerKeys].map(storableJson)
  const row = storableJson(codecs.calendars.encode(calendarRow(calendar)))
  const rows = await run(db, ADVANCE_AND_READ, [tenantId, connectionId, id, ...sets, row, expected])
  const advanced = rows.find(({ kind }) => kind === 'advanced')
  if (advanced === undefined) return null
  const others = rows.filter(each => each !== advanced)
  return { wakeSeq: Number(advanced['body']), context: contextOf(others, markerKeys) }
}

export async function pageContext(db: Db, tenantId: string, keys: PageKeys): Promise<PageContext> {
  const { connectionId, calendarId, eventIds, iCalUIDs, markerKeys } = keys
  const sets = [eventIds, iCalUIDs, markerKeys].map(storableJson)
  return contextOf(await run(db, PAGE_CONTEXT, [tenantId, connectionId, calendarId, ...sets]), markerKeys)
}

/**
 * Everything a page of events is decided against, in one statement: rows of a kind (link, elsewhere, own, appointment, outbox) and a body.
 * $1 tenant, $2 connection, $3 calendar, $4 event ids, $5 iCalUIDs, $6 marker keys.
 */
const FOUND = `shown as materialized (
  ${lookedUp('links', 'connection_id = $2 and calendar_id = $3 and event_id', given('$4'))}
), of_series as materialized (
  ${lookedUp('links', 'recurring_event_id', given('$4'))}
), here as (
  select * from shown
  union all select * from of_series s
  where s.connection_id = $2 and s.calendar_id = $3 and not exists (select from shown where shown.event_id = s.event_id)
), same_meeting as materialized (
  ${lookedUp('links', 'ical_uid', given('$5'))}
), elsewhere as (
  select s.* from same_meeting s
  join connections c on c.tenant_id = $1 and c.id = s.connection_id
  where (s.connection_id, s.calendar_id) <> ($2, $3)
    and c.user_id = (select user_id from connections where tenant_id = $1 and id = $2)
), marked as materialized (
  select id from (${lookedUp('appointments', 'marker_key', given('$6'))}) with_key
), own as materialized (
  ${lookedUp('links', 'appointment_id', 'select id from marked')}
), named as materialized (
  select appointment_id as id from here where appointment_id is not null
  union select appointment_id from elsewhere where appointment_id is not null
  union select id from marked
), series as materialized (
  select distinct coalesce(recurring_id, id) as id from (${lookedUp('appointments', 'id', 'select id from named')}) a
  where recurring_id is not null or recurrence <> '[]'
), wanted as materialized (
  select id from named
  union select id from series
  union select id from (${lookedUp('appointments', 'recurring_id', 'select id from series')}) exceptions
)
select 'link' as kind, to_jsonb(here) as body from here
union all select 'elsewhere', to_jsonb(elsewhere) from elsewhere
union all select 'own', to_jsonb(own) from own
union all select 'appointment', to_jsonb(a) from (${lookedUp('appointments', 'id', 'select id from wanted')}) a
union all select 'outbox', to_jsonb(o) from (${lookedUp('outbox', 'appointment_id', 'select id from wanted')}) o`

const PAGE_CONTEXT = `with ${FOUND}`

/** $7: the calendar, $8: the version it must stand at. */
const ADVANCE_AND_READ = `
with advanced as (
  ${codecs.calendars.update('$7', WAKE_SEQ)} and calendars.cursor_version = $8 returning calendars.wake_seq
), ${FOUND}
union all select 'advanced', to_jsonb(wake_seq) from advanced`

function contextOf(rows: readonly Row[], markerKeys: readonly string[]): PageContext {
  const asked = new Set(markerKeys)
  const markers = new Map<string, string>()
  const context: PageContext = { links: [], elsewhere: [], own: [], appointments: [], markers, outbox: [] }
  for (const { kind, body } of rows as { kind: string; body: Row }[]) {
    if (kind === 'link') context.links.push(linkOf(codecs.links.decode(body)))
    else if (kind === 'elsewhere') context.elsewhere.push(linkOf(codecs.links.decode(body)))
    else if (kind === 'own') context.own.push(linkOf(codecs.links.decode(body)))
    else if (kind === 'outbox') context.outbox.push(codecs.outbox.decode(body))
    else {
      const row = codecs.appointments.decode(body)
      context.appointments.push(appointmentOf(row))
      if (typeof row.markerKey === 'string' && asked.has(row.markerKey)) markers.set(row.markerKey, row.id)
    }
  }
  return context
}
