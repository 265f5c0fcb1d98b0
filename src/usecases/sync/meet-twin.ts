import type { LiveEvent } from '../../core/model/calendar-event.ts'
import type { RemoteFailure } from '../../core/model/failures.ts'
import { seriesBounds } from '../../core/recurrence/expand.ts'
import { findTwin, isStillTwin } from '../../core/sync/twin.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { FlushDeps } from './flush-connection.ts'
import { linkTwin } from './link-twin.ts'
import { duplicateEntry, openedDuplicate } from './note-duplicates.ts'
import { connectionKey } from './pull-calendar.ts'
import type { Sending } from './send-appointment.ts'

/** `none`: it is to be written. `linked`: an event that stood there became its own. */
export type Meeting = { kind: 'none' } | { kind: 'linked' } | { kind: 'failed'; failure: RemoteFailure }

const NONE: Meeting = { kind: 'none' }
const CANDIDATES_MAX = 200
const KNOWN_MAX = 100

/**
 * Looks, before an appointment is first sent, whether its user has made the same event in Google by hand. That is asked of the store; only
 * where there seems to be one is Google asked, in place of the insert. Each pair is met once.
 */
export async function meetTwin(deps: FlushDeps, sending: Sending): Promise<Meeting> {
  const found = await candidate(deps, sending)
  if (found === null) return NONE
  const { calendarId } = sending.entry
  const { eventId } = found.link
  if (sending.policies.duplicates === 'flag') {
    await flag(deps, sending, found)
    return NONE
  }
  const reply = await deps.google.getEvent(connectionKey(sending.connection), { calendarId, eventId })
  if (!reply.ok)
    return reply.error.kind === 'not-found' || reply.error.kind === 'already-gone'
      ? NONE
      : { kind: 'failed', failure: reply.error }
  const event = reply.value
  if (event.kind !== 'live' || !isStillTwin(event, sending.pair.appointment, sending.policies)) return NONE
  return link(deps, sending, event, found.appointment.id)
}

async function candidate({ store }: FlushDeps, { pair, entry, policies }: Sending) {
  const { appointment } = pair
  const { tenantId, userId, time, recurrence } = appointment
  if (recurrence.length > 0 || appointment.recurringId !== null) return null
  const { startAt } = seriesBounds(time, [])
  const around: Paired[] = await store.listAppointments(tenantId, {
    userId,
    from: startAt,
    to: startAt + 1,
    origin: 'google',
    status: null,
    isArchived: false,
    after: null,
    limit: CANDIDATES_MAX,
  })
  const twin = findTwin(appointment, around, entry.calendarId, policies)
  if (twin === null) return null
  const known = await store.duplicates(tenantId, { appointmentIds: [appointment.id], afterId: null, limit: KNOWN_MAX })
  return known.some(each => each.eventId === twin.link.eventId) ? null : twin
}

async function flag(
  deps: FlushDeps,
  { pair, entry, connection }: Sending,
  twin: NonNullable<Awaited<ReturnType<typeof candidate>>>,
): Promise<void> {
  const { tenantId, id: connectionId } = connection
  const now = deps.system.now()
  const place = { tenantId, connectionId, calendarId: entry.calendarId, now }
  const of = { appointmentId: pair.appointment.id, twinId: twin.appointment.id, eventId: twin.link.eventId }
  const duplicate = openedDuplicate(deps.system.newId(), place, { kind: 'exact-twin', ...of })
  await deps.store.transaction(tenantId, tx =>
    tx.apply(tenantId, { duplicates: [duplicate], journal: [duplicateEntry(duplicate, now)] }),
  )
}

async function link(deps: FlushDeps, sending: Sending, event: LiveEvent, twinId: string): Promise<Meeting> {
  const { tenantId } = sending.connection
  const { calendarId } = sending.entry
  return deps.store.transaction(tenantId, async tx => {
    const current = await tx.appointment(tenantId, sending.pair.appointment.id)
    const twin = await tx.appointment(tenantId, twinId)
    const calendar = await tx.calendar(tenantId, sending.connection.id, calendarId)
    const isStillThere = twin?.links.some(each => each.eventId === event.eventId && each.calendarId === calendarId)
    const hasOwn = current?.links.some(each => each.role === 'ours') === true
    if (current === null || twin === null || calendar === null || isStillThere !== true || hasOwn) return NONE
    const place = { calendar, policies: sending.policies, now: deps.system.now() }
    await tx.apply(tenantId, linkTwin(place, current.appointment, event, twin))
    return { kind: 'linked' }
  })
}
