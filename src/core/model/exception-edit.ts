import { detached, rekey } from '../recurrence/detach.ts'
import type { Edit } from './appointment-edit.ts'
import type { Appointment } from './appointment.ts'
import { resourceSpan } from './resource.ts'
import { isOff } from './status-moves.ts'
import { sameSpan, slotKey, type Instant, type Slot, type Span } from './time.ts'

/**
 * What a change of a series by the platform means for its exceptions: each stays in its slot, moves along with the series, or is of no
 * series any more. Exceptions of a series that is booked anew belonged to the booking that was called off.
 */
export function decideExceptions(
  was: Appointment,
  is: Appointment,
  exceptions: readonly Appointment[],
  now: Instant,
): Edit[] {
  if (was.recurrence.length === 0 || isOff(is.status) || is.archivedAt !== null) return []
  if (isOff(was.status) || was.archivedAt !== null)
    return exceptions.map(each => dropped(each, now, 'series-booked-anew'))
  if (sameSpan(was.time, is.time) && was.recurrence.join('\n') === is.recurrence.join('\n')) return []
  return [...rekey(was, is, exceptions)].flatMap(([exception, fate]): Edit[] => {
    switch (fate.kind) {
      case 'stays':
        return []
      case 'moves':
        return [moved(exception, { ...fate, recurringId: is.id }, now)]
      case 'dropped':
        return [dropped(exception, now, 'slot-left-series')]
    }
  })
}

const DROPPED_REASONS = {
  'slot-left-series': 'The platform changed the series, which no longer has this occurrence.',
  'series-booked-anew': 'The platform booked the series anew; this occurrence was of the one called off.',
}

/** The exception is called off and of no series any more; what it said stays in its history. */
export function dropped(exception: Appointment, now: Instant, rule: keyof typeof DROPPED_REASONS): Edit {
  const next = detached(exception, now)
  const isCancelling = next.status !== exception.status
  return {
    appointment: next,
    journal: {
      action: isCancelling ? 'cancelled' : 'updated',
      rule,
      reason: DROPPED_REASONS[rule],
      before: { status: exception.status, ...placeOf(exception), ...resourceSpan(exception.time) },
      after: { status: next.status, ...placeOf(next) },
    },
    change: isCancelling ? 'appointment.cancelled' : 'appointment.updated',
  }
}

/** The exception in the slot, and the series, that it has now. */
export function moved(
  exception: Appointment,
  to: { recurringId: string; originalStart: Slot; time: Span },
  now: Instant,
): Edit {
  const { recurringId, originalStart, time } = to
  const version = exception.version + 1
  const appointment: Appointment = { ...exception, recurringId, originalStart, time, version, updatedAt: now }
  return {
    appointment,
    journal: {
      action: 'moved',
      rule: 'exception-follows-its-series',
      reason: 'The platform changed the series, and this occurrence with it.',
      before: { ...placeOf(exception), ...resourceSpan(exception.time) },
      after: { ...placeOf(appointment), ...resourceSpan(time) },
    },
    change: 'appointment.updated',
  }
}

const placeOf = ({ recurringId, originalStart }: Appointment): Record<string, unknown> => ({
  recurringId,
  originalStart: originalStart === null ? null : slotKey(originalStart),
})
