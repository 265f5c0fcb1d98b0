import { type Answer, answer, type Call, noContent, param } from './call.ts'
import { addCalendar, addToList, changeEntry, deleteCalendar, openCalendar, roleOf } from './calendars.ts'
import { buryEvent } from './event-store.ts'
import { pageSize } from './event-list.ts'
import { compact, type Json, type JsonObject, mergePatch, stringAt } from './json.ts'
import { decodeToken, encodeToken } from './list-tokens.ts'
import { refuse } from './refusal.ts'
import { isZone } from './times.ts'
import { type Account, type Calendar, etagOf, isAtLeast, isRole, type ListEntry, nextUs, opaqueName } from './world.ts'

const PAGE_DEFAULT = 100
const PAGE_MAX = 250
const ENTRY_FIELDS = [
  'summaryOverride',
  'colorId',
  'backgroundColor',
  'foregroundColor',
  'hidden',
  'selected',
  'defaultReminders',
  'notificationSettings',
]

/** What changed for whom: the calendar lists of these accounts. */
export type ListsChanged = (accounts: Account[]) => void

/** An entry of a calendar list as Google shows it: flags only when true, the role from the ACL. */
export function entryJson(calendar: Calendar, entry: ListEntry, email: string): JsonObject {
  if (entry.isDeleted)
    return { kind: 'calendar#calendarListEntry', etag: etagOf(entry.etagUs), id: entry.calendarId, deleted: true }
  const isTrue = (key: string): Json | undefined => (entry.fields[key] === true ? true : undefined)
  return compact({
    kind: 'calendar#calendarListEntry',
    etag: etagOf(entry.etagUs),
    id: calendar.id,
    summary: calendar.summary,
    description: calendar.description === '' ? undefined : calendar.description,
    location: calendar.location === '' ? undefined : calendar.location,
    timeZone: calendar.timeZone,
    dataOwner: calendar.isPrimary ? undefined : calendar.dataOwner,
    summaryOverride: entry.fields['summaryOverride'],
    colorId: entry.fields['colorId'],
    backgroundColor: entry.fields['backgroundColor'],
    foregroundColor: entry.fields['foregroundColor'],
    hidden: isTrue('hidden'),
    selected: isTrue('selected'),
    accessRole: roleOf(calendar, email),
    defaultReminders: entry.fields['defaultReminders'] ?? [],
    notificationSettings: entry.fields['notificationSettings'],
    primary: calendar.id === email ? true : undefined,
    conferenceProperties: { allowedConferenceSolutionTypes: ['hangoutsMeet'] },
  })
}

/** `calendarList.list`, full or since a sync token. Read-only fields (title, zone, role) change without being reported. */
export function listCalendars(call: Call): Answer {
  const { account, query } = call
  const stand = listStand(account, query)
  const minRole = query.get('minAccessRole')
  if (minRole !== null && !isRole(minRole)) throw refuse.invalid('Invalid Value', 'minAccessRole')
  const limit = call.pageLimit ?? pageSize(query.get('maxResults'), PAGE_DEFAULT, PAGE_MAX)
  const isFull = stand.since === 0
  const showsDeleted = !isFull || query.get('showDeleted') === 'true'
  const showsHidden = !isFull || query.get('showHidden') === 'true'
  const rows = [...account.entries.values()].filter(entry => {
    const calendar = call.world.calendars.get(entry.calendarId)
    if (!calendar || entry.seq <= stand.since || (entry.isDeleted && !showsDeleted)) return false
    if (entry.fields['hidden'] === true && !showsHidden) return false
    const role = roleOf(calendar, account.email)
    if (role === 'none' && !entry.isDeleted) return false
    return minRole === null || isAtLeast(role, minRole)
  })
  const page = rows.slice(stand.from, stand.from + limit)
  const goesOn = stand.from + limit < rows.length
  const seen = account.listLog.length
  const base = { stream: account.listStream, epoch: account.listEpoch, params: 0, since: stand.since, upTo: seen }
  const next = goesOn
    ? { nextPageToken: encodeToken({ ...base, kind: 'page', position: stand.from + limit }, call.world.now() * 1000) }
    : { nextSyncToken: encodeToken({ ...base, kind: 'sync', position: seen }, call.world.now() * 1000) }
  const items = page.map(entry => {
    const calendar = call.world.calendars.get(entry.calendarId)
    return calendar ? entryJson(calendar, entry, account.email) : {}
  })
  const etag = `"p${opaqueName(`${account.email} ${seen}`, 15)}"`
  return { status: 200, text: JSON.stringify({ kind: 'calendar#calendarList', etag, ...next, items }) }
}

