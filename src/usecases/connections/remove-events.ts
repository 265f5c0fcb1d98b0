import type { RemoteFailure } from '../../core/model/failures.ts'
import type { JournalEntry } from '../../core/model/journal.ts'
import type { Link } from '../../core/model/link.ts'
import type { Deps } from '../deps.ts'

type RemoveDeps = Pick<Deps, 'store' | 'system' | 'google' | 'log'>
type Why = Pick<JournalEntry, 'rule' | 'reason'>

/** `later`: Google may answer better later, the rest is still to be done. `refused`: the grant is dead, nothing more can be done. */
export type Removal = 'removed' | 'later' | 'refused'

/**
 * Deletes these events of ours in Google, one call each: an exception goes with its series. The pairs of those that are gone are
 * forgotten with a row in the history, so that a repeat goes on where this one stopped. An event that Google will not let go of stays.
 * @param why `isUnchangedOnly`: an event that was edited since it was last read stays.
 */
export async function removeEvents(
  deps: RemoveDeps,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
  links: readonly Link[],
  { isUnchangedOnly = false, ...why }: Why & { isUnchangedOnly?: boolean },
): Promise<Removal> {
  const gone: Link[] = []
  let refusal: RemoteFailure | null = null
  for (const link of links.filter(each => each.role === 'ours')) {
    const { calendarId, eventId, recurringEventId } = link
    const deleted =
      recurringEventId === null
        ? await deps.google.deleteEvent(
            { tenantId, connectionId },
            { calendarId, eventId },
            isUnchangedOnly ? link.etag : null,
          )
        : null
    if (deleted === null || deleted.ok || isGone(deleted.error)) gone.push(link)
    else {
      refusal = deleted.error
      deps.log.warn('an event could not be removed', { tenantId, connectionId, kind: refusal.kind })
      if (mayPass(refusal) || refusal.kind === 'access-revoked') break
    }
  }
  if (gone.length > 0) await forget(deps, { tenantId, connectionId }, gone, why)
  if (refusal?.kind === 'access-revoked') return 'refused'
  return refusal !== null && mayPass(refusal) ? 'later' : 'removed'
}

async function forget(
  { store, system }: RemoveDeps,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
  gone: readonly Link[],
  why: Why,
): Promise<void> {
  const at = system.now()
  await store.transaction(tenantId, tx =>
    tx.apply(tenantId, {
      forgetLinks: gone,
      journal: gone.map(link => ({
        at,
        appointmentId: link.appointmentId,
        connectionId,
        side: 'lockstep' as const,
        action: 'removed',
        ...why,
        before: { calendarId: link.calendarId, eventId: link.eventId },
        after: null,
        change: null,
      })),
    }),
  )
}

export function isGone({ kind }: RemoteFailure): boolean {
  return kind === 'not-found' || kind === 'already-gone'
}

/** Google may answer better later. Anything else will not change by waiting. */
export function mayPass(failure: RemoteFailure): boolean {
  switch (failure.kind) {
    case 'unavailable':
    case 'rate-limited':
    case 'quota-exceeded':
    case 'daily-limit':
    case 'project-broken':
    case 'collided':
    case 'access-rejected':
      return true
    default:
      return false
  }
}
