import type { ApiContext } from './api.ts'
import { wireOf } from './api.ts'
import { addAccount, addCalendar, addToList, roleOf, setRole } from './calendars.ts'
import { purgeEvent } from './event-store.ts'
import { writeEvent } from './event-writes.ts'
import { readFault, setNotificationTrouble } from './faults.ts'
import { importIcs } from './ics-import.ts'
import { decodeSegment, json, type SimRequest, type SimResponse } from './http.ts'
import {
  arrayAt,
  booleanAt,
  isObject,
  type JsonObject,
  numberAt,
  objectAt,
  parseObject,
  stringAt,
  stringsAt,
} from './json.ts'
import { mintAccessToken, mintRefreshToken, revokeGrant } from './oauth.ts'
import { notify, resourceKey } from './push.ts'
import { errorBody, Refusal, refuse } from './refusal.ts'
import { endSeriesBefore, splitSeries } from './series-edits.ts'
import { seedEvents } from './seeding.ts'
import type { Simulator } from './simulator.ts'
import { describeChannels, exportState, readLog } from './state.ts'
import { type Account, type Calendar, isRole } from './world.ts'

const ROOT = '/_control/'
const FULL_SCOPES = [
  'openid',
  'https://www.googleapis.com/auth/userinfo.email',
  'https://www.googleapis.com/auth/calendar',
]

type Control = { simulator: Simulator; context: ApiContext; request: SimRequest; body: JsonObject; id: string }
type Action = (control: Control) => JsonObject | SimResponse

/** The control API: whatever a test or a person wants of the simulator that Google has no method for. */
export function handleControl(simulator: Simulator, context: ApiContext, request: SimRequest): SimResponse | undefined {
  if (!request.path.startsWith(ROOT)) return undefined
  const [collection = '', id = '', verb = ''] = request.path.slice(ROOT.length).split('/').map(decodeSegment)
  const action =
    ACTIONS[`${request.method} ${[collection, id === '' ? '' : ':id', verb].filter(part => part !== '').join('/')}`]
  if (!action) return json(404, { error: `no such control: ${request.method} ${request.path}` })
  const isCalendarFile = (request.headers['content-type'] ?? '').startsWith('text/calendar')
  const body = isCalendarFile ? { ics: request.body } : parseObject(request.body)
  if (!body) return json(400, { error: 'the body must be a JSON object' })
  if (request.method !== 'GET' && request.headers['sec-fetch-site'] === 'cross-site') {
    return json(403, { error: 'another site may not control the simulator' })
  }
  try {
    const result = action({ simulator, context, request, body, id })
    return isResponse(result) ? result : json(200, result)
  } catch (error) {
    if (error instanceof Refusal) return json(error.status, errorBody(error))
    throw error
  }
}

/** Tells the two results of an action apart for the compiler. */
const isResponse = (result: JsonObject | SimResponse): result is SimResponse => 'spoiling' in result

const accountOf = ({ simulator, id }: Control): Account => {
  const account = simulator.world.accounts.get(id)
  if (!account) throw refuse.notFound()
  return account
}

const calendarOf = ({ simulator, id }: Control): Calendar => {
  const calendar = simulator.world.calendars.get(id)
  if (!calendar) throw refuse.notFound()
  return calendar
}

const required = (body: JsonObject, key: string): string => {
  const value = stringAt(body, key)
  if (value === undefined) throw refuse.required(`Missing ${key}.`)
  return value
}

const optional = <K extends string>(body: JsonObject, keys: readonly K[]): Partial<Record<K, string>> => {
  const found: Partial<Record<K, string>> = {}
  for (const key of keys) {
    const value = stringAt(body, key)
    if (value !== undefined) found[key] = value
  }
  return found
}

