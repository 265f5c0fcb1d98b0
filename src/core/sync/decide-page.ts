import type { Appointment } from '../model/appointment.ts'
import type { CalendarEvent } from '../model/calendar-event.ts'
import { decideEvent } from './decide-event.ts'
import { endHeads, joinSeries, leaveSlots, yieldSlots } from './follow-series.ts'
import { learn, type PullContext } from './pull-context.ts'
import type { Verdict } from './verdict.ts'

/**
 * Decides a page of a listing, series before their exceptions whatever Google's order, each event in the light of those before it.
 * One verdict per event that concerns the connection, the last word on an event listed twice; then what they mean for events and
 * exceptions that the page does not list.
 */
export function decidePage(events: readonly CalendarEvent[], context: PullContext): Verdict[] {
  const { known } = context
  const verdicts = new Map<string, Verdict>()
  const before = new Map<string, Appointment>()
  const take = (decided: Verdict): void => {
    const former = decided.appointment === null ? undefined : known.appointments.get(decided.appointment.id)
    if (former !== undefined && !before.has(former.id)) before.set(former.id, former)
    learn(known, decided)
    verdicts.set(decided.eventId, decided)
  }
  for (const event of inTurn(events, context)) {
    const decided = decideEvent(event, context)
    if (decided !== null) take(decided)
  }
  for (const decided of endHeads(verdicts, context)) take(decided)
  for (const decided of joinSeries(verdicts, context)) take(decided)
  for (const decided of leaveSlots(verdicts, before, context)) take(decided)
  for (const decided of yieldSlots(verdicts, before, context)) take(decided)
  return [...verdicts.values()]
}

/** Series before their exceptions, and those we know before new ones: a series ends before its later part begins. */
function inTurn(events: readonly CalendarEvent[], { known }: PullContext): CalendarEvent[] {
  const turnOf = (event: CalendarEvent): 0 | 1 | 2 => {
    if (event.kind !== 'unreadable' && event.recurringEventId !== null) return 2
    return known.links.has(event.eventId) ? 0 : 1
  }
  const turns = events.map(turnOf)
  return [0, 1, 2].flatMap(turn => events.filter((_event, index) => turns[index] === turn))
}
