import { Type } from 'typebox'
import { succeed } from '../../../core/model/failures.ts'
import { CHANGE_TYPES, type ChangeType } from '../../../core/model/journal.ts'
import { deleteEndpoint, patchEndpoint, rotateSecret } from '../../../usecases/webhooks/change-endpoint.ts'
import { getEndpoint, listDeliveries, listEndpoints } from '../../../usecases/webhooks/read-endpoints.ts'
import { registerEndpoint } from '../../../usecases/webhooks/register-endpoint.ts'
import { replayChanges, retryDelivery } from '../../../usecases/webhooks/repeat-deliveries.ts'
import { sendTest } from '../../../usecases/webhooks/send-test.ts'
import { answerOf, sendOutcome } from '../answers.ts'
import type { App, ServerDeps } from '../app.ts'
import { answerOnce, answerOnceInTransaction } from '../idempotency.ts'
import { closed, Id, IdParams, Limit, Nullable, PageCursor, Text } from '../schemas.ts'

const tenant = { access: 'tenant' } as const
const tags = ['webhooks']
const LIMIT = 100
const NoBody = Type.Optional(Type.Union([Type.Null(), Type.Object({}, closed)]))
const Moment = Nullable(Type.String({ format: 'date-time' }))

const TypeName = Type.Unsafe<ChangeType>({ type: 'string', enum: [...CHANGE_TYPES] })
const Types = Nullable(
  Type.Array(TypeName, { minItems: 1, maxItems: 50, description: 'which changes it hears of; null: all of them' }),
)
const Url = Text(2_000, 'https, on port 443 or 8443, not on a private network; redirects are not followed')
const Status = Type.Union([Type.Literal('enabled'), Type.Literal('disabled')])

const endpoint = {
  id: Type.String(),
  url: Type.String(),
  description: Nullable(Type.String()),
  types: Nullable(Type.Array(Type.String())),
  status: Type.String({ description: '`enabled` or `disabled`' }),
  disabledReason: Nullable(
    Type.String({ description: '`gone`: it answered 410; `failing`: five days without a success; `request`' }),
  ),
  failingSince: Moment,
  lastDeliveredAt: Moment,
  createdAt: Type.String({ format: 'date-time' }),
}
const EndpointSchema = Type.Object(endpoint, { title: 'WebhookEndpoint' })
const secret = Type.String({
  description: '`whsec_…`, the key of the signatures (Standard Webhooks, HMAC-SHA256); shown this once',
})
const WithSecret = Type.Object({ ...endpoint, secret }, { title: 'NewWebhookEndpoint' })

const delivery = {
  id: Type.String({ description: 'the `webhook-id` of each of its attempts' }),
  changeId: Type.String({ description: 'the change’s `id` in the feed' }),
  type: Type.String(),
  appointmentId: Nullable(Type.String()),
  connectionId: Nullable(Type.String()),
  state: Type.String({ description: '`waiting`, `delivered` or `failed`' }),
  attempts: Type.Integer(),
  nextAttemptAt: Moment,
  lastAttemptAt: Moment,
  lastStatus: Nullable(Type.Integer({ description: 'the HTTP status that was answered last' })),
  lastError: Nullable(
    Type.String({
      description:
        '`answered`, `gone`, `timeout`, `connection`, `tls`, `name-unknown` or `address-refused` (a private network)',
    }),
  ),
}
const DeliverySchema = Type.Object(delivery, { title: 'Delivery' })
const DeliveryParams = Type.Object({ id: Id('the endpoint’s id'), deliveryId: Id('the delivery’s id') }, closed)

export function webhookEndpointRoutes(app: App, deps: ServerDeps): void {
  endpointRoutes(app, deps)
  changeRoutes(app, deps)
  deliveryRoutes(app, deps)
  sendingRoutes(app, deps)
}

function endpointRoutes(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/webhook-endpoints',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'Be told of changes from now on; the secret is shown this once',
        body: Type.Object(
          { url: Url, types: Type.Optional(Types), description: Type.Optional(Nullable(Text(500, 'for people'))) },
          closed,
        ),
        response: { 201: WithSecret },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const { url, types = null, description = null } = request.body
      const input = { tenantId, url, types, description }
      const call = { deps, request, reply, tenantId }
      return answerOnceInTransaction(call, store => registerEndpoint({ ...deps, store }, input), answerOf(201))
    },
  )
  app.get(
    '/v1/webhook-endpoints',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'All endpoints, oldest first',
        response: { 200: Type.Object({ items: Type.Array(EndpointSchema) }) },
      },
    },
    async (request, reply) => {
      const items = await listEndpoints(deps, { tenantId: request.tenantId() })
      return sendOutcome(reply, succeed({ items }))
    },
  )
  app.get(
    '/v1/webhook-endpoints/:id',
    {
      config: tenant,
      schema: { tags, summary: 'An endpoint', params: IdParams, response: { 200: EndpointSchema } },
    },
    async (request, reply) =>
      sendOutcome(reply, await getEndpoint(deps, { tenantId: request.tenantId(), endpointId: request.params.id })),
  )
}

