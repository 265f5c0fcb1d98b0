import { Type } from 'typebox'
import { fail, succeed, type DomainError, type Result } from '../../../core/model/failures.ts'
import type { ConnectionResource } from '../../../core/model/connection-resource.ts'
import { checkConnection } from '../../../usecases/connections/check-connection.ts'
import { disconnect, planDisconnect } from '../../../usecases/connections/disconnect.ts'
import { getConnection, listConnections } from '../../../usecases/connections/get-connection.ts'
import { patchConnection } from '../../../usecases/connections/patch-connection.ts'
import { pauseConnection, resumeConnection } from '../../../usecases/connections/pause-connection.ts'
import { planDeletions } from '../../../usecases/connections/plan-deletions.ts'
import { planPushExisting, pushExisting, syncNow } from '../../../usecases/connections/sync-now.ts'
import { answerOf, entityTag, readIfMatch, sendOutcome } from '../answers.ts'
import type { App, ServerDeps } from '../app.ts'
import {
  CheckSchema,
  ConnectionSchema,
  PlanSchema,
  PolicyInput,
  StartedRun,
  WindowSchema,
} from '../connection-schemas.ts'
import { answerOnce, answerOnceInTransaction } from '../idempotency.ts'
import { closed, IdParams, UserParams } from '../schemas.ts'

const tenant = { access: 'tenant' } as const
const versioned = { access: 'tenant', isVersioned: true } as const
const tags = ['connections']

const Mode = Type.Union([Type.Literal('two_way'), Type.Literal('push_only'), Type.Literal('off')])
const DryRun = Type.Optional(Type.Boolean({ description: 'answer with the plan, change nothing' }))
const NoBody = Type.Optional(Type.Union([Type.Null(), Type.Object({}, closed)]))

export function connectionRoutes(app: App, deps: ServerDeps): void {
  readRoutes(app, deps)
  changeRoutes(app, deps)
  actionRoutes(app, deps)
}

function readRoutes(app: App, deps: ServerDeps): void {
  app.get(
    '/v1/users/:userId/connections',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'A user’s connections, oldest first',
        params: UserParams,
        response: { 200: Type.Object({ items: Type.Array(ConnectionSchema) }) },
      },
    },
    async (request, reply) => {
      const items = await listConnections(deps, { tenantId: request.tenantId(), userId: request.params.userId })
      return sendOutcome(reply, succeed({ items }))
    },
  )
  app.get(
    '/v1/connections/:id',
    {
      config: versioned,
      schema: { tags, summary: 'A connection', params: IdParams, response: { 200: ConnectionSchema } },
    },
    async (request, reply) => {
      const outcome = await getConnection(deps, { tenantId: request.tenantId(), connectionId: request.params.id })
      return sendOutcome(withTag(reply, outcome), outcome)
    },
  )
}

function changeRoutes(app: App, deps: ServerDeps): void {
  app.patch(
    '/v1/connections/:id',
    {
      config: versioned,
      schema: {
        tags,
        summary: 'Change window, policies or mode; `If-Match` guards against a change meanwhile',
        params: IdParams,
        body: Type.Object(
          {
            window: Type.Optional(WindowSchema),
            policies: Type.Optional(PolicyInput),
            mode: Type.Optional(Mode),
            replaceFeed: Type.Optional(Type.Boolean({ description: 'retire the user’s feed for two-way sync' })),
          },
          closed,
        ),
        response: { 200: ConnectionSchema },
      },
    },
    async (request, reply) => {
      const ifMatch = readIfMatch(request)
      if (!ifMatch.ok) return sendOutcome(reply, ifMatch)
      const { window, policies, mode, replaceFeed = false } = request.body
      const outcome = await patchConnection(deps, {
        tenantId: request.tenantId(),
        connectionId: request.params.id,
        ifMatch: ifMatch.value,
        replaceFeed,
        ...(window === undefined ? {} : { window }),
        ...(policies === undefined ? {} : { policies }),
        ...(mode === undefined ? {} : { mode }),
      })
      return sendOutcome(withTag(reply, outcome), outcome)
    },
  )
  app.delete(
    '/v1/connections/:id',
    {
      config: versioned,
      schema: {
        tags,
        summary: 'End a connection: channels stopped, grant revoked, tokens erased',
        params: IdParams,
        querystring: Type.Object(
          {
            googleEvents: Type.Optional(Type.Union([Type.Literal('keep'), Type.Literal('remove')])),
            dryRun: DryRun,
          },
          closed,
        ),
        response: { 200: Type.Union([ConnectionSchema, PlanSchema]) },
      },
    },
    async (request, reply) => {
      const { googleEvents = 'keep', dryRun = false } = request.query
      const input = { tenantId: request.tenantId(), connectionId: request.params.id, googleEvents }
      if (dryRun) return sendOutcome(reply, await planDisconnect(deps, input))
      const current = await getConnection(deps, input)
      const ifMatch = readIfMatch(request)
      const refusal = current.ok ? staleness(ifMatch, current.value.version) : null
      return refusal === null ? sendOutcome(reply, await disconnect(deps, input)) : sendOutcome(reply, fail(refusal))
    },
  )
}

