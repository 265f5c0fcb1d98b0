import { mintAccessToken } from '../../src/simulator/oauth.ts'
import type { Engine } from './engine.ts'

type Body = Record<string, unknown>
export type GoogleEvent = Body & { id: string; status: string; etag: string; summary?: string }

const OWN_PAGE = 'google-own-page'
const CALENDAR_SCOPE = 'https://www.googleapis.com/auth/calendar'

/** A person at Google's own page: everything they do goes over Google's API as another application, so the engine sees it as they would. */
export function personAt(engine: Engine, { email, calendarId }: { email: string; calendarId: string }) {
  const token = (): string =>
    mintAccessToken(engine.simulator.world, { account: email, clientId: OWN_PAGE, scopes: [CALENDAR_SCOPE] }, null)
      .token
  const events = `http://google.localhost/calendar/v3/calendars/${encodeURIComponent(calendarId)}/events`
  const call = async (method: string, path: string, body?: Body): Promise<Body> => {
    const answer = await undisturbed(engine, `${events}${path}`, {
      method,
      headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? {} : JSON.parse(text)
  }
  return {
    events: async (): Promise<GoogleEvent[]> => (await call('GET', '?maxResults=2500'))['items'] as GoogleEvent[],
    get: (id: string) => call('GET', `/${id}`) as Promise<GoogleEvent>,
    insert: (body: Body) => call('POST', '', body) as Promise<GoogleEvent>,
    patch: (id: string, body: Body) => call('PATCH', `/${id}`, body) as Promise<GoogleEvent>,
    update: (id: string, body: Body) => call('PUT', `/${id}`, body) as Promise<GoogleEvent>,
    remove: (id: string) => call('DELETE', `/${id}`),
    instances: async (id: string) => (await call('GET', `/${id}/instances?maxResults=2500`))['items'] as GoogleEvent[],
  }
}

/** Trouble on the wire is the engine's to bear: a person's own page always works. */
async function undisturbed({ simulator }: Engine, url: string, init: RequestInit): Promise<Response> {
  const { rules } = simulator.faults
  simulator.faults.rules = []
  try {
    return await simulator.fetch(url, init)
  } finally {
    simulator.faults.rules = rules
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
