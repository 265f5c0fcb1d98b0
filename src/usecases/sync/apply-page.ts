import type { Appointment } from '../../core/model/appointment.ts'
import type { CalendarEvent } from '../../core/model/calendar-event.ts'
import { markerKeyOfFeedUid } from '../../core/model/feed-uid.ts'
import type { Link } from '../../core/model/link.ts'
import type { Instant } from '../../core/model/time.ts'
import { showsLostTime } from '../../core/sync/after-restore.ts'
import { decidePage } from '../../core/sync/decide-page.ts'
import { knownFrom, type Known } from '../../core/sync/pull-context.ts'
import { familyOf } from '../../core/sync/series-parts.ts'
import type { EventPage } from '../../ports/google-calendar.ts'
import type { ChangeSet, PageContext, PageKeys } from '../../ports/store/appointments.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { logDecisions } from './log-decisions.ts'
import type { PullState } from './pull-calendar.ts'
import { beginRecovery, restoreContext } from './recover-calendars.ts'
import { recordNewcomers, recordVerdicts, type VerdictPlace } from './record-verdicts.ts'

export type PageRead = Pick<PageKeys, 'eventIds' | 'iCalUIDs' | 'markerKeys'>

/** What must be known to decide these events. */
export function keysOf(events: readonly CalendarEvent[]): PageRead {
  return {
    eventIds: [...new Set(events.flatMap(each => seriesAndSelf(each)))],
    iCalUIDs: [...new Set(events.flatMap(each => (each.kind === 'live' ? [each.iCalUID] : [])))],
    markerKeys: [...new Set(events.flatMap(markerKeysOf))],
  }
}

/**
 * Decides a page of events against what is stored and writes the outcome. A constant number of statements, however many events;
 * none at all for an empty page.
 * @param isAsked they are not of a listing: Google was asked about each.
 * @param read what is stored of it, where that was read already.
 * @returns false: they show that the database has gone back in time. Nothing of them is stored, the recovery begins.
 */
export async function applyPage(
  deps: Pick<Deps, 'names' | 'system' | 'log'>,
  tx: Tx,
  state: PullState,
  events: readonly CalendarEvent[],
  isFullList: boolean,
  isAsked = false,
  read: PageContext | null = null,
): Promise<boolean> {
  if (events.length === 0) return true
  const { calendar, connection, policies } = state
  const { tenantId } = calendar
  const now = deps.system.now()
  const { rows, known, importedId } = await readContext(deps, tx, state, events, { isFullList, read })
  const context = { now, calendar, connection, policies, importedId, known, isAsked, ...restoreContext(deps, calendar) }
  if (showsLostTime(events, context)) {
    await beginRecovery(tx, connection, now)
    return false
  }
  const verdicts = decidePage(events, context)
  logDecisions(deps, { tenantId, connectionId: connection.id }, verdicts)
  const pairs = {
    appointments: known.appointments,
    links: [...known.links.values(), ...rows.elsewhere, ...rows.own],
    outbox: rows.outbox,
  }
  const { changes, wakeUps } = await recordVerdicts(deps, tx, verdictPlace(state, isFullList, now), verdicts, pairs)
  await tx.apply(tenantId, changes)
  if (wakeUps.length > 0) await tx.wake(wakeUps)
  return true
}

/**
 * What a page of a first list comes to if nothing of it is known, which is the rule: decided before its turn, while another page is being
 * written. Null where something would have to be read for it.
 */
export function foreseePage(
  deps: Pick<Deps, 'names' | 'system' | 'log'>,
  state: PullState,
  { events, timeZone, accessRole }: EventPage,
): ChangeSet | null {
  const { connection, policies } = state
  const calendar = { ...state.calendar, timeZone, accessRole }
  if (events.length === 0 || calendar.cursor.generation > 1) return null
  const now = deps.system.now()
  const known = knownFrom(NOTHING_KNOWN)
  const verdicts = decidePage(events, {
    now,
    calendar,
    connection,
    policies,
    importedId: importedIds(deps, state),
    known,
    ...restoreContext(deps, calendar),
  })
  logDecisions(deps, { tenantId: calendar.tenantId, connectionId: connection.id }, verdicts)
  return recordNewcomers(deps, verdictPlace(state, true, now), verdicts)
}

const NOTHING_KNOWN: PageContext = {
  links: [],
  elsewhere: [],
  own: [],
  appointments: [],
  markers: new Map(),
  outbox: [],
}

/** Whether a foreseen page may be written as it was foreseen. */
export function isNothingKnown({ links, elsewhere, own, appointments, markers, outbox }: PageContext): boolean {
  return [links, elsewhere, own, appointments, outbox].every(rows => rows.length === 0) && markers.size === 0
}

function verdictPlace({ calendar, connection, policies }: PullState, isFullList: boolean, now: Instant): VerdictPlace {
  const { tenantId, id: calendarId, cursor } = calendar
  const listing = isFullList ? cursor.generation : null
  return { tenantId, connectionId: connection.id, calendarId, listing, policies, now }
}

const importedIds =
  (deps: Pick<Deps, 'names'>, { calendar, connection }: PullState) =>
  (eventId: string): string =>
    importedAppointmentId(deps, {
      tenantId: calendar.tenantId,
      userId: connection.userId,
      calendarId: calendar.id,
      eventId,
    })

/** What these events are decided against. @param read what was read for it already. */
export async function readContext(
  deps: Pick<Deps, 'names'>,
  reads: Pick<Tx, 'pageContext' | 'appointmentsByIds'>,
  state: PullState,
  events: readonly CalendarEvent[],
  { isFullList = false, read = null }: { isFullList?: boolean; read?: PageContext | null } = {},
): Promise<{ rows: PageContext; known: Known; importedId: (eventId: string) => string }> {
  const { calendar, connection } = state
  const { tenantId } = calendar
  const place = { connectionId: connection.id, calendarId: calendar.id }
  const rows = read ?? (await reads.pageContext(tenantId, { ...place, ...keysOf(events) }))
  const importedId = importedIds(deps, state)
  const isFirstList = isFullList && calendar.cursor.generation <= 1
  const former = isFirstList ? [] : await takenInBefore(reads, tenantId, events, rows.links, importedId)
  const known = knownFrom({ ...rows, appointments: [...former, ...rows.appointments] })
  return { rows, known, importedId }
}

/** Appointments that newcomers had here before: their calendar was not read for a while, or the connection starts over. */
async function takenInBefore(
  tx: Pick<Tx, 'appointmentsByIds'>,
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
