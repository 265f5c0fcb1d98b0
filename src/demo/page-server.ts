import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { EditRefused, googleEdits, platformEdits, type BoxEdit, type Whose } from './edits.ts'
import type { Google } from './google.ts'
import type { Live } from './live.ts'
import { LockstepError } from '../client/client.ts'
import type { Platform } from './platform.ts'
import { RequestFailed } from './request-json.ts'
import { weekBounds, weekOf, type Week } from './week.ts'

/** What the page is told once, when it opens. */
export type Setup = {
  clinic: string
  members: (Whose & { name: string; profession: string; shows: string; calendars: { id: string; summary: string }[] })[]
  firstWeek: string
  weeks: { from: string; to: string }
  clockChanges: { date: string; timeZone: string; title: string }[]
  links: { simulator: string; docs: string; console: string | null }
}

type PageDeps = { setup: Setup; platform: Platform; google: Google; live: Live }

const PAGE_FOLDER = join(import.meta.dirname, 'page')
const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
const HEADERS = {
  'content-security-policy': CONTENT_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}
const STREAM_COMMENT_MS = 15_000

/** The demo page and what it asks for. The clinic's key and the people's tokens stay on this side: the browser holds none. */
export async function buildPageServer(deps: PageDeps): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: 64 * 1024, forceCloseConnections: true })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS)
    if (!isFromThisMachine(request)) return reply.code(403).send({ message: 'Only this page may ask.' })
  })
  app.setErrorHandler((error, _request, reply) => answerError(reply, error))
  await app.register(fastifyStatic, { root: PAGE_FOLDER, prefix: '/demo/assets/', cacheControl: false })
  app.get('/', (_request, reply) => reply.redirect('/demo'))
  app.get('/demo', (_request, reply) => reply.sendFile('index.html'))
  readRoutes(app, deps)
  platformRoutes(app, deps)
  googleRoutes(app, deps)
  return app
}

/** No other site may use the browser to edit here, nor a name that was pointed at this machine. */
function isFromThisMachine({ headers, hostname, method }: FastifyRequest): boolean {
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(hostname.replace(/:\d+$/, ''))) return false
  const { origin } = headers
  return method === 'GET' || origin === undefined || origin === `http://${headers.host ?? ''}`
}

function answerError(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof EditRefused) return reply.code(422).send({ message: error.message })
  if (error instanceof LockstepError) return reply.code(error.status).send({ message: saidBy(error.problem) })
  if (error instanceof RequestFailed) return reply.code(error.status).send({ message: saidBy(error.body) })
  const status = isStatus(error) ? error.statusCode : 500
  return reply.code(status).send({ message: error instanceof Error ? error.message : 'It did not work.' })
}

const isStatus = (error: unknown): error is { statusCode: number } =>
  typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'

/** The sentence in a problem document or in Google's error. */
function saidBy(body: unknown): string {
  if (typeof body !== 'object' || body === null) return 'It was refused.'
  if ('detail' in body && typeof body.detail === 'string') return body.detail
  if ('title' in body && typeof body.title === 'string') return body.title
  const { error } = body as { error?: { message?: string } } // Google's envelope
  return error?.message ?? 'It was refused.'
}

function whose({ setup }: PageDeps, userId: string): Setup['members'][number] {
  const member = setup.members.find(each => each.userId === userId)
  if (member === undefined) throw new EditRefused('Nobody of that name works here.')
  return member
}

function readRoutes(app: FastifyInstance, deps: PageDeps): void {
  const { setup, live, platform } = deps
  app.get('/demo/api/setup', () => setup)
  app.get('/demo/api/story', () => ({ lines: live.story(), requests: live.requests() }))
  app.get<{ Querystring: { userId: string; week: string } }>('/demo/api/week', ({ query }) =>
    readWeek(deps, query.userId, query.week),
  )
  app.post<{ Params: { userId: string } }>('/demo/api/connect-link/:userId', async ({ params }) => {
    const { userId } = whose(deps, params.userId)
    return { url: (await platform.connectLink(userId, {})).url }
  })
  app.get('/demo/api/stream', (request, reply) => stream(request, reply, live))
}

async function readWeek(deps: PageDeps, userId: string, monday: string): Promise<Week> {
  const { email, timeZone, calendars } = whose(deps, userId)
  const bounds = weekBounds(monday, timeZone)
  if (bounds === null) throw new EditRefused('That is no week.')
  const { from, to } = bounds
  const [appointments, events] = await Promise.all([
    deps.platform.instances(userId, from, to),
    Promise.all(
      calendars.map(async ({ id }) => ({ calendarId: id, events: await deps.google.instances(email, id, from, to) })),
    ),
  ])
  return weekOf({ appointments, calendars: events, timeZone, monday: from.slice(0, 10) })
}

/** Server-sent events without content: "look again". */
function stream(request: FastifyRequest, reply: FastifyReply, live: Live): void {
  reply.hijack()
  reply.raw.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' })
  reply.raw.write('retry: 1000\n\n')
  const unsubscribe = live.subscribe(() => reply.raw.write('event: changed\ndata: {}\n\n'))
  const comment = setInterval(() => reply.raw.write(': still here\n\n'), STREAM_COMMENT_MS)
  request.raw.once('close', () => {
    unsubscribe()
    clearInterval(comment)
  })
}

type Side = 'platform' | 'google'
const EDITED: readonly (keyof BoxEdit)[] = ['title', 'from', 'to']

/** Lets only text pass, and only what a box has. */
function editOf(body: unknown): BoxEdit {
  const fields = typeof body === 'object' && body !== null ? new Map(Object.entries(body)) : new Map<string, unknown>()
  const edit: BoxEdit = {}
  for (const name of EDITED) {
    const value = fields.get(name)
    if (typeof value === 'string') edit[name] = value
  }
  return edit
}

const path = (side: Side, rest = ''): string => `/demo/api/${side}/:userId${rest}`

function platformRoutes(app: FastifyInstance, deps: PageDeps): void {
  const edits = platformEdits(deps.platform)
  type Of = { Params: { userId: string; id: string } }
  app.post<Of>(path('platform'), async ({ params, body }) => {
    deps.live.beginChange()
    return edits.add(whose(deps, params.userId), editOf(body))
  })
  app.patch<Of>(path('platform', '/:id'), async ({ params, body }) => {
    deps.live.beginChange()
    return edits.change(whose(deps, params.userId), params.id, editOf(body))
  })
  app.delete<Of>(path('platform', '/:id'), async ({ params }) => {
    deps.live.beginChange()
    return edits.cancel(params.id)
  })
}

function googleRoutes(app: FastifyInstance, deps: PageDeps): void {
  const edits = googleEdits(deps.google)
  type Of = { Params: { userId: string; calendarId: string; eventId: string } }
  app.post<Of>(path('google'), async ({ params, body }) => {
    deps.live.beginChange()
    return edits.add(whose(deps, params.userId), editOf(body))
  })
  app.patch<Of>(path('google', '/:calendarId/:eventId'), async ({ params, body }) => {
    deps.live.beginChange()
    return edits.change(whose(deps, params.userId), params, editOf(body))
  })
  app.delete<Of>(path('google', '/:calendarId/:eventId'), async ({ params }, reply) => {
    deps.live.beginChange()
    await edits.remove(whose(deps, params.userId), params)
    return reply.code(204).send()
  })
}
