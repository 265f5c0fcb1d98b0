import { Type } from 'typebox'
import { fail, type DomainError, type Result } from '../../../core/model/failures.ts'
import { deliveryResource } from '../../../core/webhooks/endpoint.ts'
import { resolveDuplicate } from '../../../usecases/duplicates/resolve-duplicate.ts'
import { settleProposal } from '../../../usecases/proposals/settle-proposal.ts'
import { patchEndpoint } from '../../../usecases/webhooks/change-endpoint.ts'
import { retryDelivery } from '../../../usecases/webhooks/repeat-deliveries.ts'
import type { App } from '../app.ts'
import { enterForm, formOf, note, resultOf } from './actions.ts'
import { sendNotFound, type ConsoleDeps } from './enter.ts'
import { tenantUrl } from './layout.ts'

const open = { access: 'open' } as const
const Id = Type.String({ minLength: 1, maxLength: 1_024 })
const schema = { hide: true, params: Type.Object({ tenant: Id, id: Id, action: Id }) } as const

type Which = { tenantId: string; id: string }
type Answer = (deps: ConsoleDeps, which: Which) => Promise<Result<unknown, DomainError>>

/** What can be answered, by its path: a question to the platform, an endpoint that was switched off. */
const ANSWERS: Readonly<Record<string, { kind: string; back: string; answer: Answer }>> = {
  'proposals/accept': {
    kind: 'proposal',
    back: 'questions',
    answer: (deps, which) => settleProposal(deps, { ...which, answer: 'accept' }),
  },
  'proposals/reject': {
    kind: 'proposal',
    back: 'questions',
    answer: (deps, which) => settleProposal(deps, { ...which, answer: 'reject' }),
  },
  'duplicates/link': {
    kind: 'duplicate',
    back: 'questions',
    answer: (deps, which) => resolveDuplicate(deps, { ...which, action: 'link' }),
  },
  'duplicates/keep_both': {
    kind: 'duplicate',
    back: 'questions',
    answer: (deps, which) => resolveDuplicate(deps, { ...which, action: 'keep_both' }),
  },
  'duplicates/remove_google': {
    kind: 'duplicate',
    back: 'questions',
    answer: (deps, which) => resolveDuplicate(deps, { ...which, action: 'remove_google' }),
  },
  'endpoints/enable': {
    kind: 'webhook endpoint',
    back: 'webhooks',
    answer: (deps, { tenantId, id }) => patchEndpoint(deps, { tenantId, endpointId: id, status: 'enabled' }),
  },
  'endpoints/try': { kind: 'webhook endpoint', back: 'webhooks', answer: tryNow },
}

/** The first of what waits goes out at once; when it arrives, the rest follows by itself. */
async function tryNow(deps: ConsoleDeps, { tenantId, id: endpointId }: Which): Promise<Result<unknown, DomainError>> {
  const [first] = await deps.store.waitingDeliveries(tenantId, endpointId, 1)
  if (first === undefined) return fail({ kind: 'not-found' })
  return retryDelivery(deps, { tenantId, endpointId, deliveryId: deliveryResource(first).id })
}

export function answerRoutes(app: App, deps: ConsoleDeps): void {
  for (const what of ['proposals', 'duplicates', 'endpoints'])
    app.post(`/console/t/:tenant/${what}/:id/:action`, { config: open, schema }, async (request, reply) => {
      const { tenant: tenantId, id, action } = request.params
      const known = ANSWERS[`${what}/${action}`]
      const object = `${known?.kind ?? what} ${id}`
      const visit = await enterForm(deps, request, reply, { tenantId, action, object })
      if (visit === null) return reply
      if (known === undefined) return sendNotFound(reply, visit)
      const outcome = await known.answer(deps, { tenantId, id })
      const said = { tenantId, action: `${action.replace('_', ' ')} ${known.kind}`, object }
      await note(deps, visit, { ...said, result: resultOf(outcome) })
      return reply.redirect(`${tenantUrl(tenantId)}/${known.back}`, 303)
    })
  releaseRoute(app, deps)
}

function releaseRoute(app: App, deps: ConsoleDeps): void {
  app.post('/console/quota/release', { config: open, schema: { hide: true } }, async (request, reply) => {
    const tried = { tenantId: null, action: 'release job' }
    const visit = await enterForm(deps, request, reply, { ...tried, object: null })
    if (visit === null) return reply
    const id = formOf(request)['id']
    const released = typeof id === 'string' ? await deps.operator.release([id]) : 0
    const object = typeof id === 'string' ? `job ${id}` : null
    await note(deps, visit, { ...tried, object, result: released > 0 ? 'done' : 'not-found' })
    return reply.redirect('/console/quota', 303)
  })
}
