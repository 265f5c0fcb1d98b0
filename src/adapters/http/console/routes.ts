import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App, Routes, ServerDeps } from '../app.ts'
import { actionRoutes } from './actions.ts'
import { answerRoutes } from './answers.ts'
import { attemptLimit } from './attempts.ts'
import { toSignIn, type ConsoleDeps } from './enter.ts'
import { sendPage } from './layout.ts'
import { liveRoute } from './live.ts'
import { signInPage } from './other-pages.ts'
import { overviewRoutes } from './overview-routes.ts'
import { CONSOLE_JS, ICON_SVG } from './script.ts'
import { closeSession, isCsrf, openSession, readVisit, viewerOf } from './session.ts'
import { CONSOLE_CSS } from './styles.ts'
import { tenantRoutes } from './tenant-routes.ts'

const open = { access: 'open' } as const
const hide = { hide: true } as const
const FORM_BYTES_MAX = 8 * 1024
const ASSET_SECONDS = 3_600
const NOBODY = { visit: null, tenantId: null, tenantName: null, menu: null } as const

/** The operators' console: pages for people, by the admin token or a tenant's API key. Without `operator` there is none. */
export const consoleRoutes: Routes = async (app, deps) => {
  const { operator } = deps
  if (operator === undefined) return
  const own: ConsoleDeps = { ...deps, operator }
  await app.register(cookie)
  await app.register(formbody, { bodyLimit: FORM_BYTES_MAX })
  assetRoutes(app)
  signInRoutes(app, own)
  overviewRoutes(app, own)
  tenantRoutes(app, own)
  actionRoutes(app, own)
  answerRoutes(app, own)
  liveRoute(app, own)
}

function assetRoutes(app: App): void {
  const assets = [
    ['console.css', 'text/css; charset=utf-8', CONSOLE_CSS],
    ['console.js', 'text/javascript; charset=utf-8', CONSOLE_JS],
    ['icon.svg', 'image/svg+xml', ICON_SVG],
  ] as const
  for (const [name, type, text] of assets)
    app.get(`/console/assets/${name}`, { config: open, schema: hide }, (_request, reply) =>
      reply.type(type).header('cache-control', `public, max-age=${ASSET_SECONDS}`).send(text),
    )
}

/** A browser that was sent here by another site's form carries that site's origin. */
function isOwnForm(request: FastifyRequest, { settings }: Pick<ServerDeps, 'settings'>): boolean {
  const site = request.headers['sec-fetch-site']
  if (typeof site === 'string') return site === 'same-origin' || site === 'none'
  const { origin } = request.headers
  return origin === undefined || origin === new URL(settings.publicUrl).origin
}

function signInRoutes(app: App, deps: ConsoleDeps): void {
  const waitFor = attemptLimit()
  const refuse = (reply: FastifyReply, status: number, why: string): FastifyReply =>
    sendPage(reply, { ...NOBODY, title: 'Sign in', body: signInPage(why), status })
  app.get('/console/sign-in', { config: open, schema: hide }, (_request, reply) =>
    sendPage(reply, { ...NOBODY, title: 'Sign in', body: signInPage(null) }),
  )
  app.post('/console/sign-in', { config: open, schema: hide }, async (request, reply) => {
    const now = deps.system.now()
    if (!isOwnForm(request, deps)) return refuse(reply, 403, 'That form did not come from this page.')
    const waitMs = waitFor(request.ip, now)
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1_000)
      return refuse(reply.header('retry-after', seconds), 429, `Too many tries. Wait ${seconds} seconds.`)
    }
    const { token } = (request.body ?? {}) as { token?: unknown } // a form, or nothing
    const given = typeof token === 'string' ? token.trim() : ''
    const viewer = given === '' ? null : await viewerOf(deps, given)
    const said = { at: now, via: 'console', action: 'sign in', object: null } as const
    if (viewer === null) {
      await deps.operator.audit.append({
        ...said,
        tenantId: null,
        actor: { kind: 'nobody', id: null },
        result: 'refused',
      })
      return refuse(reply, 401, 'That is neither the admin token nor a live API key.')
    }
    const actor = viewer.kind === 'admin' ? { kind: viewer.kind, id: null } : { kind: viewer.kind, id: viewer.keyId }
    const tenantId = viewer.kind === 'tenant' ? viewer.tenantId : null
    await deps.operator.audit.append({ ...said, tenantId, actor, result: 'done' })
    openSession(deps, reply, given, viewer)
    return reply.redirect('/console', 303)
  })
  app.post('/console/sign-out', { config: open, schema: hide }, async (request, reply) => {
    const visit = await readVisit(deps, request)
    const { csrf } = (request.body ?? {}) as { csrf?: unknown } // a form, or nothing
    if (visit !== null && !isCsrf(visit, csrf)) return toSignIn(reply)
    closeSession(deps, reply)
    return toSignIn(reply)
  })
  app.get('/console/', { config: open, schema: hide }, (_request, reply) => reply.redirect('/console', 301))
}
