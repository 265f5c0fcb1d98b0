import { type BusyBlock, blockOf, isAppointmentBusy } from '../../core/availability/busy.ts'
import type { Appointment } from '../../core/model/appointment.ts'
import { overlaps, type Range } from '../../core/model/time.ts'
import { expandSeries } from '../../core/recurrence/expand.ts'

/**
 * What of these appointments blocks time in `window`. An exception, called off or not, always takes its slot away from its series.
 * @param zone where whole days begin and end for their user.
 */
export function busyBlocks(appointments: Iterable<Appointment>, window: Range, zone: string): BusyBlock[] {
  const all = [...appointments]
  const exceptions = Map.groupBy(all, each => each.recurringId ?? '')
  const blocks = all.flatMap((each): (BusyBlock | null)[] => {
    if (!isAppointmentBusy(each)) return []
    const source = { kind: each.origin === 'google' ? ('calendar' as const) : ('appointment' as const), id: each.id }
    if (each.recurrence.length === 0) return [blockOf(each.time, source, zone)]
    const taken = (exceptions.get(each.id) ?? []).flatMap(({ originalStart }) =>
      originalStart === null ? [] : [{ originalStart, time: null }],
    )
    return expandSeries(each, taken, window, zone).occurrences.map(({ time }) => blockOf(time, source, zone))
  })
  return blocks.filter(block => block !== null).filter(block => overlaps(block, window))
}
