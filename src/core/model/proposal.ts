import type { Projection } from './projection.ts'
import type { Instant } from './time.ts'

/**
 * A change made in Google to a platform-origin appointment that waits for the platform's word. `edit` carries Google's values of the
 * changed fields, `delete` none. A newer change in Google supersedes it; it expires when nobody answers.
 */
export type Proposal = {
  tenantId: string
  id: string
  appointmentId: string
  connectionId: string
  calendarId: string
  eventId: string
  kind: 'edit' | 'delete'
  values: Partial<Projection>
  state: 'open' | 'accepted' | 'rejected' | 'superseded' | 'expired'
  createdAt: Instant
  expiresAt: Instant
  settledAt: Instant | null
}