function changeRoutes(app: App, deps: ServerDeps): void {
  app.patch(
    '/v1/webhook-endpoints/:id',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'Change an endpoint; one that is enabled again gets everything it has missed',
        params: IdParams,
        body: Type.Object(
          {
            url: Type.Optional(Url),
            types: Type.Optional(Types),
            description: Type.Optional(Nullable(Text(500, 'for people'))),
            status: Type.Optional(Status),
          },
          closed,
        ),
        response: { 200: EndpointSchema },
      },
    },
    async (request, reply) => {
      const which = { tenantId: request.tenantId(), endpointId: request.params.id }
      return sendOutcome(reply, await patchEndpoint(deps, { ...which, ...request.body }))
    },
  )
  app.delete(
    '/v1/webhook-endpoints/:id',
    {
      config: tenant,
      schema: { tags, summary: 'Send nothing more there', params: IdParams, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const which = { tenantId: request.tenantId(), endpointId: request.params.id }
      return sendOutcome(reply, await deleteEndpoint(deps, which), 204)
    },
  )
  app.post(
    '/v1/webhook-endpoints/:id/rotate-secret',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'A new secret, shown this once; the one before signs beside it for a day',
        params: IdParams,
        body: NoBody,
        response: {
          200: Type.Object({ ...endpoint, secret, oldSecretUntil: Type.String({ format: 'date-time' }) }),
        },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const which = { tenantId, endpointId: request.params.id }
      const call = { deps, request, reply, tenantId }
      return answerOnceInTransaction(call, store => rotateSecret({ ...deps, store }, which), answerOf(200))
    },
  )
}

function deliveryRoutes(app: App, deps: ServerDeps): void {
  app.get(
    '/v1/webhook-endpoints/:id/deliveries',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'Deliveries that did not arrive at the first attempt, the newest change first; kept for 30 days',
        params: IdParams,
        querystring: Type.Object(
          {
            state: Type.Optional(
              Type.Union([Type.Literal('waiting'), Type.Literal('delivered'), Type.Literal('failed')]),
            ),
            cursor: PageCursor,
            limit: Limit,
          },
          closed,
        ),
        response: { 200: Type.Object({ items: Type.Array(DeliverySchema), cursor: Nullable(Type.String()) }) },
      },
    },
    async (request, reply) => {
      const which = { tenantId: request.tenantId(), endpointId: request.params.id }
      const { state = null, cursor = null, limit = LIMIT } = request.query
      return sendOutcome(reply, await listDeliveries(deps, { ...which, state, cursor, limit }))
    },
  )
  app.post(
    '/v1/webhook-endpoints/:id/deliveries/:deliveryId/retry',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'Send one delivery again now',
        params: DeliveryParams,
        body: NoBody,
        response: { 202: DeliverySchema },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const { id: endpointId, deliveryId } = request.params
      const call = { deps, request, reply, tenantId }
      const input = { tenantId, endpointId, deliveryId }
      return answerOnceInTransaction(call, store => retryDelivery({ ...deps, store }, input), answerOf(202))
    },
  )
}

function sendingRoutes(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/webhook-endpoints/:id/replay',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'Send every change since an instant, or after a cursor of the change feed, again',
        params: IdParams,
        body: Type.Object(
          {
            since: Type.Optional(Text(100, 'RFC 3339 with offset')),
            after: Type.Optional(Text(100, 'a cursor of the change feed')),
          },
          closed,
        ),
        response: { 202: Type.Object({ changes: Type.Integer({ description: 'at most so many' }) }) },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const { since = null, after = null } = request.body
      const input = { tenantId, endpointId: request.params.id, from: { since, after } }
      const call = { deps, request, reply, tenantId }
      return answerOnceInTransaction(call, store => replayChanges({ ...deps, store }, input), answerOf(202))
    },
  )
  app.post(
    '/v1/webhook-endpoints/:id/test',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'Send a signed `webhook.test` message now and say how it fared',
        params: IdParams,
        body: NoBody,
        response: {
          200: Type.Object({ arrived: Type.Boolean(), status: Nullable(Type.Integer()), error: delivery.lastError }),
        },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const which = { tenantId, endpointId: request.params.id }
      return answerOnce({ deps, request, reply, tenantId }, async () => answerOf(200)(await sendTest(deps, which)))
    },
  )
}
