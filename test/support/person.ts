import { mintAccessToken } from '../../src/simulator/oauth.ts'
import { instancesOf } from '../../src/simulator/instances.ts'
import type { Moment } from '../../src/simulator/times.ts'
import type { SimRequest, SimResponse } from '../../src/simulator/testing.ts'
import type { Engine } from './engine.ts'

type Body = Record<string, unknown>
export type GoogleEvent = Body & { id: string; status: string; etag: string; summary?: string }

const OWN_PAGE = 'google-own-page'
const CALENDAR_SCOPE = 'https://www.googleapis.com/auth/calendar'

/** A person at Google's own page: everything they do goes over Google's API as another application, so the engine sees it as they would. */
export function personAt(
  engine: Pick<Engine, 'simulator'>,
  { email, calendarId }: { email: string; calendarId: string },
) {
  let token: string | null = null
  const base = `/calendar/v3/calendars/${encodeURIComponent(calendarId)}/events`
  const call = async (method: string, path: string, body?: Body): Promise<Body> => {
    const { world } = engine.simulator
    if (token === null || (world.accessTokens.get(token)?.expiresAt ?? 0) <= world.now())
      token = mintAccessToken(world, { account: email, clientId: OWN_PAGE, scopes: [CALENDAR_SCOPE] }, null).token
    const [only = '', query = ''] = path.split('?')
    const answer = undisturbed(engine, {
      method,
      path: `${base}${only}`,
      query: new URLSearchParams(query),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? '' : JSON.stringify(body),
    })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`)
    return answer.body === '' ? {} : JSON.parse(answer.body)
  }
  return {
    events: async (): Promise<GoogleEvent[]> => (await call('GET', '?maxResults=2500'))['items'] as GoogleEvent[],
    get: (id: string) => call('GET', `/${id}`) as Promise<GoogleEvent>,
    insert: (body: Body) => call('POST', '', body) as Promise<GoogleEvent>,
    patch: (id: string, body: Body) => call('PATCH', `/${id}`, body) as Promise<GoogleEvent>,
    update: (id: string, body: Body) => call('PUT', `/${id}`, body) as Promise<GoogleEvent>,
    remove: (id: string) => call('DELETE', `/${id}`),
    instances: async (id: string) => (await call('GET', `/${id}/instances?maxResults=2500`))['items'] as GoogleEvent[],
    /** What a glance at a calendar shows of a series, none that starts after `until`. Spares the writing and reading of all their fields. */
    glance: (id: string, until: number): Glimpse[] => glance(engine, calendarId, id, until),
  }
}

/** An occurrence as far as its place goes. `originalStart` and `start` as Google writes them. */
export type Glimpse = { id: string; start: When; originalStartTime: When }
type When = { date: string } | { dateTime: string }

function glance({ simulator }: Pick<Engine, 'simulator'>, calendarId: string, id: string, until: number): Glimpse[] {
  const calendar = simulator.world.calendars.get(calendarId)
  const master = calendar?.events.get(id)
  if (calendar === undefined || master === undefined || master.isTombstone) return []
  const when = (moment: Moment): When =>
    moment.kind === 'date' ? { date: moment.date } : { dateTime: new Date(moment.ms).toISOString() }
  return instancesOf(calendar, master, { fromMs: -Infinity, toMs: until })
    .filter(event => event.status !== 'cancelled')
    .map(event => ({
      id: event.id,
      start: when(event.start),
      originalStartTime: when(event.originalStart ?? event.start),
    }))
    .toSorted((a, b) => (startText(a) < startText(b) ? -1 : 1))
}

const startText = ({ start }: Glimpse): string => ('date' in start ? start.date : start.dateTime)

/** Trouble on the wire is the engine's to bear: a person's own page always works. */
function undisturbed({ simulator }: Pick<Engine, 'simulator'>, request: SimRequest): SimResponse {
  const { faults, quotas } = simulator
  const [{ rules }, { settings }] = [faults, quotas]
  faults.rules = []
  quotas.settings = { ...settings, userPerMinute: null, projectPerMinute: null }
  try {
    return simulator.handle(request)
  } finally {
    faults.rules = rules
    quotas.settings = settings
  }
}

/** What the engine itself asked of Google since `mark`, as `kind status`. */
export function requestsSince(engine: Engine, mark: number): string[] {
  return engine.simulator.world.requestLog
    .slice(mark)
    .filter(entry => entry.clientId !== OWN_PAGE && entry.account !== null)
    .map(entry => `${entry.kind.replace('events.', '')} ${entry.status}`)
}

export const markRequests = (engine: Engine): number => engine.simulator.world.requestLog.length
