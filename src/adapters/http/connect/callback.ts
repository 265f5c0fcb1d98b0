import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { unreachable } from '../../../core/model/failures.ts'
import type { OAuthFlow } from '../../../ports/store/connections.ts'
import { finishOAuth } from '../../../usecases/connections/finish-oauth.ts'
import type { App, ServerDeps } from '../app.ts'
import { readBrand, sendMessage } from './send-page.ts'
import { OTHER_ACCOUNT } from './setup.ts'
import { newSession, readSession, writeSession, type ConnectSession } from './session.ts'

/** What Google appends; other members come and go and are not looked at. */
const CallbackQuery = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 500 })),
  code: Type.Optional(Type.String({ maxLength: 2_000 })),
  error: Type.Optional(Type.String({ maxLength: 500 })),
})

/** Google's redirect back. Leads to the platform's `returnUrl`, or on to the hosted page where the browser came from it. */
export function callbackRoute(app: App, deps: ServerDeps): void {
  app.get(
    '/oauth/google/callback',
    {
      config: { access: 'open' },
      schema: { tags: ['connections'], summary: 'Where Google leads the browser back to', querystring: CallbackQuery },
    },
    async (request, reply) => {
      const { state = '', code = null, error = null } = request.query
      const session = readSession(deps, request)
      const outcome = await finishOAuth(deps, { state, code, error, browserSecret: session?.secret ?? null })
      switch (outcome.kind) {
        case 'refused':
          return sendMessage(deps, reply, 400, REFUSED)
        case 'connected': {
          const { id, status } = outcome.connection
          return leadOn({ deps, reply, session, flow: outcome.flow, connectionId: id }, { connectionId: id, status })
        }
        case 'denied':
          return leadOn({ deps, reply, session, flow: outcome.flow, connectionId: null }, { status: 'denied' })
        case 'failed': {
          const way = { deps, reply, session, flow: outcome.flow, connectionId: null }
          return leadOn(way, { status: 'failed', reason: outcome.slug })
        }
        default:
          return unreachable(outcome)
      }
    },
  )
}

const REFUSED = {
  title: 'This sign-in cannot be completed',
  text: 'It was completed already, took longer than ten minutes, or was started in another browser. Ask for a new link and try again.',
}

type Way = {
  deps: ServerDeps
  reply: FastifyReply
  session: ConnectSession | null
  flow: OAuthFlow
  connectionId: string | null
}

async function leadOn(way: Way, result: Record<string, string>): Promise<FastifyReply> {
  const { deps, reply, session, flow, connectionId } = way
  const isFromPage = flow.browserHash !== null && session !== null
  if (!isFromPage && flow.returnUrl !== null) {
    const url = new URL(flow.returnUrl)
    for (const [name, value] of Object.entries(result)) url.searchParams.set(name, value)
    return reply.redirect(url.href, 303)
  }
  if (!isFromPage && connectionId === null) {
    const brand = await readBrand(deps, flow.tenantId)
    return sendMessage(deps, reply, 400, NOT_CONNECTED, brand)
  }
  const { tenantId, userId, linkHash } = flow
  const next = isFromPage
    ? { ...session, connectionId: connectionId ?? session.connectionId }
    : newSession(deps, { tenantId, userId, linkHash, connectionId })
  writeSession(deps, reply, next)
  if (connectionId === null) return reply.redirect(`/connect/setup?notice=${result['reason'] ?? result['status']}`, 303)
  const isOther = isFromPage && session.connectionId !== null && session.connectionId !== connectionId
  return reply.redirect(isOther ? `/connect/setup?notice=${OTHER_ACCOUNT}` : '/connect/setup', 303)
}

const NOT_CONNECTED = {
  title: 'Nothing was connected',
  text: 'Google was not given permission. You may close this page, or ask for a new link and try again.',
}
