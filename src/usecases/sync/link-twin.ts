import type { Appointment } from '../../core/model/appointment.ts'
import type { LiveEvent } from '../../core/model/calendar-event.ts'
import type { Calendar } from '../../core/model/connection.ts'
import type { JournalEntry } from '../../core/model/journal.ts'
import type { Link } from '../../core/model/link.ts'
import type { Policies } from '../../core/model/policies.ts'
import { appointmentResource } from '../../core/model/resource.ts'
import type { Instant } from '../../core/model/time.ts'
import { oursLink } from '../../core/sync/links.ts'
import { project } from '../../core/sync/projection.ts'
import { baseOfTwin } from '../../core/sync/twin.ts'
import type { ChangeSet, Paired } from '../../ports/store/appointments.ts'

export type TwinPlace = { calendar: Calendar; policies: Policies; now: Instant }

/**
 * Two become one: the event that a person made in Google is the appointment's own from now on, to be written with its mark, and the record
 * that stood for it here is archived with its history.
 * @param twin what stood for the event here; null: nothing did.
 */
export function linkTwin(
  { calendar, policies, now }: TwinPlace,
  appointment: Appointment,
  event: LiveEvent,
  twin: Paired | null,
): Required<Pick<ChangeSet, 'appointments' | 'links' | 'journal'>> {
  const { tenantId, connectionId, id: calendarId } = calendar
  const place = { tenantId, connectionId, calendarId, listing: calendar.cursor.generation }
  const base = baseOfTwin(event, project(appointment, policies), policies.presentation)
  const own = oursLink(event, appointment, place, { base, shownVersion: null, generation: 0 }, policies)
  const linked: JournalEntry = {
    at: now,
    appointmentId: appointment.id,
    connectionId,
    side: 'lockstep',
    action: 'linked',
    rule: 'exact-twin-linked',
    reason: 'An event that says the same stood in Google already and became its own.',
    before: null,
    after: { eventId: event.eventId },
    change: null,
  }
  if (twin === null) return { appointments: [], links: [own], journal: [linked] }
  const archived = archivedTwin(twin.appointment, now)
  return {
    appointments: [{ ...archived, markerKey: null }],
    links: [own, ...othersOf(twin, own)],
    journal: [linked, mergedEntry(archived, appointment, connectionId, now)],
  }
}

function archivedTwin(twin: Appointment, now: Instant): Appointment {
  return { ...twin, archivedAt: now, version: twin.version + 1, updatedAt: now }
}

/** The same meeting in other calendars goes on standing for itself. */
function othersOf(twin: Paired, own: Link): Link[] {
  const error = { code: 'same-meeting', message: 'The same meeting is already paired through another calendar.' }
  return twin.links
    .filter(link => link.calendarId !== own.calendarId || link.eventId !== own.eventId)
    .map(link => ({ ...link, role: 'parked' as const, appointmentId: null, error }))
}

function mergedEntry(archived: Appointment, into: Appointment, connectionId: string, now: Instant): JournalEntry {
  return {
    at: now,
    appointmentId: archived.id,
    connectionId,
    side: 'lockstep',
    action: 'merged',
    rule: 'exact-twin-linked',
    reason: 'It says the same as an appointment of the platform, which its event shows from now on.',
    before: { archived: false },
    after: { archived: true, mergedInto: into.id },
    change: { type: 'appointment.updated', data: appointmentResource(archived, [], null) },
  }
}
