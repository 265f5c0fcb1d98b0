import { Type } from 'typebox'
import { isTrouble, type Trouble } from '../../../core/operations/trouble.ts'
import type { App } from '../app.ts'
import { enter, maySee, sendNotFound, type ConsoleDeps } from './enter.ts'
import { FRONT_ROWS, frontPage } from './front-page.ts'
import { sendPage } from './layout.ts'
import { auditPage, quotaPage, tenantsPage, webhooksPage } from './other-pages.ts'

const open = { access: 'open' } as const
const LISTED_MAX = 200
const METERS_MAX = 50
const AUDIT_ROWS = 100
const PAGES_MAX = 100_000

const Query = Type.Object({
  tenant: Type.Optional(Type.String({ maxLength: 200 })),
  trouble: Type.Optional(Type.String({ maxLength: 40 })),
  q: Type.Optional(Type.String({ maxLength: 100 })),
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGES_MAX })),
  before: Type.Optional(Type.Integer({ minimum: 1 })),
})
const schema = { hide: true, querystring: Query } as const

/** Pages across tenants, and the front page of one. */
export function overviewRoutes(app: App, deps: ConsoleDeps): void {
  app.get('/console', { config: open, schema }, async (request, reply) => {
    const visit = await enter(deps, request, reply)
    if (visit === null) return reply
    const { viewer } = visit
    const { tenant, trouble: named = '', q = '', page: number = 1 } = request.query
    const tenantId = viewer.kind === 'tenant' ? viewer.tenantId : (tenant ?? null)
    const of = tenantId === null ? null : await deps.store.tenant(tenantId)
    if (tenantId !== null && (of === null || !maySee(visit, tenantId))) return sendNotFound(reply, visit)
    const trouble = troubleOf(named)
    const text = q.trim()
    const now = deps.system.now()
    const place = number - 1
    const filter = { tenantId, trouble, text: text === '' ? null : text, offset: place * FRONT_ROWS, limit: FRONT_ROWS }
    const [page, endpoints, jobs] = await Promise.all([
      deps.store.connectionHealth(filter, now),
      deps.store.endpointsInTrouble(tenantId, LISTED_MAX),
      viewer.kind === 'admin' ? deps.operator.quarantined() : [],
    ])
    const quarantined = jobs.filter(job => tenantId === null || job.tenantId === tenantId).length
    const parts = { visit, now, tenantId, page, endpoints, quarantined, filter: { trouble, text, place } }
    return sendPage(reply, {
      visit,
      tenantId,
      tenantName: of?.name ?? null,
      menu: 'connections',
      title: 'Connections',
      body: frontPage(parts),
      isLive: true,
    })
  })
  operatorRoutes(app, deps)
}

const troubleOf = (named: string): Trouble | 'any' | null => (isTrouble(named) ? named : named === 'any' ? named : null)

const ALL = { tenantId: null, tenantName: null } as const

/** For the operator alone. */
function operatorRoutes(app: App, deps: ConsoleDeps): void {
  app.get('/console/tenants', { config: open, schema }, async (request, reply) => {
    const visit = await enter(deps, request, reply)
    if (visit === null) return reply
    if (visit.viewer.kind !== 'admin') return sendNotFound(reply, visit)
    const text = (request.query.q ?? '').trim()
    const tenants = await deps.store.tenants(text === '' ? null : text, LISTED_MAX)
    const body = tenantsPage(tenants, text, deps.system.now())
    return sendPage(reply, { visit, ...ALL, menu: 'tenants', title: 'Tenants', body })
  })
  app.get('/console/quota', { config: open, schema }, async (request, reply) => {
    const visit = await enter(deps, request, reply)
    if (visit === null) return reply
    if (visit.viewer.kind !== 'admin') return sendNotFound(reply, visit)
    const [meters, figures, jobs, samples] = await Promise.all([
      deps.operator.meters(METERS_MAX),
      deps.store.figures(),
      deps.operator.quarantined(),
      deps.store.divergentSamples(LISTED_MAX),
    ])
    const body = quotaPage({ visit, meters, figures, jobs, samples, now: deps.system.now() })
    return sendPage(reply, { visit, ...ALL, menu: 'quota', title: 'Queues and quota', body, isLive: true })
  })
  app.get('/console/webhooks', { config: open, schema }, async (request, reply) => {
    const visit = await enter(deps, request, reply)
    if (visit === null) return reply
    if (visit.viewer.kind !== 'admin') return sendNotFound(reply, visit)
    const troubles = await deps.store.endpointsInTrouble(null, LISTED_MAX)
    const body = webhooksPage({ visit, tenantId: null, troubles, endpoints: [], now: deps.system.now() })
    return sendPage(reply, { visit, ...ALL, menu: 'webhooks', title: 'Webhooks', body })
  })
  app.get('/console/audit', { config: open, schema }, async (request, reply) => {
    const visit = await enter(deps, request, reply)
    if (visit === null) return reply
    if (visit.viewer.kind !== 'admin') return sendNotFound(reply, visit)
    const body = await auditBody(deps, null, '/console/audit', request.query.before ?? null)
    return sendPage(reply, { visit, ...ALL, menu: 'audit', title: 'Audit', body })
  })
}

export async function auditBody(deps: ConsoleDeps, tenantId: string | null, url: string, before: number | null) {
  const rows = await deps.operator.audit.read(tenantId, { before, limit: AUDIT_ROWS })
  const brokenAt = await deps.operator.audit.firstBroken(tenantId)
  const last = rows.at(-1)
  const older = rows.length === AUDIT_ROWS && last !== undefined ? `${url}?before=${last.seq}` : null
  return auditPage({ rows, brokenAt, older })
}