function listStand(account: Account, query: URLSearchParams): { since: number; from: number } {
  const syncToken = query.get('syncToken')
  const pageToken = query.get('pageToken')
  const isRestricted =
    query.has('minAccessRole') || query.get('showDeleted') === 'false' || query.get('showHidden') === 'false'
  if (syncToken !== null && isRestricted) {
    throw refuse.badRequest('Sync token cannot be used with other request restrictions.')
  }
  const sync = syncToken === null ? null : decodeToken(syncToken, 'sync', 'syncToken')
  const page = pageToken === null ? null : decodeToken(pageToken, 'page', 'pageToken')
  const token = page ?? sync
  if (token && token.stream !== account.listStream) throw refuse.invalid()
  if (token && token.epoch !== account.listEpoch) throw refuse.fullSyncRequired()
  return { since: page?.since ?? sync?.position ?? 0, from: page?.position ?? 0 }
}

function openEntry(call: Call): { calendar: Calendar; entry: ListEntry } {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'freeBusyReader')
  const entry = call.account.entries.get(calendar.id)
  if (!entry || entry.isDeleted) throw refuse.notFound()
  return { calendar, entry }
}

export function getEntry(call: Call): Answer {
  const { calendar, entry } = openEntry(call)
  return answer(entryJson(calendar, entry, call.account.email))
}

const entryFields = (body: JsonObject): JsonObject =>
  Object.fromEntries(ENTRY_FIELDS.filter(key => body[key] !== undefined).map(key => [key, body[key]]))

export function insertEntry(call: Call, changed: ListsChanged): Answer {
  const calendar = openCalendar(call.world, call.account, stringAt(call.body, 'id') ?? '', 'freeBusyReader')
  const entry = addToList(call.world, call.account, calendar, entryFields(call.body))
  changed([call.account])
  return answer(entryJson(calendar, entry, call.account.email))
}

export function patchEntry(call: Call, changed: ListsChanged): Answer {
  const { calendar, entry } = openEntry(call)
  const fields = mergePatch(entry.fields, entryFields(call.body))
  const next = changeEntry(call.world, call.account, { ...entry, fields })
  changed([call.account])
  return answer(entryJson(calendar, next, call.account.email))
}

/** Removing a calendar from one's list. The data owner cannot: they can only hide it. */
export function deleteEntry(call: Call, changed: ListsChanged): Answer {
  const { calendar, entry } = openEntry(call)
  if (calendar.dataOwner === call.account.email) throw refuse.forbidden()
  changeEntry(call.world, call.account, { ...entry, isDeleted: true })
  changed([call.account])
  return noContent
}

export const calendarJson = (calendar: Calendar): JsonObject =>
  compact({
    kind: 'calendar#calendar',
    etag: etagOf(calendar.etagUs),
    id: calendar.id,
    summary: calendar.summary,
    description: calendar.description === '' ? undefined : calendar.description,
    location: calendar.location === '' ? undefined : calendar.location,
    timeZone: calendar.timeZone,
    dataOwner: calendar.isPrimary ? undefined : calendar.dataOwner,
    conferenceProperties: { allowedConferenceSolutionTypes: ['hangoutsMeet'] },
  })

