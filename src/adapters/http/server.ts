import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import type { App, Routes, ServerDeps } from './app.ts'
import { guardRoutes } from './auth.ts'
import { problemOfException, PROBLEMS } from './errors.ts'
import { hardenHeaders } from './headers.ts'
import { auditWrites } from './audit.ts'
import { connectRoutes } from './connect/routes.ts'
import { consoleRoutes } from './console/routes.ts'
import { serveUnderPath } from './base-path.ts'
import { BODY_BYTES_MAX } from './limits.ts'
import { measureRequests } from './metrics.ts'
import { describeApi } from './openapi/openapi.ts'
import { refuseWhileReadOnly } from './read-only.ts'
import { sendProblem } from './problem.ts'
import { appointmentRoutes } from './routes/appointments.ts'
import { availabilityRoutes } from './routes/availability.ts'
import { calendarRoutes } from './routes/calendars.ts'
import { changeRoutes } from './routes/changes.ts'
import { connectLinkRoutes } from './routes/connect-links.ts'
import { connectionRoutes } from './routes/connections.ts'
import { feedRoutes } from './routes/feeds.ts'
import { googleNotificationRoutes } from './routes/google-notifications.ts'
import { healthRoutes } from './routes/health.ts'
import { proposalRoutes } from './routes/proposals.ts'
import { reconcileRoutes } from './routes/reconcile.ts'
import { runRoutes } from './routes/runs.ts'
import { tenantRoutes } from './routes/tenants.ts'
import { userRoutes } from './routes/users.ts'
import { webhookEndpointRoutes } from './routes/webhook-endpoints.ts'
import { strictValidation } from './validation.ts'

/** Every route of the service, by the file that answers it. */
const ROUTES: readonly Routes[] = [
  appointmentRoutes,
  availabilityRoutes,
  calendarRoutes,
  changeRoutes,
  connectLinkRoutes,
  connectionRoutes,
  connectRoutes,
  consoleRoutes,
  feedRoutes,
  googleNotificationRoutes,
  healthRoutes,
  proposalRoutes,
  reconcileRoutes,
  runRoutes,
  tenantRoutes,
  userRoutes,
  webhookEndpointRoutes,
]

const LIMITS = {
  bodyLimit: BODY_BYTES_MAX,
  /** For a request to arrive whole. */
  requestTimeout: 20_000,
  /** Silence on a socket; event streams send a comment more often than this. */
  connectionTimeout: 120_000,
  keepAliveTimeout: 72_000,
  maxRequestsPerSocket: 0,
  http: { maxHeaderSize: 16_384, headersTimeout: 15_000 },
  /** `refuseWhileClosing` does, in a problem document. */
  return503OnClosing: false,
  routerOptions: { maxParamLength: 1_024, ignoreTrailingSlash: false },
} as const

/**
 * The HTTP side: limits, guards and errors, around routes that each call one use case. Listens nowhere yet.
 * @throws Error when a route does not say who may call it.
 */
export async function buildServer(deps: ServerDeps): Promise<FastifyInstance> {
  const app: App = Fastify({
    ...LIMITS,
    genReqId: () => deps.system.newId(),
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, problemOfException(error)),
    logger: false,
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(strictValidation)
  app.removeContentTypeParser('text/plain')
  hardenHeaders(app, deps.settings.publicUrl)
  serveUnderPath(app, deps.settings.publicUrl)
  refuseWhileClosing(app)
  refuseWhileReadOnly(app, deps)
  guardRoutes(app, deps)
  answerErrors(app, deps)
  answerUnknownRoutes(app)
  noteRequests(app, deps)
  auditWrites(app, deps)
  const registry = deps.registry ?? new Registry()
  measureRequests(app, registry)
  await describeApi(app, deps.settings.publicUrl)
  for (const routes of ROUTES) await app.register(async scope => routes(scope, { ...deps, registry }))
  return app
}

/** Requests that come after closing began are sent away, on connections that then end. */
function refuseWhileClosing(app: App): void {
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
  })
  app.addHook('onRequest', async (_request, reply) => {
    if (isClosing) return sendProblem(reply.header('connection', 'close'), PROBLEMS.closing)
  })
}

function answerErrors(app: App, { log }: ServerDeps): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOfException(error)
    if (problem.status >= 500) log.error('request failed', { requestId: request.id, status: problem.status, error })
    return sendProblem(reply, problem)
  })
}

/** 404, or 405 with `Allow` where the path is known by another method. */
function answerUnknownRoutes(app: App): void {
  const methodsByPattern = new Map<string, { pattern: RegExp; methods: Set<string> }>()
  app.addHook('onRoute', route => {
    const known = methodsByPattern.get(route.url) ?? { pattern: patternOf(route.url), methods: new Set<string>() }
    for (const method of [route.method].flat()) known.methods.add(method)
    methodsByPattern.set(route.url, known)
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const allowed = [...methodsByPattern.values()]
      .filter(each => each.pattern.test(path))
      .flatMap(each => [...each.methods])
    if (allowed.length === 0) return sendProblem(reply, PROBLEMS.notFound)
    return sendProblem(reply.header('allow', [...new Set(allowed)].sort().join(', ')), PROBLEMS.methodNotAllowed)
  })
}

function patternOf(url: string): RegExp {
  const parts = url.split('/').map(part => {
    if (part.startsWith(':')) return '[^/]+'
    return part === '*' ? '.*' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('/')}$`)
}

function noteRequests(app: App, { log }: ServerDeps): void {
  app.addHook('onResponse', async (request, reply) => {
    log.debug('request', {
      requestId: request.id,
      url: `${request.method} ${request.routeOptions.url ?? 'unknown'}`,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      ...(request.caller?.kind === 'tenant' ? { tenantId: request.caller.tenantId } : {}),
    })
  })
}
