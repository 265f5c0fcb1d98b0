import type { Calendar } from '../../core/model/connection.ts'
import { pullCalendar, type PullDeps } from '../sync/pull-calendar.ts'
import { noteProgress, readOpenRun, type PhaseOutcome, type RunKey } from './run-progress.ts'

/** A listing that somebody else carries on is looked at again after this. */
const LOOK_AGAIN_MS = 1_000

/** Every calendar in use that has no token yet is listed to its end. One that is gone is passed over; without its target a run fails. */
export async function listInFull(deps: PullDeps, key: RunKey): Promise<PhaseOutcome> {
  for (const calendar of await deps.store.calendarsOf(key.tenantId, key.connectionId)) {
    if (!isInUse(calendar) || isListed(calendar)) continue
    if ((await readOpenRun(deps.store, key)) === null) return { kind: 'stopped' }
    const outcome = await pullCalendar(deps, { ...key, calendarId: calendar.id }, async events => {
      await deps.store.transaction(key.tenantId, tx => noteProgress(tx, key, run => ({ done: run.done + events })))
    })
    if (outcome.kind === 'again') return outcome
  }
  return afterwards(deps, key)
}

/** A pull that was overtaken ends like one that is complete: what is stored tells them apart. */
async function afterwards(deps: PullDeps, key: RunKey): Promise<PhaseOutcome> {
  if ((await readOpenRun(deps.store, key)) === null) return { kind: 'stopped' }
  const calendars = await deps.store.calendarsOf(key.tenantId, key.connectionId)
  if (calendars.some(calendar => calendar.isTarget && calendar.isGone))
    return {
      kind: 'failed',
      reason: 'The calendar that appointments go to no longer exists in Google: choose another.',
    }
  const isAnyOpen = calendars.some(calendar => isInUse(calendar) && !isListed(calendar))
  return isAnyOpen ? { kind: 'again', at: deps.system.now() + LOOK_AGAIN_MS } : { kind: 'finished' }
}

const isInUse = (calendar: Calendar): boolean =>
  (calendar.isTarget || calendar.isSource || calendar.isConflict) && !calendar.isGone
const isListed = (calendar: Calendar): boolean =>
  calendar.cursor.syncToken !== null && calendar.cursor.pageToken === null
