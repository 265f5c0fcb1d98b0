import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { appointmentResource, type AppointmentResource } from '../../core/model/resource.ts'
import { type Range, slotKey, spanBounds } from '../../core/model/time.ts'
import { expandSeries, type SeriesException } from '../../core/recurrence/expand.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Deps } from '../deps.ts'
import { type Filter, formatCursor, INVALID_CURSOR, type Page, parseCursor, type Place } from './list-appointments.ts'
import { readWindow } from './read-window.ts'

/** A year and a day: the longest stretch that is expanded in one listing. */
export const EXPANSION_DAYS_MAX = 366

/**
 * One page of what takes place in a window, by start: singles, and each occurrence of each series as an item of its own.
 * An occurrence that follows its rule has the id `<series>_<slot>`; one that was changed is the exception itself.
 */
export async function listInstances(
  { store }: Pick<Deps, 'store'>,
  input: { tenantId: string; filter: Filter; window: Range; cursor: string | null; limit: number },
): Promise<Result<Page, DomainError>> {
  const { tenantId, filter, window, cursor, limit } = input
  const after = cursor === null ? null : parseCursor(cursor)
  if (cursor !== null && after === null) return fail(INVALID_CURSOR)
  const read = await readWindow(store, tenantId, { userId: filter.userId, isArchived: filter.isArchived, window })
  if (read === null) return fail(TOO_MANY)
  const placed = [...read.singles.map(placeSingle), ...read.series.flatMap(each => placeSeries(each, window))]
    .filter(each => isWanted(each.item, filter) && (after === null || isAfter(each.place, after)))
    .sort((a, b) => (isAfter(a.place, b.place) ? 1 : -1))
  const shown = placed.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = placed.length > limit && last !== undefined
  return succeed({ items: shown.map(each => each.item), cursor: hasMore ? formatCursor(last.place) : null })
}

const TOO_MANY: DomainError = {
  kind: 'invalid',
  problems: [{ path: 'to', message: 'spans too many appointments to expand: ask for a shorter window or one user' }],
}

type Placed = { item: AppointmentResource; place: Place }

function placeSingle({ appointment, links, outbox }: Paired): Placed {
  const { startAt } = spanBounds(appointment.time, 'UTC')
  return { item: appointmentResource(appointment, links, outbox), place: { startAt, id: appointment.id } }
}

/** Occurrences of a series in the window; an exception stands where it was moved to, a deleted one nowhere. */
function placeSeries({ master, exceptions }: { master: Paired; exceptions: Paired[] }, window: Range): Placed[] {
  const { appointment } = master
  const taken = exceptions.flatMap((paired): (SeriesException & { paired: Paired })[] => {
    const { originalStart, time, archivedAt } = paired.appointment
    const isHidden = archivedAt !== appointment.archivedAt && archivedAt !== null
    return originalStart === null ? [] : [{ originalStart, time: isHidden ? null : time, paired }]
  })
  return expandSeries(appointment, taken, window, 'UTC').occurrences.map(({ slot, time, exception }) => {
    if (exception !== null) return placeSingle(exception.paired)
    const occurrence = { ...appointment, id: `${appointment.id}_${slotKey(slot)}`, time, recurrence: [] }
    const item = appointmentResource(
      { ...occurrence, recurringId: appointment.id, originalStart: slot },
      master.links,
      master.outbox,
    )
    return { item, place: { startAt: spanBounds(time, 'UTC').startAt, id: item.id } }
  })
}

function isWanted(item: AppointmentResource, { origin, status }: Filter): boolean {
  return (origin === null || item.origin === origin) && (status === null || item.status === status)
}

const isAfter = (a: Place, b: Place): boolean => a.startAt > b.startAt || (a.startAt === b.startAt && a.id > b.id)
