import type { AppointmentReads } from '../../../ports/store/appointments.ts'
import { instantFromText, instantToText } from '../instant.ts'
import { run, type Db } from '../statements.ts'
import { LINKS, pairedOf } from './paired.ts'

/**
 * The rows whose turn it is, by the index, and with an exception its master if that waits as well, however late its own turn:
 * the master goes just before the first of its exceptions.
 * $1 tenant, $2 connection, $3 now, $4 limit.
 */
const OUTBOX_DUE = `
with turn as materialized (
  select o.*, a.recurring_id, row_number() over (order by o.lane desc nulls last, o.queued_at, o.appointment_id) as place
  from (
    select * from outbox
    where tenant_id = $1 and connection_id = $2 and state = 'queued' and not_before <= $3
    order by lane desc nulls last, queued_at, appointment_id limit $4
  ) o
  join appointments a on a.tenant_id = o.tenant_id and a.id = o.appointment_id
), batch as (
  select appointment_id, calendar_id, recurring_id is not null as is_exception, place from turn
  union all
  select m.appointment_id, m.calendar_id, false, t.place from turn t
  join outbox m on m.tenant_id = t.tenant_id and m.appointment_id = t.recurring_id and m.calendar_id = t.calendar_id
  where m.connection_id = $2 and m.state = 'queued' and m.not_before <= $3
), placed as (
  select appointment_id, calendar_id, is_exception, min(place) as place from batch
  group by appointment_id, calendar_id, is_exception order by min(place), is_exception limit $4
)
select to_jsonb(a) as appointment, to_jsonb(o) as outbox, ${LINKS}
from placed p
join outbox o on o.tenant_id = $1 and o.appointment_id = p.appointment_id and o.calendar_id = p.calendar_id
join appointments a on a.tenant_id = $1 and a.id = p.appointment_id
order by p.place, p.is_exception`

export function outboxReads(db: () => Db): Pick<AppointmentReads, 'outboxDue' | 'nextOutboxAt' | 'countBackfill'> {
  return {
    outboxDue: async (tenantId, connectionId, now, limit) =>
      (await run(db(), OUTBOX_DUE, [tenantId, connectionId, instantToText(now), limit])).map(pairedOf),
    countBackfill: async (tenantId, connectionId) => {
      const [row] = await run(
        db(),
        `select count(*)::float8 as waiting from outbox
        where tenant_id = $1 and connection_id = $2 and state = 'queued' and lane <> 'people'`,
        [tenantId, connectionId],
      )
      return Number(row?.['waiting'])
    },
    nextOutboxAt: async (tenantId, connectionId) => {
      const [row] = await run(
        db(),
        `select min(not_before)::text as at from outbox where tenant_id = $1 and connection_id = $2 and state = 'queued'`,
        [tenantId, connectionId],
      )
      return typeof row?.['at'] === 'string' ? instantFromText(row['at']) : null
    },
  }
}