const ACTIONS: Record<string, Action> = {
  'GET accounts': ({ simulator }) => ({
    accounts: [...simulator.world.accounts.values()].map(account => describeAccount(simulator, account)),
  }),
  'POST accounts': ({ simulator, body }) => {
    const account = addAccount(simulator.world, {
      email: required(body, 'email'),
      ...optional(body, ['name', 'timeZone']),
    })
    return describeAccount(simulator, account)
  },
  'POST accounts/:id/token': issueToken,
  'POST accounts/:id/expire-tokens': control => {
    const account = accountOf(control)
    for (const token of control.simulator.world.accessTokens.values()) {
      if (token.account === account.email) token.expiresAt = control.simulator.world.now()
    }
    return {}
  },
  'POST accounts/:id/revoke': control => {
    revokeGrant(control.simulator.world, accountOf(control).email, stringAt(control.body, 'clientId') ?? null)
    return {}
  },
  'POST calendars': ({ simulator, context, body }) => {
    const owner = addAccount(simulator.world, { email: required(body, 'owner') })
    const isWatchable = booleanAt(body, 'watchable') ?? true
    const given = optional(body, ['id', 'timeZone', 'description'])
    const calendar = addCalendar(simulator.world, { owner, summary: required(body, 'summary'), isWatchable, ...given })
    notify(simulator.world, wireOf(context), resourceKey.calendarList(owner.email))
    return { id: calendar.id, summary: calendar.summary, timeZone: calendar.timeZone }
  },
  'POST calendars/:id/role': setRoleOf,
  'POST calendars/:id/kill-sync-tokens': control => {
    calendarOf(control).tokenEpoch += 1
    return {}
  },
  'POST calendars/:id/watchable': control => {
    calendarOf(control).isWatchable = booleanAt(control.body, 'watchable') ?? true
    return {}
  },
  'POST calendars/:id/events': control => {
    const events = (arrayAt(control.body, 'events') ?? []).filter(isObject)
    return seeded(control, events)
  },
  'GET calendars/:id/version': control => ({
    version: String(calendarOf(control).etagUs),
    now: new Date(control.simulator.world.now()).toISOString(),
  }),
  'GET channels': ({ simulator }) => ({ channels: describeChannels(simulator.world) }),
  'POST calendars/:id/ics': control => {
    const calendar = calendarOf(control)
    const result = importIcs(control.simulator.world, calendar, required(control.body, 'ics'))
    notify(control.simulator.world, wireOf(control.context), resourceKey.events(calendar.id))
    return result
  },
  'POST calendars/:id/purge': control => {
    const calendar = calendarOf(control)
    const tombstones = calendar.ordered.filter(event => event.isTombstone && !event.isPurged)
    for (const event of tombstones) purgeEvent(calendar, event)
    return { purged: tombstones.length }
  },
  'POST calendars/:id/split': control => {
    const calendar = calendarOf(control)
    const { body, simulator, context } = control
    const changes = objectAt(body, 'changes') ?? {}
    const second = splitSeries(simulator.world, calendar, { instanceId: required(body, 'instanceId'), changes })
    notify(simulator.world, wireOf(context), resourceKey.events(calendar.id))
    return { id: second.id }
  },
  'POST calendars/:id/end-series': control => {
    const calendar = calendarOf(control)
    const { simulator, context } = control
    const { masterId, recurrence } = endSeriesBefore(calendar, required(control.body, 'instanceId'))
    const writer = { email: calendar.dataOwner }
    const write = { id: masterId, body: { recurrence }, mode: 'patch' as const }
    writeEvent(simulator.world, calendar, write, { writer, ifMatch: null, hasConferenceVersion: false })
    notify(simulator.world, wireOf(context), resourceKey.events(calendar.id))
    return { id: masterId }
  },
  'GET log': ({ simulator, request }) => ({ requests: readLog(simulator.world, request.query) }),
  'DELETE log': ({ simulator }) => {
    simulator.world.requestLog = []
    return {}
  },
  'GET faults': ({ simulator }) => ({
    ...simulator.faults,
    rules: simulator.faults.rules.map(rule => ({ ...rule, remaining: String(rule.remaining) })),
  }),
  'POST faults': ({ simulator, body }) => {
    const fault = readFault(simulator.faults.nextId, body)
    if (typeof fault === 'string') throw refuse.invalid(fault)
    simulator.faults.nextId += 1
    simulator.faults.rules.push(fault)
    return { id: fault.id }
  },
  'DELETE faults': ({ simulator }) => {
    simulator.faults.rules = []
    setNotificationTrouble(simulator.faults, { dropShare: 0, doubleShare: 0, lateMs: 0, dropNext: 0 })
    return {}
  },
  'DELETE faults/:id': ({ simulator, id }) => {
    simulator.faults.rules = simulator.faults.rules.filter(rule => String(rule.id) !== id)
    return {}
  },
  'POST notifications': ({ simulator, body }) => {
    setNotificationTrouble(simulator.faults, body)
    return { ...simulator.faults.notifications }
  },
  'POST quotas': ({ simulator, body }) => {
    const status = numberAt(body, 'status') === 429 ? 429 : 403
    const userPerMinute = numberAt(body, 'userPerMinute') ?? null
    const projectPerMinute = numberAt(body, 'projectPerMinute') ?? null
    const newEventsPerDay = numberAt(body, 'newEventsPerDay') ?? null
    simulator.quotas.settings = { userPerMinute, projectPerMinute, newEventsPerDay, status }
    return { ...simulator.quotas.settings }
  },
  'POST consent': setConsent,
  'POST settings': changeSettings,
  'GET time': ({ simulator }) => ({
    now: new Date(simulator.world.now()).toISOString(),
    isVirtual: simulator.isVirtual,
  }),
  'POST time': ({ simulator, body }) => {
    const ms = numberAt(body, 'advanceMs')
    if (ms === undefined || !simulator.isVirtual) throw refuse.invalid('advanceMs moves virtual time only')
    return { ...json(200, { now: new Date(simulator.world.now() + ms).toISOString() }), wait: simulator.advance(ms) }
  },
  'GET state': ({ simulator }) => exportState(simulator.world),
}

