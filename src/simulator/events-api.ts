import { type Answer, answer, type Call, noContent, param, viewOf } from './call.ts'
import { openCalendar } from './calendars.ts'
import { fullEvent } from './event-json.ts'
import { listEvents, listInstances } from './event-list.ts'
import { deleteEvent, insertEvent, type WriteContext, writeEvent } from './event-writes.ts'
import { findEvent } from './instances.ts'
import { refuse } from './refusal.ts'
import { countMails, spreadToGuests, tellOrganizer } from './invitations.ts'
import { importEvent, moveEvent } from './event-transfers.ts'
import { etagOf, type Calendar, type StoredEvent } from './world.ts'

/** What handlers of writes need besides the call: a way to tell watchers. */
export type Changed = (calendar: Calendar) => void

const contextOf = (call: Call): WriteContext => ({
  writer: { email: call.account.email },
  ifMatch: call.headers['if-match'] ?? null,
  hasConferenceVersion: call.query.get('conferenceDataVersion') === '1',
})

const eventAnswer = (call: Call, calendar: Calendar, event: StoredEvent): Answer =>
  answer(fullEvent(calendar, event, viewOf(call, calendar)))

export function list(call: Call): Answer {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'freeBusyReader')
  const { account, query, pageLimit: limit, lagMs, isReversed } = call
  const view = viewOf(call, calendar)
  const { text, warning } = listEvents(call.world, calendar, { account, query, view, limit, lagMs, isReversed })
  call.log.warning = warning
  return { status: 200, text }
}

export function get(call: Call): Answer {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'freeBusyReader')
  const found = findEvent(calendar, param(call, 'eventId'))
  if (!found) throw refuse.notFound()
  if (call.headers['if-none-match'] === etagOf(found.event.etagUs)) return { status: 304, text: '' }
  return eventAnswer(call, calendar, found.event)
}

export function instances(call: Call): Answer {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'freeBusyReader')
  const master = findEvent(calendar, param(call, 'eventId'))?.event
  if (!master) throw refuse.notFound()
  const { query, account } = call
  return {
    status: 200,
    text: listInstances(call.world, calendar, master, { query, view: viewOf(call, calendar), account }),
  }
}

const writable = (call: Call): Calendar =>
  openCalendar(call.world, call.account, param(call, 'calendarId'), 'writerWithoutPrivateAccess')

/** Runs a write, passes it on to guests' or the organizer's copies, counts its mails, and tells the watchers. */
function written(call: Call, changed: Changed, write: (calendar: Calendar) => StoredEvent): Answer {
  const calendar = writable(call)
  const event = write(calendar)
  call.log.eventId = event.id
  for (const other of passOn(call, calendar, event)) changed(other)
  call.log.mails = countMails(call.world, calendar, event, call.query)
  changed(calendar)
  return eventAnswer(call, calendar, event)
}

const passOn = (call: Call, calendar: Calendar, event: StoredEvent): Calendar[] =>
  event.organizer.email === calendar.id
    ? spreadToGuests(call.world, calendar, event)
    : tellOrganizer(call.world, calendar, event)

export const insert = (call: Call, changed: Changed): Answer =>
  written(call, changed, calendar => insertEvent(call.world, calendar, call.body, contextOf(call)))

const write = (call: Call, changed: Changed, mode: 'update' | 'patch'): Answer =>
  written(call, changed, calendar => {
    const request = { id: param(call, 'eventId'), body: call.body, mode }
    return writeEvent(call.world, calendar, request, contextOf(call))
  })

export const update = (call: Call, changed: Changed): Answer => write(call, changed, 'update')
export const patch = (call: Call, changed: Changed): Answer => write(call, changed, 'patch')

export function remove(call: Call, changed: Changed): Answer {
  written(call, changed, calendar =>
    deleteEvent(call.world, calendar, param(call, 'eventId'), call.headers['if-match'] ?? null),
  )
  return noContent
}

export const importOne = (call: Call, changed: Changed): Answer =>
  written(call, changed, calendar => importEvent(call.world, calendar, call.body, contextOf(call)))

export function move(call: Call, changed: Changed): Answer {
  const source = writable(call)
  const destinationId = call.query.get('destination')
  if (destinationId === null) throw refuse.required('Required parameter: destination')
  const destination = openCalendar(call.world, call.account, destinationId, 'writerWithoutPrivateAccess')
  const event = moveEvent(call.world, { source, destination, id: param(call, 'eventId') })
  call.log.eventId = event.id
  changed(source)
  changed(destination)
  return eventAnswer(call, destination, event)
}
