import type { View } from './event-json.ts'
import type { JsonObject } from './json.ts'
import { roleOf } from './calendars.ts'
import { isZone } from './times.ts'
import { refuse } from './refusal.ts'
import type { Account, Calendar, LogEntry, World } from './world.ts'

/** One authorised call of the Calendar API, as its handler sees it. */
export type Call = {
  world: World
  account: Account
  clientId: string
  params: Record<string, string>
  query: URLSearchParams
  headers: Record<string, string | undefined>
  body: JsonObject
  log: LogEntry
  /** The most items a list may answer with now; null when nothing ordered otherwise. */
  pageLimit: number | null
  /** By how much an increment lags behind: changes younger than this are not in it yet. */
  lagMs: number
  /** A list page in the opposite order: exceptions before their series. */
  isReversed: boolean
}

/** What a handler answers: a status, the body as text ('' for none), and the etag for its header. */
export type Answer = { status: number; text: string; etag?: string }

export const answer = (body: JsonObject): Answer => {
  const etag = body['etag']
  return { status: 200, text: JSON.stringify(body), ...(typeof etag === 'string' ? { etag } : {}) }
}

export const noContent: Answer = { status: 204, text: '' }

export const param = (call: Call, name: string): string => call.params[name] ?? ''

/** How the caller sees the calendar. @throws Refusal for a zone or a number that is none. */
export function viewOf(call: Call, calendar: Calendar): View {
  const zone = call.query.get('timeZone')
  if (zone !== null && !isZone(zone)) throw refuse.invalid('Invalid Value', 'timeZone')
  const most = call.query.get('maxAttendees')
  if (most !== null && !/^[1-9]\d*$/.test(most)) throw refuse.invalid('Invalid Value', 'maxAttendees')
  const role = roleOf(calendar, call.account.email)
  return { role, zone, maxAttendees: most === null ? null : Number(most), viewer: call.account.email }
}
