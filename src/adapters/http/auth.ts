import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Scope } from '../../core/model/key-scopes.ts'
import type { ApiKey } from '../../ports/store/tenants.ts'
import type { Deps } from '../../usecases/deps.ts'
import { PROBLEMS, problemOf } from './errors.ts'
import { sendProblem } from './problem.ts'
import { answerVerdict, rateLimit, RATES, type Rates } from './rate-limits.ts'
import { scopeOf } from './scopes.ts'

/** Who may call a route. `tenant`: a live API key. `admin`: the admin token. `either`: one of the two. `open`: anybody. */
export type Access = 'tenant' | 'admin' | 'either' | 'open'

/** `keyId` and `scopes`: of the key that was sent. */
export type Caller = { kind: 'tenant'; tenantId: string; keyId: string; scopes: readonly Scope[] } | { kind: 'admin' }

/** What people and their calendars open. Google's notifications, health and metrics are not counted. */
const PAGES = /^\/(?:connect|console|feeds|oauth)\//

/** How often the use of a key is written down. */
const USE_NOTED_MS = 10 * 60_000

export type AuthDeps = Pick<Deps, 'store' | 'system' | 'names' | 'log'> & { adminToken: string; rates?: Rates }

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on open routes. */
    caller: Caller | null
    /** The tenant that the API key names. @throws on a route without `access: 'tenant'`: a caller's bug. */
    tenantId(): string
  }
  interface FastifyContextConfig {
    access?: Access
    /** On routes of tenants what a key must be good for; set by the guard. */
    scope?: Scope
    /** The route heeds `If-Match`; only for the API's description. */
    isVersioned?: boolean
  }
}

/** Lets each request through only as its route's `config.access` says; a route under `/v1` that does not say is refused at start. */
export function guardRoutes(app: FastifyInstance, deps: AuthDeps): void {
  app.decorateRequest('caller', null)
  app.decorateRequest('tenantId', function (this: FastifyRequest) {
    if (this.caller?.kind !== 'tenant') throw new Error(`no tenant on ${this.routeOptions.url ?? this.url}`)
    return this.caller.tenantId
  })
  app.addHook('onRoute', route => {
    if (route.url.startsWith('/v1/') && route.config?.access === undefined)
      throw new Error(`route ${route.url} does not say who may call it`)
    if (route.config?.access === 'tenant')
      route.config = { ...route.config, scope: scopeOf([route.method].flat()[0] ?? '', route.url) }
  })
  const { key, refused, visitor } = deps.rates ?? RATES
  const [byKey, byRefused, byVisitor] = [rateLimit(key), rateLimit(refused), rateLimit(visitor)]
  app.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access ?? 'open'
    const now = deps.system.now()
    if (access === 'open') {
      const isPage = PAGES.test(request.routeOptions.url ?? '')
      return (isPage ? answerVerdict(reply, byVisitor(request.ip, now)) : null) ?? undefined
    }
    request.caller = await identify(deps, request.headers.authorization)
    if (!isAdmitted(access, request.caller)) {
      const limited = answerVerdict(reply, byRefused(request.ip, now))
      return limited ?? sendProblem(reply.header('www-authenticate', 'Bearer'), PROBLEMS.unauthorized)
    }
    if (request.caller?.kind === 'tenant') {
      const limited = answerVerdict(reply, byKey(request.caller.keyId, now))
      if (limited !== null) return limited
    }
    const { scope } = request.routeOptions.config
    if (request.caller?.kind === 'tenant' && scope !== undefined && !request.caller.scopes.includes(scope)) {
      const detail = `This key is not good for the scope \`${scope}\`.`
      const challenge = `Bearer error="insufficient_scope", scope="${scope}"`
      return sendProblem(reply.header('www-authenticate', challenge), problemOf({ kind: 'forbidden', detail }))
    }
  })
}

/** Whose bearer token this is; null for none, an unknown, a revoked and an expired one alike. */
async function identify(deps: AuthDeps, authorization: string | undefined): Promise<Caller | null> {
  const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) return null
  if (isSameSecret(token, deps.adminToken)) return { kind: 'admin' }
  const key = await deps.store.apiKeyByHash(deps.names.hash(token), deps.system.now())
  if (key === null) return null
  noteUse(deps, key)
  return { kind: 'tenant', tenantId: key.tenantId, keyId: key.id, scopes: key.scopes }
}

/** Beside the request, which does not wait for it: it tells an operator which keys are still in use. */
function noteUse({ store, system, log }: AuthDeps, { tenantId, id, lastUsedAt }: ApiKey): void {
  const at = system.now()
  if (lastUsedAt !== null && at - lastUsedAt < USE_NOTED_MS) return
  store.noteKeyUse(tenantId, id, at).catch((error: unknown) => {
    log.warn('the use of a key was not noted', { tenantId, error })
  })
}

/** Constant in time, whatever the lengths. An empty expectation matches nothing. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected)) && expected !== ''
}

function isAdmitted(access: Access, caller: Caller | null): boolean {
  if (caller === null) return false
  return access === 'either' || access === caller.kind
}
