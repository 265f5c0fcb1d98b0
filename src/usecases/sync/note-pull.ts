import type { Calendar } from '../../core/model/connection.ts'
import { unreachable, type RemoteFailure } from '../../core/model/failures.ts'
import { EVENTS_SCOPE } from '../../core/model/scopes.ts'
import type { Instant } from '../../core/model/time.ts'
import { retryDelayMs } from '../../core/pacing/retry.ts'
import { fullListHoldOffMs } from '../../core/sync/pull-plan.ts'
import { reactToList } from '../../core/sync/reaction.ts'
import type { JobOutcome } from '../../ports/jobs.ts'
import { markScopeMissing } from '../connections/mark-needs-reauth.ts'
import type { Deps } from '../deps.ts'
import { GONE_CONFIRM_AFTER_MS } from './note-calendars.ts'
import { connectionKey, type PullDeps, type PullState } from './pull-calendar.ts'

/** Without a channel that delivers, a calendar is polled so many times as often. */
const UNPUSHED_POLLS = 3

/**
 * A little before the interval is over, for the schedule takes a moment to notice; a calendar whose channel delivers costs one request an
 * interval. Those without one are spread, so that calendars connected together do not poll together.
 */
export function nextPollAt(
  { system, settings }: Pick<Deps, 'system' | 'settings'>,
  now: Instant,
  isPushed: boolean,
): Instant {
  const share = isPushed ? 0.97 + system.random() / 100 : (0.75 + system.random() / 4) / UNPUSHED_POLLS
  return now + Math.floor(settings.pollIntervalMs * share)
}

/** A listing failed: nothing of it was stored; what is remembered is when and how to ask again. */
export async function notePullFailure(deps: PullDeps, state: PullState, failure: RemoteFailure): Promise<JobOutcome> {
  const { calendar, connection } = state
  const now = deps.system.now()
  const failures = calendar.failures + 1
  deps.log.warn('listing failed', {
    tenantId: calendar.tenantId,
    connectionId: connection.id,
    kind: failure.kind,
    count: failures,
  })
  const reaction = reactToList(failure)
  switch (reaction.do) {
    case 'list-in-full': {
      const rest = fullListHoldOffMs(failures)
      const cursor = { ...calendar.cursor, syncToken: null, pageToken: null }
      return restUntil(deps, { ...calendar, cursor, failures }, calendar, now + rest)
    }
    case 'restart-listing': {
      const cursor = { ...calendar.cursor, pageToken: null }
      return restUntil(
        deps,
        { ...calendar, cursor, failures },
        calendar,
        now + retryDelayMs(failures, 0, deps.system.random),
      )
    }
    case 'retry': {
      const delay = retryDelayMs(failures, reaction.retryAfterMs, deps.system.random)
      return restUntil(deps, { ...calendar, failures }, calendar, now + delay)
    }
    case 'calendar-gone':
      return noteAbsent(deps, calendar, failures, now)
    case 'reauth':
      return { kind: 'done' } // the connection says so already; mending it wakes every pull
    case 'scope-missing':
      await deps.store.transaction(calendar.tenantId, tx =>
        markScopeMissing(tx, { ...connectionKey(connection), scope: EVENTS_SCOPE }, now),
      )
      return { kind: 'done' }
    default:
      return unreachable(reaction)
  }
}

async function restUntil(deps: PullDeps, next: Calendar, was: Calendar, at: Instant): Promise<JobOutcome> {
  const resting = { ...next, holdOffUntil: at, cursorVersion: was.cursorVersion + 1 }
  const isMine = await deps.store.transaction(next.tenantId, tx => tx.advanceCalendar(resting, was.cursorVersion))
  return isMine ? { kind: 'again', at } : { kind: 'done' }
}

/** It was not found. The account's list says, now and once more a while later, whether it is gone. */
async function noteAbsent(deps: PullDeps, calendar: Calendar, failures: number, now: Instant): Promise<JobOutcome> {
  const { tenantId, connectionId } = calendar
  const at = now + Math.max(GONE_CONFIRM_AFTER_MS, retryDelayMs(failures, 0, deps.system.random))
  await deps.store.transaction(tenantId, tx => tx.wake([{ kind: 'refresh-calendars', tenantId, connectionId }]))
  return restUntil(deps, { ...calendar, failures, absentSince: calendar.absentSince ?? now }, calendar, at)
}
