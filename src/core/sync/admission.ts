import type { Appointment } from '../model/appointment.ts'
import type { AccessRole, Calendar, Connection } from '../model/connection.ts'
import type { Link } from '../model/link.ts'
import type { Lane, OutboxEntry } from '../model/outbox.ts'
import type { Policies, SyncWindow } from '../model/policies.ts'
import { windowBounds, type Instant } from '../model/time.ts'
import { seriesBounds } from '../recurrence/expand.ts'

/** Whether Google shall show this appointment at all: by status, kind and archive, not by window. */
export function isShown(
  appointment: Pick<Appointment, 'status' | 'kind' | 'archivedAt'>,
  policies: Pick<Policies, 'include' | 'cancelled'>,
): boolean {
  if (appointment.archivedAt !== null) return false
  if (appointment.status === 'cancelled') return policies.cancelled === 'mark'
  return policies.include.kinds.includes(appointment.kind) && policies.include.statuses.includes(appointment.status)
}

/** Whether some of it lies in the window. What has entered once stays in Google when the window moves on. */
export function isInWindow(
  appointment: Pick<Appointment, 'time' | 'recurrence'>,
  window: SyncWindow,
  now: Instant,
  zone: string,
): boolean {
  const bounds = windowBounds(window, now, zone)
  const range = seriesBounds(appointment.time, appointment.recurrence)
  return range.startAt < bounds.endAt && (range.endAt === null || range.endAt > bounds.startAt)
}

export function mayWrite(role: AccessRole): boolean {
  return role === 'writer' || role === 'owner' || role === 'writerWithoutPrivateAccess'
}

export type QueueInput = {
  appointment: Appointment
  links: readonly Link[]
  connection: Connection
  /** The target calendar. */
  calendar: Calendar
  policies: Policies
  lane: Lane
  now: Instant
}

/** The outbox row that a change of this appointment needs; null where Google is not concerned. */
export function decideQueue(input: QueueInput): OutboxEntry | null {
  const { appointment, links, connection, calendar, policies, lane, now } = input
  if (appointment.origin === 'google' || connection.mode === 'off') return null
  if (connection.status === 'disconnected' || connection.status === 'pending') return null
  const isLinked = links.some(link => link.role === 'ours')
  if (!isLinked && appointment.recurringId === null) {
    const isMarkOnly = appointment.status === 'cancelled'
    if (isMarkOnly || !isShown(appointment, policies)) return null
    if (!isInWindow(appointment, connection.window, now, calendar.timeZone)) return null
  }
  const hold = holdReason(calendar)
  const shownIn = links.filter(link => link.role === 'ours').map(link => link.calendarId)
  return {
    tenantId: appointment.tenantId,
    connectionId: connection.id,
    // While the target changes two calendars show it; what is over stays in the former one.
    calendarId: shownIn.includes(calendar.id) ? calendar.id : (shownIn[0] ?? calendar.id),
    appointmentId: appointment.id,
    lane,
    state: hold === null ? 'queued' : 'held',
    notBefore: now,
    attempts: 0,
    intent: null,
    error: hold,
    queuedAt: now,
  }
}

/** Why nothing can be written to this calendar now; null: it can. */
export function holdReason(calendar: Calendar): { code: string; message: string } | null {
  if (calendar.isGone) return { code: 'calendar-gone', message: 'The target calendar no longer exists in Google.' }
  if (!mayWrite(calendar.accessRole))
    return { code: 'calendar-read-only', message: 'The Google account may no longer write to the target calendar.' }
  return null
}
