import type { Duplicate } from './duplicate.ts'

/** A duplicate as the platform sees it. */
export type DuplicateResource = {
  id: string
  kind: string
  appointmentId: string
  /** The Google-origin appointment that says the same. */
  googleAppointmentId: string | null
  connectionId: string
  calendarId: string
  eventId: string
  state: string
  createdAt: string
  settledAt: string | null
}

export function duplicateResource(duplicate: Duplicate): DuplicateResource {
  const { id, kind, appointmentId, twinId, connectionId, calendarId, eventId, state, createdAt, settledAt } = duplicate
  return {
    id,
    kind,
    appointmentId,
    googleAppointmentId: twinId,
    connectionId,
    calendarId,
    eventId,
    state,
    createdAt: new Date(createdAt).toISOString(),
    settledAt: settledAt === null ? null : new Date(settledAt).toISOString(),
  }
}
