import type { LiveEvent } from '../model/calendar-event.ts'
import type { Link } from '../model/link.ts'
import { decidePair } from './decide-ours.ts'
import type { PullContext } from './pull-context.ts'
import type { Verdict } from './verdict.ts'

/**
 * An event of ours that a person moved to this calendar: Google keeps its id and our mark. Its link follows, and writes go there. Null: it was
 * not moved here. A guest's copy of a meeting has the same id too, but never our private mark.
 */
export function decideMoved(event: LiveEvent, context: PullContext): Verdict | null {
  const former = formerLink(event, context)
  const appointment = former?.appointmentId == null ? undefined : context.known.appointments.get(former.appointmentId)
  if (former === null || appointment === undefined) return null
  const decided = decidePair(event, former, appointment, context)
  return {
    ...decided,
    ...(decided.isQuiet ? MOVED : {}),
    link: decided.link === null ? null : { ...decided.link, shownVersion: former.shownVersion },
    forget: former,
  }
}

const MOVED = {
  rule: 'moved-between-calendars',
  action: 'moved',
  reason: 'Its event was moved to another calendar in Google; it is kept up there from now on.',
  isQuiet: false,
}

function formerLink(event: LiveEvent, { known, connection }: PullContext): Link | null {
  const isOfSeries = event.recurringEventId !== null && known.links.get(event.recurringEventId)?.role === 'ours'
  if (event.marker === null && !isOfSeries) return null
  const links = known.elsewhere.get(event.iCalUID) ?? []
  return (
    links.find(link => link.role === 'ours' && link.eventId === event.eventId && link.connectionId === connection.id) ??
    null
  )
}
