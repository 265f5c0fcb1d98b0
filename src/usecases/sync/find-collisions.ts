import { conflictsOf } from '../../core/availability/slots.ts'
import type { Appointment } from '../../core/model/appointment.ts'
import { isAppointmentBusy } from '../../core/availability/busy.ts'
import { DAY_MS, spanBounds, type Instant, type Range } from '../../core/model/time.ts'
import { expandSeries } from '../../core/recurrence/expand.ts'
import type { Tx } from '../../ports/store/store.ts'
import { busyBlocks } from '../availability/busy-blocks.ts'

/** A series is checked for so long, and so many of its occurrences. */
const SERIES_DAYS_CHECKED = 366
const OCCURRENCES_CHECKED = 200
const REPORTED_MAX = 50

export type Collision = { appointment: Appointment; appointmentIds: string[] }

/**
 * Which of these appointments, as they were just accepted, take time that others of the same user block. Read for all at once: the same
 * few statements however many there are.
 * @param decided everything that was decided together; stands for what is stored.
 */
export async function findCollisions(
  tx: Tx,
  place: { tenantId: string; connectionId: string; calendarId: string; now: Instant },
  accepted: readonly Appointment[],
  decided: readonly Appointment[],
): Promise<Collision[]> {
  const busy = accepted.filter(isAppointmentBusy)
  if (busy.length === 0) return []
  const calendar = await tx.calendar(place.tenantId, place.connectionId, place.calendarId)
  const zone = calendar?.timeZone ?? 'UTC'
  const collisions: Collision[] = []
  for (const [userId, mine] of Map.groupBy(busy, each => each.userId)) {
    const spans = new Map(mine.map(each => [each, spansOf(each, zone, place.now)]))
    const all = [...spans.values()].flat()
    if (all.length === 0) continue
    const window = {
      startAt: Math.min(...all.map(span => span.startAt)),
      endAt: Math.max(...all.map(span => span.endAt)),
    }
    const present = await presentDuring(tx, place.tenantId, userId, all, decided)
    const blocks = busyBlocks(present, window, zone)
    for (const [appointment, taken] of spans) {
      const own = ownIds(appointment, present)
      const ids = taken.flatMap(span => conflictsOf(span, blocks, own).map(block => block.source.id))
      if (ids.length > 0)
        collisions.push({ appointment, appointmentIds: [...new Set(ids)].sort().slice(0, REPORTED_MAX) })
    }
  }
  return collisions
}

function spansOf(appointment: Appointment, zone: string, now: Instant): Range[] {
  if (appointment.recurrence.length === 0) return [spanBounds(appointment.time, zone)]
  const window = { startAt: now, endAt: now + SERIES_DAYS_CHECKED * DAY_MS }
  const { occurrences } = expandSeries(appointment, [], window, zone)
  return occurrences.slice(0, OCCURRENCES_CHECKED).map(({ time }) => spanBounds(time, zone))
}

/** What blocks time then, with the exceptions of each series: those take its slots away wherever they were moved to. */
async function presentDuring(
  tx: Tx,
  tenantId: string,
  userId: string,
  spans: readonly Range[],
  decided: readonly Appointment[],
): Promise<Appointment[]> {
  const found = await tx.appointmentsDuring(tenantId, userId, spans)
  const ours = decided.filter(each => each.userId === userId)
  const series = [...found, ...ours].filter(each => each.recurrence.length > 0).map(each => each.id)
  const exceptions = series.length === 0 ? [] : await tx.seriesWithExceptions(tenantId, [...new Set(series)])
  const present = [...found, ...exceptions.map(each => each.appointment), ...ours]
  return [...new Map(present.map(each => [each.id, each])).values()]
}

/** Itself, its series and that series' other parts. */
function ownIds({ id, recurringId }: Appointment, present: readonly Appointment[]): Set<string> {
  const series = recurringId ?? id
  return new Set([id, series, ...present.filter(each => each.recurringId === series).map(each => each.id)])
}
