import { requestJson } from './request-json.ts'
import type { Time } from './wall-clock.ts'

/** What the demo reads of an event, in Google's words. */
export type GoogleEvent = {
  id: string
  status: string
  summary?: string
  location?: string
  start: Time
  end: Time
  htmlLink: string
  visibility?: string
  transparency?: string
  recurringEventId?: string
  originalStartTime?: Time
}

export type LogEntry = {
  n: number
  at: string
  kind: string
  status: number
  clientId: string | null
  account: string | null
  calendarId: string | null
}

/** Under this name the page's own requests stand in the simulator's log, apart from the service's. */
export const PAGE_CLIENT = 'demo-page'

const PAGE = 2_500
const LOG_ENTRIES_MAX = 100_000

/** The simulator as its users see it (Google's API with each one's own token) and as its owner does (the control API). */
export type Google = ReturnType<typeof createGoogle>

export function createGoogle(baseUrl: string) {
  const tokens = new Map<string, string>()
  const control = <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> =>
    requestJson<T>(`${baseUrl}/_control/${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
  const tokenOf = async (account: string): Promise<string> => {
    const known = tokens.get(account)
    if (known !== undefined) return known
    const path = `accounts/${encodeURIComponent(account)}/token`
    const { access_token } = await control<{ access_token: string }>('POST', path, { clientId: PAGE_CLIENT })
    tokens.set(account, access_token)
    return access_token
  }
  const ask = async <T>(account: string, method: string, path: string, body?: unknown): Promise<T> =>
    requestJson<T>(`${baseUrl}/calendar/v3/calendars/${path}`, {
      method,
      token: await tokenOf(account),
      ...(body === undefined ? {} : { body }),
    })
  const events = (calendarId: string): string => `${encodeURIComponent(calendarId)}/events`
  const event = (calendarId: string, eventId: string): string => `${events(calendarId)}/${encodeURIComponent(eventId)}`
  return {
    control,
    insert: (account: string, calendarId: string, body: unknown) =>
      ask<GoogleEvent>(account, 'POST', events(calendarId), body),
    patch: (account: string, calendarId: string, eventId: string, body: unknown) =>
      ask<GoogleEvent>(account, 'PATCH', event(calendarId, eventId), body),
    remove: (account: string, calendarId: string, eventId: string) =>
      ask<null>(account, 'DELETE', event(calendarId, eventId)),
    /** Everything between two moments, series as their occurrences; no more than one page of it. */
    instances: async (
      account: string,
      calendarId: string,
      timeMin: string,
      timeMax: string,
    ): Promise<GoogleEvent[]> => {
      const query = new URLSearchParams({ timeMin, timeMax, singleEvents: 'true', maxResults: String(PAGE) })
      return (await ask<{ items: GoogleEvent[] }>(account, 'GET', `${events(calendarId)}?${query}`)).items
    },
    log: async (since: number) =>
      (await control<{ requests: LogEntry[] }>('GET', `log?since=${since}&limit=${LOG_ENTRIES_MAX}`)).requests,
  }
}
