import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { parseDate } from '../../../core/model/time.ts'
import type { App } from '../app.ts'
import { searchAppointments } from '../../../usecases/operations/search.ts'
import { tellHistory } from '../../../usecases/operations/tell-history.ts'
import { appointmentPage, searchPage } from './appointment-page.ts'
import { enter, maySee, sendNotFound, type ConsoleDeps } from './enter.ts'
import { sendPage, tenantUrl, type ConsolePage } from './layout.ts'
import { webhooksPage, writesPage } from './other-pages.ts'
import { questionsPage } from './questions-page.ts'
import { auditBody } from './overview-routes.ts'
import { sendConnection } from './send-connection.ts'
import type { Visit } from './session.ts'

const open = { access: 'open' } as const
const Id = Type.String({ minLength: 1, maxLength: 1_024 })
const schema = {
  hide: true,
  params: Type.Object({ tenant: Id, id: Type.Optional(Id) }),
  querystring: Type.Object({
    q: Type.Optional(Type.String({ maxLength: 200 })),
    week: Type.Optional(Type.String({ maxLength: 10 })),
    before: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
} as const

const LISTED_MAX = 100
const HISTORY_MAX = 500

type Asked = { params: { tenant: string; id?: string }; query: { q?: string; week?: string; before?: number } }
type Page = Omit<ConsolePage, 'visit' | 'tenantId' | 'tenantName'>
type Show = (deps: ConsoleDeps, visit: Visit, asked: Asked) => Promise<Page | null>

/** Pages of one tenant. */
export function tenantRoutes(app: App, deps: ConsoleDeps): void {
  for (const [path, show] of Object.entries(PAGES))
    app.get(`/console/t/:tenant/${path}`, { config: open, schema }, (request, reply) =>
      serve(deps, request, reply, show),
    )
  app.get('/console/t/:tenant/connections/:id', { config: open, schema }, async (request, reply) => {
    const visit = await enter(deps, request, reply)
    if (visit === null) return reply
    const { tenant: tenantId, id = '' } = request.params
    const day = request.query.week === undefined ? null : parseDate(request.query.week)
    if (!maySee(visit, tenantId) || day?.ok === false) return sendNotFound(reply, visit)
    return sendConnection(deps, reply, visit, { tenantId, connectionId: id }, { day: day?.value ?? null })
  })
}

async function serve(
  deps: ConsoleDeps,
  request: FastifyRequest & Asked,
  reply: FastifyReply,
  show: Show,
): Promise<FastifyReply> {
  const visit = await enter(deps, request, reply)
  if (visit === null) return reply
  const { tenant: tenantId } = request.params
  const tenant = maySee(visit, tenantId) ? await deps.store.tenant(tenantId) : null
  const page = tenant === null ? null : await show(deps, visit, request)
  if (tenant === null || page === null) return sendNotFound(reply, visit)
  return sendPage(reply, { visit, tenantId, tenantName: tenant.name, ...page })
}

const seesContent = ({ viewer }: Visit): boolean => viewer.kind === 'tenant'

const PAGES: Readonly<Record<string, Show>> = {
  writes: async ({ store, system }, visit, { params }) => {
    const [lanes, stuck] = await Promise.all([
      store.laneDepths({ tenantId: params.tenant, connectionId: null }),
      store.stuckWrites(params.tenant, null, LISTED_MAX),
    ])
    const body = writesPage({ visit, lanes, stuck, now: system.now() })
    return { menu: 'writes', title: 'Writes', body, isLive: true }
  },
  questions: async ({ store, system }, visit, { params }) => {
    const filter = { appointmentIds: null, afterId: null, limit: LISTED_MAX }
    const proposals = await store.openProposals(params.tenant, filter)
    const duplicates = await store.duplicates(params.tenant, filter)
    const ids = [...new Set([...proposals, ...duplicates].map(each => each.appointmentId))]
    const pairs = await store.appointmentsByIds(params.tenant, ids)
    const appointments = new Map(pairs.map(({ appointment }) => [appointment.id, appointment]))
    const of = { tenantId: params.tenant, duplicates, proposals, appointments }
    const body = questionsPage({ visit, ...of, now: system.now() })
    return { menu: 'questions', title: 'Questions', body, isLive: true }
  },
  webhooks: async ({ store, system }, visit, { params }) => {
    const { tenant: tenantId } = params
    const troubles = await store.endpointsInTrouble(tenantId, LISTED_MAX)
    const all = (await store.webhookEndpoints(tenantId)).slice(0, LISTED_MAX)
    const waiting = await Promise.all(all.map(each => store.waitingDeliveries(tenantId, each.id, LISTED_MAX)))
    const endpoints = all.map((endpoint, at) => ({ endpoint, waiting: waiting[at] ?? [] }))
    const body = webhooksPage({ visit, tenantId, troubles, endpoints, now: system.now() })
    return { menu: 'webhooks', title: 'Webhooks', body, isLive: true }
  },
  audit: async (deps, _visit, { params, query }) => {
    const body = await auditBody(deps, params.tenant, `${tenantUrl(params.tenant)}/audit`, query.before ?? null)
    return { menu: 'audit', title: 'Audit', body }
  },
  search: async ({ store }, visit, { params, query }) => {
    const text = (query.q ?? '').trim()
    const zone = 'UTC'
    const found = await searchAppointments(
      { store },
      { tenantId: params.tenant, text, zone, showsTitles: seesContent(visit) },
    )
    return { menu: null, title: 'Search', body: searchPage({ visit, text, found }) }
  },
  'appointments/:id': async ({ store, system }, visit, { params }) => {
    const { tenant: tenantId, id: appointmentId = '' } = params
    const paired = appointmentId.includes('\0') ? null : await store.appointment(tenantId, appointmentId)
    if (paired === null) return null
    const rows = await store.history(tenantId, appointmentId, HISTORY_MAX)
    const history = tellHistory(rows, seesContent(visit))
    const connections = await store.connectionsOfUser(tenantId, paired.appointment.userId)
    const body = appointmentPage({ visit, now: system.now(), paired, history, connections })
    const title = seesContent(visit) ? (paired.appointment.title ?? appointmentId) : appointmentId
    return { menu: null, title, body, isLive: true }
  },
}
