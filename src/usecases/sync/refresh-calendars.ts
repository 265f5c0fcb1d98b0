import type { Calendar } from '../../core/model/connection.ts'
import { mayWrite } from '../../core/sync/admission.ts'
import type { ListedCalendar } from '../../ports/google-calendar.ts'
import type { JobOutcome } from '../../ports/jobs.ts'
import type { Deps } from '../deps.ts'

/** A list that cannot be read is asked for again this much later. */
const AGAIN_AFTER_MS = 5 * 60 * 1000

/**
 * Brings what is known of a connection's calendars (name, zone, role, still there) to what Google lists. A calendar that is gone or
 * may no longer be written makes its writes wait; nothing is cancelled by it.
 */
export async function refreshCalendars(
  deps: Pick<Deps, 'store' | 'google' | 'system' | 'log'>,
  key: { tenantId: string; connectionId: string },
): Promise<JobOutcome> {
  const connection = await deps.store.connection(key.tenantId, key.connectionId)
  if (connection === null || connection.status !== 'active') return { kind: 'done' }
  const reply = await deps.google.listCalendars(key)
  if (!reply.ok) {
    deps.log.warn('calendar list not read', { connectionId: key.connectionId, kind: reply.error.kind })
    return reply.error.kind === 'access-revoked'
      ? { kind: 'done' }
      : { kind: 'again', at: deps.system.now() + AGAIN_AFTER_MS }
  }
  const listed = new Map(reply.value.map(each => [each.id, each]))
  await deps.store.transaction(key.tenantId, async tx => {
    const before = await tx.calendarsOf(key.tenantId, key.connectionId)
    const after = before.map(calendar => asListed(calendar, listed.get(calendar.id)))
    const changed = after.filter((calendar, index) => calendar !== before[index])
    if (changed.length === 0) return
    await tx.saveCalendars(changed)
    const writable = changed.filter(each => each.isTarget && !each.isGone && mayWrite(each.accessRole))
    for (const calendar of writable)
      await tx.releaseHeld(key.tenantId, key.connectionId, calendar.id, deps.system.now())
    await tx.wake([
      ...(writable.length > 0 ? [{ kind: 'flush' as const, ...key }] : []),
      ...changed.filter(each => !each.isGone).map(each => ({ kind: 'pull' as const, ...key, calendarId: each.id })),
    ])
  })
  return { kind: 'done' }
}

/** The same object when nothing changed. Another cursor version makes a pull under way start anew from what is stored. */
function asListed(calendar: Calendar, listed: ListedCalendar | undefined): Calendar {
  const isGone = listed === undefined || listed.isDeleted
  const next = isGone
    ? { ...calendar, isGone }
    : { ...calendar, isGone, summary: listed.summary, timeZone: listed.timeZone, accessRole: listed.accessRole }
  const isSame =
    next.isGone === calendar.isGone &&
    next.summary === calendar.summary &&
    next.timeZone === calendar.timeZone &&
    next.accessRole === calendar.accessRole
  return isSame ? calendar : { ...next, cursorVersion: calendar.cursorVersion + 1 }
}
