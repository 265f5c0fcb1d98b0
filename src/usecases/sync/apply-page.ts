import type { Appointment } from '../../core/model/appointment.ts'
import type { CalendarEvent } from '../../core/model/calendar-event.ts'
import { markerKeyOfFeedUid } from '../../core/model/feed-uid.ts'
import type { Link } from '../../core/model/link.ts'
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
 * @param isAsked they are not of a listing: Google was asked about each.
 */
export async function applyPage(
  deps: Pick<Deps, 'names' | 'system'>,
  tx: Tx,
  state: PullState,
  events: readonly CalendarEvent[],
  isFullList: boolean,
  isAsked = false,
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
    markerKeys: [...new Set(events.flatMap(markerKeysOf))],
  })
  const importedId = (eventId: string): string =>
    importedAppointmentId(deps, { tenantId, userId: connection.userId, calendarId: calendar.id, eventId })
  const isFirstList = isFullList && calendar.cursor.generation <= 1
  const former = isFirstList ? [] : await takenInBefore(tx, tenantId, events, rows.links, importedId)
  const known = knownFrom({ ...rows, appointments: [...former, ...rows.appointments] })
  const verdicts = decidePage(events, { now, calendar, connection, policies, importedId, known, isAsked })
  const place = {
    tenantId,
    connectionId: connection.id,
    calendarId: calendar.id,
    listing: isFullList ? calendar.cursor.generation : null,
    policies,
    now,
  }
  const pairs = {
    appointments: known.appointments,
    links: [...known.links.values(), ...rows.elsewhere, ...rows.own],
    outbox: rows.outbox,
  }
  const { changes, wakeUps } = await recordVerdicts(deps, tx, place, verdicts, pairs)
  await tx.apply(tenantId, changes)
  if (wakeUps.length > 0) await tx.wake(wakeUps)
}

/** Appointments that newcomers had here before: their calendar was not read for a while, or the connection starts over. */
async function takenInBefore(
  tx: Tx,
  tenantId: string,
  events: readonly CalendarEvent[],
  links: readonly Link[],
  importedId: (eventId: string) => string,
): Promise<Appointment[]> {
  const linked = new Set(links.map(link => link.eventId))
  const newcomers = events.filter(event => !linked.has(event.eventId) && mayBeTakenIn(event))
  if (newcomers.length === 0) return []
  const ids = newcomers.map(event => importedId(event.eventId))
  return (await tx.appointmentsByIds(tenantId, ids)).map(pair => pair.appointment)
}

function mayBeTakenIn(event: CalendarEvent): boolean {
  return event.kind === 'live' || (event.kind === 'tombstone' && event.recurringEventId !== null)
}

/** The later part of a series split in Google is decided together with the first. */
function seriesAndSelf(event: CalendarEvent): string[] {
  if (event.kind === 'unreadable') return [event.eventId]
  const series = event.recurringEventId ?? event.eventId
  return [event.eventId, series, familyOf(series)]
}

/** The mark that an event carries, and the one in the UID it was given by a feed of ours. */
function markerKeysOf(event: CalendarEvent): string[] {
  if (event.kind !== 'live') return []
  const ofFeed = markerKeyOfFeedUid(event.iCalUID)
  return [...(event.marker === null ? [] : [event.marker.key]), ...(ofFeed === null ? [] : [ofFeed])]
}

/** The same event has the same appointment here each time it is taken in, after a reset or a lost database too. */
function importedAppointmentId(
  { names }: Pick<Deps, 'names'>,
  of: { tenantId: string; userId: string; calendarId: string; eventId: string },
): string {
  return `g_${names.hash(`${of.tenantId}\n${of.userId}\n${of.calendarId}\n${of.eventId}`).slice(0, 32)}`
}
