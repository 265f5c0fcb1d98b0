import type { Calendar, Connection } from '../../core/model/connection.ts'
import { unreachable, type RemoteFailure } from '../../core/model/failures.ts'
import { LIST_SCOPE } from '../../core/model/scopes.ts'
import type { Instant } from '../../core/model/time.ts'
import { reactToList } from '../../core/sync/reaction.ts'
import type { ListedCalendar } from '../../ports/google-calendar.ts'
import type { JobOutcome, WakeUp } from '../../ports/jobs.ts'
import type { Tx } from '../../ports/store/store.ts'
import { markScopeMissing } from '../connections/mark-needs-reauth.ts'
import type { Deps } from '../deps.ts'
import { GONE_CONFIRM_AFTER_MS, noteCalendars } from './note-calendars.ts'
import { watchCalendars } from './watch-calendars.ts'

type RefreshDeps = Pick<Deps, 'store' | 'google' | 'names' | 'system' | 'log' | 'settings'>
type ConnectionKey = { tenantId: string; connectionId: string }

/** A list that cannot be read is asked for again this much later at the earliest. */
const AGAIN_AFTER_MS = 5 * 60 * 1000

/**
 * Brings what is known of a connection's calendars (name, zone, role, still there, the primary's id) to what Google lists. A calendar that
 * two lists a minute apart do not show is gone; hidden ones are there. Nothing is cancelled by any of it.
 */
export async function refreshCalendars(deps: RefreshDeps, key: ConnectionKey): Promise<JobOutcome> {
  const connection = await deps.store.connection(key.tenantId, key.connectionId)
  if (connection === null || (connection.status !== 'active' && connection.status !== 'held')) return { kind: 'done' }
  const reply = await deps.google.listCalendars(key)
  if (!reply.ok) return noteListFailure(deps, key, reply.error)
  const isUseChanged = await deps.store.transaction(key.tenantId, tx => storeList(deps, tx, connection, reply.value))
  if (isUseChanged) await watchCalendars(deps, key)
  return { kind: 'done' }
}

async function noteListFailure(deps: RefreshDeps, key: ConnectionKey, failure: RemoteFailure): Promise<JobOutcome> {
  deps.log.warn('calendar list not read', { connectionId: key.connectionId, kind: failure.kind })
  const now = deps.system.now()
  const reaction = reactToList(failure)
  switch (reaction.do) {
    case 'reauth':
      return { kind: 'done' }
    case 'scope-missing':
      await deps.store.transaction(key.tenantId, tx => markScopeMissing(tx, { ...key, scope: LIST_SCOPE }, now))
      return { kind: 'done' }
    case 'retry':
      return { kind: 'again', at: now + Math.max(AGAIN_AFTER_MS, reaction.retryAfterMs) }
    case 'list-in-full':
    case 'restart-listing':
    case 'calendar-gone':
      return { kind: 'again', at: now + AGAIN_AFTER_MS }
    default:
      return unreachable(reaction)
  }
}

/** @returns whether a calendar went or came back, so that there are channels to open or to stop. */
async function storeList(
  deps: RefreshDeps,
  tx: Tx,
  { tenantId, id: connectionId }: Connection,
  listed: readonly ListedCalendar[],
): Promise<boolean> {
  const key = { tenantId, connectionId }
  const now = deps.system.now()
  await renamePrimary(tx, key, listed)
  const byId = new Map(listed.map(each => [each.id, each]))
  const before = await tx.calendarsOf(tenantId, connectionId)
  const changed = before
    .map(calendar => ({ before: calendar, after: asListed(calendar, byId.get(calendar.id), now) }))
    .filter(each => each.after !== each.before)
  if (changed.length === 0) return false
  await tx.saveCalendars(changed.map(each => each.after))
  await noteCalendars(deps, tx, key, changed)
  await tx.wake(changed.flatMap(({ before, after }) => wakeUpsFor(before, after)))
  return changed.some(each => each.before.isGone !== each.after.isGone)
}

/** The account's address changed, and with it its primary calendar's id: it is the same calendar. */
async function renamePrimary(tx: Tx, key: ConnectionKey, listed: readonly ListedCalendar[]): Promise<void> {
  const calendars = await tx.calendarsOf(key.tenantId, key.connectionId)
  const known = calendars.find(each => each.isPrimary)
  const primary = listed.find(each => each.isPrimary)
  if (known === undefined || primary === undefined || known.id === primary.id) return
  if (listed.some(each => each.id === known.id) || calendars.some(each => each.id === primary.id)) return
  await tx.renameCalendar(key.tenantId, key.connectionId, { from: known.id, to: primary.id })
  await tx.wake([{ ...key, kind: 'pull', calendarId: primary.id }])
  const connection = await tx.connection(key.tenantId, key.connectionId)
  if (connection?.googleEmail === known.id) await tx.saveConnection({ ...connection, googleEmail: primary.id })
}

/** The same object when nothing changed. Another cursor version makes a pull under way start anew from what is stored. */
function asListed(calendar: Calendar, listed: ListedCalendar | undefined, now: Instant): Calendar {
  const next = listed === undefined || listed.isDeleted ? asAbsent(calendar, now) : asPresent(calendar, listed)
  const isSame = COMPARED.every(field => next[field] === calendar[field])
  return isSame ? calendar : { ...next, cursorVersion: calendar.cursorVersion + 1 }
}
const COMPARED = ['isGone', 'absentSince', 'summary', 'timeZone', 'accessRole', 'isPrimary'] as const

function asPresent(calendar: Calendar, { summary, timeZone, accessRole, isPrimary }: ListedCalendar): Calendar {
  return { ...calendar, isGone: false, absentSince: null, summary, timeZone, accessRole, isPrimary }
}

function asAbsent(calendar: Calendar, now: Instant): Calendar {
  const absentSince = calendar.absentSince ?? now
  return { ...calendar, absentSince, isGone: calendar.isGone || now - absentSince >= GONE_CONFIRM_AFTER_MS }
}

function wakeUpsFor(before: Calendar, after: Calendar): WakeUp[] {
  const { tenantId, connectionId, id: calendarId } = after
  if (after.absentSince !== null && !after.isGone) {
    const startAfter = after.absentSince + GONE_CONFIRM_AFTER_MS
    return [{ kind: 'refresh-calendars', tenantId, connectionId, startAfter }]
  }
  const isReadAnew = before.isGone || before.accessRole !== after.accessRole
  return isReadAnew && !after.isGone ? [{ kind: 'pull', tenantId, connectionId, calendarId }] : []
}
