import type { LiveEvent } from '../model/calendar-event.ts'
import { markerKeyOfFeedUid } from '../model/feed-uid.ts'
import { mayWrite } from './admission.ts'
import { oursLink, parkedLink } from './links.ts'
import { isShownBefore, placeOf, type PullContext } from './pull-context.ts'
import { verdict, type Verdict } from './verdict.ts'
import { waitForSeries } from './wait-for-series.ts'

/**
 * An event that was imported from a feed of ours, by its iCalUID: the appointment itself, not news. In the target, or in a source that
 * may be written, it becomes the appointment's own event where it is, unless it has one; then the two are told of. In a calendar that
 * subscribes to the feed, or only blocks time, it is left alone.
 * Undefined: no feed of ours knows it.
 */
export function decideFeedCopy(event: LiveEvent, context: PullContext): Verdict | undefined {
  const { known, connection, calendar } = context
  const key = markerKeyOfFeedUid(event.iCalUID)
  if (key === null) return undefined
  const appointmentId = known.markers.get(key)
  const appointment = appointmentId === undefined ? undefined : known.appointments.get(appointmentId)
  const isHis = appointment?.userId === connection.userId
  if (appointment === undefined || !isHis) return parked(event, context)
  if (!(calendar.isTarget || calendar.isSource) || !mayWrite(calendar.accessRole)) return parked(event, context)
  if (event.recurringEventId !== null) return waitForSeries(event, context)
  if (isShownBefore(appointment.id, known))
    return { ...parked(event, context), duplicate: { kind: 'feed-copy', appointmentId: appointment.id } }
  const base = { sent: event.content, returned: event.content }
  return verdict(event.eventId, 'recognised-by-feed-uid', {
    action: 'linked',
    reason: 'It was imported from the user’s feed and became the event of the appointment that it shows.',
    link: oursLink(event, appointment, placeOf(context), { base, shownVersion: null, generation: 0 }, context.policies),
    isQueued: true,
  })
}

function parked(event: LiveEvent, context: PullContext): Verdict {
  const message = 'It came from a feed of this service, which shows an appointment that is known here already.'
  return verdict(event.eventId, 'came-from-our-feed', {
    link: parkedLink(event, placeOf(context), { code: 'feed-copy', message }),
    isQuiet: true,
  })
}
