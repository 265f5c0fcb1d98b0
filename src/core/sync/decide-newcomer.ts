import type { Appointment } from '../model/appointment.ts'
import type { LiveEvent, Tombstone } from '../model/calendar-event.ts'
import type { Link } from '../model/link.ts'
import { slotKey, spanBounds, windowBounds } from '../model/time.ts'
import { seriesBounds } from '../recurrence/expand.ts'
import { differences, importedAppointment } from './content.ts'
import { decidePair } from './decide-ours.ts'
import { detailOf } from './decide-theirs.ts'
import { oursLink, parkedLink, theirsLink } from './links.ts'
import { answerToDeletion } from './ownership.ts'
import { project } from './projection.ts'
import { exceptionKey, placeOf, type PullContext } from './pull-context.ts'
import { verdict, type Verdict } from './verdict.ts'

/** An event that no link names yet: an exception of a series we know, one of ours, another user's, or a new one of Google's. */
export function decideNewcomer(event: LiveEvent, context: PullContext): Verdict | null {
  const masterLink = event.recurringEventId === null ? undefined : context.known.links.get(event.recurringEventId)
  if (masterLink?.role === 'ours') return adoptException(event, masterLink, context)
  if (masterLink === undefined || masterLink.role === 'parked') {
    const marked = decideMarked(event, context)
    if (marked !== undefined) return marked
  }
  const twin = sameMeetingElsewhere(event, context)
  if (twin !== null) return joinMeeting(event, twin, context)
  if (!context.calendar.isSource && !context.calendar.isConflict) return null
  if (event.recurringEventId === null && isBehindWindow(event, context)) return null
  return importEvent(event, masterLink ?? null, context)
}

function importEvent(event: LiveEvent, masterLink: Link | null, context: PullContext): Verdict {
  const { known, connection, calendar, now } = context
  const id = context.importedId(event.eventId)
  const recurringId = masterLink?.appointmentId ?? null
  const previous = known.appointments.get(id)
  const fresh = importedAppointment(event, {
    tenantId: connection.tenantId,
    id,
    userId: connection.userId,
    recurringId,
    detail: detailOf(context),
    kind: calendar.isSource ? 'event' : 'block',
    now,
  })
  const appointment =
    previous === undefined
      ? fresh
      : { ...fresh, version: previous.version + 1, createdAt: previous.createdAt, metadata: previous.metadata }
  return verdict(event.eventId, 'new-in-google', {
    action: 'imported',
    reason: 'It was made in Google; it is locked here.',
    appointment,
    link: theirsLink(event, id, placeOf(context)),
    change: previous === undefined ? 'appointment.created' : 'appointment.updated',
    after: null, // the change itself carries the whole resource
  })
}

/** Undefined: the event carries no mark, or one that says no more than that a person copied it. */
function decideMarked(event: LiveEvent, context: PullContext): Verdict | undefined {
  if (event.marker === null) return undefined
  const appointmentId = context.known.markers.get(event.marker.key)
  const appointment = appointmentId === undefined ? undefined : context.known.appointments.get(appointmentId)
  if (appointment === undefined || appointment.userId !== context.connection.userId) {
    return verdict(event.eventId, 'not-ours-to-show', {
      link: parkedLink(event, placeOf(context), {
        code: 'marked-by-another',
        message: 'Another user or service of this product wrote this event; it does not come back from here.',
      }),
      isQuiet: true,
    })
  }
  const isShownElsewhere = [...context.known.links.values()].some(
    link => link.role === 'ours' && link.appointmentId === appointment.id,
  )
  return isShownElsewhere || event.recurringEventId !== null ? undefined : adopt(event, appointment, context)
}

/**
 * One of ours whose link was lost (an answer that never came, a restored database, a reconnected account): paired again, never doubled.
 * With no base, the platform's values stand and Google is brought to them.
 */
function adopt(event: LiveEvent, appointment: Appointment, context: PullContext): Verdict {
  const shownVersion = event.marker?.revision ?? null
  return verdict(event.eventId, 'recognised-by-mark', {
    action: 'linked',
    reason: 'An event in Google carries the mark of this appointment and was paired with it again.',
    link: oursLink(event, appointment, placeOf(context), {
      base: { sent: event.content, returned: event.content },
      shownVersion,
      generation: 0,
    }),
    isQueued: true,
  })
}

/**
 * An occurrence of a series of ours was changed in Google: an exception of the platform's series, decided like any pair. What both sides
 * had agreed on is the occurrence as the series has it.
 */
function adoptException(event: LiveEvent, masterLink: Link, context: PullContext): Verdict | null {
  const { known, policies, now } = context
  const master = masterLink.appointmentId === null ? undefined : known.appointments.get(masterLink.appointmentId)
  if (master === undefined || event.originalStart === null) return null
  const existing = known.exceptions.get(exceptionKey(master.id, event.originalStart))
  const regular = exceptionOf(master, event.originalStart, now)
  const agreed = project(regular, policies)
  const before = existing ?? regular
  const unread = oursLink(event, before, placeOf(context), {
    base: { sent: agreed, returned: agreed },
    shownVersion: null,
    generation: 0,
  })
  const decided = decidePair(event, unread, before, context)
  if (existing !== undefined) return decided
  const concernsUs = decided.appointment !== null || decided.isQueued || decided.proposal !== null
  if (!concernsUs) return null
  const appointment = { ...(decided.appointment ?? before), version: 1 }
  return { ...decided, appointment, change: 'appointment.created' }
}

