import type { Appointment } from '../model/appointment.ts'
import type { LiveEvent } from '../model/calendar-event.ts'
import type { Link } from '../model/link.ts'
import { differences, importedContent } from './content.ts'
import { placeOf, type PullContext } from './pull-context.ts'
import { theirsLink, type Detail } from './links.ts'
import { verdict, type Verdict } from './verdict.ts'

/** A Google-origin event that is already here: Google always wins. */
export function decideTheirs(event: LiveEvent, link: Link, context: PullContext): Verdict {
  const { known, now } = context
  const appointment = link.appointmentId === null ? undefined : known.appointments.get(link.appointmentId)
  if (appointment === undefined) return verdict(event.eventId, 'unpaired', { forget: link, isQuiet: true })
  const next = theirsLink(event, appointment.id, placeOf(context), detailOf(context))
  if (next.contentHash === link.contentHash && appointment.status !== 'cancelled') {
    return verdict(event.eventId, 'unchanged', { link: next, isQuiet: true })
  }
  const changed = {
    ...appointment,
    ...importedContent(event, detailOf(context)),
    ...placeInSeries(event, appointment, context),
    archivedAt: null,
  }
  const told = differences(appointment, changed)
  if (Object.keys(told.after).length === 0) {
    return verdict(event.eventId, 'nothing-shown-changed', { link: next, isQuiet: true })
  }
  return verdict(event.eventId, 'google-owns-it', {
    action: 'updated',
    reason: 'It was changed in Google, where it was made.',
    appointment: { ...changed, version: appointment.version + 1, updatedAt: now },
    link: next,
    change: 'appointment.updated',
    ...told,
  })
}

/** After a split in Google an exception belongs to the series that Google now names. One that is not known (yet) changes nothing. */
function placeInSeries(
  { recurringEventId, originalStart }: LiveEvent,
  appointment: Appointment,
  { known }: PullContext,
): Pick<Appointment, 'recurringId' | 'originalStart'> {
  const master = recurringEventId === null ? undefined : known.links.get(recurringEventId)
  if (master?.appointmentId == null || originalStart === null) {
    return { recurringId: appointment.recurringId, originalStart: appointment.originalStart }
  }
  return { recurringId: master.appointmentId, originalStart }
}

/** A calendar that only blocks time lends its hours, never its words. */
export function detailOf({ calendar, policies }: Pick<PullContext, 'calendar' | 'policies'>): Detail {
  return calendar.isSource ? policies.imported : 'busy'
}
