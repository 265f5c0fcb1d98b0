import type { Appointment } from '../model/appointment.ts'
import { slotOf, type Instant, type Slot, type Span } from '../model/time.ts'
import { isOff } from '../model/status-moves.ts'
import { notGenerated, spanInSlot, type Series } from './expand.ts'
import { sameSlot, sameSpan, slotKey } from '../model/time.ts'
import { shiftSlot } from './shift.ts'

/**
 * An exception whose slot its series no longer has: called off, and no longer of the series, so that it cannot take the slot again
 * should the series get it back.
 */
export function detached(exception: Appointment, now: Instant): Appointment {
  return {
    ...exception,
    status: isOff(exception.status) ? exception.status : 'cancelled',
    recurringId: null,
    originalStart: null,
    version: exception.version + 1,
    updatedAt: now,
  }
}

/** What a change of a series' time or rule means for one of its exceptions. */
export type Rekeyed = { kind: 'stays' } | { kind: 'moves'; originalStart: Slot; time: Span } | { kind: 'dropped' }

/**
 * Where each exception stands after the series changed: in its slot where that still exists, else along with the series where the
 * slot it moves to exists and is free, else nowhere. An exception that lay where the rule put it moves its own time along.
 */
export function rekey(was: Series, is: Series, exceptions: readonly Appointment[]): Map<Appointment, Rekeyed> {
  const result = new Map<Appointment, Rekeyed>()
  const slotsOf = exceptions.flatMap(({ originalStart }) => (originalStart === null ? [] : [originalStart]))
  const gone = new Set(is.recurrence.length === 0 ? slotsOf.map(slotKey) : notGenerated(is, slotsOf).map(slotKey))
  const taken = new Set(slotsOf.map(slotKey).filter(key => !gone.has(key)))
  const shift = { from: was.time, to: is.time }
  for (const exception of exceptions) {
    const { originalStart, time } = exception
    if (originalStart === null || !gone.has(slotKey(originalStart))) {
      result.set(exception, { kind: 'stays' })
      continue
    }
    const slot = shiftSlot(shift, originalStart)
    const isFree = is.recurrence.length > 0 && !taken.has(slotKey(slot)) && !sameSlot(slot, originalStart)
    if (!isFree || notGenerated(is, [slot]).length > 0) {
      result.set(exception, { kind: 'dropped' })
      continue
    }
    taken.add(slotKey(slot))
    const isUnmoved = sameSpan(time, spanInSlot(was.time, originalStart))
    result.set(exception, {
      kind: 'moves',
      originalStart: slot,
      time: isUnmoved || slotOf(time).kind !== slot.kind ? spanInSlot(is.time, slot) : time,
    })
  }
  return result
}
