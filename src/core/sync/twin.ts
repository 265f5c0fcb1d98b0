import type { Appointment } from '../model/appointment.ts'
import type { LiveEvent } from '../model/calendar-event.ts'
import type { Base, Link } from '../model/link.ts'
import type { Policies } from '../model/policies.ts'
import type { Field, Projection } from '../model/projection.ts'
import type { Span } from '../model/time.ts'
import { overlay } from './merge.ts'
import { flowsBack } from './ownership.ts'
import { project } from './projection.ts'

type Candidate = { appointment: Appointment; links: readonly Link[] }

/**
 * The event made in Google that says the same as an appointment which is about to be sent for the first time: the same title, start and end,
 * in the calendar it would go to, neither of them recurring. Null: none. What is kept without its words (`imported: busy`, private events)
 * cannot be recognised.
 */
export function findTwin(
  appointment: Appointment,
  candidates: readonly Candidate[],
  calendarId: string,
  policies: Pick<Policies, 'presentation' | 'cancelled'>,
): { appointment: Appointment; link: Link } | null {
  if (appointment.recurrence.length > 0 || appointment.recurringId !== null) return null
  const titles = namesOf(appointment, policies)
  for (const each of candidates) {
    const link = each.links.find(one => one.role === 'theirs' && one.calendarId === calendarId && one.missing === null)
    if (link !== undefined && isTwin(appointment, each.appointment, titles)) return { ...each, link }
  }
  return null
}

function isTwin(appointment: Appointment, other: Appointment, titles: ReadonlySet<string>): boolean {
  return (
    other.origin === 'google' &&
    other.userId === appointment.userId &&
    other.archivedAt === null &&
    other.status !== 'cancelled' &&
    other.recurrence.length === 0 &&
    other.recurringId === null &&
    isSameTime(other.time, appointment.time) &&
    titles.has(normalisedTitle(other.title ?? ''))
  )
}

/** The last look before the two become one: Google's present state must still say the same, and invite nobody. */
export function isStillTwin(
  event: LiveEvent,
  appointment: Appointment,
  policies: Pick<Policies, 'presentation' | 'cancelled'>,
): boolean {
  return (
    event.eventType === 'default' &&
    event.marker === null &&
    !event.hasGuests &&
    event.recurringEventId === null &&
    event.content.recurrence.length === 0 &&
    isSameTime(event.content.time, appointment.time) &&
    namesOf(appointment, policies).has(normalisedTitle(event.content.title))
  )
}

/** What it is called here, and what Google would be shown of it. */
function namesOf(appointment: Appointment, policies: Pick<Policies, 'presentation' | 'cancelled'>): Set<string> {
  const names = [appointment.title ?? '', project(appointment, policies).title].map(normalisedTitle)
  return new Set(names.filter(name => name !== ''))
}

export function normalisedTitle(title: string): string {
  return title.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim()
}

/** The same stretch, whatever zone each side names. */
function isSameTime(a: Span, b: Span): boolean {
  if (a.kind === 'timed') return b.kind === 'timed' && a.startAt === b.startAt && a.endAt === b.endAt
  return b.kind === 'all-day' && a.startDate === b.startDate && a.endDate === b.endDate
}

/**
 * What both sides agree on when an event that a person made becomes an appointment's own. Ours is written, but for what Google is not
 * shown and for texts that we have none of: a person's notes there stay.
 */
export function baseOfTwin(event: LiveEvent, local: Projection, presentation: Policies['presentation']): Base {
  const isKept = (field: Field): boolean => !flowsBack(field, presentation) && field !== 'title'
  const isEmpty = (field: Field): boolean => local[field] === '' || local[field] === null
  return { sent: overlay(event.content, local, field => isKept(field) || isEmpty(field)), returned: event.content }
}
