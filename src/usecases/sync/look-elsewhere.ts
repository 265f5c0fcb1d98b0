import type { CalendarEvent } from '../../core/model/calendar-event.ts'
import { isChosen } from '../../core/model/connection-resource.ts'
import type { Calendar, Connection } from '../../core/model/connection.ts'
import type { Link } from '../../core/model/link.ts'
import type { Instant } from '../../core/model/time.ts'
import { mayWrite } from '../../core/sync/admission.ts'
import type { GoneAnswer } from '../../core/sync/decide-gone.ts'
import type { ListedCalendar, Reply } from '../../ports/google-calendar.ts'
import { newCalendar } from '../calendars/new-calendar.ts'
import type { Deps } from '../deps.ts'
import { connectionKey } from './pull-calendar.ts'

/** `moved`: it stands in another calendar of the account. */
export type Whereabouts = GoneAnswer | { kind: 'moved'; calendar: Calendar; events: CalendarEvent[] }

type LookDeps = Pick<Deps, 'google' | 'system' | 'settings'>

/**
 * Calendars whose own listing may show where a missing event went, and which have not been read since it went missing. Beyond a while they
 * are not waited for.
 */
export function unreadSince(link: Link, calendars: readonly Calendar[], now: Instant): Calendar[] {
  if (link.missing === null || link.iCalUID === null || now - link.missing.since >= WAIT_MAX_MS) return []
  const { since } = link.missing
  return calendars.filter(
    each => each.id !== link.calendarId && isChosen(each) && !each.isGone && (each.lastPulledAt ?? 0) <= since,
  )
}
const WAIT_MAX_MS = 10 * 60 * 1000

/** Looks for events that are gone from their calendars; the account's list of calendars is asked for once. */
export function searcher(deps: LookDeps, connection: Connection, known: readonly Calendar[]) {
  let listed: Reply<ListedCalendar[]> | null = null
  return async (link: Link): Promise<Whereabouts> => {
    const { iCalUID } = link
    if (iCalUID === null || link.recurringEventId !== null) return { kind: 'gone' }
    listed ??= deps.google.listCalendars(connectionKey(connection))
    const all = await listed
    if (!all.ok) return { kind: 'unknown' }
    const others = all.value.filter(each => each.id !== link.calendarId && !each.isDeleted && mayWrite(each.accessRole))
    for (const other of others) {
      const found = await deps.google.findByICalUID(connectionKey(connection), other.id, iCalUID)
      if (!found.ok && found.error.kind !== 'not-found') return { kind: 'unknown' }
      const events = found.ok ? found.value.filter(event => isIt(event, link)) : []
      if (events.length > 0) return { kind: 'moved', calendar: calendarOf(deps, connection, known, other), events }
    }
    return { kind: 'gone' }
  }
}

/** A move keeps the id and our mark; a series brings its exceptions along. */
function isIt(event: CalendarEvent, link: Link): boolean {
  if (event.kind !== 'live') return false
  return event.recurringEventId === link.eventId || (event.eventId === link.eventId && event.marker !== null)
}

function calendarOf(
  { system, settings }: LookDeps,
  connection: Connection,
  known: readonly Calendar[],
  listed: ListedCalendar,
): Calendar {
  const former = known.find(each => each.id === listed.id)
  return former ?? newCalendar(connection, listed, system.now(), settings.listParameters)
}
