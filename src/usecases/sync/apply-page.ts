import type { CalendarEvent } from '../../core/model/calendar-event.ts'
import { decidePage } from '../../core/sync/decide-page.ts'
import { knownFrom } from '../../core/sync/pull-context.ts'
import { familyOf } from '../../core/sync/series-parts.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import type { PullState } from './pull-calendar.ts'
import { recordVerdicts } from './record-verdicts.ts'

/**
 * Decides a page of events against what is stored and writes the outcome. A constant number of statements, however many events;
 * none at all for an empty page.
 */
export async function applyPage(
  deps: Pick<Deps, 'names' | 'system'>,
  tx: Tx,
  state: PullState,
  events: readonly CalendarEvent[],
  isFullList: boolean,
): Promise<void> {
  if (events.length === 0) return
  const { calendar, connection, policies } = state
  const { tenantId } = calendar
  const now = deps.system.now()
  const rows = await tx.pageContext(tenantId, {
    connectionId: connection.id,
    calendarId: calendar.id,
    eventIds: [...new Set(events.flatMap(each => seriesAndSelf(each)))],
    iCalUIDs: [...new Set(events.flatMap(each => (each.kind === 'live' ? [each.iCalUID] : [])))],
    markerKeys: [
      ...new Set(events.flatMap(each => (each.kind === 'live' && each.marker !== null ? [each.marker.key] : []))),
    ],
  })
  const known = knownFrom(rows)
  const importedId = (eventId: string): string =>
    importedAppointmentId(deps, { tenantId, userId: connection.userId, calendarId: calendar.id, eventId })
  const verdicts = decidePage(events, { now, calendar, connection, policies, importedId, known })
  const place = {
    tenantId,
    connectionId: connection.id,
    calendarId: calendar.id,
    listing: isFullList ? calendar.cursor.generation : null,
    now,
  }
  const pairs = {
    appointments: known.appointments,
    links: [...known.links.values(), ...rows.elsewhere],
    outbox: rows.outbox,
  }
  const { changes, wakeUps } = await recordVerdicts(deps, tx, place, verdicts, pairs)
  await tx.apply(tenantId, changes)
  if (wakeUps.length > 0) await tx.wake(wakeUps)
}

/** The later part of a series split in Google is decided together with the first. */
function seriesAndSelf(event: CalendarEvent): string[] {
  if (event.kind === 'unreadable') return [event.eventId]
  const series = event.recurringEventId ?? event.eventId
  return [event.eventId, series, familyOf(series)]
}

/** The same event has the same appointment here each time it is taken in, after a reset or a lost database too. */
function importedAppointmentId(
  { names }: Pick<Deps, 'names'>,
  of: { tenantId: string; userId: string; calendarId: string; eventId: string },
): string {
  return `g_${names.hash(`${of.tenantId}\n${of.userId}\n${of.calendarId}\n${of.eventId}`).slice(0, 32)}`
}
