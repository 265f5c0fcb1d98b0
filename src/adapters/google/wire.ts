import type { AccessRole } from '../../core/model/connection.ts'

/** A JSON object whose fields have not been looked at yet. */
export type WireObject = Readonly<Record<string, unknown>>

/** What we rely on in one page of events.list. `items` are still unread: one bad event must not cost its page. */
export type WirePage = {
  items: readonly unknown[]
  nextPageToken: string | null
  nextSyncToken: string | null
  timeZone: string | null
  accessRole: AccessRole
}

export type WireCalendarPage = { items: readonly WireObject[]; nextPageToken: string | null }

/** Nothing that Google sends is nested deeper; what lies below is dropped, so that no answer can exhaust the stack. */
const DEPTH_MAX = 32

const ROLES: Readonly<Record<string, AccessRole>> = {
  freeBusyReader: 'freeBusyReader',
  reader: 'reader',
  writerWithoutPrivateAccess: 'writerWithoutPrivateAccess',
  writer: 'writer',
  owner: 'owner',
}

export const isObject = (value: unknown): value is WireObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The text in a field; null where it is missing, empty or no text. */
export function textOf(object: WireObject, field: string): string | null {
  const value = object[field]
  return typeof value === 'string' && value !== '' ? value : null
}

/** The object in a field; an empty one where there is none. */
export function objectOf(object: WireObject, field: string): WireObject {
  const value = object[field]
  return isObject(value) ? value : {}
}

/** A role that this build does not know is taken for the weakest: it may be granted nothing by mistake. */
export const roleOf = (value: unknown): AccessRole =>
  typeof value === 'string' && Object.hasOwn(ROLES, value) ? (ROLES[value] ?? 'freeBusyReader') : 'freeBusyReader'

/**
 * The same value with every text storable: PostgreSQL refuses NUL and lone surrogates in jsonb and text, and one such event
 * would stop its whole page. Returns the very same object where nothing has to change, which is looked at first and without a copy:
 * it is so for all events but a few, and a first sync looks at very many.
 */
export const storable = (value: unknown): unknown => (isSound(value, 0) ? value : mended(value, 0))

function isSound(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth >= DEPTH_MAX) return false
  if (Array.isArray(value)) return value.every(item => isSound(item, depth + 1))
  for (const name in value) {
    if (!isStorable(name) || !isSound((value as WireObject)[name], depth + 1)) return false // parsed JSON: own fields only
  }
  return true
}

function mended(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return storableText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_MAX) return null
  if (Array.isArray(value)) return value.map(item => mended(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [storableText(name), mended(field, depth + 1)]),
  )
}

const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

/** NUL is dropped, a lone surrogate becomes U+FFFD. */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '')

/**
 * A page of events.list, or undefined where the answer is none: an empty 200 or an error in a 200 must never be taken for an
 * empty calendar. A last page without a sync token is none either, for then the listing could not be continued.
 */
export function readEventPage(answer: unknown): WirePage | undefined {
  if (!isObject(answer) || answer['kind'] !== 'calendar#events' || 'error' in answer) return undefined
  const items = answer['items'] ?? []
  if (!Array.isArray(items)) return undefined
  const nextPageToken = textOf(answer, 'nextPageToken')
  return {
    items,
    nextPageToken,
    nextSyncToken: nextPageToken === null ? textOf(answer, 'nextSyncToken') : null,
    timeZone: textOf(answer, 'timeZone'),
    accessRole: roleOf(answer['accessRole']),
  }
}

/** A page of calendarList.list, or undefined; entries without an id are nobody's calendar and are left out. */
export function readCalendarPage(answer: unknown): WireCalendarPage | undefined {
  if (!isObject(answer) || answer['kind'] !== 'calendar#calendarList' || 'error' in answer) return undefined
  const items = answer['items'] ?? []
  if (!Array.isArray(items)) return undefined
  return {
    items: items.filter(isObject).filter(item => textOf(item, 'id') !== null),
    nextPageToken: textOf(answer, 'nextPageToken'),
  }
}

/** What is documented as a number, sent as such or as text. An object may have no value, and then `Number` throws. */
export const numberOf = (value: unknown): number =>
  typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN

/** A channel as `watch` returns it. `expiration` is documented as a number and sent as text. */
export function readChannel(answer: unknown): { resourceId: string; expiration: number | null } | undefined {
  if (!isObject(answer)) return undefined
  const resourceId = textOf(answer, 'resourceId')
  if (resourceId === null) return undefined
  const expiration = numberOf(answer['expiration'])
  return { resourceId, expiration: Number.isSafeInteger(expiration) && expiration > 0 ? expiration : null }
}
