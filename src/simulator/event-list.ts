import { eventText, listedEvent, type View } from './event-json.ts'
import { byTime, matchesFilters, readListParams, type ListParams, windowOf } from './event-filter.ts'
import { changesBetween } from './event-store.ts'
import { instancesOf, overlaps } from './instances.ts'
import { decodeToken, encodeToken, type ListToken } from './list-tokens.ts'
import { refuse } from './refusal.ts'
import { type Account, type Calendar, isAtLeast, opaqueName, type StoredEvent, type World } from './world.ts'
import { roleOf } from './calendars.ts'

/** The 8 parameters that the reference forbids beside a sync token. */
const FORBIDDEN_WITH_TOKEN = [
  'iCalUID',
  'orderBy',
  'privateExtendedProperty',
  'q',
  'sharedExtendedProperty',
  'timeMin',
  'timeMax',
  'updatedMin',
]
const PAGE_DEFAULT = 250
const PAGE_MAX = 2500
const DAY_MS = 86_400_000
/** How far a deleted series still sends its cancelled instances to a list of single events. */
const BURIED_SERIES_DAYS = 180

/** One page of events: the JSON items, and where the next page begins (null after the last). */
type Page = { items: string[]; next: number | null }

type ListAnswer = { text: string; warning: string | null }

/** How many items a page may have. @throws Refusal invalid when it is not a positive number. */
export function pageSize(text: string | null, byDefault: number, max: number): number {
  if (text === null) return byDefault
  const size = Number(text)
  if (!Number.isInteger(size) || size < 1) throw refuse.invalid('Invalid Value', 'maxResults')
  return Math.min(size, max)
}

/**
 * `events.list`: full, or what changed since a sync token. A full list is in the order of creation and reads a snapshot's
 * position: what changes while it is paged is told by the first increment. Only the last page has the sync token.
 * @param limit the most items this page may have: less than asked when trouble was ordered.
 */
export function listEvents(
  world: World,
  calendar: Calendar,
  request: {
    account: Account
    query: URLSearchParams
    view: View
    limit: number | null
    lagMs: number
    isReversed: boolean
  },
): ListAnswer {
  const { account, query, view } = request
  const params = readListParams(query)
  if (!isAtLeast(view.role, 'reader')) params.singleEvents = true
  const limit = request.limit ?? pageSize(query.get('maxResults'), PAGE_DEFAULT, PAGE_MAX)
  const epoch = calendar.tokenEpoch + (calendar.roleEpochs.get(account.email) ?? 0)
  const stand = whereFrom(world, calendar, { query, params, epoch, lagMs: request.lagMs })
  const baked = bakedParams(world, stand.params)
  const page = readPage(world, calendar, { stand, params: { ...params, ...windowPart(baked) }, view, limit })
  const goesOn = page.next !== null
  const token: ListToken = goesOn
    ? { ...stand, kind: 'page', position: page.next ?? 0 }
    : { ...stand, kind: 'sync', since: null, position: stand.upTo, upTo: 0 }
  const hasNoToken = !goesOn && params.orderBy !== null
  const next = hasNoToken ? {} : { [goesOn ? 'nextPageToken' : 'nextSyncToken']: encodeToken(token, calendar.etagUs) }
  const head = JSON.stringify({ ...envelope(calendar, account), ...next })
  const isOther = stand.since !== null && fingerprint(params) !== fingerprint(baked)
  return {
    text: `${head.slice(0, -1)},"items":[${(request.isReversed ? page.items.toReversed() : page.items).join(',')}]}`,
    warning: isOther ? 'sync token used with other parameters than it was made with: undefined behaviour' : null,
  }
}

function envelope(calendar: Calendar, account: Account): Record<string, unknown> {
  return {
    kind: 'calendar#events',
    etag: `"p${opaqueName(`${calendar.id} ${calendar.etagUs}`, 15)}"`,
    summary: calendar.summary,
    description: calendar.description,
    updated: new Date(calendar.updatedMs).toISOString(),
    timeZone: calendar.timeZone,
    accessRole: roleOf(calendar, account.email),
    defaultReminders: account.entries.get(calendar.id)?.fields['defaultReminders'] ?? [],
  }
}

