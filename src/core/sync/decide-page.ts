import type { CalendarEvent } from '../model/calendar-event.ts'
import { decideEvent } from './decide-event.ts'
import { learn, type PullContext } from './pull-context.ts'
import { verdict, type Verdict } from './verdict.ts'

/**
 * Decides a page of a listing, masters before their exceptions whatever Google's order, each event in the light of those before it.
 * One verdict per event that concerns the connection; the last word on an event listed twice.
 */
export function decidePage(events: readonly CalendarEvent[], context: PullContext): Verdict[] {
  const verdicts = new Map<string, Verdict>()
  for (const event of mastersFirst(events)) {
    const decided = decideEvent(event, context)
    if (decided === null) continue
    learn(context.known, decided)
    verdicts.set(event.eventId, decided)
  }
  for (const joined of attachOrphans([...verdicts.values()], context)) verdicts.set(joined.eventId, joined)
  return [...verdicts.values()]
}

function mastersFirst(events: readonly CalendarEvent[]): CalendarEvent[] {
  const [masters, exceptions] = [
    events.filter(event => !isException(event)),
    events.filter(event => isException(event)),
  ]
  return [...masters, ...exceptions]
}

function isException(event: CalendarEvent): boolean {
  return event.kind !== 'unreadable' && event.recurringEventId !== null
}

/**
 * Exceptions that came before their series stood alone until now; each joins the series that this page brought.
 * Only Google-origin ones: an exception of a series of ours is never taken in without it.
 */
function attachOrphans(verdicts: readonly Verdict[], context: PullContext): Verdict[] {
  const series = new Map<string, string>()
  for (const { link } of verdicts) {
    if (link?.role === 'theirs' && link.recurringEventId === null && link.appointmentId !== null)
      series.set(link.eventId, link.appointmentId)
  }
  const attached: Verdict[] = []
  for (const link of context.known.links.values()) {
    const masterId = link.recurringEventId === null ? undefined : series.get(link.recurringEventId)
    const orphan = link.appointmentId === null ? undefined : context.known.appointments.get(link.appointmentId)
    if (masterId === undefined || orphan === undefined || orphan.recurringId !== null || link.role !== 'theirs')
      continue
    attached.push(
      verdict(link.eventId, 'exception-joins-its-series', {
        action: 'updated',
        reason: 'Its series came from Google after it; it is an occurrence of that series.',
        appointment: {
          ...orphan,
          recurringId: masterId,
          originalStart: link.originalStart,
          version: orphan.version + 1,
          updatedAt: context.now,
        },
        link,
        change: 'appointment.updated',
      }),
    )
  }
  return attached
}
