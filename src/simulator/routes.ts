import * as calendars from './calendars-api.ts'
import type { Answer, Call } from './call.ts'
import { noContent } from './call.ts'
import { decodeSegment } from './http.ts'
import * as events from './events-api.ts'
import type { PushWire } from './push.ts'
import { notify, resourceKey, stopChannel } from './push.ts'
import * as sharing from './sharing-api.ts'
import { watchCalendarList, watchEvents, watchSettings, watchAcl } from './watch-api.ts'
import type { Account, Calendar } from './world.ts'

/** What a handler may set off beside its answer. */
type Effects = { wire: PushWire }

/** One method of the API: its name in the reference, where it lives, what it costs, and who answers. */
export type Route = {
  kind: string
  method: string
  segments: string[]
  units: number
  run: (call: Call, effects: Effects) => Answer
}

const eventsChanged =
  (call: Call, { wire }: Effects) =>
  (calendar: Calendar): void =>
    notify(call.world, wire, resourceKey.events(calendar.id))

const listsChanged =
  (call: Call, { wire }: Effects) =>
  (accounts: Account[]): void => {
    for (const account of accounts) notify(call.world, wire, resourceKey.calendarList(account.email))
  }

const aclChanged = (call: Call, { wire }: Effects, given: Answer): Answer => {
  notify(call.world, wire, resourceKey.acl(call.params['calendarId'] ?? ''))
  return given
}

function route(kind: string, method: string, pattern: string, run: Route['run']): Route {
  return { kind, method, segments: pattern.split('/'), units: kind === 'events.patch' ? 3 : 1, run }
}

const EVENTS = 'calendars/:calendarId/events'
const ACL = 'calendars/:calendarId/acl'
const LIST = 'users/me/calendarList'

/** Every method the simulator knows. Fixed segments come before parameters of the same place. */
const ROUTES: Route[] = [
  route('events.list', 'GET', EVENTS, events.list),
  route('events.insert', 'POST', EVENTS, (call, effects) => events.insert(call, eventsChanged(call, effects))),
  route('events.import', 'POST', `${EVENTS}/import`, (call, effects) =>
    events.importOne(call, eventsChanged(call, effects)),
  ),
  route('events.watch', 'POST', `${EVENTS}/watch`, (call, { wire }) => watchEvents(call, wire)),
  route('events.get', 'GET', `${EVENTS}/:eventId`, events.get),
  route('events.update', 'PUT', `${EVENTS}/:eventId`, (call, effects) =>
    events.update(call, eventsChanged(call, effects)),
  ),
  route('events.patch', 'PATCH', `${EVENTS}/:eventId`, (call, effects) =>
    events.patch(call, eventsChanged(call, effects)),
  ),
  route('events.delete', 'DELETE', `${EVENTS}/:eventId`, (call, effects) =>
    events.remove(call, eventsChanged(call, effects)),
  ),
  route('events.instances', 'GET', `${EVENTS}/:eventId/instances`, events.instances),
  route('events.move', 'POST', `${EVENTS}/:eventId/move`, (call, effects) =>
    events.move(call, eventsChanged(call, effects)),
  ),
  route('calendarList.list', 'GET', LIST, calendars.listCalendars),
  route('calendarList.insert', 'POST', LIST, (call, effects) =>
    calendars.insertEntry(call, listsChanged(call, effects)),
  ),
  route('calendarList.watch', 'POST', `${LIST}/watch`, (call, { wire }) => watchCalendarList(call, wire)),
  route('calendarList.get', 'GET', `${LIST}/:calendarId`, calendars.getEntry),
  ...(['PATCH', 'PUT'] as const).map(method =>
    route(
      method === 'PUT' ? 'calendarList.update' : 'calendarList.patch',
      method,
      `${LIST}/:calendarId`,
      (call, effects) => calendars.patchEntry(call, listsChanged(call, effects)),
    ),
  ),
  route('calendarList.delete', 'DELETE', `${LIST}/:calendarId`, (call, effects) =>
    calendars.deleteEntry(call, listsChanged(call, effects)),
  ),
  route('calendars.insert', 'POST', 'calendars', (call, effects) =>
    calendars.insertCalendar(call, listsChanged(call, effects)),
  ),
  route('calendars.get', 'GET', 'calendars/:calendarId', calendars.getCalendar),
  route('calendars.update', 'PUT', 'calendars/:calendarId', call => calendars.writeCalendar(call, 'update')),
  route('calendars.patch', 'PATCH', 'calendars/:calendarId', call => calendars.writeCalendar(call, 'patch')),
  route('calendars.delete', 'DELETE', 'calendars/:calendarId', (call, effects) =>
    calendars.deleteOne(call, listsChanged(call, effects)),
  ),
  route('calendars.clear', 'POST', 'calendars/:calendarId/clear', (call, effects) => {
    const cleared = calendars.clearCalendar(call)
    eventsChanged(call, effects)(cleared.calendar)
    return cleared.answer
  }),
  route('acl.list', 'GET', ACL, sharing.listRules),
  route('acl.insert', 'POST', ACL, (call, effects) => aclChanged(call, effects, sharing.writeRule(call))),
  route('acl.watch', 'POST', `${ACL}/watch`, (call, { wire }) => watchAcl(call, wire)),
  route('acl.get', 'GET', `${ACL}/:ruleId`, sharing.getRule),
  route('acl.patch', 'PATCH', `${ACL}/:ruleId`, (call, effects) => aclChanged(call, effects, sharing.writeRule(call))),
  route('acl.update', 'PUT', `${ACL}/:ruleId`, (call, effects) => aclChanged(call, effects, sharing.writeRule(call))),
  route('acl.delete', 'DELETE', `${ACL}/:ruleId`, (call, effects) =>
    aclChanged(call, effects, sharing.deleteRule(call)),
  ),
  route('freebusy.query', 'POST', 'freeBusy', sharing.freeBusy),
  route('colors.get', 'GET', 'colors', calendars.colors),
  route('settings.list', 'GET', 'users/me/settings', calendars.settings),
  route('settings.watch', 'POST', 'users/me/settings/watch', (call, { wire }) => watchSettings(call, wire)),
  route('settings.get', 'GET', 'users/me/settings/:setting', calendars.settings),
  route('channels.stop', 'POST', 'channels/stop', call => {
    stopChannel(call.world, { account: call.account.email, clientId: call.clientId }, call.body)
    return noContent
  }),
]

/** The route of a request, with its parameters decoded; undefined when there is none. */
export function findRoute(method: string, path: string): { route: Route; params: Record<string, string> } | undefined {
  const segments = path.split('/')
  for (const candidate of ROUTES) {
    if (candidate.method !== method || candidate.segments.length !== segments.length) continue
    const params = match(candidate.segments, segments)
    if (params) return { route: candidate, params }
  }
  return undefined
}

function match(pattern: string[], segments: string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {}
  for (const [i, part] of pattern.entries()) {
    const segment = segments[i] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = decodeSegment(segment)
    else if (part !== segment) return undefined
  }
  return params
}
