import type { Appointment } from '../model/appointment.ts'
import type { LiveEvent } from '../model/calendar-event.ts'
import type { Calendar, Connection } from '../model/connection.ts'
import { RAW_WITHHELD, type Base, type Link } from '../model/link.ts'
import type { Policies } from '../model/policies.ts'
import type { Projection } from '../model/projection.ts'
import { contentHash } from './fingerprint.ts'
import { project } from './projection.ts'
import { isVeiled, veiledContent } from './veil.ts'

export type LinkPlace = { tenantId: string; connectionId: string; calendarId: string; listing: number }

/** The link of an event that stands for this appointment, read only. @param detail what of it was taken in. */
export function theirsLink(event: LiveEvent, appointmentId: string, place: LinkPlace, detail: Detail): Link {
  return { ...readLink(event, place, takenHash(event, detail)), role: 'theirs', appointmentId }
}

/** How much is kept of an event made in Google: with its words, or nothing but its time. */
export type Detail = 'full' | 'busy'
const BUSY_PREFIX = 'busy '

/** Fingerprint of what was taken in of an event: another one when more or less of it is to be kept. */
function takenHash(event: LiveEvent, detail: Detail): string {
  return detail === 'busy' ? `${BUSY_PREFIX}${contentHash(event)}` : contentHash(event)
}

/** Whether the event was taken in with this detail. One that is not known to have been read says nothing. */
export function isTakenAs({ role, contentHash: hash }: Link, detail: Detail): boolean {
  return role !== 'theirs' || hash === null || hash.startsWith(BUSY_PREFIX) === (detail === 'busy')
}

/**
 * The link of an event that we write. `raw` is what the next update is built on. Words in masked fields that are not ours are not kept: the
 * base holds what stands for them, and with them Google's representation is withheld.
 */
export function oursLink(
  event: LiveEvent,
  appointment: Appointment,
  place: LinkPlace,
  agreed: { base: Base; shownVersion: number | null; generation: number },
  policies: Pick<Policies, 'presentation' | 'cancelled'>,
): Link {
  const ours = project(appointment, policies)
  const kept = (content: Projection): Projection => veiledContent(content, ours, policies.presentation)
  const isWhole = Object.values(kept(event.content)).every(value => typeof value !== 'string' || !isVeiled(value))
  return {
    ...readLink(event, place, contentHash(event)),
    role: 'ours',
    appointmentId: appointment.id,
    base: { sent: kept(agreed.base.sent), returned: kept(agreed.base.returned) },
    raw: isWhole ? event.raw : RAW_WITHHELD,
    generation: agreed.generation,
    shownVersion: agreed.shownVersion,
  }
}

/** An event that stands for itself, with the reason why. */
export function parkedLink(event: LiveEvent, place: LinkPlace, error: { code: string; message: string }): Link {
  return { ...readLink(event, place, contentHash(event)), role: 'parked', appointmentId: null, error }
}

function readLink(event: LiveEvent, place: LinkPlace, hash: string): Omit<Link, 'role' | 'appointmentId'> {
  return {
    tenantId: place.tenantId,
    connectionId: place.connectionId,
    calendarId: place.calendarId,
    eventId: event.eventId,
    iCalUID: event.iCalUID,
    etag: event.etag,
    recurringEventId: event.recurringEventId,
    originalStart: event.originalStart,
    base: null,
    contentHash: hash,
    raw: null,
    htmlLink: event.htmlLink,
    generation: 0,
    shownVersion: null,
    missing: null,
    seenGeneration: place.listing,
    error: null,
  }
}

/** The link of an event of which nothing can be said but that it is there. */
export function unreadLink(
  eventId: string,
  { calendar, connection }: { calendar: Calendar; connection: Connection },
): Link {
  return {
    tenantId: connection.tenantId,
    connectionId: connection.id,
    calendarId: calendar.id,
    eventId,
    role: 'parked',
    appointmentId: null,
    iCalUID: null,
    etag: null,
    recurringEventId: null,
    originalStart: null,
    base: null,
    contentHash: null,
    raw: null,
    htmlLink: null,
    generation: 0,
    shownVersion: null,
    missing: null,
    seenGeneration: calendar.cursor.generation,
    error: null,
  }
}
