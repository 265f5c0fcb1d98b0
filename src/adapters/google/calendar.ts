import { fail, succeed } from '../../core/model/failures.ts'
import type { LiveEvent } from '../../core/model/calendar-event.ts'
import { formatDateTime } from '../../core/model/time.ts'
import type { Instant } from '../../core/model/time.ts'
import type {
  EventAddress,
  EventPage,
  Grantee,
  GoogleCalendar,
  ListedCalendar,
  ListParameters,
  ListRequest,
  OpenedChannel,
  Reply,
} from '../../ports/google-calendar.ts'
import { googleClient } from './client.ts'
import type { ClientOptions, GoogleCall, GoogleClient } from './client.ts'
import { readEvent } from './from-google.ts'
import { changeBody, insertBody } from './to-google.ts'
import { isObject, readCalendarPage, readChannel, readEventPage, roleOf, textOf } from './wire.ts'
import type { WireCalendarPage, WireObject, WirePage } from './wire.ts'

/**
 * What every listing of this build asks for, in words that are stored beside its sync token: with other parameters Google's answer to that
 * token is undefined. Series come as series, all event types, deletions as Google has them by default (an explicit
 * `showDeleted=false` is refused with a token); no order, for an ordered list has no sync token; no `maxAttendees`, for it would leave
 * guests out of what an update repeats.
 */
export const LIST_PARAMETERS: ListParameters = 'singleEvents=false'

/** Bounds for listings that are read to their end here: 10,000 calendars, 2,500 events of one iCalUID. */
const CALENDAR_PAGES_MAX = 40
const UID_PAGES_MAX = 10
/** Zones of calendars learned from their listings; forgotten all at once when there are too many. */
const ZONES_MAX = 10_000
/** A patch counts as three requests. */
export const PATCH_WEIGHT = 3
/** Nobody is ever sent mail by what the engine writes. */
const SILENT = { sendUpdates: 'none' } as const

type Context = {
  client: GoogleClient
  now: () => Instant
  zoneOf: (calendarId: string) => string
  learnZone: (calendarId: string, zone: string | null) => void
}

/** Google Calendar over HTTP. Each method is one request, except the listings that say otherwise. */
export function googleCalendar(options: ClientOptions): GoogleCalendar {
  const zones = new Map<string, string>()
  const context: Context = {
    client: googleClient(options),
    now: options.now,
    zoneOf: calendarId => zones.get(calendarId) ?? 'UTC',
    learnZone: (calendarId, zone) => {
      if (zone === null) return
      if (zones.size >= ZONES_MAX && !zones.has(calendarId)) zones.clear()
      zones.set(calendarId, zone)
    },
  }
  return { ...calendarMethods(context), ...readMethods(context), ...writeMethods(context), ...channelMethods(context) }
}

function calendarMethods(context: Context): Pick<GoogleCalendar, 'listCalendars' | 'createCalendar'> {
  const { client } = context
  const readPage = (who: Grantee, pageToken: string | null): Reply<WireCalendarPage> =>
    client.call({
      who,
      method: 'calendarList.list',
      hasPageToken: pageToken !== null,
      send: (api, request) =>
        api.calendarList.list({ maxResults: 250, showHidden: true, ...given({ pageToken }) }, request),
      read: readCalendarPage,
    })
  return {
    async listCalendars(who) {
      const entries = await readToEnd(CALENDAR_PAGES_MAX, pageToken => readPage(who, pageToken))
      if (!entries.ok) return entries
      const calendars = entries.value.map(listedCalendar)
      for (const { id, timeZone } of calendars) context.learnZone(id, timeZone)
      return succeed(calendars)
    },
    createCalendar: (who, { summary, timeZone }) =>
      client.call({
        who,
        method: 'calendars.insert',
        send: (api, request) => api.calendars.insert({ requestBody: { summary, timeZone } }, request),
        read: body => {
          const id = isObject(body) ? textOf(body, 'id') : null
          return id === null ? undefined : { id }
        },
      }),
  }
}

