import type { Appointment } from '../../../src/core/model/appointment.ts'
import type { Policies } from '../../../src/core/model/policies.ts'
import { isShown } from '../../../src/core/sync/admission.ts'
import { project } from '../../../src/core/sync/projection.ts'
import type { Paired } from '../../../src/ports/store/appointments.ts'
import type { GoogleEvent } from '../../support/person.ts'
import type { Seen } from './calm.ts'
import type { Member } from './cast.ts'

/** L1: one appointment beside its event. */
export function comparePair(
  { appointment, links }: Paired,
  events: ReadonlyMap<string, Seen>,
  policies: Policies,
  member: Member,
): string[] {
  const { id, origin, status, recurringId } = appointment
  const [link] = links
  if (links.length > 1) return [`${id} is shown ${links.length} times`]
  if (link?.role === 'parked') return []
  const isWanted = origin === 'google' ? status !== 'cancelled' : isShown(appointment, policies)
  const event = link === undefined ? undefined : events.get(`${link.calendarId} ${link.eventId}`)?.event
  if (recurringId !== null) return isWanted || event === undefined ? [] : [`${id} is cancelled and still in Google`]
  if (isWanted !== (event !== undefined)) return [`${id} (${status}) ${event ? 'is still' : 'is not'} in Google`]
  return event === undefined || link === undefined
    ? []
    : sameAs(appointment, event, policies, member.conflicts.includes(link.calendarId))
}

function sameAs(appointment: Appointment, event: GoogleEvent, policies: Policies, isBusyOnly: boolean): string[] {
  const { id, origin, time } = appointment
  const problems: string[] = []
  const isTheirs = origin === 'google'
  const isPrivate = event['visibility'] === 'private' && isTheirs
  const title = isTheirs ? (appointment.title ?? '') : project(appointment, policies).title
  const isTitleShown = isTheirs ? !isBusyOnly && !isPrivate : policies.presentation.title === 'full'
  if (isTitleShown && title !== wellFormed(event.summary))
    problems.push(`${id} is "${title}", in Google "${event.summary}"`)
  if (isTheirs && (isBusyOnly || isPrivate) && appointment.title !== null) problems.push(`${id} keeps a title`)
  const start = event['start'] as { date?: string; dateTime: string }
  if ((start.date === undefined ? 'timed' : 'all-day') !== time.kind) problems.push(`${id} is of another kind of time`)
  else if (time.kind === 'all-day' && time.startDate !== start.date)
    problems.push(`${id} begins ${time.startDate}, in Google ${start.date}`)
  else if (time.kind === 'timed' && time.startAt !== Date.parse(start.dateTime))
    problems.push(`${id} starts ${new Date(time.startAt).toISOString()}, in Google ${start.dateTime}`)
  const [there, here] = [(event['recurrence'] as string[] | undefined) ?? [], appointment.recurrence]
  if (spelled(there) !== spelled(here)) problems.push(`${id} repeats ${here.join()}, in Google ${there.join()}`)
  if (isTheirs && appointment.busy !== isBusy(event))
    problems.push(`${id} is ${appointment.busy ? '' : 'not '}busy against Google`)
  return problems
}

const wellFormed = (text: string | undefined): string => (text ?? '').toWellFormed()

function isBusy(event: GoogleEvent): boolean {
  const guests = (event['attendees'] as { self?: boolean; responseStatus: string }[] | undefined) ?? []
  return (
    event['transparency'] !== 'transparent' &&
    !guests.some(each => each.self === true && each.responseStatus === 'declined')
  )
}

/** Google may write the parts of a rule in another order; on which day a week begins moves none of these. */
const spelled = (lines: readonly string[]): string =>
  lines
    .map(
      line =>
        `${line.split(':')[0]}:${(line.split(':')[1] ?? '')
          .split(';')
          .filter(part => !part.startsWith('WKST='))
          .toSorted()
          .join(';')}`,
    )
    .toSorted()
    .join()