/** Where the list begins: at a page token, after a sync token, or at the beginning. */
function whereFrom(
  world: World,
  calendar: Calendar,
  request: { query: URLSearchParams; params: ListParams; epoch: number; lagMs: number },
): ListToken {
  const { query, params, epoch } = request
  const syncToken = query.get('syncToken')
  const pageToken = query.get('pageToken')
  if (syncToken !== null) checkRestrictions(query, params)
  const since = syncToken === null ? null : openToken(calendar, decodeToken(syncToken, 'sync', 'syncToken'), epoch)
  if (pageToken !== null) return openToken(calendar, decodeToken(pageToken, 'page', 'pageToken'), epoch)
  const upTo = Math.max(since?.position ?? 0, settledLength(calendar, world.now() - request.lagMs))
  if (since) return { ...since, kind: 'page', since: since.position, upTo }
  return {
    kind: 'page',
    stream: calendar.stream,
    epoch,
    params: paramsId(world, params),
    since: null,
    position: 0,
    upTo,
  }
}

/** How much of the change log is old enough to be seen. */
function settledLength(calendar: Calendar, untilMs: number): number {
  let length = calendar.log.length
  while (length > 0 && (calendar.log[length - 1]?.etagUs ?? 0) / 1000 > untilMs + 1) length -= 1
  return length
}

function checkRestrictions(query: URLSearchParams, params: ListParams): void {
  const isForbidden = FORBIDDEN_WITH_TOKEN.some(name => query.has(name)) || params.showDeleted === false
  if (isForbidden) throw refuse.badRequest('Sync token cannot be used with other request restrictions.')
}

function openToken(calendar: Calendar, token: ListToken, epoch: number): ListToken {
  const name = token.kind === 'sync' ? 'syncToken' : 'pageToken'
  if (token.stream !== calendar.stream) throw refuse.invalid(`Invalid ${token.kind} token value.`, name)
  if (token.epoch !== epoch) throw refuse.fullSyncRequired()
  return token
}

function paramsId(world: World, params: ListParams): number {
  const text = JSON.stringify(params)
  const known = world.listParamIds.get(text)
  if (known !== undefined) return known
  world.listParams.push(params)
  world.listParamIds.set(text, world.listParams.length - 1)
  return world.listParams.length - 1
}

function bakedParams(world: World, id: number): ListParams {
  const params = world.listParams[id]
  if (!params) throw refuse.fullSyncRequired()
  return params
}

/** What a token fixes: the window of its first request. */
const windowPart = ({ timeMin, timeMax }: ListParams): Pick<ListParams, 'timeMin' | 'timeMax'> => ({ timeMin, timeMax })

/** What must be the same with a sync token as without. */
const fingerprint = ({ singleEvents, eventTypes, showHiddenInvitations, maxAttendees, timeZone }: ListParams): string =>
  JSON.stringify([singleEvents, eventTypes, showHiddenInvitations, maxAttendees, timeZone])

type PageRequest = { stand: ListToken; params: ListParams; view: View; limit: number }

function readPage(world: World, calendar: Calendar, request: PageRequest): Page {
  const { params, stand } = request
  if (params.singleEvents) return slice(singleEvents(world, calendar, request), calendar, request)
  if (params.orderBy !== null) return slice(allInOrder(calendar, params), calendar, request)
  return stand.since === null ? storedPage(calendar, request) : changedPage(calendar, request)
}

/** A page of a full list, read from where the last one stopped: costs what it passes, not what is stored. */
function storedPage(calendar: Calendar, { stand, params, view, limit }: PageRequest): Page {
  const items: string[] = []
  let position = stand.position
  for (; position < calendar.ordered.length; position++) {
    const event = calendar.ordered[position]
    if (!event || !isListed(event, params) || !matchesFilters(calendar, event, params)) continue
    if (items.length === limit) return { items, next: position }
    items.push(eventText(calendar, event, view))
  }
  return { items, next: null }
}

/** Whether a full list shows it: deletions only on demand, but cancelled exceptions of living series always. */
const isListed = (event: StoredEvent, params: ListParams): boolean =>
  !event.isPurged && (!event.isTombstone || params.showDeleted === true || params.updatedMin !== null)

function changedPage(calendar: Calendar, { stand, params, view, limit }: PageRequest): Page {
  const items: string[] = []
  let seq = stand.position
  while (items.length < limit && seq < stand.upTo) {
    const changes = changesBetween(calendar, { seq, upTo: stand.upTo, limit: limit - items.length })
    for (const event of changes.events) {
      if (isInIncrement(calendar, event, params)) items.push(eventText(calendar, event, view))
    }
    seq = changes.next
  }
  return { items, next: seq < stand.upTo ? seq : null }
}

