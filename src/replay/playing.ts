import { isObject, textOf } from '../adapters/google/wire.ts'
import type { Definition } from '../adapters/google/record.ts'
import type { ReplayedDecision } from './replay.ts'

/** A recorded request, with what was decided about its answer where that was stored. */
export type Recorded = Definition & { decisions?: ReplayedDecision[] }
type Next = { definition: Recorded; calendarId: string | null; isListing: boolean }

export const isDefinition = (value: unknown): value is Recorded =>
  isObject(value) && typeof value['path'] === 'string' && typeof value['method'] === 'string' && 'response' in value

const LISTING = /^\/calendar\/v3\/calendars\/([^/]+)\/events$/
const EVENT = /^\/calendar\/v3\/calendars\/([^/]+)\/events\b/

/** Plays a recording in its order: a request is answered by the definition whose turn it is, or it was never recorded. */
export function playing(definitions: readonly Recorded[]) {
  const unrecorded: string[] = []
  let place = 0

  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    const { pathname, searchParams } = new URL(request.url)
    const turn = definitions[place]
    const asked = `${request.method} ${signature(pathname, searchParams)}`
    if (turn === undefined || asked !== signatureOf(turn)) {
      unrecorded.push(asked)
      return new Response('', { status: 501 })
    }
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
    peek: (): Next | undefined => {
      const definition = definitions[place]
      if (definition === undefined) return undefined
      const { pathname, searchParams } = new URL(definition.path, 'https://www.googleapis.com')
      const isListing = definition.method === 'GET' && LISTING.test(pathname) && !searchParams.has('iCalUID')
      const id = EVENT.exec(pathname)?.[1]
      return { definition, calendarId: id === undefined ? null : decodeURIComponent(id), isListing }
    },
    skip: (): void => {
      place += 1
    },
  }
}

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
