import type { Appointment, GoogleState } from './appointment.ts'
import type { Link } from './link.ts'
import type { OutboxEntry } from './outbox.ts'
import { formatDateTime, type Slot, type Span } from './time.ts'

/** A moment as the API writes it: RFC 3339 with offset and the IANA zone, or a whole day. */
export type ResourceTime = { dateTime: string; timeZone: string } | { date: string }

/** An appointment as the platform sees it, in answers, the change feed and webhooks. */
export type AppointmentResource = {
  id: string
  userId: string
  kind: string
  status: string
  title: string | null
  description: string | null
  location: string | null
  start: ResourceTime
  end: ResourceTime
  recurrence: readonly string[] | null
  recurringId: string | null
  originalStart: ResourceTime | null
  busy: boolean
  colour: string | null
  metadata: Readonly<Record<string, unknown>>
  origin: 'platform' | 'google'
  locked: boolean
  version: number
  archived: boolean
  createdAt: string
  updatedAt: string
  google: {
    calendarId: string | null
    eventId: string | null
    htmlLink: string | null
    state: GoogleState
    error: { code: string; message: string } | null
  }
}

/** @param links the events that show it; the first one that is alive is shown. `outbox` is what still waits to be written. */
export function appointmentResource(
  appointment: Appointment,
  links: readonly Link[],
  outbox: OutboxEntry | null,
): AppointmentResource {
  const link = links.find(each => each.role !== 'parked') ?? null
  return {
    id: appointment.id,
    userId: appointment.userId,
    kind: appointment.kind,
    status: appointment.status,
    title: appointment.title,
    description: appointment.description,
    location: appointment.location,
    ...resourceSpan(appointment.time),
    recurrence: appointment.recurrence.length > 0 ? appointment.recurrence : null,
    recurringId: appointment.recurringId,
    originalStart: appointment.originalStart && resourceSlot(appointment.originalStart, appointment.time),
    busy: appointment.busy,
    colour: appointment.colour,
    metadata: appointment.metadata,
    origin: appointment.origin,
    locked: appointment.origin === 'google',
    version: appointment.version,
    archived: appointment.archivedAt !== null,
    createdAt: new Date(appointment.createdAt).toISOString(),
    updatedAt: new Date(appointment.updatedAt).toISOString(),
    google: {
      calendarId: link?.calendarId ?? outbox?.calendarId ?? null,
      eventId: link?.eventId ?? null,
      htmlLink: link?.htmlLink ?? null,
      state: googleState(link, outbox),
      error: outbox?.error ?? link?.error ?? null,
    },
  }
}

function googleState(link: Link | null, outbox: OutboxEntry | null): GoogleState {
  if (outbox !== null) return outbox.state === 'queued' ? 'pending' : outbox.state
  return link === null ? 'none' : 'synced'
}

export function resourceSpan(span: Span): { start: ResourceTime; end: ResourceTime } {
  return span.kind === 'all-day'
    ? { start: { date: span.startDate }, end: { date: span.endDate } }
    : {
        start: { dateTime: formatDateTime(span.startAt, span.startZone), timeZone: span.startZone },
        end: { dateTime: formatDateTime(span.endAt, span.endZone), timeZone: span.endZone },
      }
}

function resourceSlot(slot: Slot, within: Span): ResourceTime {
  if (slot.kind === 'all-day') return { date: slot.date }
  const timeZone = within.kind === 'timed' ? within.startZone : 'UTC'
  return { dateTime: formatDateTime(slot.at, timeZone), timeZone }
}
