import { readEvent } from '../adapters/google/from-google.ts'
import { isObject } from '../adapters/google/wire.ts'
import type { Appointment } from '../core/model/appointment.ts'
import type { LiveEvent } from '../core/model/calendar-event.ts'
import { oursLink } from '../core/sync/links.ts'
import { learn, placeOf, type PullContext } from '../core/sync/pull-context.ts'
import type { Recorded } from './playing.ts'

/** Takes a write of ours in a recording as made: its event is ours from then on, as Google returned it. */
export function changedContent({ method, status, response, path }: Recorded, context: PullContext): void {
  if (method === 'DELETE' && status === 204) {
    const eventId = decodeURIComponent(new URL(path, 'https://www.googleapis.com').pathname.split('/').at(-1) ?? '')
    const link = context.known.links.get(eventId)
    if (link !== undefined) learn(context.known, { appointment: null, link: null, forget: link })
    return
  }
  if (method === 'GET' || status !== 200 || !isObject(response)) return
  const event = readEvent(response, context.calendar.timeZone)
  if (event.kind !== 'live' || event.marker === null) return
  const appointment = shownBy(event, context)
  const base = { sent: event.content, returned: event.content }
  const agreed = { base, shownVersion: appointment.version, generation: 0 }
  learn(context.known, { appointment, link: oursLink(event, appointment, placeOf(context), agreed, context.policies) })
}

/** The appointment as it must have been for this to be written. */
function shownBy(event: LiveEvent, { connection, now }: PullContext): Appointment {
  const { title, description, location, time, recurrence, busy, status, colour } = event.content
  return {
    tenantId: connection.tenantId,
    id: `shown by ${event.eventId}`,
    userId: connection.userId,
    kind: 'appointment',
    status,
    title,
    description: description === '' ? null : description,
    location: location === '' ? null : location,
    time,
    recurrence,
    recurringId: event.recurringEventId === null ? null : `shown by ${event.recurringEventId}`,
    originalStart: event.originalStart,
    busy,
    colour,
    metadata: {},
    origin: 'platform',
    version: event.marker?.revision ?? 1,
    archivedAt: null,
    createdAt: now,
    updatedAt: now,
  }
}
