import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
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
    transform: ({ schema, url, route }) => ({ schema: withCommonParts({ ...route, schema }), url }),
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

const text = { type: 'string' }
const KEY_HEADER = {
  'idempotency-key': {
    ...text,
    maxLength: 255,
    description: 'the same key and request get the same answer; with another request: 422',
  },
}
const VERSION_HEADER = {
  'if-match': { ...text, description: 'the ETag that was read; 412 if it is not the present one any more' },
}

/** What is the same for all routes is said once: who may call, the headers heeded, and that refusals are problem documents. */
function withCommonParts({ schema, config = {}, method }: RouteOptions): FastifySchema {
  const { access = 'open', isVersioned = false } = config
  const isKeyed = method === 'POST' && access !== 'open'
  const headers = { ...(isKeyed ? KEY_HEADER : {}), ...(isVersioned ? VERSION_HEADER : {}) }
  const hasHeaders = schema?.headers === undefined && Object.keys(headers).length > 0
  const problem = {
    description: 'A problem document',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  }
  const refusals = access === 'open' ? {} : { '4xx': problem, '5xx': problem }
  return {
    ...schema,
    ...(hasHeaders ? { headers: { type: 'object', properties: headers } } : {}),
    security: SECURITY[access].map(each => ({ ...each })),
    response: { ...(schema?.response ?? {}), ...refusals },
  }
}
