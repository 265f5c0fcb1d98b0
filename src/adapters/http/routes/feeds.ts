import { Type } from 'typebox'
import { openFeed, retireFeed } from '../../../usecases/feeds/open-feed.ts'
import { readFeed } from '../../../usecases/feeds/read-feed.ts'
import { answerOf, sendOutcome } from '../answers.ts'
import type { App, ServerDeps } from '../app.ts'
import { answerOnceInTransaction } from '../idempotency.ts'
import { closed, UserParams } from '../schemas.ts'

const tags = ['feeds']
const NoBody = Type.Optional(Type.Union([Type.Null(), Type.Object({}, closed)]))

export function feedRoutes(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/users/:userId/feed',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'A calendar feed for a user; its address is secret, shown this once, and replaces the one before',
        params: UserParams,
        body: NoBody,
        response: {
          201: Type.Object(
            { url: Type.String({ description: 'for a calendar to subscribe to' }) },
            { examples: [{ url: 'https://sync.example.org/feeds/Jt3iUqkZ1o0n3m8VfX7Qk2aD5sE9rW4yB6cG8hL0pT1.ics' }] },
          ),
        },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const which = { tenantId, userId: request.params.userId }
      const call = { deps, request, reply, tenantId }
      return answerOnceInTransaction(call, store => openFeed({ ...deps, store }, which), answerOf(201))
    },
  )
  app.delete(
    '/v1/users/:userId/feed',
    {
      config: { access: 'tenant' },
      schema: { tags, summary: 'Retire a user’s feed', params: UserParams, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const which = { tenantId: request.tenantId(), userId: request.params.userId }
      return sendOutcome(reply, await retireFeed(deps, which), 204)
    },
  )
  readRoute(app, deps)
}

/** What a secret is made of; anything else is not even looked up. */
const FILE = /^([A-Za-z0-9_-]{20,100})\.ics$/

function readRoute(app: App, deps: ServerDeps): void {
  app.get(
    '/feeds/:file',
    {
      config: { access: 'open' },
      schema: {
        tags,
        summary: 'The feed itself (RFC 5545), for calendars that subscribe to it',
        params: Type.Object({ file: Type.String({ description: 'the secret and `.ics`' }) }),
      },
    },
    async (request, reply) => {
      const secret = FILE.exec(request.params.file)?.[1]
      const outcome = await readFeed(deps, secret ?? '')
      if (!outcome.ok) return sendOutcome(reply, outcome)
      const { text, version } = outcome.value
      const tag = `"${version}"`
      reply.header('etag', tag).header('cache-control', 'private, no-cache')
      if (isKnown(request.headers['if-none-match'], tag)) return reply.status(304).send()
      return reply.header('content-disposition', 'inline; filename="calendar.ics"').type(CALENDAR).send(text)
    },
  )
}

const CALENDAR = 'text/calendar; charset=utf-8'

/** RFC 9110 §13.1.2: compared weakly, for the answer is the same octets or none. */
function isKnown(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some(each => each.trim() === '*' || each.trim().replace(/^W\//, '') === tag)
}