function describeAccount(simulator: Simulator, account: Account): JsonObject {
  const calendars = [...account.entries.values()]
    .filter(entry => !entry.isDeleted)
    .flatMap(entry => simulator.world.calendars.get(entry.calendarId) ?? [])
    .map(calendar => ({
      id: calendar.id,
      summary: calendar.summary,
      timeZone: calendar.timeZone,
      accessRole: roleOf(calendar, account.email),
    }))
  const { email, name, timeZone, sub } = account
  return { email, name, timeZone, sub, calendars }
}

/** Tokens without the dance of consent; all calendar rights unless scopes are named. */
function issueToken(control: Control): JsonObject {
  const { simulator, body } = control
  const account = accountOf(control).email
  const scopes = stringsAt(body, 'scopes') ?? FULL_SCOPES
  const holder = { account, clientId: stringAt(body, 'clientId') ?? 'control', scopes }
  const refreshToken = mintRefreshToken(simulator.world, holder)
  const accessToken = mintAccessToken(simulator.world, holder, refreshToken)
  return {
    access_token: accessToken.token,
    refresh_token: refreshToken,
    expiry_date: accessToken.expiresAt,
    scope: scopes.join(' '),
    token_type: 'Bearer',
  }
}

/** Gives somebody a role, and with `inList` puts the calendar into their list as accepting an invitation would. */
function setRoleOf(control: Control): JsonObject {
  const { simulator, context, body } = control
  const calendar = calendarOf(control)
  const role = required(body, 'role')
  if (!isRole(role)) throw refuse.invalid('Invalid role.')
  const account = addAccount(simulator.world, { email: required(body, 'email') })
  setRole(simulator.world, calendar, account.email, role)
  if (booleanAt(body, 'inList') === true) {
    addToList(simulator.world, account, calendar, { selected: true })
    notify(simulator.world, wireOf(context), resourceKey.calendarList(account.email))
  }
  notify(simulator.world, wireOf(context), resourceKey.acl(calendar.id))
  return { calendarId: calendar.id, email: account.email, role }
}

function seeded(control: Control, events: JsonObject[]): JsonObject {
  const { simulator, context, body } = control
  const calendar = calendarOf(control)
  const result = seedEvents(simulator.world, calendar, events)
  if (booleanAt(body, 'notify') === true) notify(simulator.world, wireOf(context), resourceKey.events(calendar.id))
  return result
}

function setConsent({ simulator, body }: Control): JsonObject {
  if (booleanAt(body, 'auto') === false) {
    simulator.oauth.autoConsent = null
    return { auto: false }
  }
  const denyScopes = stringsAt(body, 'denyScopes')
  simulator.oauth.autoConsent = {
    ...optional(body, ['account']),
    ...(denyScopes ? { denyScopes } : {}),
    deny: booleanAt(body, 'deny') ?? false,
  }
  return { auto: true }
}

function changeSettings({ simulator, body }: Control): JsonObject {
  const { settings } = simulator.world
  settings.notificationDelayMs = numberAt(body, 'notificationDelayMs') ?? settings.notificationDelayMs
  settings.expansionDays = numberAt(body, 'expansionDays') ?? settings.expansionDays
  const undelete = stringAt(body, 'undelete')
  if (undelete === 'allowed' || undelete === 'forbidden') settings.undelete = undelete
  const ruleOrder = stringAt(body, 'ruleOrder')
  if (ruleOrder === 'kept' || ruleOrder === 'rewritten') settings.ruleOrder = ruleOrder
  return { ...settings }
}
