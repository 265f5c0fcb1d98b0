import type { AppointmentFilter, AppointmentReads, Paired } from '../../../ports/store/appointments.ts'
import type { Instant } from '../../../core/model/time.ts'
import { instantToText } from '../instant.ts'
import { run, type Db, type Row } from '../statements.ts'
import { storableJson } from '../storable.ts'
import { linkReads } from './links.ts'
import { outboxReads } from './outbox.ts'
import { pageContext } from './page-context.ts'
import { given, lookedUp } from './lookup.ts'
import { PAIRED, pairedOf } from './paired.ts'
import { proposalReads } from './proposals.ts'
import { appointmentOf, codecs, journalOf } from './rows.ts'

export function appointmentReads(db: () => Db): AppointmentReads {
  return {
    ...recordReads(db),
    ...journalReads(db),
    ...linkReads(db),
    ...outboxReads(db),
    ...proposalReads(db),
    pageContext: (tenantId, keys) => pageContext(db(), tenantId, keys),
  }
}

type RecordReads = Pick<
  AppointmentReads,
  'appointment' | 'appointmentsByIds' | 'appointmentsDuring' | 'listAppointments' | 'seriesWithExceptions' | 'unsent'
>

function recordReads(db: () => Db): RecordReads {
  const read = async (text: string, values: readonly unknown[]): Promise<Paired[]> =>
    (await run(db(), text, values)).map(pairedOf)
  return {
    appointment: async (tenantId, id) =>
      (await read(`select ${PAIRED} from appointments a where tenant_id = $1 and id = $2`, [tenantId, id]))[0] ?? null,
    appointmentsByIds: (tenantId, ids) =>
      read(`select ${PAIRED} from (${lookedUp('appointments', 'id', given('$2'))}) a order by id`, [
        tenantId,
        storableJson(ids),
      ]),
    appointmentsDuring: async (tenantId, userId, spans) => {
      const wanted = spans.map(({ startAt, endAt }) => ({ from: instantToText(startAt), to: instantToText(endAt) }))
      const rows = await run(db(), DURING, [tenantId, userId, storableJson(wanted)])
      return rows.map(row => appointmentOf(codecs.appointments.decode(row['appointment'] as Row)))
    },
    listAppointments: (tenantId, filter) => {
      const { where, values } = conditions(tenantId, filter)
      return read(
        `select ${PAIRED} from appointments a where ${where} order by range_start, id limit ${filter.limit}`,
        values,
      )
    },
    seriesWithExceptions: (tenantId, masterIds) =>
      read(
        `select ${PAIRED} from (
          ${lookedUp('appointments', 'id', given('$2'))} union all ${lookedUp('appointments', 'recurring_id', given('$2'))}
        ) a order by recurring_id is not null, id`,
        [tenantId, storableJson(masterIds)],
      ),
    unsent: async (tenantId, scope) => {
      const rows = await run(
        db(),
        `select a.id from appointments a where ${UNSENT} and ($7::text is null or a.id > $7) order by a.id limit $8`,
        [...unsentValues(tenantId, scope), scope.afterId, scope.limit],
      )
      return rows.map(row => String(row['id']))
    },
  }
}

const DURING = `
select to_jsonb(a) as appointment from appointments a
where tenant_id = $1 and user_id = $2 and archived_at is null and busy and status not in ('cancelled', 'no_show') and exists (
  select from json_to_recordset($3::json) as span("from" timestamptz, "to" timestamptz)
  where a.range_start < span."to" and a.range_end > span."from")
  and range_start < (select max(span."to") from json_to_recordset($3::json) as span("from" timestamptz, "to" timestamptz))
order by id`

/** What one user's calendar should show and has no link for, archived ones aside. */
export const UNSENT = `
  a.tenant_id = $1 and a.user_id = $2 and a.origin = 'platform' and a.archived_at is null
  and a.range_start < $6 and a.range_end > $5
  and not exists (
    select from (select * from links where tenant_id = $1 and appointment_id = a.id offset 0) l
    where l.connection_id = $3 and l.calendar_id = $4)`

export function unsentValues(
  tenantId: string,
  scope: { userId: string; connectionId: string; calendarId: string; from: Instant; to: Instant },
): unknown[] {
  const { userId, connectionId, calendarId, from, to } = scope
  return [tenantId, userId, connectionId, calendarId, instantToText(from), instantToText(to)]
}

function conditions(tenantId: string, filter: AppointmentFilter): { where: string; values: unknown[] } {
  const { userId, from, to, origin, status, isArchived, after } = filter
  const values: unknown[] = []
  const put = (value: unknown): string => `$${values.push(value)}`
  const where = [`tenant_id = ${put(tenantId)}`, `archived_at is ${isArchived ? 'not null' : 'null'}`]
  if (userId !== null) where.push(`user_id = ${put(userId)}`)
  if (origin !== null) where.push(`origin = ${put(origin)}`)
  if (status !== null) where.push(`status = ${put(status)}`)
  if (from !== null) where.push(`range_end > ${put(instantToText(from))}`)
  if (to !== null) where.push(`range_start < ${put(instantToText(to))}`)
  if (after !== null)
    where.push(`(range_start, id) > (${put(instantToText(after.startAt))}::timestamptz, ${put(after.id)})`)
  return { where: where.join(' and '), values }
}

function journalReads(db: () => Db): Pick<AppointmentReads, 'history' | 'changes'> {
  const read = async (text: string, values: readonly unknown[]) =>
    (await run(db(), text, values)).map(row => journalOf(codecs.journal.decode(row['entry'] as Row)))
  return {
    history: async (tenantId, appointmentId, limit) => {
      const newestFirst = `select row_to_json(j) as entry from journal j
        where tenant_id = $1 and appointment_id = $2 order by seq desc limit $3`
      return (await read(newestFirst, [tenantId, appointmentId, limit])).reverse()
    },
    changes: (tenantId, after, limit) =>
      read(
        `select row_to_json(j) as entry from journal j
        where tenant_id = $1 and seq > $2 and change_type is not null order by seq limit $3`,
        [tenantId, after, limit],
      ),
  }
}