function listedCalendar(entry: WireObject): ListedCalendar {
  const id = textOf(entry, 'id') ?? ''
  return {
    id,
    summary: textOf(entry, 'summaryOverride') ?? textOf(entry, 'summary') ?? id,
    timeZone: textOf(entry, 'timeZone') ?? 'UTC',
    accessRole: roleOf(entry['accessRole']),
    isPrimary: entry['primary'] === true,
    isHidden: entry['hidden'] === true,
    isDeleted: entry['deleted'] === true,
  }
}

function readMethods(context: Context): Pick<GoogleCalendar, 'listEvents' | 'getEvent' | 'findByICalUID'> {
  const { client } = context
  const readUidPage = (who: Grantee, calendarId: string, iCalUID: string, pageToken: string | null): Reply<WirePage> =>
    client.call({
      who,
      method: 'events.list',
      hasPageToken: pageToken !== null,
      ids: [calendarId],
      send: (api, request) =>
        api.events.list({ calendarId, iCalUID, showDeleted: true, maxResults: 250, ...given({ pageToken }) }, request),
      read: readEventPage,
    })
  return {
    listEvents: (who, request) => listEvents(context, who, request),
    getEvent: (who, { calendarId, eventId }) =>
      client.call({
        who,
        method: 'events.get',
        ids: [calendarId, eventId],
        send: (api, request) => api.events.get({ calendarId, eventId }, request),
        read: body => (isEvent(body) ? readEvent(body, context.zoneOf(calendarId)) : undefined),
      }),
    async findByICalUID(who, calendarId, iCalUID) {
      const items = await readToEnd(UID_PAGES_MAX, pageToken => readUidPage(who, calendarId, iCalUID, pageToken))
      return items.ok ? succeed(items.value.map(item => readEvent(item, context.zoneOf(calendarId)))) : items
    },
  }
}

/** One page. `timeMin` is Google's for full lists only: with a sync token it is refused, the token has it baked in. */
function listEvents(context: Context, who: Grantee, request: ListRequest): Reply<EventPage> {
  const { calendarId, syncToken, pageToken, timeMin, pageSize } = request
  const from = syncToken === null && timeMin !== null ? formatDateTime(timeMin, 'UTC') : null
  return context.client.call({
    who,
    method: 'events.list',
    hasSyncToken: syncToken !== null,
    hasPageToken: pageToken !== null,
    ids: [calendarId],
    send: (api, options) =>
      api.events.list(
        {
          calendarId,
          singleEvents: false,
          maxResults: pageSize,
          prettyPrint: false, // Google indents its answers otherwise
          ...given({ timeMin: from, syncToken, pageToken }),
        },
        options,
      ),
    read: body => {
      const page = readEventPage(body)
      // A last page without a sync token could never be continued from.
      if (page === undefined || (page.nextPageToken ?? page.nextSyncToken) === null) return undefined
      context.learnZone(calendarId, page.timeZone)
      const timeZone = page.timeZone ?? context.zoneOf(calendarId)
      const { nextPageToken, nextSyncToken, accessRole } = page
      return {
        events: page.items.map(item => readEvent(item, timeZone)),
        nextPageToken,
        nextSyncToken,
        timeZone,
        accessRole,
      }
    },
  })
}

