import { Type } from 'typebox'
import { SCOPES } from '../../../core/model/key-scopes.ts'
import { OFFERS } from '../../../core/model/tenant-controls.ts'
import { createKey } from '../../../usecases/tenants/create-key.ts'
import { createTenant } from '../../../usecases/tenants/create-tenant.ts'
import { eraseTenant } from '../../../usecases/tenants/erase-tenant.ts'
import { getTenant } from '../../../usecases/tenants/get-tenant.ts'
import { patchTenant } from '../../../usecases/tenants/patch-tenant.ts'
import { revokeKey } from '../../../usecases/tenants/revoke-key.ts'
import { answerOf, sendOutcome } from '../answers.ts'
import type { App, ServerDeps } from '../app.ts'
import { answerOnceInTransaction } from '../idempotency.ts'
import { closed, Id, IdParams, Nullable } from '../schemas.ts'

const admin = { access: 'admin' } as const
const tags = ['tenants']

/** Answers are remembered under a tenant, and here none exists yet: a key names the tenant that it makes. */
function tenantIdFor({ names }: ServerDeps, key: string): string {
  return `ten_${names.hash(`tenant ${key}`).slice(0, 32)}`
}

const Name = Type.String({ minLength: 1, maxLength: 200, description: 'the platform’s name, for people' })

/** Checked value by value by the core, which names every problem. */
const SettingsInput = Type.Unsafe<unknown>({
  type: 'object',
  description:
    '`branding` {productName, logoUrl, colour}, `connectRoles` [role…] or null, `oauthClient` {clientId, clientSecret} or null, `policies`, `syncing` (false: off for everyone, and nobody connects; true again catches up), `locked` [policy or `window`…] (what no connection and no user overrides), `offers` [choice…] or null (what the connect page offers). What is left out stays.',
})

const SettingsSchema = Type.Object({
  branding: Type.Object({
    productName: Nullable(Type.String()),
    logoUrl: Nullable(Type.String()),
    colour: Nullable(Type.String()),
  }),
  connectRoles: Nullable(Type.Array(Type.String())),
  oauthClient: Nullable(Type.Object({ clientId: Type.String() })),
  policies: Type.Record(Type.String(), Type.Unknown()),
  syncing: Type.Boolean({ description: 'false: switched off for everyone' }),
  locked: Type.Array(Type.String(), { description: 'policies, or `window`, that no connection and no user overrides' }),
  offers: Nullable(Type.Array(Type.String(), { description: `what the connect page offers: ${OFFERS.join(', ')}` })),
})

const TenantSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    createdAt: Type.String({ format: 'date-time' }),
    settings: SettingsSchema,
    keys: Type.Array(
      Type.Object({
        id: Type.String(),
        prefix: Type.String({ description: 'how the key begins' }),
        scopes: Type.Array(Type.Enum(SCOPES)),
        createdAt: Type.String(),
        expiresAt: Nullable(Type.String()),
        lastUsedAt: Nullable(Type.String({ description: 'within ten minutes or so' })),
        revokedAt: Nullable(Type.String()),
      }),
    ),
  },
  { title: 'Tenant' },
)

const MadeKey = Type.Object({ id: Type.String(), apiKey: Type.String({ description: 'shown this once' }) })

const KeyBody = Type.Object(
  {
    scopes: Type.Optional(
      Type.Array(Type.Enum(SCOPES), {
        minItems: 1,
        maxItems: SCOPES.length,
        uniqueItems: true,
        description: '`read`, `write` (appointments), `connect` (connections and feeds), `webhooks`; left out: all',
      }),
    ),
    expiresAt: Type.Optional(
      Nullable(Type.String({ format: 'date-time', description: 'null or left out: good until it is revoked' })),
    ),
  },
  closed,
)

export function tenantRoutes(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/tenants',
    {
      config: admin,
      schema: {
        tags,
        summary: 'Make a tenant and its first API key',
        body: Type.Object({ name: Name, settings: Type.Optional(SettingsInput) }, closed),
        response: { 201: MadeKey },
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const id = typeof key === 'string' ? tenantIdFor(deps, key) : `ten_${deps.system.newId()}`
      return answerOnceInTransaction(
        { deps, request, reply, tenantId: id },
        store => createTenant({ ...deps, store }, { ...request.body, id }),
        answerOf(201),
      )
    },
  )
  app.get(
    '/v1/tenants/:id',
    { config: admin, schema: { tags, summary: 'A tenant', params: IdParams, response: { 200: TenantSchema } } },
    async (request, reply) => sendOutcome(reply, await getTenant(deps, request.params.id)),
  )
  app.patch(
    '/v1/tenants/:id',
    {
      config: admin,
      schema: {
        tags,
        summary: 'Change a tenant’s name or settings',
        params: IdParams,
        body: Type.Object({ name: Type.Optional(Name), settings: Type.Optional(SettingsInput) }, closed),
        response: { 200: TenantSchema },
      },
    },
    async (request, reply) =>
      sendOutcome(reply, await patchTenant(deps, { tenantId: request.params.id, ...request.body })),
  )
  app.delete(
    '/v1/tenants/:id',
    {
      config: admin,
      schema: {
        tags,
        summary: 'Erase a tenant and everything under it',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => sendOutcome(reply, await eraseTenant(deps, request.params.id), 204),
  )
  keyRoutes(app, deps)
}

function keyRoutes(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/tenants/:id/keys',
    {
      config: admin,
      schema: {
        tags,
        summary: 'Make a further API key',
        params: IdParams,
        body: Type.Optional(KeyBody),
        response: { 201: MadeKey },
      },
    },
    async (request, reply) => {
      const tenantId = request.params.id
      const call = { deps, request, reply, tenantId }
      const { expiresAt = null, ...limits } = request.body ?? {}
      const until = expiresAt === null ? null : Date.parse(expiresAt)
      const make = (store: ServerDeps['store']) =>
        createKey({ ...deps, store }, tenantId, { ...limits, expiresAt: until })
      return answerOnceInTransaction(call, make, answerOf(201))
    },
  )
  app.delete(
    '/v1/tenants/:id/keys/:keyId',
    {
      config: admin,
      schema: {
        tags,
        summary: 'Revoke an API key',
        params: Type.Object({ id: Id('the tenant’s id'), keyId: Id('the key’s id') }, closed),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id: tenantId, keyId } = request.params
      return sendOutcome(reply, await revokeKey(deps, { tenantId, keyId }), 204)
    },
  )
}
