import { type Answer, answer, type Call, param } from './call.ts'
import { openCalendar } from './calendars.ts'
import { channelJson, openChannel, type PushWire, resourceKey } from './push.ts'
import { refuse } from './refusal.ts'

const open = (call: Call, wire: PushWire, resource: string, path: string): Answer => {
  const watched = { resource, path, account: call.account.email, clientId: call.clientId }
  return answer(channelJson(openChannel(call.world, wire, watched, call.body)))
}

/** `events.watch`. Holidays, birthdays and the like cannot be watched: pushNotSupportedForRequestedResource. */
export function watchEvents(call: Call, wire: PushWire): Answer {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'freeBusyReader')
  if (!calendar.isWatchable) throw refuse.pushNotSupported()
  call.log.calendarId = calendar.id
  return open(call, wire, resourceKey.events(calendar.id), `/calendars/${encodeURIComponent(calendar.id)}/events`)
}

export function watchAcl(call: Call, wire: PushWire): Answer {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'writer')
  return open(call, wire, resourceKey.acl(calendar.id), `/calendars/${encodeURIComponent(calendar.id)}/acl`)
}

export const watchCalendarList = (call: Call, wire: PushWire): Answer =>
  open(call, wire, resourceKey.calendarList(call.account.email), '/users/me/calendarList')

export const watchSettings = (call: Call, wire: PushWire): Answer =>
  open(call, wire, resourceKey.settings(call.account.email), '/users/me/settings')
