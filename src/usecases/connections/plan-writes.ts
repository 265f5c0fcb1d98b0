import { isShown } from '../../core/sync/admission.ts'
import { project } from '../../core/sync/projection.ts'
import type { Policies } from '../../core/model/policies.ts'
import type { Range } from '../../core/model/time.ts'
import type { Reads } from '../../ports/store/store.ts'
import type { PlannedWrite } from './plan.ts'
import { platformAppointments } from './walk-appointments.ts'

const PAGE = 500
const PAGES_MAX = 1_000

/** The deletion of each event that this connection wrote. */
export async function plannedDeletions(
  reads: Reads,
  of: { tenantId: string; userId: string; connectionId: string },
): Promise<PlannedWrite[]> {
  const writes: PlannedWrite[] = []
  for await (const page of platformAppointments(reads, of))
    for (const { appointment, links } of page)
      for (const link of links)
        if (link.connectionId === of.connectionId && link.role === 'ours')
          writes.push({
            action: 'delete',
            appointmentId: appointment.id,
            eventId: link.eventId,
            calendarId: link.calendarId,
            summary: link.base?.returned.title ?? null,
          })
  return writes
}

/** The insert of each appointment in the window that this calendar does not show yet, with the title that Google would see. */
export async function plannedInserts(
  reads: Reads,
  of: { tenantId: string; userId: string; connectionId: string; calendarId: string; range: Range; policies: Policies },
): Promise<PlannedWrite[]> {
  const writes: PlannedWrite[] = []
  const { tenantId, userId, connectionId, calendarId, range, policies } = of
  const scope = { userId, connectionId, calendarId, from: range.startAt, to: range.endAt }
  let afterId: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const ids: string[] = await reads.unsent(tenantId, { ...scope, afterId, limit: PAGE })
    for (const { appointment } of await reads.appointmentsByIds(tenantId, ids))
      if (appointment.status !== 'cancelled' && isShown(appointment, policies))
        writes.push({
          action: 'insert',
          appointmentId: appointment.id,
          eventId: null,
          calendarId,
          summary: project(appointment, policies).title,
        })
    afterId = ids.at(-1) ?? null
    if (ids.length < PAGE) break
  }
  return writes
}
