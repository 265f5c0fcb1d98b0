import type { Paired } from '../../../ports/store/appointments.ts'
import type { Row } from '../statements.ts'
import { appointmentOf, codecs, linkOf } from './rows.ts'

/** The links of an appointment `a`; the event we write comes before those we read. */
export const LINKS = `
  (select coalesce(jsonb_agg(to_jsonb(l) order by l.role <> 'ours', l.connection_id, l.calendar_id, l.event_id), '[]')
    from links l where l.tenant_id = a.tenant_id and l.appointment_id = a.id) as links`

/** The columns of a `Paired`, of an appointment `a`. */
export const PAIRED = `to_jsonb(a) as appointment, ${LINKS},
  (select to_jsonb(o) from outbox o where o.tenant_id = a.tenant_id and o.appointment_id = a.id
    order by o.queued_at desc, o.calendar_id limit 1) as outbox`

export function pairedOf(row: Row): Paired {
  // The columns of PAIRED.
  const { appointment, links, outbox } = row as { appointment: Row; links: Row[]; outbox: Row | null }
  return {
    appointment: appointmentOf(codecs.appointments.decode(appointment)),
    links: links.map(link => linkOf(codecs.links.decode(link))),
    outbox: outbox && codecs.outbox.decode(outbox),
  }
}
