import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts'
import { addAccount } from '../../src/simulator/calendars.ts'
import { mintAccessToken } from '../../src/simulator/oauth.ts'
import { isObject, type JsonObject, parseObject } from '../../src/simulator/json.ts'

const START_MS = Date.UTC(2026, 2, 2, 9, 0, 0)
export const ANNA = 'anna@example.com'
export const CALENDAR_SCOPE = 'https://www.googleapis.com/auth/calendar'

type Reply = { status: number; body: JsonObject; text: string; headers: Record<string, string> }
type Delivery = { url: string; headers: Record<string, string> }

/** A simulator on virtual time with one account, a caller that speaks as it, and a mailbox of notifications. */
export function aWorld(options: SimulatorOptions & { timeZone?: string } = {}) {
  const posted: Delivery[] = []
  const answers: number[] = []
  const simulator = createSimulator({
    virtualTime: START_MS,
    notificationDelayMs: 1000,
    post: async (url, headers) => {
      posted.push({ url, headers })
      return answers.shift() ?? 200
    },
    ...options,
  })
  addAccount(simulator.world, { email: ANNA, name: 'Anna', timeZone: options.timeZone ?? 'America/Chicago' })
  const as = (email: string, scopes = [CALENDAR_SCOPE], clientId = 'client-1') => {
    addAccount(simulator.world, { email })
    const { token } = mintAccessToken(simulator.world, { account: email, clientId, scopes }, null)
    return caller(simulator, token)
  }
  const anna = as(ANNA)
  const events = (calendarId = 'primary') => `/calendars/${encodeURIComponent(calendarId)}/events`
  return { simulator, world: simulator.world, as, anna, posted, answers, events }
}

type Caller = (method: string, path: string, body?: JsonObject, headers?: Record<string, string>) => Reply

export function caller(simulator: Simulator, token: string): Caller {
  return (method, path, body, headers = {}) => {
    const [bare = '', query = ''] = path.split('?')
    return reply(
      simulator.handle({
        method,
        path: `/calendar/v3${bare}`,
        query: new URLSearchParams(query),
        headers: { authorization: `Bearer ${token}`, ...headers },
        body: body === undefined ? '' : JSON.stringify(body),
      }),
    )
  }
}

export const control = (simulator: Simulator, method: string, path: string, body?: JsonObject): Reply => {
  const [bare = '', query = ''] = path.split('?')
  const request = { method, path: `/_control/${bare}`, query: new URLSearchParams(query), headers: {} }
  return reply(simulator.handle({ ...request, body: body === undefined ? '' : JSON.stringify(body) }))
}

const reply = (response: { status: number; body: string; headers: Record<string, string> }): Reply => ({
  status: response.status,
  text: response.body,
  body: response.body.startsWith('{') ? (parseObject(response.body) ?? {}) : {},
  headers: response.headers,
})

/** An hour-long event on 3 March 2026, 10:00 in Chicago, unless said otherwise. */
export const anEvent = (fields: JsonObject = {}): JsonObject => ({
  summary: 'Check-up',
  start: { dateTime: '2026-03-03T10:00:00-06:00', timeZone: 'America/Chicago' },
  end: { dateTime: '2026-03-03T11:00:00-06:00', timeZone: 'America/Chicago' },
  ...fields,
})

export const itemsOf = (answer: Reply): JsonObject[] => {
  const items = answer.body['items']
  return Array.isArray(items) ? items.filter(isObject) : []
}
export const idsOf = (answer: Reply): unknown[] => itemsOf(answer).map(item => item['id'])

export const reasonOf = (answer: Reply): unknown => {
  const error = answer.body['error']
  const first = isObject(error) && Array.isArray(error['errors']) ? error['errors'][0] : undefined
  return isObject(first) ? first['reason'] : undefined
}
