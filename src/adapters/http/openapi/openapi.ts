import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { completeDocument, nameOf, type DescribedRoute } from './document.ts'

const DESCRIPTION = `Two-way sync between a scheduling platform and Google Calendar.

Send \`Authorization: Bearer <API key>\`; the key names the tenant, and what is another tenant's answers as if it did not exist. Errors are problem
documents (\`application/problem+json\`) whose \`type\` is a stable slug; bad input is refused as a whole and changes nothing. Every POST takes an
\`Idempotency-Key\`: repeat it with the same key until an answer comes, and it is done once. Lists take \`limit\` (at most 500) and the \`cursor\` of the
page before. Times are RFC 3339 with an offset, or dates for whole days; zones are IANA names; ends are exclusive.`

const TAGS = [
  ['appointments', 'What is booked, and what happened to it'],
  ['availability', 'When a user is busy, whichever side knows of it'],
  ['connections', 'A user’s Google account: connecting, choosing calendars, health'],
  ['runs', 'Long pieces of work'],
  ['duplicates', 'Events in Google that say the same as an appointment'],
  ['proposals', 'Edits made in Google that wait for the platform'],
  ['changes', 'Everything that changed, in commit order'],
  ['webhooks', 'The same changes, posted to the platform and signed'],
  ['feeds', 'Calendar feeds to subscribe to'],
  ['tenants', 'For operators: platforms and their keys'],
  ['operations', 'For operators: health and figures'],
] as const

/** As `strictValidation` has it: a body that is optional, or that may be null. */
function mayBeLeftOut(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return true
  const isNull = (each: unknown): boolean =>
    typeof each === 'object' && each !== null && 'type' in each && each.type === 'null'
  return Type.IsOptional(body) || ('anyOf' in body && Array.isArray(body.anyOf) && body.anyOf.some(isNull))
}

/** `GET /openapi.json` (OpenAPI 3.1, made from the route schemas) and `/docs`. To be called before any route is registered. */
export async function describeApi(app: FastifyInstance, publicUrl: string): Promise<void> {
  const routes = new Map<string, DescribedRoute>()
  app.addHook('onRoute', ({ method, url, config, schema }) => {
    const { access = 'open', scope = null, isVersioned = false } = config ?? {}
    const body: unknown = schema?.body
    const described = { access, scope, isVersioned, hasBody: body !== undefined, isBodyOptional: mayBeLeftOut(body) }
    for (const each of [method].flat()) routes.set(nameOf(each, url), described)
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Lockstep',
        version: '1.0.0',
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: publicUrl }],
      tags: TAGS.map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API key; it names the tenant, and must be good for the scope that the operation lists.',
          },
          adminToken: { type: 'http', scheme: 'bearer', description: 'The operator’s `ADMIN_TOKEN`.' },
        },
      },
    },
    // The plugin's types know several versions of the format; ours is made here, and 3.1.
    transformObject: found =>
      'openapiObject' in found
        ? (completeDocument(found.openapiObject as never, routes) as never)
        : found.swaggerObject,
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  const schema = { tags: ['operations'], summary: 'This description' }
  app.get('/openapi.json', { schema, config: { access: 'open' } }, () => app.swagger())
}
