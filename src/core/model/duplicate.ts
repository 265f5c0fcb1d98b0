import type { Instant } from './time.ts'

/**
 * An event in Google that says the same as an appointment of the platform and is not its own event. `exact-twin`: it was there when the
 * appointment was first sent. `feed-copy`: it was imported from the user's feed. Nothing becomes of it without an explicit word.
 */
export type Duplicate = {
  tenantId: string
  id: string
  kind: 'exact-twin' | 'feed-copy'
  appointmentId: string
  /** The Google-origin appointment that stands for the event here; null: none does. */
  twinId: string | null
  connectionId: string
  calendarId: string
  eventId: string
  /** While `link` is under way: our own event, which gives way to the twin. */
  ownEventId: string | null
  /** `gone`: one of the two went away by itself. */
  state: 'open' | 'linked' | 'kept' | 'removed' | 'gone'
  createdAt: Instant
  settledAt: Instant | null
}
