import { Registry } from 'prom-client'
import { Type } from 'typebox'
import type { App, ServerDeps } from '../app.ts'
import { sendProblem } from '../problem.ts'
import { problemOf } from '../errors.ts'

const Health = Type.Object({ status: Type.Literal('ok') })
const open = { access: 'open' } as const

/** `/health/live` asks nobody; `/health/ready` asks the database. Neither asks Google. */
export function healthRoutes(app: App, deps: ServerDeps): void {
  const registry = deps.registry ?? new Registry()
  app.get(
    '/health/live',
    { config: open, schema: { tags: ['operations'], summary: 'Is the process alive?', response: { 200: Health } } },
    () => ({ status: 'ok' as const }),
  )
  app.get(
    '/health/ready',
    { config: open, schema: { tags: ['operations'], summary: 'Can it do its work?', response: { 200: Health } } },
    async (_request, reply) => {
      const readOnly = deps.readOnly?.() ?? null
      if (readOnly !== null) return sendProblem(reply, problemOf({ kind: 'unavailable', detail: readOnly }))
      try {
        await deps.store.ping()
      } catch (error) {
        deps.log.warn('not ready', { error })
        return sendProblem(reply, problemOf({ kind: 'unavailable', detail: 'The database does not answer.' }))
      }
      return reply.send({ status: 'ok' })
    },
  )
  app.get(
    '/metrics',
    { config: open, schema: { tags: ['operations'], summary: 'Figures for Prometheus' } },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  )
}
