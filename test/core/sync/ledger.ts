import type { Appointment } from '../../../src/core/model/appointment.ts'
import type { CalendarEvent } from '../../../src/core/model/calendar-event.ts'
import type { Calendar, Connection } from '../../../src/core/model/connection.ts'
import type { Link } from '../../../src/core/model/link.ts'
import type { Policies } from '../../../src/core/model/policies.ts'
import { short, type Line } from '../../support/ledger.ts'
import { decideEvent } from '../../../src/core/sync/decide-event.ts'
import { decidePage } from '../../../src/core/sync/decide-page.ts'
import { knownFrom, type PullContext } from '../../../src/core/sync/pull-context.ts'
import type { Verdict } from '../../../src/core/sync/verdict.ts'
import type { Projection } from '../../../src/core/model/projection.ts'
import { aCalendar, aConnection, aLink, anAppointment, aProjection, NOW, policiesWith } from '../../support/builders.ts'

export type World = {
  links?: Link[]
  elsewhere?: Link[]
  own?: Link[]
  appointments?: Appointment[]
  markers?: Record<string, string>
  policies?: Partial<Policies>
  calendar?: Partial<Calendar>
  connection?: Partial<Connection>
  isAsked?: boolean
}

function contextOf(world: World): PullContext {
  return {
    now: NOW,
    calendar: aCalendar(world.calendar),
    connection: aConnection(world.connection),
    policies: policiesWith(world.policies ?? {}),
    importedId: eventId => `g_${eventId}`,
    isAsked: world.isAsked ?? false,
    known: knownFrom({
      links: world.links ?? [],
      elsewhere: world.elsewhere ?? [],
      own: world.own ?? [],
      appointments: world.appointments ?? [],
      markers: new Map(Object.entries(world.markers ?? {})),
    }),
  }
}

/** One event of one world. */
export function lineOf(name: string, event: CalendarEvent, world: World): Line {
  const decided = decideEvent(event, contextOf(world))
  return [name, decided === null ? 'no concern of ours' : say(decided, world)]
}

/** What a page means, one line for each verdict. */
export function pageLine(name: string, events: readonly CalendarEvent[], world: World): Line {
  const decided = decidePage(events, contextOf(world)).map(each => `${each.eventId}: ${say(each, world)}`)
  return [name, decided.length === 0 ? 'no concern of ours' : decided.join('\n')]
}

/** A verdict in words: only what it changes. */
export function say(decided: Verdict, world: World): string {
  const { rule, action, reason, isQueued, isQuiet, change, about, before, after, proposal, duplicate } = decided
  return [
    `${rule} (${action})`,
    ...(isQuiet ? ['quiet'] : []),
    ...(reason === '' ? [] : [`"${reason}"`]),
    ...(isQueued ? ['queued'] : []),
    ...(change === null ? [] : [change]),
    ...(about === null ? [] : [`about ${about}`]),
    ...sayAppointment(decided.appointment, world.appointments ?? []),
    ...sayLink(decided.link, [...(world.links ?? []), ...(world.elsewhere ?? [])]),
    ...(decided.forget === null ? [] : [`forget ${decided.forget.calendarId}/${decided.forget.eventId}`]),
    ...(before === null ? [] : [`before ${short(before)}`]),
    ...(after === null ? [] : [`after ${short(after)}`]),
    ...(proposal === null ? [] : [`ask ${proposal.kind} ${short(proposal.values)}`]),
    ...(duplicate === null ? [] : [`duplicate ${duplicate.kind} of ${duplicate.appointmentId}`]),
  ].join(' | ')
}

/** What is new is told by what sets it apart from the ordinary one of the builders. */
function sayAppointment(is: Appointment | null, known: readonly Appointment[]): string[] {
  if (is === null) return []
  const was = known.find(each => each.id === is.id)
  return [`${was === undefined ? 'new ' : ''}${is.id} ${short(changed(was ?? anAppointment({ id: is.id }), is))}`]
}

function sayLink(is: Link | null, known: readonly Link[]): string[] {
  if (is === null) return []
  const was = known.find(each => each.eventId === is.eventId && each.calendarId === is.calendarId)
  const { eventId, calendarId } = is
  const told = changed(plain(was ?? aLink({ eventId, calendarId })), plain(is))
  return [`${was === undefined ? 'new ' : ''}link ${calendarId}/${eventId} ${short(told)}`]
}

/** A link without what would only be long: of a hash, whether it is that of an event without words; of texts agreed on, what is special. */
function plain({ base, contentHash, raw, ...link }: Link): object {
  const special = (content: Projection): object => changed(aProjection(), content)
  return {
    ...link,
    hash: contentHash === null ? null : contentHash.split(' ').length === 1 ? 'full' : 'busy',
    raw: raw !== null,
    ...(base === null ? { base } : { sent: special(base.sent), returned: special(base.returned) }),
  }
}

function changed(was: object, is: object): Record<string, unknown> {
  const before = new Map<string, unknown>(Object.entries(was))
  return Object.fromEntries(
    Object.entries(is).filter(([key, value]) => JSON.stringify(before.get(key)) !== JSON.stringify(value)),
  )
}