/** Deletions are always told; a window bounds the rest, but what was ever in it is told when it leaves. */
function isInIncrement(calendar: Calendar, event: StoredEvent, params: ListParams): boolean {
  if (event.isTombstone) return true
  const window = windowOf(params)
  const { hull } = event
  if (hull && hull.fromMs < window.toMs && hull.toMs > window.fromMs) return true
  return matchesFilters(calendar, event, params)
}

function slice(events: StoredEvent[], calendar: Calendar, { stand, view, limit }: PageRequest): Page {
  const from = stand.since === null ? stand.position : Math.max(0, stand.position - stand.since)
  const items = events.slice(from, from + limit).map(event => eventText(calendar, event, view))
  const next = from + limit < events.length ? (stand.since ?? 0) + from + limit : null
  return { items, next }
}

function allInOrder(calendar: Calendar, params: ListParams): StoredEvent[] {
  const events = calendar.ordered.filter(event => isListed(event, params) && matchesFilters(calendar, event, params))
  return events.sort((a, b) => a.updatedMs - b.updatedMs)
}

/** Instances and single events, no masters: of the whole calendar, or of what changed. */
function singleEvents(world: World, calendar: Calendar, { stand, params }: PageRequest): StoredEvent[] {
  const isIncrement = stand.since !== null
  const sources = isIncrement
    ? changesBetween(calendar, { seq: stand.since ?? 0, upTo: stand.upTo, limit: Infinity }).events
    : calendar.ordered
  const found = new Map<string, StoredEvent>()
  for (const source of sources) {
    for (const event of explode(world, calendar, source, params)) found.set(event.id, event)
  }
  const showsCancelled = isIncrement || params.showDeleted === true || params.updatedMin !== null
  const events = [...found.values()].filter(
    event =>
      !event.isPurged && (event.status !== 'cancelled' || showsCancelled) && matchesFilters(calendar, event, params),
  )
  if (params.orderBy === 'startTime') events.sort(byTime(calendar))
  if (params.orderBy === 'updated') events.sort((a, b) => a.updatedMs - b.updatedMs)
  return events
}

function explode(world: World, calendar: Calendar, event: StoredEvent, params: ListParams): StoredEvent[] {
  if (event.recurrence === null) return [event]
  const asked = windowOf(params)
  const horizonMs = world.now() + world.settings.expansionDays * DAY_MS
  const window = { fromMs: asked.fromMs, toMs: Math.min(asked.toMs, horizonMs) }
  if (!event.isTombstone) return instancesOf(calendar, event, window)
  const buried = { fromMs: Math.max(asked.fromMs, world.now()), toMs: world.now() + BURIED_SERIES_DAYS * DAY_MS }
  return instancesOf(calendar, event, { ...buried, toMs: Math.min(buried.toMs, asked.toMs) })
}

/** `events.instances`: one series' instances; unlike list's, `timeMin` is inclusive of what ends then. */
export function listInstances(
  world: World,
  calendar: Calendar,
  master: StoredEvent,
  request: { query: URLSearchParams; view: View; account: Account },
): string {
  const { query, view, account } = request
  const params = readListParams(query)
  const window = windowOf(params)
  const horizonMs = world.now() + world.settings.expansionDays * DAY_MS
  const asked = { fromMs: window.fromMs - 1, toMs: Math.min(window.toMs, horizonMs) }
  const originalStart = query.get('originalStart')
  const events = instancesOf(calendar, master, asked)
    .filter(event => event.status !== 'cancelled' || params.showDeleted === true)
    .filter(event => overlaps(event, asked, calendar.timeZone))
    .filter(event => originalStart === null || isOriginal(event, originalStart))
    .sort(byTime(calendar))
  const limit = pageSize(query.get('maxResults'), PAGE_DEFAULT, PAGE_MAX)
  const from = Number(query.get('pageToken') ?? 0)
  const items = events.slice(from, from + limit).map(event => JSON.stringify(listedEvent(calendar, event, view)))
  const next = from + limit < events.length ? { nextPageToken: String(from + limit) } : {}
  const head = JSON.stringify({ ...envelope(calendar, account), ...next })
  return `${head.slice(0, -1)},"items":[${items.join(',')}]}`
}

function isOriginal(event: StoredEvent, text: string): boolean {
  const original = event.originalStart
  if (!original) return false
  return original.kind === 'date' ? text.startsWith(original.date) : Date.parse(text) === original.ms
}
