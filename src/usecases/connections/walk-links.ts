import type { Link, LinkKey } from '../../core/model/link.ts'
import type { AppointmentReads } from '../../ports/store/appointments.ts'

const PAGE = 100
/** A million events of one connection: beyond it something else is wrong. */
const PAGES_MAX = 10_000

/** The links of one role in these calendars, a page at a time; what is read may be forgotten meanwhile. */
export async function* linksOf(
  reads: AppointmentReads,
  of: { tenantId: string; connectionId: string; calendarIds: readonly string[]; role: Link['role'] },
): AsyncGenerator<Link[]> {
  if (of.calendarIds.length === 0) return
  let after: LinkKey | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const found: Link[] = await reads.linksIn(of.tenantId, of.connectionId, {
      calendarIds: of.calendarIds,
      role: of.role,
      after,
      limit: PAGE,
    })
    if (found.length > 0) yield found
    const last = found.at(-1)
    if (last === undefined || found.length < PAGE) return
    after = last
  }
}
