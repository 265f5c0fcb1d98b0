import { duplicateResource } from '../../core/model/duplicate-resource.ts'
import type { Duplicate } from '../../core/model/duplicate.ts'
import type { JournalEntry } from '../../core/model/journal.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Verdict } from '../../core/sync/verdict.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'

const KNOWN_MAX = 10_000

/** Keeps the duplicates that a listing brought; each is told once, whatever became of it. */
export async function noteDuplicates(
  { system }: Pick<Deps, 'system'>,
  tx: Tx,
  place: { tenantId: string; connectionId: string; calendarId: string; now: Instant },
  verdicts: readonly Verdict[],
): Promise<{ duplicates: Duplicate[]; journal: JournalEntry[] }> {
  const found = verdicts.flatMap(({ duplicate, eventId }) => (duplicate === null ? [] : [{ ...duplicate, eventId }]))
  if (found.length === 0) return { duplicates: [], journal: [] }
  const { tenantId, connectionId, calendarId, now } = place
  const appointmentIds = [...new Set(found.map(each => each.appointmentId))]
  const known = await tx.duplicates(tenantId, { appointmentIds, afterId: null, limit: KNOWN_MAX })
  const isKnown = ({ eventId }: { eventId: string }): boolean =>
    known.some(each => each.eventId === eventId && each.calendarId === calendarId && each.connectionId === connectionId)
  const duplicates = found
    .filter(each => !isKnown(each))
    .map(each =>
      openedDuplicate(system.newId(), { tenantId, connectionId, calendarId, now }, { ...each, twinId: null }),
    )
  return { duplicates, journal: duplicates.map(each => duplicateEntry(each, now)) }
}

export function openedDuplicate(
  id: string,
  {
    tenantId,
    connectionId,
    calendarId,
    now,
  }: Pick<Duplicate, 'tenantId' | 'connectionId' | 'calendarId'> & { now: Instant },
  of: Pick<Duplicate, 'kind' | 'appointmentId' | 'eventId' | 'twinId'>,
): Duplicate {
  const { kind, appointmentId, eventId, twinId } = of
  const rest = { ownEventId: null, state: 'open' as const, createdAt: now, settledAt: null }
  return { tenantId, id, kind, appointmentId, twinId, connectionId, calendarId, eventId, ...rest }
}

/** Tells the platform that there are two of it. */
export function duplicateEntry(duplicate: Duplicate, now: Instant): JournalEntry {
  return {
    at: now,
    appointmentId: duplicate.appointmentId,
    connectionId: duplicate.connectionId,
    side: 'lockstep',
    action: 'flagged',
    rule: duplicate.kind === 'exact-twin' ? 'exact-twin-flagged' : 'feed-copy-flagged',
    reason: 'An event that says the same stands in Google; the platform is asked what is to become of it.',
    before: null,
    after: { duplicateId: duplicate.id, eventId: duplicate.eventId },
    change: { type: 'duplicate.detected', data: duplicateResource(duplicate) },
  }
}
