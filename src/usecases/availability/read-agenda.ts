import type { Appointment } from '../../core/model/appointment.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Range } from '../../core/model/time.ts'
import type { Reads } from '../../ports/store/store.ts'
import { readWindow } from '../appointments/read-window.ts'

/** What may block a user's time in a window, and the zone in which the user's days begin. */
export type Agenda = { window: Range; zone: string; appointments: Map<string, Appointment> }

export async function readAgenda(
  reads: Pick<Reads, 'listAppointments' | 'seriesWithExceptions' | 'targetOf'>,
  tenantId: string,
  userId: string,
  window: Range,
): Promise<Result<Agenda, DomainError>> {
  const contents = await readWindow(reads, tenantId, { userId, isArchived: false, window })
  if (contents === null)
    return fail({ kind: 'unavailable', detail: 'There is too much in that window to read at once.' })
  const series = contents.series.flatMap(({ master, exceptions }) => [master, ...exceptions])
  const appointments = [...contents.singles, ...series].map(each => each.appointment)
  const target = await reads.targetOf(tenantId, userId)
  const zone = target?.calendar.timeZone ?? 'UTC'
  return succeed({ window, zone, appointments: new Map(appointments.map(each => [each.id, each])) })
}