function writeMethods(
  context: Context,
): Pick<GoogleCalendar, 'insertEvent' | 'updateEvent' | 'deleteEvent' | 'moveEvent'> {
  const { client } = context
  const writing = (who: Grantee, { calendarId, eventId }: EventAddress) => ({
    who,
    writesTo: calendarId,
    ids: [calendarId, eventId],
    read: (body: unknown) => readLive(body, context.zoneOf(calendarId)),
  })
  return {
    insertEvent: (who, event, write) =>
      client.call({
        ...writing(who, event),
        method: 'events.insert',
        send: (api, request) =>
          api.events.insert(
            { calendarId: event.calendarId, ...SILENT, requestBody: insertBody(event.eventId, write) },
            request,
          ),
      }),
    updateEvent: (who, event, write, over) => {
      const { method, body, params } = changeBody(write, over.raw)
      const change = { ...event, ...SILENT, ...params, requestBody: body }
      const call = { ...writing(who, event), ifMatch: over.etag }
      return method === 'update'
        ? client.call({ ...call, method: 'events.update', send: (api, request) => api.events.update(change, request) })
        : client.call({
            ...call,
            method: 'events.patch',
            weight: PATCH_WEIGHT,
            send: (api, request) => api.events.patch(change, request),
          })
    },
    deleteEvent: (who, event, etag) =>
      client.call({
        ...writing(who, event),
        method: 'events.delete',
        ifMatch: etag,
        send: (api, request) => api.events.delete({ ...event, ...SILENT }, request),
        read: readNothing,
      }),
    moveEvent: (who, event, toCalendarId) =>
      client.call({
        ...writing(who, event),
        method: 'events.move',
        send: (api, request) => api.events.move({ ...event, ...SILENT, destination: toCalendarId }, request),
      }),
  }
}

function channelMethods(context: Context): Pick<GoogleCalendar, 'watch' | 'stopChannel'> {
  const { client, now } = context
  return {
    watch: (who, { id, calendarId, address, token, ttlSeconds }) => {
      const requestBody = { id, type: 'web_hook', address, token, params: { ttl: String(ttlSeconds) } }
      const read = (body: unknown): OpenedChannel | undefined => {
        const channel = readChannel(body)
        if (channel === undefined) return undefined
        return { resourceId: channel.resourceId, expiresAt: channel.expiration ?? now() + ttlSeconds * 1000 }
      }
      const call: Omit<GoogleCall<OpenedChannel>, 'method' | 'send'> = { who, read }
      return calendarId === null
        ? client.call({
            ...call,
            method: 'calendarList.watch',
            send: (api, request) => api.calendarList.watch({ requestBody }, request),
          })
        : client.call({
            ...call,
            method: 'events.watch',
            ids: [calendarId],
            send: (api, request) => api.events.watch({ calendarId, requestBody }, request),
          })
    },
    async stopChannel(who, { id, resourceId }) {
      const reply = await client.call({
        who,
        method: 'channels.stop',
        send: (api, request) => api.channels.stop({ requestBody: { id, resourceId } }, request),
        read: readNothing,
      })
      // Unknown to Google, or another's: either way no channel of ours is left to stop.
      return !reply.ok && reply.error.kind === 'not-found' ? succeed(null) : reply
    },
  }
}

/** Every item of a listing whose pages are read here; more pages than `pagesMax` are no listing but a loop. */
async function readToEnd<T>(
  pagesMax: number,
  readPage: (pageToken: string | null) => Reply<{ items: readonly T[]; nextPageToken: string | null }>,
): Reply<T[]> {
  const items: T[] = []
  let pageToken: string | null = null
  for (let pages = 0; pages < pagesMax; pages++) {
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(pageToken)
    if (!page.ok) return page
    items.push(...page.value.items)
    pageToken = page.value.nextPageToken
    if (pageToken === null) return succeed(items)
  }
  return fail({ kind: 'unavailable', ambiguous: false, detail: 'listing-without-end' })
}

/** An event of ours as Google stored it; anything else is an answer that was not promised. */
function readLive(body: unknown, zone: string): LiveEvent | undefined {
  const event = isEvent(body) ? readEvent(body, zone) : undefined
  return event?.kind === 'live' ? event : undefined
}

/** The empty body of a 204. A page in its place comes from something between us and Google, and nothing is known to be done. */
const readNothing = (body: unknown): null | undefined =>
  body === '' || body === undefined || body === null ? null : undefined

const isEvent = (body: unknown): body is WireObject => isObject(body) && textOf(body, 'id') !== null

/** The parameters that are set: Google tells an absent one from an empty one. */
function given<K extends string>(params: Record<K, string | null>): Partial<Record<K, string>> {
  const entries = Object.entries<string | null>(params).filter(([, value]) => value !== null)
  return Object.fromEntries(entries) as Partial<Record<K, string>> // fromEntries forgets the keys
}
