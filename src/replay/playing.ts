import { isObject, textOf } from '../adapters/google/wire.ts'
import type { Definition } from '../adapters/google/record.ts'
import type { ReplayedDecision } from './replay.ts'

/** A recorded request, with what was decided about its answer where that was stored. */
export type Recorded = Definition & { decisions?: ReplayedDecision[] }

/** What a recorded request asks for, as far as its path says. */
export type Asked = {
  kind: 'list' | 'find' | 'get' | 'insert' | 'update' | 'delete' | 'move' | 'watch' | 'calendars' | 'stop' | 'other'
  /** '' where it concerns no calendar, no event. */
  calendarId: string
  eventId: string
  query: URLSearchParams
}
type Next = { definition: Recorded; asked: Asked }

export const isDefinition = (value: unknown): value is Recorded =>
  isObject(value) && typeof value['path'] === 'string' && typeof value['method'] === 'string' && 'response' in value

const EVENTS = /^\/calendar\/v3\/calendars\/([^/]+)\/events(?:\/([^/]+))?(\/move)?$/
const LIST = '/calendar/v3/users/me/calendarList'

/**
 * Plays a recording: a request is answered by the next definition of its kind that has not been used, or it was never recorded. One step of
 * the engine may take several of them: the pages of a list, a token that is refused once.
 */
export function playing(definitions: readonly Recorded[]) {
  const unrecorded: string[] = []
  const used = new Set<number>()
  let place = 0

  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    const { pathname, searchParams } = new URL(request.url)
    const asked = `${request.method} ${signature(pathname, searchParams)}`
    const found = definitions.findIndex(
      (each, index) => index >= place && !used.has(index) && signatureOf(each) === asked,
    )
    const turn = definitions[found]
    if (turn === undefined) {
      unrecorded.push(asked)
      return new Response('', { status: 501 })
    }
    used.add(found)
    const body = typeof turn.response === 'string' ? turn.response : JSON.stringify(turn.response)
    const headers = { 'content-type': 'application/json; charset=UTF-8' }
    return new Response(turn.status === 204 ? null : body, { status: turn.status, headers })
  }
  return {
    fetch,
    unrecorded,
    now: (): number => Date.parse(definitions[place]?.recordedAt ?? definitions.at(-1)?.recordedAt ?? '') || 0,
    /** The zone that the answer whose turn it is comes in. */
    timeZone: (): string => {
      const response = definitions[place]?.response
      return isObject(response) ? (textOf(response, 'timeZone') ?? 'UTC') : 'UTC'
    },
    /** The next request that no step has taken. */
    peek: (): Next | undefined => {
      while (used.has(place)) place += 1
      const definition = definitions[place]
      return definition === undefined ? undefined : { definition, asked: askedOf(definition) }
    },
    skip: (): void => void used.add(place),
  }
}

function askedOf({ method, path }: Recorded): Asked {
  const { pathname, searchParams } = new URL(path, 'https://www.googleapis.com')
  const [, calendar = '', event = '', move] = EVENTS.exec(pathname) ?? []
  const calendarId = decodeURIComponent(calendar)
  const of = (kind: Asked['kind'], eventId = ''): Asked => ({ kind, calendarId, eventId, query: searchParams })
  if (pathname.endsWith('/watch')) return { ...of('watch'), calendarId: watchedIn(pathname) }
  if (pathname.endsWith('/channels/stop')) return of('stop')
  if (pathname === LIST) return of('calendars')
  if (calendar === '') return of('other')
  if (event === '') {
    if (method === 'POST') return of('insert')
    return of(searchParams.has('iCalUID') ? 'find' : 'list')
  }
  const eventId = decodeURIComponent(event)
  if (move !== undefined) return of('move', eventId)
  const kinds: Readonly<Record<string, Asked['kind']>> = {
    GET: 'get',
    DELETE: 'delete',
    PUT: 'update',
    PATCH: 'update',
  }
  return of(kinds[method] ?? 'other', eventId)
}

const watchedIn = (pathname: string): string =>
  decodeURIComponent(/\/calendars\/([^/]+)\/events\/watch$/.exec(pathname)?.[1] ?? '')

function signatureOf({ method, path }: Recorded): string {
  const { pathname, searchParams } = new URL(path, 'https://www.googleapis.com')
  return `${method} ${signature(pathname, searchParams)}`
}

/** The window is the user's and moves with the day: everything but its beginning tells one request from another. */
function signature(pathname: string, query: URLSearchParams): string {
  const params = [...query].filter(([name]) => name !== 'timeMin').map(([name, value]) => `${name}=${value}`)
  const path = pathname.split('/').map(decodeURIComponent).join('/')
  return `${path}?${params.toSorted().join('&')}`
}
