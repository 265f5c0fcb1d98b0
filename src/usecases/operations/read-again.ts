import type { CalendarEvent } from '../../core/model/calendar-event.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Link } from '../../core/model/link.ts'
import { effectivePolicies } from '../../core/model/policies.ts'
import type { Deps } from '../deps.ts'
import { applyPage } from '../sync/apply-page.ts'
import { connectionKey } from '../sync/pull-calendar.ts'

/** So many in one go; those left can be asked for again. */
const EVENTS_MAX = 50

export type ReadAgain = { asked: number; unreadable: number }

/**
 * Events that could not be read are asked for once more, each by itself, and decided like listed ones: somebody mended them in Google, or
 * this build reads what an earlier one did not. What still cannot be read stays set aside.
 */
export async function readAgain(
  deps: Pick<Deps, 'store' | 'google' | 'names' | 'system' | 'log'>,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
): Promise<Result<ReadAgain, DomainError>> {
  const { store, google } = deps
  const connection = await store.connection(tenantId, connectionId)
  if (connection === null) return fail({ kind: 'not-found' })
  const unread = (await store.parkedLinks(tenantId, connectionId, EVENTS_MAX)).filter(isUnread)
  const found = new Map<Link, CalendarEvent>()
  for (const link of unread) {
    const reply = await google.getEvent(connectionKey(connection), link)
    if (reply.ok) found.set(link, reply.value)
    else if (reply.error.kind === 'not-found' || reply.error.kind === 'already-gone') found.set(link, goneOf(link))
  }
  await store.transaction(tenantId, async tx => {
    const policies = effectivePolicies((await tx.tenant(tenantId))?.settings.policies ?? {}, connection.policies)
    for (const [calendarId, links] of Map.groupBy(found.keys(), link => link.calendarId)) {
      const calendar = await tx.calendar(tenantId, connectionId, calendarId)
      if (calendar === null) continue
      const events = links.flatMap(link => found.get(link) ?? [])
      await applyPage(deps, tx, { calendar, connection, policies }, events, false, true)
    }
  })
  const left = (await store.parkedLinks(tenantId, connectionId, EVENTS_MAX)).filter(isUnread)
  return succeed({ asked: unread.length, unreadable: left.length })
}

const isUnread = (link: Link): boolean => link.error?.code === 'unreadable'

const goneOf = ({ eventId, etag, recurringEventId, originalStart }: Link): CalendarEvent => ({
  kind: 'tombstone',
  eventId,
  etag,
  recurringEventId,
  originalStart,
})
