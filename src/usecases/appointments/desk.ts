import type { Appointment } from '../../core/model/appointment.ts'
import type { Edit } from '../../core/model/appointment-edit.ts'
import type { Link } from '../../core/model/link.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Reads } from '../../ports/store/store.ts'
import type { Agenda } from '../availability/read-agenda.ts'

/**
 * What one call of the platform is decided on: the appointments it names, their series with all exceptions, and what earlier
 * writes of the same call have come to. Reading it takes the same few statements however many appointments there are.
 */
export type Desk = {
  tenantId: string
  now: Instant
  /** As they will stand after what was decided so far. */
  paired: Map<string, Paired>
  /** In the order of the decisions. */
  edits: Edit[]
  /** Events that Google drops with what was decided: they show nothing any more. */
  forgotten: Link[]
  /** What was read of users' time to look for conflicts, by user. */
  agendas: Map<string, Agenda>
}

export async function readDesk(
  reads: Pick<Reads, 'appointmentsByIds' | 'seriesWithExceptions'>,
  tenantId: string,
  now: Instant,
  ids: readonly string[],
): Promise<Desk> {
  const desk: Desk = { tenantId, now, paired: new Map(), edits: [], forgotten: [], agendas: new Map() }
  const wanted = [...new Set(ids)]
  const found = wanted.length === 0 ? [] : await reads.appointmentsByIds(tenantId, wanted)
  const seriesIds = found.flatMap(({ appointment: { id, recurrence, recurringId } }) =>
    recurrence.length > 0 ? [id] : (recurringId ?? []),
  )
  const series = seriesIds.length === 0 ? [] : await reads.seriesWithExceptions(tenantId, [...new Set(seriesIds)])
  for (const each of [...found, ...series]) desk.paired.set(each.appointment.id, each)
  return desk
}

/** Keeps a decision, so that later ones of the same call stand on it. */
export function decideOn(desk: Desk, edit: Edit): void {
  const { id } = edit.appointment
  const { links = [], outbox = null } = desk.paired.get(id) ?? {}
  desk.paired.set(id, { appointment: edit.appointment, links, outbox })
  desk.edits.push(edit)
}

/** An exception that leaves its slot: its event goes from Google with the change of the series, and with it the write that waits. */
export function decideOnMoved(desk: Desk, edit: Edit): void {
  const { id } = edit.appointment
  const { links = [], outbox = null } = desk.paired.get(id) ?? {}
  desk.forgotten.push(...links)
  desk.paired.set(id, { appointment: edit.appointment, links: [], outbox })
  desk.edits.push(edit)
}

export function exceptionsOf(desk: Desk, masterId: string): Appointment[] {
  return [...desk.paired.values()].map(each => each.appointment).filter(each => each.recurringId === masterId)
}
