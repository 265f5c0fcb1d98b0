import type { FastifyReply, FastifyRequest } from 'fastify'
import { getRun, isFinished } from '../../../usecases/runs/get-run.ts'
import { sendOutcome } from '../answers.ts'
import type { App, ServerDeps } from '../app.ts'
import { openEventStream } from '../event-stream.ts'
import { RunSchema } from '../connection-schemas.ts'
import { IdParams } from '../schemas.ts'

const tags = ['runs']
const LOOK_EVERY_MS = 250
/** A comment this often keeps proxies from taking the stream for dead. */
const COMMENT_EVERY_LOOKS = 60
/** A reader comes back by itself (`EventSource` does): an hour bounds what one request may hold. */
const LOOKS_MAX = 14_400

export function runRoutes(app: App, deps: ServerDeps): void {
  app.get(
    '/v1/runs/:id',
    {
      config: { access: 'tenant' },
      schema: { tags, summary: 'How far a long piece of work is', params: IdParams, response: { 200: RunSchema } },
    },
    async (request, reply) =>
      sendOutcome(reply, await getRun(deps, { tenantId: request.tenantId(), runId: request.params.id })),
  )
  app.get(
    '/v1/runs/:id/events',
    {
      config: { access: 'tenant' },
      schema: { tags, summary: 'The same as server-sent events, until it is finished', params: IdParams },
    },
    async (request, reply) =>
      streamRun(deps, request, reply, { tenantId: request.tenantId(), runId: request.params.id }),
  )
}

/** One event per change of the run; ends with the run. */
async function streamRun(
  deps: ServerDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  which: { tenantId: string; runId: string },
): Promise<FastifyReply> {
  const first = await getRun(deps, which)
  if (!first.ok) return sendOutcome(reply, first)
  const gone = new AbortController()
  request.raw.once('close', () => gone.abort())
  const stream = openEventStream(reply)
  let shown = ''
  for (let look = 0; look < LOOKS_MAX && !gone.signal.aborted; look++) {
    const outcome = look === 0 ? first : await getRun(deps, which)
    if (!outcome.ok) break
    const text = JSON.stringify(outcome.value)
    if (text !== shown) await stream.send({ id: String(look), event: 'run', data: text }, gone.signal)
    else if (look % COMMENT_EVERY_LOOKS === 0) await stream.comment('still at it', gone.signal)
    shown = text
    if (isFinished(outcome.value.state)) break
    await deps.system.sleep(LOOK_EVERY_MS, gone.signal).catch(() => null)
  }
  stream.end()
  return reply
}
