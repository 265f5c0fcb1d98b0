import type { Calendar } from '../../core/model/connection.ts'
import { unreachable, type RemoteFailure } from '../../core/model/failures.ts'
import type { Instant } from '../../core/model/time.ts'
import { retryDelayMs } from '../../core/pacing/retry.ts'
import { fullListHoldOffMs } from '../../core/sync/pull-plan.ts'
import { reactToList } from '../../core/sync/reaction.ts'
import type { JobOutcome } from '../../ports/jobs.ts'
import type { Deps } from '../deps.ts'
import type { PullDeps, PullState } from './pull-calendar.ts'

/** Spread by a quarter either way, so that calendars connected together do not poll together. */
export function nextPollAt({ system, settings }: Pick<Deps, 'system' | 'settings'>, now: Instant): Instant {
  return now + Math.floor(settings.pollIntervalMs * (0.75 + system.random() / 4))
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
      return noteGone(deps, calendar, failures, now)
    case 'reauth':
    case 'scope-missing':
      return { kind: 'done' } // the connection says so already; mending it wakes every pull
    default:
      return unreachable(reaction)
  }
}

async function restUntil(deps: PullDeps, next: Calendar, was: Calendar, at: Instant): Promise<JobOutcome> {
  const resting = { ...next, holdOffUntil: at, cursorVersion: was.cursorVersion + 1 }
  const isMine = await deps.store.transaction(next.tenantId, tx => tx.advanceCalendar(resting, was.cursorVersion))
  return isMine ? { kind: 'again', at } : { kind: 'done' }
}

/** A calendar that cannot be found twice in a row, some time apart, is gone. No appointment is cancelled by it. */
async function noteGone(deps: PullDeps, calendar: Calendar, failures: number, now: Instant): Promise<JobOutcome> {
  if (failures < GONE_CONFIRMATIONS)
    return restUntil(deps, { ...calendar, failures }, calendar, now + GONE_CONFIRM_AFTER_MS)
  const gone = { ...calendar, failures, isGone: true, cursorVersion: calendar.cursorVersion + 1 }
  await deps.store.transaction(calendar.tenantId, async tx => {
    await tx.advanceCalendar(gone, calendar.cursorVersion)
  })
  return { kind: 'done' }
}
const GONE_CONFIRMATIONS = 2
const GONE_CONFIRM_AFTER_MS = 60_000
