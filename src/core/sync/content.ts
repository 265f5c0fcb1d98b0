import type { Appointment } from '../model/appointment.ts'
import type { LiveEvent } from '../model/calendar-event.ts'
import type { Field, Projection } from '../model/projection.ts'
import { sameSpan, type Instant } from '../model/time.ts'

/** The appointment with Google's values in these fields; a new version. */
export function withRemoteFields(
  appointment: Appointment,
  fields: readonly Field[],
  remote: Projection,
  now: Instant,
): Appointment {
  return fields.reduce((draft, field) => withRemoteField(draft, field, remote), {
    ...appointment,
    version: appointment.version + 1,
    updatedAt: now,
  })
}

function withRemoteField(appointment: Appointment, field: Field, remote: Projection): Appointment {
  switch (field) {
    case 'time':
      return { ...appointment, time: remote.time }
    case 'recurrence':
      return { ...appointment, recurrence: remote.recurrence }
    case 'title':
      return { ...appointment, title: textOrNull(remote.title) }
    case 'description':
      return { ...appointment, description: textOrNull(remote.description) }
    case 'location':
      return { ...appointment, location: textOrNull(remote.location) }
    case 'busy':
      return { ...appointment, busy: remote.busy }
    case 'status':
      // Google knows only tentative and confirmed; a booking that is already completed keeps saying so.
      return appointment.status === 'tentative' || appointment.status === 'confirmed'
        ? { ...appointment, status: remote.status }
        : appointment
    case 'colour':
      return appointment
  }
}

export type ImportPlace = {
  tenantId: string
  id: string
  userId: string
  recurringId: string | null
  /** `busy`: nothing but the time is kept. */
  detail: 'full' | 'busy'
  kind: 'event' | 'block'
  now: Instant
}

/** A Google-origin event as an appointment. A private event keeps its words in Google whatever the policy. */
export function importedAppointment(event: LiveEvent, place: ImportPlace): Appointment {
  return {
    tenantId: place.tenantId,
    id: place.id,
    userId: place.userId,
    ...importedContent(event, place.detail),
    kind: place.kind,
    recurringId: place.recurringId,
    originalStart: place.recurringId === null ? null : event.originalStart,
    metadata: {},
    origin: 'google',
    version: 1,
    archivedAt: null,
    createdAt: place.now,
    updatedAt: place.now,
  }
}

/** A declined invitation does not block time. */
export function importedContent(
  event: LiveEvent,
  detail: 'full' | 'busy',
): Pick<Appointment, 'status' | 'title' | 'description' | 'location' | 'time' | 'recurrence' | 'busy' | 'colour'> {
  const { content } = event
  const isMasked = detail === 'busy' || event.isPrivate
  return {
    status: content.status,
    title: isMasked ? null : textOrNull(content.title),
    description: isMasked ? null : textOrNull(content.description),
    location: isMasked ? null : textOrNull(content.location),
    time: content.time,
    recurrence: content.recurrence,
    busy: content.busy && event.selfResponse !== 'declined',
    colour: null,
  }
}

function textOrNull(text: string): string | null {
  return text === '' ? null : text
}

const TOLD = [
  'status',
  'title',
  'description',
  'location',
  'time',
  'recurrence',
  'busy',
  'colour',
  'recurringId',
  'archivedAt',
] as const

/** Times by what they say: a database gives the members of one back in an order of its own. */
function isSame(key: (typeof TOLD)[number], before: Appointment, after: Appointment): boolean {
  if (key === 'time') return sameSpan(before.time, after.time)
  return JSON.stringify(before[key]) === JSON.stringify(after[key])
}

/** The fields in which two states of an appointment differ, as before and after; for histories. */
export function differences(
  before: Appointment,
  after: Appointment,
): { before: Record<string, unknown>; after: Record<string, unknown> } {
  const changed = TOLD.filter(key => !isSame(key, before, after))
  return {
    before: Object.fromEntries(changed.map(key => [key, before[key]])),
    after: Object.fromEntries(changed.map(key => [key, after[key]])),
  }
}