/** The exception that an occurrence becomes when it is changed alone. */
export function exceptionOf(
  master: Appointment,
  slot: NonNullable<Appointment['originalStart']>,
  now: number,
): Appointment {
  return {
    ...master,
    id: `${master.id}~${slotKey(slot)}`,
    time: timeAtSlot(master, slot),
    recurrence: [],
    recurringId: master.id,
    originalStart: slot,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
}

function timeAtSlot(master: Appointment, slot: NonNullable<Appointment['originalStart']>): Appointment['time'] {
  const { time } = master
  if (time.kind === 'timed' && slot.kind === 'timed') {
    return { ...time, startAt: slot.at, endAt: slot.at + (time.endAt - time.startAt) }
  }
  return time
}

/** The same meeting lies in another calendar of this user: one appointment, shown by two events. */
function sameMeetingElsewhere(event: LiveEvent, { known }: PullContext): Link | null {
  if (event.recurringEventId !== null) return null
  const links = known.elsewhere.get(event.iCalUID) ?? []
  return (
    links.find(link => link.role !== 'parked' && link.appointmentId !== null && link.recurringEventId === null) ?? null
  )
}

function joinMeeting(event: LiveEvent, twin: Link, context: PullContext): Verdict | null {
  if (twin.appointmentId === null) return null
  if (twin.role === 'ours') {
    return verdict(event.eventId, 'moved-or-copied-between-calendars', {
      link: parkedLink(event, placeOf(context), {
        code: 'same-meeting',
        message: 'The same meeting is already paired through another calendar.',
      }),
      isQuiet: true,
    })
  }
  return verdict(event.eventId, 'same-meeting-elsewhere', {
    action: 'linked',
    reason: 'The same meeting came through another calendar of this user.',
    link: theirsLink(event, twin.appointmentId, placeOf(context)),
    isQuiet: true,
  })
}

/** What an increment brings from before the window is not taken in. There is no upper edge: a day that comes nearer is not listed again. */
function isBehindWindow(event: LiveEvent, { calendar, connection, now }: PullContext): boolean {
  const { startAt } = windowBounds(connection.window, now, calendar.timeZone)
  const range = seriesBounds(event.content.time, event.content.recurrence)
  return (
    range.endAt !== null && Math.max(range.endAt, spanBounds(event.content.time, calendar.timeZone).endAt) <= startAt
  )
}

/** A tombstone that no link names: of use only where it cancels one occurrence of a series we know. */
export function decideUnknownTombstone(event: Tombstone, context: PullContext): Verdict | null {
  const { known } = context
  if (event.recurringEventId === null || event.originalStart === null) return null
  const masterLink = known.links.get(event.recurringEventId)
  const master = masterLink?.appointmentId == null ? undefined : known.appointments.get(masterLink.appointmentId)
  if (masterLink === undefined || master === undefined || masterLink.role === 'parked') return null
  const existing = known.exceptions.get(exceptionKey(master.id, event.originalStart))
  if (existing?.status === 'cancelled') return verdict(event.eventId, 'known-cancellation', { isQuiet: true })
  const regular = exceptionOf(master, event.originalStart, context.now)
  if (masterLink.role === 'theirs') {
    const id = existing?.id ?? context.importedId(event.eventId)
    return cancelOccurrence(event, { ...(existing ?? regular), id }, existing, context)
  }
  return answerToCancelledOccurrence(event, existing ?? regular, existing, context)
}

/** Google cancelled one occurrence of a series of ours. */
function answerToCancelledOccurrence(
  event: Tombstone,
  occurrence: Appointment,
  existing: Appointment | undefined,
  context: PullContext,
): Verdict {
  const created = existing === undefined ? { appointment: occurrence, change: 'appointment.created' as const } : {}
  switch (answerToDeletion(context.policies)) {
    case 'cancel':
      return cancelOccurrence(event, occurrence, existing, context)
    case 'restore':
      return verdict(event.eventId, 'occurrence-restored', {
        ...created,
        action: 'restored',
        reason: 'One occurrence of the series was cancelled in Google; it is written there again.',
        isQueued: true,
        about: occurrence.id,
      })
    case 'propose':
      return verdict(event.eventId, 'occurrence-cancellation-proposed', {
        ...created,
        action: 'proposed',
        reason: 'One occurrence of the series was cancelled in Google; the platform is asked.',
        proposal: { kind: 'delete', values: {} },
        about: occurrence.id,
      })
  }
}

function cancelOccurrence(
  event: Tombstone,
  occurrence: Appointment,
  existing: Appointment | undefined,
  { now }: PullContext,
): Verdict {
  const version = existing === undefined ? 1 : occurrence.version + 1
  const cancelled: Appointment = { ...occurrence, status: 'cancelled', version, updatedAt: now }
  return verdict(event.eventId, 'occurrence-cancelled-in-google', {
    action: 'cancelled',
    reason: 'One occurrence of the series was cancelled in Google.',
    appointment: cancelled,
    change: 'appointment.cancelled',
    ...differences(occurrence, cancelled),
  })
}