function staleness(ifMatch: Result<readonly number[] | null, DomainError>, currentVersion: number): DomainError | null {
  if (!ifMatch.ok) return ifMatch.error
  return ifMatch.value === null || ifMatch.value.includes(currentVersion)
    ? null
    : { kind: 'stale-version', currentVersion }
}

function actionRoutes(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/connections/:id/pause',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'Read and write nothing until it is resumed',
        params: IdParams,
        body: NoBody,
        response: { 200: ConnectionSchema },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const which = { tenantId, connectionId: request.params.id }
      const call = { deps, request, reply, tenantId }
      return answerOnceInTransaction(call, store => pauseConnection({ ...deps, store }, which), answerOf(200))
    },
  )
  heldRoutes(app, deps)
  app.post(
    '/v1/connections/:id/check',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'Ask Google whether everything works now',
        params: IdParams,
        body: NoBody,
        response: { 200: CheckSchema },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const which = { tenantId, connectionId: request.params.id }
      return answerOnce({ deps, request, reply, tenantId }, async () =>
        answerOf(200)(await checkConnection(deps, which)),
      )
    },
  )
  runRoutes(app, deps)
}

const Deletions = Type.Union([Type.Literal('accept'), Type.Literal('restore')], {
  description:
    'what becomes of the deletions in Google that held it: `accept` goes on as the policies say, `restore` writes our events again ' +
    '(events made in Google come back when they are restored there)',
})

function heldRoutes(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/connections/:id/resume',
    {
      config: tenant,
      schema: {
        tags,
        summary:
          'Go on and catch up; one that is held by the deletion guard needs `deletions`, else 409 `choice-needed`',
        params: IdParams,
        body: Type.Optional(Type.Union([Type.Null(), Type.Object({ deletions: Type.Optional(Deletions) }, closed)])),
        response: { 200: ConnectionSchema },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const deletions = request.body?.deletions ?? null
      const which = { tenantId, connectionId: request.params.id, deletions }
      const call = { deps, request, reply, tenantId }
      return answerOnceInTransaction(call, store => resumeConnection({ ...deps, store }, which), answerOf(200))
    },
  )
  app.get(
    '/v1/connections/:id/plan',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'What resuming a held connection would do with what is gone from Google',
        params: IdParams,
        querystring: Type.Object({ deletions: Type.Optional(Deletions) }, closed),
        response: { 200: PlanSchema },
      },
    },
    async (request, reply) => {
      const { deletions = 'accept' } = request.query
      const which = { tenantId: request.tenantId(), connectionId: request.params.id, deletions }
      return sendOutcome(reply, await planDeletions(deps, which))
    },
  )
}

function runRoutes(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/connections/:id/sync',
    {
      config: tenant,
      schema: { tags, summary: 'Sync now', params: IdParams, body: NoBody, response: { 202: StartedRun } },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const which = { tenantId, connectionId: request.params.id }
      const call = { deps, request, reply, tenantId }
      return answerOnceInTransaction(call, store => syncNow({ ...deps, store }, which), answerOf(202))
    },
  )
  app.post(
    '/v1/connections/:id/push-existing',
    {
      config: tenant,
      schema: {
        tags,
        summary: 'Send the appointments in the window that Google does not show yet',
        params: IdParams,
        body: Type.Optional(Type.Object({ dryRun: DryRun }, closed)),
        response: { 200: PlanSchema, 202: StartedRun },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const which = { tenantId, connectionId: request.params.id }
      const call = { deps, request, reply, tenantId }
      if (request.body?.dryRun === true)
        return answerOnce(call, async () => answerOf(200)(await planPushExisting(deps, which)))
      return answerOnceInTransaction(call, store => pushExisting({ ...deps, store }, which), answerOf(202))
    },
  )
}

function withTag<R extends { header(name: string, value: string): R }>(
  reply: R,
  outcome: Result<ConnectionResource, DomainError>,
): R {
  return outcome.ok ? reply.header('etag', entityTag(outcome.value.version)) : reply
}
