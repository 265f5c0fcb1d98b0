import { seriesBounds } from '../../core/recurrence/expand.ts'
import type { Paired, AppointmentReads } from '../../ports/store/appointments.ts'

const PAGE = 200
/** 400,000 appointments of one user: beyond it something else is wrong. */
const PAGES_MAX = 2_000

/** All platform-origin appointments of a user, archived ones too, a page at a time. */
export async function* platformAppointments(
  reads: AppointmentReads,
  of: { tenantId: string; userId: string },
): AsyncGenerator<Paired[]> {
  for (const isArchived of [false, true]) {
    let after: { startAt: number; id: string } | null = null
    for (let page = 0; page < PAGES_MAX; page++) {
      const found: Paired[] = await reads.listAppointments(of.tenantId, {
        userId: of.userId,
        from: null,
        to: null,
        origin: 'platform',
        status: null,
        isArchived,
        after,
        limit: PAGE,
      })
      if (found.length > 0) yield found
      const last = found.at(-1)
      if (found.length < PAGE || last === undefined) break
      const { id, time, recurrence } = last.appointment
      after = { startAt: seriesBounds(time, recurrence).startAt, id }
    }
  }
}
