import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OperatorDeps, ServerDeps } from '../app.ts'
import { html } from '../connect/html.ts'
import { sendPage } from './layout.ts'
import { keepSession, readVisit, type Visit } from './session.ts'

export type ConsoleDeps = ServerDeps & { operator: OperatorDeps }

export const toSignIn = (reply: FastifyReply): FastifyReply => reply.redirect('/console/sign-in', 303)

/** Who looks; null when the browser was sent to sign in. What a script fetches by itself keeps no session going. */
export async function enter(deps: ConsoleDeps, request: FastifyRequest, reply: FastifyReply): Promise<Visit | null> {
  const visit = await readVisit(deps, request)
  if (visit === null) {
    void toSignIn(reply)
    return null
  }
  const mode = request.headers['sec-fetch-mode']
  if (mode === undefined || mode === 'navigate') keepSession(deps, request, reply)
  return visit
}

/** Does this tenant's page belong to who looks? Another's is not found, as everywhere. */
export const maySee = ({ viewer }: Visit, tenantId: string): boolean =>
  viewer.kind === 'admin' || viewer.tenantId === tenantId

export function sendNotFound(reply: FastifyReply, visit: Visit): FastifyReply {
  return sendPage(reply, {
    visit,
    tenantId: visit.viewer.kind === 'tenant' ? visit.viewer.tenantId : null,
    tenantName: null,
    menu: null,
    title: 'Not found',
    status: 404,
    body: html`<h1>Not found</h1>
      <p class="muted">There is nothing at this address, or it is not yours to see.</p>
      <p><a href="/console">To the connections</a></p>`,
  })
}
