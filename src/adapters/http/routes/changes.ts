import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { changeCursor, changeItem, parseChangeCursor } from '../../../core/model/change-item.ts'
import { readChanges } from '../../../usecases/changes/read-changes.ts'
import type { App, ServerDeps } from '../app.ts'
import { invalidRequest } from '../errors.ts'
import { openEventStream } from '../event-stream.ts'
import { sendProblem } from '../problem.ts'
import { closed, Limit } from '../schemas.ts'

const WAIT_SECONDS_MAX = 60
const LIMIT = 100

const ChangesQuery = Type.Object(
  {
    after: Type.Optional(Type.String({ maxLength: 100, description: 'a cursor; left out: from the beginning' })),
    limit: Limit,
    wait: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: WAIT_SECONDS_MAX,
        default: 0,
        description: 'seconds to wait for a change when there is none',
      }),
    ),
  },
  closed,
)

const ChangeSchema = Type.Object(
  {
    cursor: Type.String(),
    id: Type.String({ description: 'the same for each delivery of the same change' }),
    type: Type.String(),
    at: Type.String(),
    data: Type.Unsafe<Readonly<Record<string, unknown>>>({
      type: 'object',
      additionalProperties: true,
      description: 'the whole resource after the change',
    }),
  },
  { title: 'Change' },
)

const ChangesAnswer = Type.Object(
  {
    items: Type.Array(ChangeSchema),
    cursor: Type.String({ description: 'the `after` of the next call' }),
    hasMore: Type.Boolean(),
  },
  { title: 'Changes' },
)

/** The change feed: in commit order, at least once, none skipped. With `Accept: text/event-stream` it is a stream of the same items. */
export function changeRoutes(app: App, deps: ServerDeps): void {
  const closing = new AbortController()
  app.addHook('preClose', async () => closing.abort())
  app.get(
    '/v1/changes',
    {
      config: { access: 'tenant' },
      exposeHeadRoute: false,
      schema: {
        tags: ['changes'],
        summary: 'Every change, in commit order; long poll with `wait`, or a stream with `Accept: text/event-stream`',
        querystring: ChangesQuery,
        response: { 200: ChangesAnswer },
      },
    },
    async (request, reply) => {
      const isStream = /(?:^|,)\s*text\/event-stream\b/i.test(request.headers.accept ?? '')
      const cursor = (isStream ? lastEventId(request.headers) : undefined) ?? request.query.after
      const after = cursor === undefined ? 0 : parseChangeCursor(cursor)
      if (after === null)
        return sendProblem(reply, invalidRequest([{ path: 'after', message: 'is not a cursor of the change feed' }]))
      const tenantId = request.tenantId()
      const gone = goneSignal(reply, closing.signal)
      if (isStream) return streamChanges(deps, reply, { tenantId, after, signal: gone })
      const { limit = LIMIT, wait = 0 } = request.query
      const found = await readChanges(deps, { tenantId, after, limit, waitMs: wait * 1_000, signal: gone })
      return reply.send({
        items: found.rows.map(changeItem),
        cursor: changeCursor(found.next),
        hasMore: found.hasMore,
      })
    },
  )
}

function lastEventId(headers: Readonly<Record<string, string | string[] | undefined>>): string | undefined {
  const id = headers['last-event-id']
  return typeof id === 'string' && id !== '' ? id : undefined
}

/** Aborts when the reader goes away or the service closes. */
function goneSignal(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const left = new AbortController()
  reply.raw.once('close', () => left.abort())
  return AbortSignal.any([left.signal, closing])
}

/** How often an idle stream says that it lives. */
const HEARTBEAT_MS = 15_000
/** A stream ends after this and is taken up again by its reader, so that a revoked key does not read on for ever. */
const STREAM_MS_MAX = 15 * 60_000

async function streamChanges(
  deps: ServerDeps,
  reply: FastifyReply,
  from: { tenantId: string; after: number; signal: AbortSignal },
): Promise<FastifyReply> {
  const stream = openEventStream(reply)
  const until = deps.system.now() + STREAM_MS_MAX
  let { after } = from
  try {
    while (!from.signal.aborted && deps.system.now() < until) {
      const found = await readChanges(deps, { ...from, after, limit: LIMIT, waitMs: HEARTBEAT_MS })
      if (found.rows.length === 0) await stream.comment('still here', from.signal)
      for (const item of found.rows.map(changeItem))
        await stream.send({ id: item.cursor, event: item.type, data: JSON.stringify(item) }, from.signal)
      after = found.next
    }
  } catch (error) {
    deps.log.error('change stream broke off', { requestId: reply.request.id, tenantId: from.tenantId, error })
  } finally {
    stream.end()
  }
  return reply
}
