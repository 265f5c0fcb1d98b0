import { readEvent } from '../adapters/google/from-google.ts'
import { isObject, textOf } from '../adapters/google/wire.ts'
import type { CalendarEvent, Tombstone } from '../core/model/calendar-event.ts'
import { unreachable, type RemoteFailure, type Result } from '../core/model/failures.ts'
import type { Link } from '../core/model/link.ts'
import { decideEvent } from '../core/sync/decide-event.ts'
import { decideGone, readGoneAnswer } from '../core/sync/decide-gone.ts'
import { learn, type PullContext } from '../core/sync/pull-context.ts'
import { reactToList, reactToWrite, type WriteCall } from '../core/sync/reaction.ts'
import type { Verdict } from '../core/sync/verdict.ts'
import type { EventWrite, GoogleCalendar } from '../ports/google-calendar.ts'
import { changedContent } from './own-writes.ts'
import type { Asked, Recorded } from './playing.ts'
import type { ReplayedDecision } from './replay.ts'
import { WHO } from './replay-context.ts'

type Step = { google: GoogleCalendar; context: PullContext; asked: Asked; definition: Recorded }

/** Makes the recorded request as this build makes it, and decides what its answer means. Lists have their own. */
export async function replayStep(step: Step): Promise<ReplayedDecision[]> {
  const { google, asked } = step
  const { calendarId, eventId } = asked
  switch (asked.kind) {
    case 'get':
      return settled(step, await google.getEvent(WHO, { calendarId, eventId }))
    case 'insert':
    case 'update':
    case 'delete':
      return written(step, asked.kind)
    case 'move':
      return [told(eventId, await google.moveEvent(WHO, asked, asked.query.get('destination') ?? ''), 'moved')]
    case 'find':
      return [found(await google.findByICalUID(WHO, calendarId, asked.query.get('iCalUID') ?? ''))]
    case 'calendars':
      return [told(null, await google.listCalendars(WHO), 'calendars-read')]
    case 'watch':
      return [told(null, await google.watch(WHO, channelOf(step)), 'channel-opened')]
    case 'stop':
      return [told(null, await google.stopChannel(WHO, { id: '', resourceId: '' }), 'channel-stopped')]
    case 'list':
    case 'other':
      return []
    default:
      return unreachable(asked.kind)
  }
}

/** What was asked about: gone, with what follows from that; alive, and decided like any listed event; or no clear answer. */
function settled({ context, asked }: Step, reply: Result<CalendarEvent, RemoteFailure>): ReplayedDecision[] {
  const link = context.known.links.get(asked.eventId)
  const answer = readGoneAnswer(reply)
  if (answer.kind === 'unknown') return [told(asked.eventId, reply, 'unreadable')]
  if (answer.kind === 'alive')
    return decided(decideEvent(answer.event, { ...context, isAsked: true }), context, asked.eventId)
  if (link === undefined || link.role === 'parked') {
    const tombstone = {
      kind: 'tombstone' as const,
      eventId: asked.eventId,
      etag: null,
      recurringEventId: null,
      originalStart: null,
    }
    const event: CalendarEvent = reply.ok ? reply.value : { ...tombstone, ...slotIn(link) }
    return decided(decideEvent(event, { ...context, isAsked: true }), context, asked.eventId)
  }
  const appointment = link.appointmentId === null ? undefined : context.known.appointments.get(link.appointmentId)
  const { policies, now } = context
  const gone = decideGone({ link, appointment: appointment ?? null, isShownElsewhere: false, policies, now })
  return decided(gone, context, asked.eventId)
}

const slotIn = (link: Link | undefined): Partial<Tombstone> =>
  link === undefined ? {} : { recurringEventId: link.recurringEventId, originalStart: link.originalStart }

function decided(verdict: Verdict | null, context: PullContext, eventId: string): ReplayedDecision[] {
  if (verdict === null) return [{ eventId, rule: 'no-concern-of-ours', action: 'seen', reason: '' }]
  learn(context.known, verdict)
  const { rule, action, reason } = verdict
  return [{ eventId: verdict.eventId, rule, action, reason }]
}

/** A write is made anew from what was written then, over what is known of the event now; it is taken as made where Google took it. */
async function written({ google, context, asked, definition }: Step, call: WriteCall): Promise<ReplayedDecision[]> {
  const { calendarId } = asked
  const link = context.known.links.get(asked.eventId)
  const write = writeOf(definition, context)
  const eventId = call === 'insert' ? write.eventId : asked.eventId
  const etag = link?.etag ?? null
  const address = { calendarId, eventId }
  const over = { raw: definition.method === 'PATCH' ? { attendeesOmitted: true } : (link?.raw ?? null), etag }
  const reply =
    call === 'insert'
      ? await google.insertEvent(WHO, address, write)
      : call === 'update'
        ? await google.updateEvent(WHO, address, write, over)
        : await google.deleteEvent(WHO, address, etag)
  changedContent(definition, context)
  if (reply.ok) return [{ eventId, rule: `${call}-taken`, action: call === 'delete' ? 'removed' : 'sent', reason: '' }]
  const reaction = reactToWrite(call, reply.error)
  return [{ eventId, rule: `${call}-${reaction.do}`, action: 'waited', reason: answered(reply.error) }]
}

/** What a recorded write said. One that cannot be read back says nothing, and is made as it was addressed. */
function writeOf({ body }: Recorded, { calendar, policies }: PullContext): EventWrite & { eventId: string } {
  const id = isObject(body) ? (textOf(body, 'id') ?? '') : ''
  const whole = isObject(body) ? { iCalUID: id, etag: '""', ...body, id: id === '' ? 'unnamed' : id } : {}
  const event = readEvent(whole, calendar.timeZone)
  const marker = event.kind === 'live' && event.marker !== null ? event.marker : { key: '', revision: 0 }
  const content = event.kind === 'live' ? event.content : NOTHING
  return { content, marker, visibility: policies.presentation.visibility, eventId: id }
}
const NOTHING: EventWrite['content'] = {
  time: { kind: 'all-day', startDate: '1970-01-01', endDate: '1970-01-02' },
  recurrence: [],
  title: '',
  description: '',
  location: '',
  busy: true,
  status: 'confirmed',
  colour: null,
}

function channelOf({ asked }: Step) {
  return {
    id: '',
    calendarId: asked.calendarId === '' ? null : asked.calendarId,
    address: '',
    token: '',
    ttlSeconds: 1,
  }
}

function found(reply: Result<CalendarEvent[], RemoteFailure>): ReplayedDecision {
  if (!reply.ok) return told(null, reply, '')
  const isAnyAlive = reply.value.some(each => each.kind === 'live')
  return { eventId: null, rule: isAnyAlive ? 'found-elsewhere' : 'not-found-elsewhere', action: 'looked', reason: '' }
}

function told(eventId: string | null, reply: Result<unknown, RemoteFailure>, rule: string): ReplayedDecision {
  if (reply.ok) return { eventId, rule, action: 'seen', reason: '' }
  return { eventId, rule: reactToList(reply.error).do, action: 'waited', reason: answered(reply.error) }
}

const answered = ({ kind }: RemoteFailure): string => `Google answered with ${kind}.`
