import type { Answer, Call } from './call.ts'
import { type Effect, faultRefusal, fateOf, type Faults, FRONT_END_ERROR, strike } from './faults.ts'
import { json, jsonText, respond, type SimRequest, type SimResponse } from './http.ts'
import { parseObject } from './json.ts'
import { holderOf } from './oauth.ts'
import type { Post, PushWire } from './push.ts'
import { noteUsage, type Quotas, spend } from './quotas.ts'
import { errorBody, refuse, Refusal } from './refusal.ts'
import { findRoute, type Route } from './routes.ts'
import { mayCall } from './scopes.ts'
import type { AccessToken, LogEntry, World } from './world.ts'

/** The client id under which the simulator's own page speaks: it meets no faults, spends no quota and is not logged. */
const PAGE_CLIENT = 'simulator-page'
const API_ROOT = '/calendar/v3/'
const LOG_ENTRIES_MAX = 200_000

/** What the API needs beside the world. */
export type ApiContext = { world: World; faults: Faults; quotas: Quotas; post: Post }

export const isApiPath = (path: string): boolean => path.startsWith(API_ROOT)

/** Answers one request of the Calendar API: faults first, then who may, then the work, then what spoils the answer. */
export function handleApi(context: ApiContext, request: SimRequest): SimResponse {
  const { world, faults } = context
  const matched = findRoute(request.method, request.path.slice(API_ROOT.length).replace(/\/$/, ''))
  const token = holderOf(world, bearerOf(request))
  const log = startLog(world, request, matched, token)
  if (token?.clientId === PAGE_CLIENT) return work(context, request, { matched, token, log, effects: [] })
  world.requestLog.push(log)
  if (world.requestLog.length > LOG_ENTRIES_MAX) world.requestLog.splice(0, LOG_ENTRIES_MAX / 10)
  const effects = strike(faults, { ...log, path: request.path }, world.random)
  if (effects.length > 0) log.fault = effects.map(effect => effect.kind).join(', ')
  const response = workUnlessStruck(context, request, { matched, token, log, effects })
  log.status = response.status
  return spoil(response, effects)
}

type Work = {
  matched: { route: Route; params: Record<string, string> } | undefined
  token: AccessToken | undefined
  log: LogEntry
  effects: Effect[]
}

function startLog(world: World, request: SimRequest, matched: Work['matched'], token: Work['token']): LogEntry {
  const id = matched?.params['calendarId'] ?? null
  return {
    n: ++world.counter,
    at: new Date(world.now()).toISOString(),
    method: request.method,
    path: request.path,
    query: Object.fromEntries(request.query),
    kind: matched?.route.kind ?? 'unknown',
    status: 0,
    reason: null,
    account: token?.account ?? null,
    clientId: token?.clientId ?? null,
    calendarId: id === 'primary' ? (token?.account ?? id) : id,
    eventId: matched?.params['eventId'] ?? null,
    mails: 0,
    units: matched?.route.units ?? 1,
    fault: null,
    warning: null,
  }
}

const bearerOf = ({ headers, query }: SimRequest): string =>
  /^Bearer (.+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? query.get('access_token') ?? ''

function workUnlessStruck(context: ApiContext, request: SimRequest, work_: Work): SimResponse {
  for (const effect of work_.effects) {
    if (effect.kind === 'cut' && effect.when === 'before') return respond(0, '')
    if (effect.kind === 'html') {
      return respond(effect.status, FRONT_END_ERROR, { 'content-type': 'text/html; charset=UTF-8' })
    }
    if (effect.kind === 'status') {
      const retry = effect.retryAfterSeconds
      work_.log.reason = effect.reason
      return json(
        effect.status,
        errorBody(faultRefusal(effect)),
        retry === null ? {} : { 'retry-after': String(retry) },
      )
    }
  }
  return work(context, request, work_)
}

function work(context: ApiContext, request: SimRequest, { matched, token, log, effects }: Work): SimResponse {
  try {
    const { route, call } = authorised(context, request, { matched, token, log, effects })
    return answered(route.run(call, { wire: wireOf(context) }))
  } catch (error) {
    if (!(error instanceof Refusal)) throw new Error(`the simulator failed at ${log.kind}`, { cause: error })
    log.reason = error.reason
    return refused(error)
  }
}

/** What counts against an account's own limits; deletions do too. */
const WRITES = /^(events\.(insert|import|update|patch|delete|move)|calendars\.(insert|update|patch|delete))$/
const NEW_EVENT = /^events\.(insert|import)$/

function authorised(context: ApiContext, request: SimRequest, given: Work): { route: Route; call: Call } {
  const { world, quotas } = context
  const { matched, token, log, effects } = given
  if (bearerOf(request) === '') throw refuse.loginRequired()
  const account = token ? world.accounts.get(token.account) : undefined
  if (!token || !account) throw refuse.badCredentials()
  if (!matched) throw refuse.notFound()
  if (!mayCall(matched.route.kind, token.scopes)) throw refuse.insufficientScopes()
  if (token.clientId !== PAGE_CLIENT) {
    spend(quotas, {
      project: projectOf(token.clientId),
      account: account.email,
      units: matched.route.units,
      now: world.now(),
    })
    const { kind } = matched.route
    if (WRITES.test(kind)) noteUsage(quotas, { account: account.email, isNew: NEW_EVENT.test(kind), now: world.now() })
  }
  const body = parseObject(request.body)
  if (!body) throw refuse.parseError()
  const shortPage = effects.find(effect => effect.kind === 'short-page')
  const lag = effects.find(effect => effect.kind === 'lag')
  const call: Call = {
    world,
    account,
    clientId: token.clientId,
    params: matched.params,
    query: request.query,
    headers: request.headers,
    body,
    log,
    pageLimit: shortPage?.items ?? null,
    lagMs: lag?.ms ?? 0,
    isReversed: effects.some(effect => effect.kind === 'reverse'),
  }
  return { route: matched.route, call }
}

/** The project a client belongs to: the number that Google's client ids begin with, or the whole id. */
const projectOf = (clientId: string): string => clientId.split('-')[0] ?? clientId

export const wireOf = ({ world, faults, post }: ApiContext): PushWire => ({
  post,
  fateOf: () => fateOf(faults, world.random),
})

const answered = ({ status, text, etag }: Answer): SimResponse =>
  jsonText(status, text, etag === undefined ? {} : { etag })

function refused(refusal: Refusal): SimResponse {
  const headers: Record<string, string> =
    refusal.status === 401 ? { 'www-authenticate': 'Bearer realm="https://accounts.google.com/"' } : {}
  if (refusal.reason === 'insufficientPermissions') {
    headers['www-authenticate'] = 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'
  }
  return json(refusal.status, errorBody(refusal), headers)
}

export function spoil(response: SimResponse, effects: Effect[]): SimResponse {
  let spoilt = response
  for (const effect of effects) {
    if (effect.kind === 'slow') spoilt = { ...spoilt, delayMs: spoilt.delayMs + effect.ms }
    if (effect.kind === 'cut') spoilt = { ...spoilt, spoiling: { kind: 'cut' } }
    if (effect.kind === 'truncate') spoilt = { ...spoilt, spoiling: { kind: 'truncate', bytes: effect.bytes } }
  }
  return spoilt
}
