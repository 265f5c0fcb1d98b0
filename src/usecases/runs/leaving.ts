import type { Link } from '../../core/model/link.ts'
import type { Policies } from '../../core/model/policies.ts'
import type { Instant } from '../../core/model/time.ts'
import { isShown } from '../../core/sync/admission.ts'
import { seriesBounds } from '../../core/recurrence/expand.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Reads } from '../../ports/store/store.ts'

type Leaving = {
  tenantId: string
  policies: Policies
  now: Instant
  /** Whether the new target shows it; null: there is no target any more. */
  isInTarget: ((pair: Paired) => boolean) | null
}

/**
 * Which of these events of a former target leave it now: those that are not over, once the new target shows them. An exception goes with
 * its series.
 */
export async function leavingOf(reads: Reads, of: Leaving, links: readonly Link[]): Promise<Link[]> {
  const wholes = await wholesOf(reads, of.tenantId, links)
  return links.filter(link => {
    const whole = wholes.get(link.appointmentId ?? '')
    if (whole === undefined || !isUpcoming(whole, of.now)) return false
    return of.isInTarget === null || !isShown(whole.appointment, of.policies) || of.isInTarget(whole)
  })
}

export const isShownIn =
  (calendarId: string) =>
  ({ links }: Paired): boolean =>
    links.some(each => each.role === 'ours' && each.calendarId === calendarId)

export function isUpcoming({ appointment }: Pick<Paired, 'appointment'>, now: Instant): boolean {
  const { endAt } = seriesBounds(appointment.time, appointment.recurrence)
  return endAt === null || endAt > now
}

/** By the id of each link's appointment: the appointment, or the series that it is an exception of. */
async function wholesOf(reads: Reads, tenantId: string, links: readonly Link[]): Promise<Map<string, Paired>> {
  const own = await reads.appointmentsByIds(
    tenantId,
    links.flatMap(link => link.appointmentId ?? []),
  )
  const seriesIds = [...new Set(own.flatMap(({ appointment }) => appointment.recurringId ?? []))]
  const series = seriesIds.length === 0 ? [] : await reads.appointmentsByIds(tenantId, seriesIds)
  const byId = new Map(series.map(pair => [pair.appointment.id, pair]))
  return new Map(own.map(pair => [pair.appointment.id, byId.get(pair.appointment.recurringId ?? '') ?? pair]))
}
