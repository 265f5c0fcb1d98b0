import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifySchema } from 'fastify'
import type { Access } from './auth.ts'
import { ProblemSchema } from './schemas.ts'

/** `GET /openapi.json` (OpenAPI 3.1, made from the route schemas) and `/docs`. To be called before any route is registered. */
export async function describeApi(app: FastifyInstance, publicUrl: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Lockstep',
        version: '1.0.0',
        description: 'Two-way sync between a scheduling platform and Google Calendar.',
      },
      servers: [{ url: publicUrl }],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key; it names the tenant.' },
          adminToken: { type: 'http', scheme: 'bearer', description: 'The operator’s `ADMIN_TOKEN`.' },
        },
      },
    },
    transform: ({ schema, url, route }) => ({
      schema: withCommonParts(schema, route.config?.access, route.method),
      url,
    }),
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  app.get('/openapi.json', { schema: { hide: true }, config: { access: 'open' } }, () => app.swagger())
}

const SECURITY: Readonly<Record<Access, readonly Record<string, string[]>[]>> = {
  open: [],
  tenant: [{ apiKey: [] }],
  admin: [{ adminToken: [] }],
  either: [{ apiKey: [] }, { adminToken: [] }],
}

const IDEMPOTENCY_HEADER = {
  type: 'object',
  properties: {
    'idempotency-key': {
      type: 'string',
      maxLength: 255,
      description: 'the same key and request get the same answer; with another request: 422',
    },
  },
}

/** What is the same for all routes is said once: who may call, the key of a POST, and that refusals are problem documents. */
function withCommonParts(
  schema: FastifySchema | undefined,
  access: Access | undefined,
  method: string | string[],
): FastifySchema {
  const responses = { ...(schema?.response ?? {}) }
  const security = SECURITY[access ?? 'open'].map(each => ({ ...each }))
  const problem = {
    description: 'A problem document',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  }
  const isKeyed = method === 'POST' && schema?.headers === undefined && access !== undefined && access !== 'open'
  return {
    ...schema,
    ...(isKeyed ? { headers: IDEMPOTENCY_HEADER } : {}),
    security,
    response: access === undefined || access === 'open' ? responses : { ...responses, '4xx': problem, '5xx': problem },
  }
}
