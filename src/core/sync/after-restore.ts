import type { Appointment } from '../model/appointment.ts'
import type { CalendarEvent, LiveEvent } from '../model/calendar-event.ts'
import type { Link } from '../model/link.ts'
import { isOff } from '../model/status-moves.ts'
import { differences } from './content.ts'
import { decidePair } from './decide-ours.ts'
import type { PullContext } from './pull-context.ts'
import type { Verdict } from './verdict.ts'

/** A revision further ahead than any number of lost writes was not counted up by us. */
const AHEAD_MAX = 1_000_000

/** Whether Google shows a revision that the database has not come to yet. */
export function isAhead(revision: number, known: number): boolean {
  return revision > known && revision - known <= AHEAD_MAX
}

/**
 * Whether a page shows writes of ours that the database knows nothing of: it has gone back in time. A revision from the future, or a mark
 * that our key made for an appointment that nobody knows.
 */
export function showsLostTime(events: readonly CalendarEvent[], context: PullContext): boolean {
  if (context.recovery !== undefined) return false
  return events.some(event => event.kind === 'live' && event.marker !== null && isLost(event, event.marker, context))
}

function isLost(event: LiveEvent, marker: NonNullable<LiveEvent['marker']>, context: PullContext): boolean {
  const { known, connection } = context
  const link = known.links.get(event.eventId)
  if (link?.role === 'parked') return false // looked at before
  const appointment = markedBy(event, context)
  if (appointment === undefined) return link === undefined && isOrphan(event, context)
  if (appointment.userId !== connection.userId) return false
  if (isAhead(marker.revision, appointment.version)) return true
  return link === undefined && overtaken(event, appointment, context) !== undefined
}

function markedBy({ marker }: LiveEvent, { known }: PullContext): Appointment | undefined {
  const id = marker === null ? undefined : known.markers.get(marker.key)
  return id === undefined ? undefined : known.appointments.get(id)
}

/** Our key made its mark, and nobody knows for what. */
export const isOrphan = ({ marker }: LiveEvent, { known, isOwnMark }: PullContext): boolean =>
  marker !== null && !known.markers.has(marker.key) && isOwnMark?.(marker.key) === true

/**
 * The event shows a write of ours that was lost with the database: Google's revision is adopted, unless the platform has changed the
 * same field since. Undefined: nothing was lost here.
 */
export function decideLostWrite(
  event: LiveEvent,
  link: Link,
  appointment: Appointment,
  context: PullContext,
): Verdict | undefined {
  const { recovery, now } = context
  const revision = event.marker?.revision ?? 0
  if (recovery === undefined || markedBy(event, context)?.id !== appointment.id) return undefined
  if (!isAhead(revision, link.shownVersion ?? appointment.version)) return undefined
  const isSaidSince = appointment.updatedAt > recovery.since
  const alive = isSaidSince || context.policies.cancelled === 'mark' ? appointment : revived(appointment, event)
  const concurrentEdits = isSaidSince ? ('platform' as const) : ('google' as const)
  const policies = { ...context.policies, googleEdits: 'accept' as const, concurrentEdits }
  const decided = decidePair(event, link, alive, { ...context, policies })
  const version = Math.max(appointment.version, revision) + (decided.isQueued ? 1 : 0)
  const next: Appointment = { ...(decided.appointment ?? alive), version, updatedAt: now }
  const shownVersion = decided.isQueued ? revision : version
  return {
    ...decided,
    rule: 'lost-write-recovered',
    action: 'recovered',
    reason: 'The database was restored from an older state; what Google shows of it is newer and was taken over.',
    appointment: next,
    link: decided.link === null ? null : { ...decided.link, shownVersion },
    change: 'appointment.updated',
    isQueued: true, // what waited or was parked before is looked at anew; where nothing differs, nothing is written
    isQuiet: false,
    ...differences(appointment, next),
  }
}

/** What Google shows alive was called off here, and booked anew in the time that was lost. */
function revived(appointment: Appointment, event: LiveEvent): Appointment {
  if (!isOff(appointment.status) && appointment.archivedAt === null) return appointment
  const status = isOff(appointment.status) ? event.content.status : appointment.status
  return { ...appointment, status, archivedAt: null }
}

/**
 * The event of ours that stands in the place of the one that the database remembers: the same appointment, written anew with a later id.
 * Undefined: the remembered one stands.
 */
export function overtaken(event: LiveEvent, appointment: Appointment, context: PullContext): Link | undefined {
  const { calendar, known, generationOf = () => null } = context
  const generation = generationOf(appointment.id, event.eventId)
  if (generation === null) return undefined
  const shown = [...known.links.values(), ...(known.own.get(appointment.id) ?? [])]
  return shown.find(
    link =>
      link.role === 'ours' &&
      link.appointmentId === appointment.id &&
      link.calendarId === calendar.id &&
      link.eventId !== event.eventId &&
      (generationOf(appointment.id, link.eventId) ?? -1) < generation,
  )
}
