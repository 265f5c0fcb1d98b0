import type { CalendarEvent, LiveEvent, Tombstone, UnreadableEvent } from '../model/calendar-event.ts'
import type { Link } from '../model/link.ts'
import { unreachable } from '../model/failures.ts'
import { decideLostWrite } from './after-restore.ts'
import { isEcho } from './echo.ts'
import { decideOurs, decideOurTombstone } from './decide-ours.ts'
import { decideTheirs, detailOf } from './decide-theirs.ts'
import { decideNewcomer, decideUnknownTombstone, isWaiting } from './decide-newcomer.ts'
import { isTakenAs, unreadLink } from './links.ts'
import type { PullContext } from './pull-context.ts'
import { verdict, type Verdict } from './verdict.ts'

/** What a listed event means for the pair it belongs to. Null: it does not concern this connection. */
export function decideEvent(event: CalendarEvent, context: PullContext): Verdict | null {
  switch (event.kind) {
    case 'live':
      return decideLive(event, context)
    case 'tombstone':
      return decideTombstone(event, context)
    case 'unreadable':
      return decideUnreadable(event, context)
    default:
      return unreachable(event)
  }
}

function decideLive(event: LiveEvent, context: PullContext): Verdict | null {
  const link = context.known.links.get(event.eventId)
  if (link === undefined) return decideNewcomer(event, context)
  const isRead = link.missing === null && link.error === null && isTakenAs(link, detailOf(context))
  if (isEcho(event.etag, link.etag) && isRead) {
    return verdict(event.eventId, 'echo', { isQuiet: true })
  }
  switch (link.role) {
    case 'ours':
      return decideLost(event, link, context) ?? decideOurs(event, link, context)
    case 'theirs':
      return decideTheirs(event, link, context)
    case 'parked':
      return decideParked(event, link, context)
  }
}

function decideLost(event: LiveEvent, link: Link, context: PullContext): Verdict | undefined {
  const appointment = link.appointmentId === null ? undefined : context.known.appointments.get(link.appointmentId)
  return appointment === undefined ? undefined : decideLostWrite(event, link, appointment, context)
}

/** A parked event is looked at anew whenever it changes: what made it stand apart may be gone. */
function decideParked(event: LiveEvent, link: Link, context: PullContext): Verdict | null {
  const decided = decideNewcomer(event, context)
  if (decided !== null) return decided
  if (isWaiting(link)) return verdict(event.eventId, 'parked-gone', { forget: link, isQuiet: true })
  return verdict(event.eventId, 'parked', { link: { ...link, etag: event.etag, missing: null }, isQuiet: true })
}

function decideTombstone(event: Tombstone, context: PullContext): Verdict | null {
  const link = context.known.links.get(event.eventId)
  if (link === undefined) return decideUnknownTombstone(event, context)
  if (isWaiting(link)) return decideWaiting(event, link, context)
  if (link.role === 'parked') {
    return verdict(event.eventId, 'parked-gone', { forget: link, isQuiet: true })
  }
  if (link.role === 'ours') return decideOurTombstone(event, link, context)
  const moved = hasMovedOver(event, link) ? decideUnknownTombstone(event, context) : null
  if (moved !== null) return { ...moved, forget: link }
  return verdict(event.eventId, 'deleted-in-google', {
    link: { ...link, missing: link.missing ?? { how: 'deleted', since: context.now } },
    isQuiet: true, // told once it is settled
  })
}

/** It went over to the later part of a series that was split, and was cancelled there: it is that part which must not show it. */
function hasMovedOver({ recurringEventId }: Tombstone, link: Link): boolean {
  return recurringEventId !== null && link.recurringEventId !== null && recurringEventId !== link.recurringEventId
}

/** The occurrence is cancelled, and what waited is done with, unless it waits on. */
function decideWaiting(event: Tombstone, link: Link, context: PullContext): Verdict {
  const decided = decideUnknownTombstone(event, context) ?? verdict(event.eventId, 'parked-gone', { isQuiet: true })
  return decided.link === null ? { ...decided, forget: decided.forget ?? link } : decided
}

/** Kept, shown and looked at again when it changes; what is known of it stays as it was. */
function decideUnreadable(event: UnreadableEvent, context: PullContext): Verdict {
  const { calendar, connection } = context
  const error = { code: 'unreadable', message: event.reason }
  const known = context.known.links.get(event.eventId)
  return verdict(event.eventId, 'unreadable', {
    action: 'parked',
    reason: `Google sent an event that cannot be read: ${event.reason}`,
    link: {
      ...(known ?? unreadLink(event.eventId, context)),
      tenantId: connection.tenantId,
      etag: event.etag,
      seenGeneration: calendar.cursor.generation,
      error,
    },
  })
}
