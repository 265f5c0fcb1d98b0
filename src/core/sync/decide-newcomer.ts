import type { Appointment } from '../model/appointment.ts'
import type { LiveEvent, Tombstone } from '../model/calendar-event.ts'
import type { Link } from '../model/link.ts'
import { isOff } from '../model/status-moves.ts'
import { slotKey, spanBounds, windowBounds, type Slot } from '../model/time.ts'
import { isGenerated, seriesBounds, spanInSlot } from '../recurrence/expand.ts'
import { adoptMarked } from './adopt-marked.ts'
import { decideLostWrite, isOrphan, overtaken } from './after-restore.ts'
import { differences, importedAppointment } from './content.ts'
import { decideFeedCopy } from './decide-feed-copy.ts'
import { decideMoved } from './decide-moved.ts'
import { decidePair } from './decide-ours.ts'
import { decideOrphan, ORPHAN } from './decide-orphan.ts'
import { decideTail } from './decide-split.ts'
import { decideTheirs, detailOf } from './decide-theirs.ts'
import { oursLink, parkedLink, theirsLink, unreadLink } from './links.ts'
import { answerToDeletion } from './ownership.ts'
import { project } from './projection.ts'
import { isShownBefore, placeOf, type PullContext } from './pull-context.ts'
import { exceptionAt, FOLLOWS_REASON, underMaster } from './series-parts.ts'
import { verdict, type Verdict } from './verdict.ts'
import { WAITS_FOR_SERIES, waitForSeries } from './wait-for-series.ts'

/** An event that no link names yet: an exception of a series we know, one of ours, another user's, or a new one of Google's. */
export function decideNewcomer(event: LiveEvent, context: PullContext): Verdict | null {
  if (isOrphan(event, context))
    return isOfUnknownSeries(event, context) ? waitForSeries(event, context) : decideOrphan(event, context)
  const moved = decideMoved(event, context)
  if (moved !== null) return moved
  const masterLink = event.recurringEventId === null ? undefined : context.known.links.get(event.recurringEventId)
  if (masterLink?.role === 'ours') return adoptException(event, masterLink, context)
  const tail = decideTail(event, context)
  if (tail !== undefined) return tail
  if (masterLink === undefined || masterLink.role === 'parked') {
    const marked = decideMarked(event, context)
    if (marked !== undefined) return marked
  }
  const ofFeed = decideFeedCopy(event, context)
  if (ofFeed !== undefined) return ofFeed
  if (context.connection.mode === 'push_only') return null
  const twin = sameMeetingElsewhere(event, context)
  if (twin !== null) return joinMeeting(event, twin, context)
  if (!context.calendar.isSource && !context.calendar.isConflict) return null
  if (event.recurringEventId === null && isBehindWindow(event, context)) return null
  return importEvent(event, masterLink ?? null, context)
}

function importEvent(event: LiveEvent, masterLink: Link | null, context: PullContext): Verdict {
  const { known, connection, calendar, now } = context
  const recurringId = masterLink?.appointmentId ?? null
  const replaced = replacedException(event, recurringId, context)
  const id = replaced?.id ?? context.importedId(event.eventId)
  const previous = replaced ?? known.appointments.get(id)
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
  if (previous !== undefined && replaced === undefined && isAsBefore(previous, appointment))
    return verdict(event.eventId, 'taken-in-again', {
      link: theirsLink(event, id, placeOf(context), detailOf(context)),
      isQuiet: true,
    })
  return verdict(event.eventId, 'new-in-google', {
    action: 'imported',
    reason: 'It was made in Google; it is locked here.',
    appointment,
    link: theirsLink(event, id, placeOf(context), detailOf(context)),
    forget: replaced === undefined ? null : formerLink(replaced, event.eventId, context),
    change: previous === undefined ? 'appointment.created' : 'appointment.updated',
    after: null, // the change itself carries the whole resource
  })
}

/** Its calendar was not read for a while, and nothing has changed. */
function isAsBefore(previous: Appointment, appointment: Appointment): boolean {
  return previous.kind === appointment.kind && Object.keys(differences(previous, appointment).after).length === 0
}

/** The exception that is known for this occurrence already, under another event id: Google changes ids when a series is split. */
function replacedException(
  { recurringEventId, originalStart }: LiveEvent,
  recurringId: string | null,
  { known }: PullContext,
): Appointment | undefined {
  const master = recurringId === null ? undefined : known.appointments.get(recurringId)
  if (master === undefined || recurringEventId === null || originalStart === null) return undefined
  return exceptionAt(known, master, originalStart, recurringEventId)
}