export const getCalendar = (call: Call): Answer =>
  answer(calendarJson(openCalendar(call.world, call.account, param(call, 'calendarId'), 'freeBusyReader')))

export function insertCalendar(call: Call, changed: ListsChanged): Answer {
  const summary = stringAt(call.body, 'summary')
  if (summary === undefined || summary === '') throw refuse.required('Missing title.')
  const timeZone = readZone(call.body) ?? 'UTC'
  const description = stringAt(call.body, 'description') ?? ''
  const calendar = addCalendar(call.world, { owner: call.account, summary, timeZone, description })
  changed([call.account])
  return answer(calendarJson(calendar))
}

function readZone(body: JsonObject): string | undefined {
  const zone = stringAt(body, 'timeZone')
  if (zone !== undefined && !isZone(zone)) throw refuse.invalid('Invalid Value', 'timeZone')
  return zone
}

/** Both `calendars.update` and `.patch`: of the four fields it has, an update resets those it does not name. */
export function writeCalendar(call: Call, mode: 'update' | 'patch'): Answer {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'owner')
  const summary = stringAt(call.body, 'summary')
  if (mode === 'update' && summary === undefined) throw refuse.required('Missing title.')
  const keep = (text: string): string => (mode === 'patch' ? text : '')
  const timeZone = readZone(call.body) ?? calendar.timeZone
  if (timeZone !== calendar.timeZone) for (const event of calendar.ordered) event.rendered = null
  const us = nextUs(call.world)
  Object.assign(calendar, {
    summary: summary ?? calendar.summary,
    description: stringAt(call.body, 'description') ?? keep(calendar.description),
    location: stringAt(call.body, 'location') ?? keep(calendar.location),
    timeZone,
    etagUs: us,
  })
  return answer(calendarJson(calendar))
}

export function deleteOne(call: Call, changed: ListsChanged): Answer {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'owner')
  if (calendar.isPrimary) throw refuse.cannotDeletePrimary()
  if (calendar.dataOwner !== call.account.email) throw refuse.forbidden()
  deleteCalendar(call.world, calendar)
  changed([...call.world.accounts.values()].filter(account => account.entries.has(calendar.id)))
  return noContent
}

/** `calendars.clear`: every event of a primary calendar goes. */
export function clearCalendar(call: Call): { calendar: Calendar; answer: Answer } {
  const calendar = openCalendar(call.world, call.account, param(call, 'calendarId'), 'owner')
  if (!calendar.isPrimary) throw refuse.invalid('Invalid Value')
  for (const event of [...calendar.ordered]) if (!event.isTombstone) buryEvent(call.world, calendar, event)
  return { calendar, answer: noContent }
}

export function settings(call: Call): Answer {
  const values: Record<string, string> = {
    timezone: call.account.timeZone,
    locale: 'en',
    format24HourTime: 'true',
    weekStart: '1',
  }
  const row = (id: string): JsonObject => ({ kind: 'calendar#setting', etag: '"0"', id, value: values[id] })
  const asked = call.params['setting']
  if (asked !== undefined) {
    if (!(asked in values)) throw refuse.notFound()
    return answer(row(asked))
  }
  return answer({
    kind: 'calendar#settings',
    etag: '"p0"',
    nextSyncToken: '00001',
    items: Object.keys(values).map(row),
  })
}

const EVENT_COLOURS = [
  'a4bdfc',
  '7ae7bf',
  'dbadff',
  'ff887c',
  'fbd75b',
  'ffb878',
  '46d6db',
  'e1e1e1',
  '5484ed',
  '51b749',
  'dc2127',
]

export function colors(): Answer {
  const table = (names: string[]): JsonObject =>
    Object.fromEntries(names.map((hex, i) => [String(i + 1), { background: `#${hex}`, foreground: '#1d1d1d' }]))
  const updated = '2012-02-14T00:00:00.000Z'
  return answer({ kind: 'calendar#colors', updated, calendar: table(EVENT_COLOURS), event: table(EVENT_COLOURS) })
}
