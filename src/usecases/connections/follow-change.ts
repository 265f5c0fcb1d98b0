import { hasCalendars } from '../../core/model/connection-resource.ts'
import type { Calendar, Connection } from '../../core/model/connection.ts'
import type { Policies } from '../../core/model/policies.ts'
import { windowBounds, type Instant } from '../../core/model/time.ts'
import type { Tx } from '../../ports/store/store.ts'
import { archiveImported } from './archive-imported.ts'
import { linksOf } from './walk-links.ts'
import { catchUp } from './wake-connection.ts'

/** A connection before and after a change of its window, mode or policies, whichever level the change was made on. */
export type Followed = {
  before: Connection
  after: Connection
  policies: { before: Policies; after: Policies }
  now: Instant
}

/**
 * Brings both sides to what holds now: what Google shows is written anew or leaves, what has come into reach is sent, what is shown of Google's
 * events is read anew or put away. In the same transaction as the change, so that none of it is forgotten.
 */
export async function followChange(tx: Tx, followed: Followed): Promise<void> {
  const { before, after } = followed
  const calendars = await tx.calendarsOf(after.tenantId, after.id)
  if (after.status === 'pending' || after.status === 'disconnected' || !hasCalendars(calendars)) return
  await followOutwards(tx, followed, calendars)
  if (after.mode === 'push_only' && before.mode !== 'push_only') await putAway(tx, followed, calendars)
  if (isReadAnew(followed)) await tx.saveCalendars(calendars.filter(isTakenIn).map(listedAnew))
  const isRunning = (after.status === 'active' || after.status === 'held') && after.mode !== 'off'
  if (isRunning) await tx.wake(catchUp({ tenantId: after.tenantId, connectionId: after.id }, calendars))
}

async function followOutwards(
  tx: Tx,
  { before, after, policies, now }: Followed,
  calendars: readonly Calendar[],
): Promise<void> {
  const target = calendars.find(calendar => calendar.isTarget)
  if (target === undefined || after.mode === 'off') return
  const { tenantId, id: connectionId, userId, window } = after
  const isShownAnew = shownBy(policies.before) !== shownBy(policies.after) || before.mode === 'off'
  if (isShownAnew) await tx.queueShown(tenantId, { connectionId, now })
  if (!isShownAnew && !isReaching(before, after)) return
  const { startAt: from, endAt: to } = windowBounds(window, now, target.timeZone)
  await tx.queueUnsent(tenantId, { userId, connectionId, calendarId: target.id, from, to, now })
}

/** What decides how Google shows an appointment, and whether it does. */
const shownBy = ({ presentation, include, cancelled }: Policies): string =>
  JSON.stringify([presentation, include, cancelled])

function isReaching(before: Connection, after: Connection): boolean {
  return after.window.daysBack > before.window.daysBack || after.window.daysAhead > before.window.daysAhead
}

/** Whether Google's own events are to be read in full once more: more or less of them is kept now. */
function isReadAnew({ before, after, policies }: Followed): boolean {
  if (after.mode === 'push_only') return false
  return before.mode === 'push_only' || policies.before.imported !== policies.after.imported
}

const isTakenIn = (calendar: Calendar): boolean => (calendar.isSource || calendar.isConflict) && !calendar.isGone

/** Another cursor version makes a pull under way start anew. */
function listedAnew(calendar: Calendar): Calendar {
  return {
    ...calendar,
    cursor: { ...calendar.cursor, syncToken: null, pageToken: null },
    cursorVersion: calendar.cursorVersion + 1,
  }
}

/** Nothing of Google's own is taken in any more: what was is archived here, with its history. */
async function putAway(tx: Tx, { after, now }: Followed, calendars: readonly Calendar[]): Promise<void> {
  const { tenantId, id: connectionId } = after
  const why = { rule: 'push-only', reason: 'Events made in Google are no longer taken in.', connectionId, now }
  const calendarIds = calendars.map(calendar => calendar.id)
  for await (const page of linksOf(tx, { tenantId, connectionId, calendarIds, role: 'theirs' }))
    await archiveImported(tx, tenantId, page, why)
}