function formerLink(exception: Appointment, eventId: string, { known }: PullContext): Link | null {
  for (const link of known.links.values()) {
    if (link.appointmentId === exception.id && link.eventId !== eventId && link.role !== 'parked') return link
  }
  return null
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
  if (event.recurringEventId !== null) return waitForSeries(event, context)
  if (!isShownBefore(appointment.id, context.known) && !isTakenIn(event, context))
    return adoptMarked(event, appointment, context)
  const former = overtaken(event, appointment, context)
  return former === undefined ? undefined : { ...adoptMarked(event, appointment, context), forget: former }
}

/** A copy that was told from the original while both stood there stays an event of Google's own when the pairs are found anew. */
function isTakenIn({ eventId }: LiveEvent, { known, importedId }: PullContext): boolean {
  return known.appointments.get(importedId(eventId))?.archivedAt === null
}

const isOfUnknownSeries = ({ recurringEventId }: LiveEvent, { known }: PullContext): boolean =>
  recurringEventId !== null && (known.links.get(recurringEventId)?.role ?? 'parked') === 'parked'

/**
 * An occurrence of a series of ours was changed in Google: an exception of the platform's series, decided like any pair. What both sides
 * had agreed on is the occurrence as the series has it.
 */
function adoptException(event: LiveEvent, masterLink: Link, context: PullContext): Verdict | null {
  const { known, policies, now } = context
  const master = masterLink.appointmentId === null ? undefined : known.appointments.get(masterLink.appointmentId)
  const { originalStart, recurringEventId } = event
  if (master === undefined || originalStart === null || recurringEventId === null) return null
  const existing = exceptionAt(known, master, originalStart, recurringEventId)
  if (existing === undefined && isOutOfSeries(master, originalStart))
    return passOver(event, master, masterLink, context)
  const regular = exceptionOf(master, originalStart, now)
  const agreed = project(regular, policies)
  const before = existing === undefined ? regular : underMaster(existing, master, originalStart)
  const unread = oursLink(
    event,
    before,
    placeOf(context),
    {
      base: { sent: agreed, returned: agreed },
      shownVersion: null,
      generation: 0,
    },
    context.policies,
  )
  const decided = decideLostWrite(event, unread, before, context) ?? decidePair(event, unread, before, context)
  if (existing !== undefined) return takeOver(decided, existing, before, context)
  const concernsUs = decided.appointment !== null || decided.isQueued || decided.proposal !== null
  if (!concernsUs) return null
  const appointment = { ...(decided.appointment ?? before), version: 1 }
  return { ...decided, appointment, change: 'appointment.created' }
}

const isOutOfSeries = (master: Appointment, slot: Slot): boolean =>
  master.archivedAt !== null || !isGenerated(master, slot)

/** The series no longer has the slot here: Google is about to hear so, or has not said yet what it did to the series. */
function passOver(event: LiveEvent, master: Appointment, { base }: Link, context: PullContext): Verdict | null {
  const isComing = event.originalStart !== null && base !== null && !isGenerated(base.returned, event.originalStart)
  return isComing && master.archivedAt === null ? waitForSeries(event, context) : null
}

/** The exception known for this occurrence, shown by this event from now on, under the series that Google names. */
function takeOver(decided: Verdict, existing: Appointment, before: Appointment, context: PullContext): Verdict {
  const forget = formerLink(existing, decided.eventId, context)
  if (existing.recurringId === before.recurringId) return { ...decided, forget: decided.forget ?? forget }
  return {
    ...decided,
    forget: decided.forget ?? forget,
    appointment: decided.appointment ?? { ...before, version: existing.version + 1, updatedAt: context.now },
    change: decided.change ?? 'appointment.updated',
  }
}

