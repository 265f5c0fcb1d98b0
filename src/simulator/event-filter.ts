import { touchesWindow, type Window } from './instances.ts'
import { objectAt, stringAt } from './json.ts'
import { refuse } from './refusal.ts'
import { instantOf, isZone, parseInstant } from './times.ts'
import type { Calendar, StoredEvent } from './world.ts'

/** What `events.list` or `events.instances` was asked for. */
export type ListParams = {
  singleEvents: boolean
  showDeleted: boolean | null
  showHiddenInvitations: boolean
  maxAttendees: string | null
  timeZone: string | null
  timeMin: number | null
  timeMax: number | null
  updatedMin: number | null
  q: string | null
  iCalUID: string | null
  orderBy: string | null
  eventTypes: string[]
  privateProperties: string[]
  sharedProperties: string[]
}

/** @throws Refusal for values the reference does not allow. */
export function readListParams(query: URLSearchParams): ListParams {
  const params: ListParams = {
    singleEvents: flag(query, 'singleEvents') ?? false,
    showDeleted: flag(query, 'showDeleted'),
    showHiddenInvitations: flag(query, 'showHiddenInvitations') ?? false,
    maxAttendees: query.get('maxAttendees'),
    timeZone: query.get('timeZone'),
    timeMin: instant(query, 'timeMin'),
    timeMax: instant(query, 'timeMax'),
    updatedMin: instant(query, 'updatedMin'),
    q: query.get('q'),
    iCalUID: query.get('iCalUID'),
    orderBy: query.get('orderBy'),
    eventTypes: query.getAll('eventTypes').sort(),
    privateProperties: query.getAll('privateExtendedProperty'),
    sharedProperties: query.getAll('sharedExtendedProperty'),
  }
  checkParams(params)
  return params
}

function checkParams({ timeMin, timeMax, orderBy, singleEvents, timeZone }: ListParams): void {
  if (timeMin !== null && timeMax !== null && timeMax <= timeMin) throw refuse.timeRangeEmpty()
  if (timeZone !== null && !isZone(timeZone)) throw refuse.invalid('Invalid Value', 'timeZone')
  if (orderBy === null) return
  if (orderBy !== 'startTime' && orderBy !== 'updated') throw refuse.invalid('Invalid Value', 'orderBy')
  if (orderBy === 'startTime' && !singleEvents) {
    throw refuse.badRequest('The requested ordering is not available for the particular query.')
  }
}

function flag(query: URLSearchParams, name: string): boolean | null {
  const text = query.get(name)
  if (text === null) return null
  if (text !== 'true' && text !== 'false') throw refuse.invalid('Invalid Value', name)
  return text === 'true'
}

function instant(query: URLSearchParams, name: string): number | null {
  const text = query.get(name)
  if (text === null) return null
  const ms = parseInstant(text)
  if (ms === undefined) throw refuse.badRequest('Bad Request')
  return ms
}

/** The window asked for; open at both ends unless bounded. */
export const windowOf = ({ timeMin, timeMax }: Pick<ListParams, 'timeMin' | 'timeMax'>): Window => ({
  fromMs: timeMin ?? -Infinity,
  toMs: timeMax ?? Infinity,
})

/** Whether an event passes all filters of a list but those about deletion. */
export function matchesFilters(calendar: Calendar, event: StoredEvent, params: ListParams): boolean {
  if (params.updatedMin !== null && event.updatedMs < params.updatedMin) return false
  if (params.eventTypes.length > 0 && !params.eventTypes.includes(typeOf(event))) return false
  if (params.iCalUID !== null && event.iCalUID !== params.iCalUID) return false
  if (params.q !== null && !matchesText(event, params.q)) return false
  if (!hasProperties(event, 'private', params.privateProperties)) return false
  if (!hasProperties(event, 'shared', params.sharedProperties)) return false
  if (params.timeMin === null && params.timeMax === null) return true
  return touchesWindow(calendar, event, windowOf(params))
}

const typeOf = (event: StoredEvent): string => stringAt(event.fields, 'eventType') ?? 'default'

function matchesText(event: StoredEvent, q: string): boolean {
  const texts = ['summary', 'description', 'location'].map(key => stringAt(event.fields, key) ?? '')
  const text = `${texts.join(' ')} ${JSON.stringify(event.fields['attendees'] ?? '')}`.toLowerCase()
  return q
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}

/** Constraints are `name=value`; all of them must match, as the reference says (the guide says any). */
function hasProperties(event: StoredEvent, kind: 'private' | 'shared', constraints: string[]): boolean {
  if (constraints.length === 0) return true
  const properties = objectAt(objectAt(event.fields, 'extendedProperties') ?? {}, kind) ?? {}
  return constraints.every(constraint => {
    const equals = constraint.indexOf('=')
    return properties[constraint.slice(0, equals)] === constraint.slice(equals + 1)
  })
}

/** Ascending by start, then by id, so that the order is stable. */
export const byTime =
  (calendar: Calendar) =>
  (a: StoredEvent, b: StoredEvent): number =>
    instantOf(a.start, calendar.timeZone) - instantOf(b.start, calendar.timeZone) || (a.id < b.id ? -1 : 1)
