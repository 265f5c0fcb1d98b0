import type { Appointment } from '../model/appointment.ts'
import type { Calendar, Connection } from '../model/connection.ts'
import type { Link } from '../model/link.ts'
import type { Policies } from '../model/policies.ts'
import { slotKey, type Instant, type Slot } from '../model/time.ts'
import type { LinkPlace } from './links.ts'

/** What a listing is decided against; `known` grows as the page is decided, so that an exception finds its master. */
export type PullContext = {
  now: Instant
  calendar: Calendar
  connection: Connection
  policies: Policies
  /** The id that this Google-origin event's appointment has, the same each time. */
  importedId: (eventId: string) => string
  /** Whether our key made this mark for this tenant. */
  isOwnMark?: (mark: string) => boolean
  /** The database has gone back in time: what is listed is matched by mark, and Google's revisions are adopted. */
  recovery?: { since: Instant }
  /** Which of the ids that we give to the events of this appointment this is; null: none of them. */
  generationOf?: (appointmentId: string, eventId: string) => number | null
  /** The events are Google's answers to questions about each: what is gone is gone. */
  isAsked?: boolean
  known: Known
}

export type Known = {
  /** By event id, in this calendar. */
  links: Map<string, Link>
  /** By iCalUID: links of the same user in other calendars. */
  elsewhere: Map<string, Link[]>
  /** By appointment: the events of ours that show it, wherever they are, for those that a mark names. */
  own: Map<string, Link[]>
  appointments: Map<string, Appointment>
  /** markerKey → appointment id. */
  markers: ReadonlyMap<string, string>
  /** `${masterAppointmentId} ${slotKey}` → the exception's appointment. */
  exceptions: Map<string, Appointment>
}

export function knownFrom(rows: {
  links: readonly Link[]
  elsewhere: readonly Link[]
  own?: readonly Link[]
  appointments: readonly Appointment[]
  markers: ReadonlyMap<string, string>
}): Known {
  const exceptions = new Map<string, Appointment>()
  for (const appointment of rows.appointments) {
    const key = exceptionKeyOf(appointment)
    if (key !== null) exceptions.set(key, appointment)
  }
  return {
    links: new Map(rows.links.map(link => [link.eventId, link])),
    elsewhere: Map.groupBy(
      rows.elsewhere.filter(link => link.iCalUID !== null),
      link => link.iCalUID ?? '',
    ),
    own: Map.groupBy(
      (rows.own ?? []).filter(link => link.role === 'ours' && link.appointmentId !== null),
      link => link.appointmentId ?? '',
    ),
    appointments: new Map(rows.appointments.map(each => [each.id, each])),
    markers: rows.markers,
    exceptions,
  }
}

export function exceptionKey(masterId: string, slot: Slot): string {
  return `${masterId} ${slotKey(slot)}`
}

function exceptionKeyOf(appointment: Appointment): string | null {
  const { recurringId, originalStart } = appointment
  return recurringId === null || originalStart === null ? null : exceptionKey(recurringId, originalStart)
}

/** Takes what was decided about one event into account for those after it. */
export function learn(
  known: Known,
  decided: { appointment: Appointment | null; link: Link | null; forget?: Link | null },
): void {
  if (decided.forget != null) known.links.delete(decided.forget.eventId)
  if (decided.link !== null) known.links.set(decided.link.eventId, decided.link)
  if (decided.appointment === null) return
  const former = known.appointments.get(decided.appointment.id)
  const formerKey = former === undefined ? null : exceptionKeyOf(former)
  if (formerKey !== null && known.exceptions.get(formerKey)?.id === decided.appointment.id)
    known.exceptions.delete(formerKey)
  known.appointments.set(decided.appointment.id, decided.appointment)
  const key = exceptionKeyOf(decided.appointment)
  if (key !== null) known.exceptions.set(key, decided.appointment)
}

export function placeOf({ calendar, connection }: PullContext): LinkPlace {
  return {
    tenantId: connection.tenantId,
    connectionId: connection.id,
    calendarId: calendar.id,
    listing: calendar.cursor.generation,
  }
}

/** Whether an event of ours shows this appointment already, as far as it was read or decided so far. */
export function isShownBefore(appointmentId: string, { links, own }: Known): boolean {
  const isOwn = (link: Link): boolean => link.role === 'ours' && link.appointmentId === appointmentId
  return (own.get(appointmentId) ?? []).some(isOwn) || [...links.values()].some(isOwn)
}