/** The exception that an occurrence becomes when it is changed alone. */
function exceptionOf(master: Appointment, slot: NonNullable<Appointment['originalStart']>, now: number): Appointment {
  return {
    ...master,
    id: `${master.id}~${slotKey(slot)}`,
    time: spanInSlot(master.time, slot),
    recurrence: [],
    recurringId: master.id,
    originalStart: slot,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
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
  // The same id: it was moved here, perhaps edited on the way.
  const isMoved = twin.eventId === event.eventId && twin.calendarId !== context.calendar.id
  const moved = isMoved ? decideTheirs(event, twin, context) : null
  if (moved !== null && moved.appointment !== null) return moved
  return verdict(event.eventId, 'same-meeting-elsewhere', {
    action: 'linked',
    reason: 'The same meeting came through another calendar of this user.',
    link: theirsLink(event, twin.appointmentId, placeOf(context), detailOf(context)),
    isQuiet: true,
  })
}

/** What an increment brings from before the window is not taken in. There is no upper edge: a day that comes nearer is not listed again. */
function isBehindWindow(event: LiveEvent, { calendar, connection, now }: PullContext): boolean {
  const { endAt } = spanBounds(event.content.time, calendar.timeZone)
  if (endAt > now) return false // the window reaches back from today
  const { startAt } = windowBounds(connection.window, now, calendar.timeZone)
  if (endAt > startAt) return false // whatever may follow it
  const range = seriesBounds(event.content.time, event.content.recurrence)
  return range.endAt !== null && range.endAt <= startAt
}

/** A tombstone that no link names: of use only where it cancels one occurrence of a series, known or still to come. */
export function decideUnknownTombstone(event: Tombstone, context: PullContext): Verdict | null {
  const { known } = context
  const { recurringEventId, originalStart } = event
  if (recurringEventId === null || originalStart === null) return null
  const masterLink = known.links.get(recurringEventId)
  if (masterLink === undefined || masterLink.error?.code === ORPHAN)
    return cancelledEarly(event, recurringEventId, originalStart, context)
  const master = masterLink.appointmentId === null ? undefined : known.appointments.get(masterLink.appointmentId)
  if (master === undefined || masterLink.role === 'parked' || isOff(master.status)) return null
  if (masterLink.role === 'ours' && isMeaningless(master, masterLink, originalStart)) return null
  const existing = exceptionAt(known, master, originalStart, recurringEventId)
  if (masterLink.role === 'ours' && existing?.status !== 'cancelled' && context.isAsked !== true)
    return heldForQuestion(event, recurringEventId, originalStart, context)
  const isOfMaster = existing?.recurringId === master.id
  if (existing?.status === 'cancelled' && isOfMaster)
    return verdict(event.eventId, 'known-cancellation', { isQuiet: true })
  if (existing?.status === 'cancelled') return followTail(event, underMaster(existing, master, originalStart), context)
  const before = existing === undefined ? undefined : underMaster(existing, master, originalStart)
  const occurrence = before ?? exceptionOf(master, originalStart, context.now)
  const forget = existing === undefined ? null : formerLink(existing, event.eventId, context)
  if (masterLink.role === 'theirs') {
    const id = existing?.id ?? context.importedId(event.eventId)
    return { ...cancelOccurrence(event, { ...occurrence, id }, before, context), forget }
  }
  return { ...answerToCancelledOccurrence(event, occurrence, before, context), forget }
}

/** The occurrence left the series with a change of the series, here or in Google; it was not cancelled by itself. */
function isMeaningless(master: Appointment, { base }: Link, slot: Slot): boolean {
  return isOutOfSeries(master, slot) || (base !== null && !isGenerated(base.returned, slot))
}

/** A tombstone may speak of a slot that the series lost and has again: Google is asked before an occurrence of ours is cancelled. */
function heldForQuestion(
  event: Tombstone,
  recurringEventId: string,
  originalStart: Slot,
  context: PullContext,
): Verdict {
  return verdict(event.eventId, 'absence-is-asked-about', {
    link: {
      ...unreadLink(event.eventId, context),
      recurringEventId,
      originalStart,
      missing: { how: 'absent', since: context.now },
      error: { code: OCCURRENCE_ASKED, message: 'Google is asked whether this occurrence was cancelled.' },
    },
    isQuiet: true,
  })
}
const OCCURRENCE_ASKED = 'occurrence-asked-about'

/** A parked event of a series that only waits: for its series to come, or for Google's answer. */
export const isWaiting = ({ role, error }: Link): boolean =>
  role === 'parked' && [OCCURRENCE_ASKED, CANCELLED_BEFORE_SERIES, WAITS_FOR_SERIES].includes(error?.code ?? '')

/** Kept until the series comes: nothing else will say again that this occurrence does not take place. */
function cancelledEarly(
  event: Tombstone,
  recurringEventId: string,
  originalStart: Slot,
  context: PullContext,
): Verdict {
  const { calendar, connection } = context
  return verdict(event.eventId, 'waits-for-its-series', {
    link: {
      ...unreadLink(event.eventId, { calendar, connection }),
      etag: event.etag,
      recurringEventId,
      originalStart,
      error: {
        code: CANCELLED_BEFORE_SERIES,
        message: 'An occurrence was cancelled in Google whose series is not known here yet.',
      },
    },
    isQuiet: true,
  })
}
export const CANCELLED_BEFORE_SERIES = 'cancelled-before-series'

function followTail(event: Tombstone, exception: Appointment, { now }: PullContext): Verdict {
  return verdict(event.eventId, 'exception-follows-its-series', {
    action: 'updated',
    reason: FOLLOWS_REASON,
    appointment: { ...exception, version: exception.version + 1, updatedAt: now },
    change: 'appointment.updated',
  })
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
