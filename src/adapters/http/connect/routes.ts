import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { startOAuth } from '../../../usecases/connections/start-oauth.ts'
import type { App, ServerDeps } from '../app.ts'
import { themeCss } from './brand.ts'
import { callbackRoute } from './callback.ts'
import { landingPage } from './pages.ts'
import { CONNECT_JS } from './script.ts'
import { readBrand, sendMessage, sendPage } from './send-page.ts'
import { newSession, readSession, writeSession } from './session.ts'
import { setupRoutes } from './setup.ts'
import { CONNECT_CSS, ICON_SVG } from './styles.ts'

const open = { access: 'open' } as const
const hide = { hide: true } as const
const FORM_BYTES_MAX = 32 * 1024
const ASSET_SECONDS = 3_600

/** The hosted connect page: a user signs in with Google, chooses calendars and watches the first sync, under the platform's name. */
export async function connectRoutes(app: App, deps: ServerDeps): Promise<void> {
  await app.register(cookie)
  await app.register(formbody, { bodyLimit: FORM_BYTES_MAX })
  assetRoutes(app)
  linkRoutes(app, deps)
  setupRoutes(app, deps)
  callbackRoute(app, deps)
}

function assetRoutes(app: App): void {
  const send = (reply: FastifyReply, type: string, text: string): FastifyReply =>
    reply.type(type).header('cache-control', `public, max-age=${ASSET_SECONDS}`).send(text)
  app.get('/connect/assets/connect.css', { config: open, schema: hide }, (_request, reply) =>
    send(reply, 'text/css; charset=utf-8', CONNECT_CSS),
  )
  app.get('/connect/assets/connect.js', { config: open, schema: hide }, (_request, reply) =>
    send(reply, 'text/javascript; charset=utf-8', CONNECT_JS),
  )
  app.get('/connect/assets/icon.svg', { config: open, schema: hide }, (_request, reply) =>
    send(reply, 'image/svg+xml', ICON_SVG),
  )
  app.get(
    '/connect/assets/theme/:file',
    {
      config: open,
      schema: { hide: true, params: Type.Object({ file: Type.String({ pattern: '^[0-9a-f]{6}\\.css$' }) }) },
    },
    (request, reply) => send(reply, 'text/css; charset=utf-8', themeCss(`#${request.params.file.slice(0, 6)}`)),
  )
}

/** Looking at a link does not use it up, so that a mail scanner's look costs the user nothing; signing in does. */
function linkRoutes(app: App, deps: ServerDeps): void {
  const params = Type.Object({ secret: Type.String({ minLength: 20, maxLength: 200, pattern: '^[\\w-]+$' }) })
  app.get('/connect/:secret', { config: open, schema: { hide: true, params } }, async (request, reply) => {
    const { secret } = request.params
    const link = await deps.store.connectLinkByHash(deps.names.hash(secret))
    if (link !== null && readSession(deps, request)?.linkHash === link.hash)
      return reply.redirect('/connect/setup', 303)
    const isLive = link !== null && link.usedAt === null && link.expiresAt > deps.system.now()
    if (!isLive) return sendMessage(deps, reply, 410, LINK_OVER)
    const brand = await readBrand(deps, link.tenantId)
    return sendPage(deps, reply, {
      brand,
      title: 'Connect your Google Calendar',
      step: 'sign-in',
      body: landingPage({ brand, action: `/connect/${secret}`, required: deps.settings.requiredScopes }),
    })
  })
  app.post('/connect/:secret', { config: open, schema: { hide: true, params } }, async (request, reply) => {
    const link = await deps.store.connectLinkByHash(deps.names.hash(request.params.secret))
    if (link === null) return sendMessage(deps, reply, 410, LINK_OVER)
    const { tenantId, userId, hash: linkHash } = link
    const session = newSession(deps, { tenantId, userId, linkHash, connectionId: null })
    const started = await startOAuth(deps, { linkSecret: request.params.secret, browserSecret: session.secret })
    if (!started.ok) return sendMessage(deps, reply, 410, LINK_OVER)
    writeSession(deps, reply, session)
    return reply.redirect(started.value.googleUrl, 303)
  })
}

const LINK_OVER = {
  title: 'This link is no longer valid',
  text: 'It was used already or is older than 15 minutes. Go back to where you found it and ask for a new one.',
}
