import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { planReset } from '../../../usecases/connections/plan-reset.ts'
import { resetConnection } from '../../../usecases/connections/reset-connection.ts'
import { cancelRun } from '../../../usecases/runs/cancel-run.ts'
import { getRun, isFinished } from '../../../usecases/runs/get-run.ts'
import { answerOf, sendOutcome } from '../answers.ts'
import type { App, ServerDeps } from '../app.ts'
import { openEventStream } from '../event-stream.ts'
import { PlanSchema, RunSchema, StartedRun } from '../connection-schemas.ts'
import { answerOnce, answerOnceInTransaction } from '../idempotency.ts'
import { closed, IdParams } from '../schemas.ts'

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
  app.post(
    '/v1/runs/:id/cancel',
    {
      config: { access: 'tenant' },
      schema: {
        tags,
        summary: 'Stop a run where it is; what it has done stays done',
        params: IdParams,
        body: Type.Optional(Type.Union([Type.Null(), Type.Object({}, closed)])),
        response: { 200: RunSchema },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const call = { deps, request, reply, tenantId }
      const which = { tenantId, runId: request.params.id }
      return answerOnceInTransaction(call, store => cancelRun({ ...deps, store }, which), answerOf(200))
    },
  )
  resetRoute(app, deps)
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

function resetRoute(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/connections/:id/reset',
    {
      config: { access: 'tenant' },
      schema: {
        tags: ['connections'],
        summary: 'Start over: forget channels, pairs and imported events, then sync for the first time again',
        params: IdParams,
        body: Type.Optional(
          Type.Object(
            {
              googleEvents: Type.Optional(
                Type.Union([Type.Literal('keep'), Type.Literal('remove')], {
                  description: 'what becomes of our events: paired again (keep), or deleted and written anew',
                }),
              ),
              dryRun: Type.Optional(Type.Boolean({ description: 'answer with the plan, change nothing' })),
            },
            closed,
          ),
        ),
        response: { 200: PlanSchema, 202: StartedRun },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const { googleEvents = 'keep', dryRun = false } = request.body ?? {}
      const input = { tenantId, connectionId: request.params.id, googleEvents }
      const call = { deps, request, reply, tenantId }
      if (dryRun) return answerOnce(call, async () => answerOf(200)(await planReset(deps, input)))
      return answerOnceInTransaction(call, store => resetConnection({ ...deps, store }, input), answerOf(202))
    },
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
