import type { FastifyRequest } from 'fastify'
import type { Actor } from '../../ports/audit.ts'
import type { App, ServerDeps } from './app.ts'

/** Routes whose writes are settings or decisions, and what they do in words. Appointments are not: their history tells. */
const ACTIONS: Readonly<Record<string, string>> = {
  'POST /v1/tenants': 'create tenant',
  'PATCH /v1/tenants/:id': 'change tenant',
  'DELETE /v1/tenants/:id': 'erase tenant',
  'POST /v1/tenants/:id/keys': 'create key',
  'DELETE /v1/tenants/:id/keys/:keyId': 'revoke key',
  'POST /v1/users/:userId/connect-links': 'create connect link',
  'PATCH /v1/connections/:id': 'change connection',
  'DELETE /v1/connections/:id': 'disconnect',
  'POST /v1/connections/:id/pause': 'pause',
  'POST /v1/connections/:id/resume': 'resume',
  'POST /v1/connections/:id/release': 'release',
  'POST /v1/connections/:id/reset': 'reset',
  'POST /v1/connections/:id/push-existing': 'push existing',
  'PUT /v1/connections/:id/calendars': 'choose calendars',
  'POST /v1/duplicates/:id/resolve': 'resolve duplicate',
  'POST /v1/proposals/:id/accept': 'accept proposal',
  'POST /v1/proposals/:id/reject': 'reject proposal',
  'POST /v1/users/:userId/feed': 'create feed',
  'DELETE /v1/users/:userId/feed': 'retire feed',
  'POST /v1/webhook-endpoints': 'create webhook endpoint',
  'PATCH /v1/webhook-endpoints/:id': 'change webhook endpoint',
  'DELETE /v1/webhook-endpoints/:id': 'remove webhook endpoint',
  'POST /v1/webhook-endpoints/:id/deliveries/:deliveryId/retry': 'retry delivery',
}

/** Puts each write of a setting on record before its answer leaves, refused ones too: who, what, to which object, how it ended; no content. */
export function auditWrites(app: App, { operator, system, names, log }: ServerDeps): void {
  if (operator === undefined) return
  app.addHook('onSend', async (request, reply, payload) => {
    const action = ACTIONS[`${request.method} ${request.routeOptions.url ?? ''}`]
    if (action === undefined) return payload
    const { statusCode } = reply
    const result = statusCode < 400 ? 'done' : statusCode < 500 ? `refused ${statusCode}` : `failed ${statusCode}`
    const at = { at: system.now(), tenantId: tenantOf(request, payload), via: 'api' } as const
    const entry = { ...at, actor: actorOf(request, names), action, object: objectOf(request), result }
    try {
      await operator.audit.append(entry)
    } catch (error) {
      log.error('a write is not on record', { requestId: request.id, action, error })
    }
    return payload
  })
}

/** The key's own id is not looked up again: the beginning of its hash tells which one it was. */
function actorOf({ caller, headers }: FastifyRequest, names: ServerDeps['names']): Actor {
  if (caller === null) return { kind: 'nobody', id: null }
  const token = headers.authorization?.slice('Bearer '.length)
  return caller.kind === 'admin' || token === undefined
    ? { kind: caller.kind, id: null }
    : { kind: 'tenant', id: `key ${names.hash(token).slice(0, 12)}` }
}

/** A tenant's own chain; the operator's for what concerns none, and for callers nobody knows. */
function tenantOf({ caller, params, url }: FastifyRequest, payload: unknown): string | null {
  if (caller?.kind === 'tenant') return caller.tenantId
  if (caller === null) return null
  const { id } = params as { id?: string } // of the routes above
  if (id !== undefined) return id
  return url === '/v1/tenants' && typeof payload === 'string' ? idOf(payload) : null
}

function idOf(payload: string): string | null {
  const made: unknown = JSON.parse(payload)
  return typeof made === 'object' && made !== null && 'id' in made && typeof made.id === 'string' ? made.id : null
}

function objectOf({ params, routeOptions }: FastifyRequest): string | null {
  const named = Object.entries(params as Record<string, string>) // of the routes above
  const kind = routeOptions.url?.split('/')[2]?.replace(/s$/, '') ?? ''
  return named.length === 0 ? null : named.map(([name, value]) => `${name === 'id' ? kind : name} ${value}`).join(', ')
}
