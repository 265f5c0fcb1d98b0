import type { Appointment } from '../../core/model/appointment.ts'
import type { JournalEntry } from '../../core/model/journal.ts'
import type { Link } from '../../core/model/link.ts'
import { appointmentResource } from '../../core/model/resource.ts'
import type { Instant } from '../../core/model/time.ts'
import { differences } from '../../core/sync/content.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Tx } from '../../ports/store/store.ts'

type Why = Pick<JournalEntry, 'rule' | 'reason'> & { now: Instant; connectionId: string }

/**
 * Takes events of Google out of the platform's view: what no other calendar shows is archived, with its history, and nothing is deleted
 * in Google. Taken in again, they come back under the same ids.
 */
export async function archiveImported(tx: Tx, tenantId: string, links: readonly Link[], why: Why): Promise<number> {
  const leaving = new Set(links.map(keyOf))
  const ids = links.flatMap(link => (link.role === 'theirs' ? (link.appointmentId ?? []) : []))
  const pairs = ids.length === 0 ? [] : await tx.appointmentsByIds(tenantId, ids)
  const alone = pairs.filter(({ links: all }) => !all.some(link => link.role !== 'parked' && !leaving.has(keyOf(link))))
  const archived = await archive(tx, tenantId, alone, why)
  await tx.apply(tenantId, { forgetLinks: links })
  return archived
}

/** @param pairs of Google's origin; those that are archived already stay as they are. */
export async function archive(tx: Tx, tenantId: string, pairs: readonly Paired[], why: Why): Promise<number> {
  const { now, connectionId, rule, reason } = why
  const archived = pairs
    .filter(({ appointment }) => appointment.origin === 'google' && appointment.archivedAt === null)
    .map(({ appointment }) => ({ before: appointment, after: archivedAt(appointment, now) }))
  if (archived.length === 0) return 0
  await tx.apply(tenantId, {
    appointments: archived.map(({ after }) => ({ ...after, markerKey: null })),
    journal: archived.map(({ before, after }) => ({
      at: now,
      appointmentId: after.id,
      connectionId,
      side: 'lockstep' as const,
      action: 'archived',
      rule,
      reason,
      ...differences(before, after),
      change: { type: 'appointment.updated' as const, data: appointmentResource(after, [], null) },
    })),
  })
  return archived.length
}

function archivedAt(appointment: Appointment, now: Instant): Appointment {
  return { ...appointment, archivedAt: now, version: appointment.version + 1, updatedAt: now }
}

const keyOf = ({ connectionId, calendarId, eventId }: Link): string => [connectionId, calendarId, eventId].join('\0')
