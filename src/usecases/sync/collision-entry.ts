import type { JournalEntry } from '../../core/model/journal.ts'
import type { AppointmentResource } from '../../core/model/resource.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Collision } from './find-collisions.ts'

/** Tells the platform that a time was taken over although others are booked then; `data.conflict` says which. */
export function collisionEntry(
  { appointment, appointmentIds }: Collision,
  { connectionId, now }: { connectionId: string; now: Instant },
  resource: AppointmentResource,
): JournalEntry {
  const count = appointmentIds.length
  return {
    at: now,
    appointmentId: appointment.id,
    connectionId,
    side: 'lockstep',
    action: 'reported',
    rule: 'accepted-time-collides',
    reason: `The time taken over from Google is also taken by ${count === 1 ? 'another appointment' : `${count} others`}.`,
    before: null,
    after: { collidesWith: appointmentIds },
    change: { type: 'conflict.resolved', data: { ...resource, conflict: { reason: 'time-taken', appointmentIds } } },
  }
}
