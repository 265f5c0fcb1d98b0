import type { Range } from '../../core/model/time.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Reads } from '../../ports/store/store.ts'
import { placeOf, type Place } from './list-appointments.ts'

/** What takes place in a window: each series with all of its exceptions, and everything else. */
export type WindowContents = { singles: Paired[]; series: { master: Paired; exceptions: Paired[] }[] }

const PAGE_SIZE = 500
/** Past this many appointments a window is not read at once. */
const WINDOW_APPOINTMENTS_MAX = 20_000

/** @returns null: there are more than can be read at once. */
export async function readWindow(
  reads: Pick<Reads, 'listAppointments' | 'seriesWithExceptions'>,
  tenantId: string,
  of: { userId: string | null; isArchived: boolean; window: Range },
): Promise<WindowContents | null> {
  const found = await readPages(reads, tenantId, of)
  if (found === null) return null
  const masterIds = new Set<string>()
  for (const { appointment } of found) {
    if (appointment.recurrence.length > 0) masterIds.add(appointment.id)
    else if (appointment.recurringId !== null) masterIds.add(appointment.recurringId)
  }
  const related = masterIds.size === 0 ? [] : await reads.seriesWithExceptions(tenantId, [...masterIds])
  return arrange(found, related, of.isArchived)
}

async function readPages(
  reads: Pick<Reads, 'listAppointments'>,
  tenantId: string,
  { userId, isArchived, window }: { userId: string | null; isArchived: boolean; window: Range },
): Promise<Paired[] | null> {
  const found: Paired[] = []
  const filter = { userId, from: window.startAt, to: window.endAt, origin: null, status: null, isArchived }
  for (let after: Place | null = null; found.length <= WINDOW_APPOINTMENTS_MAX;) {
    const page: Paired[] = await reads.listAppointments(tenantId, { ...filter, after, limit: PAGE_SIZE })
    found.push(...page)
    const last = page.at(-1)
    if (page.length < PAGE_SIZE || last === undefined) return found
    after = placeOf(last.appointment)
  }
  return null
}

/** @param found what lies in the window. @param related masters and exceptions of every series that has to do with it. */
function arrange(found: readonly Paired[], related: readonly Paired[], isArchived: boolean): WindowContents {
  const isSeries = ({ appointment }: Paired): boolean =>
    appointment.recurrence.length > 0 && (appointment.archivedAt !== null) === isArchived
  const masters = new Map([...found, ...related].filter(isSeries).map(each => [each.appointment.id, each]))
  const exceptions = Map.groupBy(related, each => each.appointment.recurringId ?? '')
  const hasMaster = ({ appointment }: Paired): boolean =>
    appointment.recurringId !== null && masters.has(appointment.recurringId)
  return {
    singles: found.filter(each => each.appointment.recurrence.length === 0 && !hasMaster(each)),
    series: [...masters].map(([id, master]) => ({ master, exceptions: exceptions.get(id) ?? [] })),
  }
}
