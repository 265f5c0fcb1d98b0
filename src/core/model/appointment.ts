import type { Instant, Slot, Span } from './time.ts'

export type AppointmentKind = 'appointment' | 'meeting' | 'task' | 'event' | 'block'
export type AppointmentStatus = 'tentative' | 'confirmed' | 'completed' | 'cancelled' | 'no_show'
export type Origin = 'platform' | 'google'

/** The booking as this service keeps it. A Google-origin one is locked here: only Google changes it. */
export type Appointment = {
  tenantId: string
  /** The platform's own id; for Google-origin ones made here. Unique within the tenant. */
  id: string
  userId: string
  kind: AppointmentKind
  status: AppointmentStatus
  title: string | null
  description: string | null
  location: string | null
  time: Span
  /** Normalised RRULE, EXDATE and RDATE lines, sorted; empty unless this is a series master. */
  recurrence: readonly string[]
  /** The series this exception belongs to, and the slot in it that it replaces. Both or neither. */
  recurringId: string | null
  originalStart: Slot | null
  busy: boolean
  /** Google's colour key ('1'…'11'), or null. */
  colour: string | null
  /** The platform's own; never sent to Google. */
  metadata: Readonly<Record<string, unknown>>
  origin: Origin
  /** Starts at 1; each change of the record, from either side, adds 1. */
  version: number
  archivedAt: Instant | null
  createdAt: Instant
  updatedAt: Instant
}

/** Why an appointment does or does not stand in Google, as the API shows it. */
export type GoogleState = 'none' | 'pending' | 'synced' | 'held' | 'failed' | 'excluded'
