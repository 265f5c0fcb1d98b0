import { Type } from 'typebox'
import { fail, succeed, type DomainError, type Result } from '../../../core/model/failures.ts'
import { isSoundText } from '../../../core/model/input.ts'
import { listDuplicates } from '../../../usecases/duplicates/list-duplicates.ts'
import { resolveDuplicate } from '../../../usecases/duplicates/resolve-duplicate.ts'
import { listProposals } from '../../../usecases/proposals/list-proposals.ts'
import { settleProposal } from '../../../usecases/proposals/settle-proposal.ts'
import { answerOf, sendOutcome } from '../answers.ts'
import type { App, ServerDeps } from '../app.ts'
import { answerOnce, answerOnceInTransaction } from '../idempotency.ts'
import { DuplicateSchema, ProposalSchema } from '../proposal-schemas.ts'
import { closed, IdParams, Limit, PageCursor } from '../schemas.ts'

const tenant = { access: 'tenant' } as const
const PAGE = 100

const ListQuery = Type.Object({ limit: Limit, cursor: PageCursor }, closed)
const listOf = <T extends Parameters<typeof Type.Array>[0]>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    cursor: Type.Optional(Type.String({ description: 'there is more: send it to read on' })),
  })
const NoBody = Type.Optional(Type.Union([Type.Null(), Type.Object({}, closed)]))

/** What waits for the platform's word: edits and deletions made in Google, and events there that say the same as an appointment. */
export function proposalRoutes(app: App, deps: ServerDeps): void {
  app.get(
    '/v1/proposals',
    {
      config: tenant,
      schema: {
        tags: ['proposals'],
        summary: 'Edits and deletions made in Google that wait for the platform, oldest first',
        querystring: ListQuery,
        response: { 200: listOf(ProposalSchema) },
      },
    },
    async (request, reply) => {
      const cursor = readCursor(request.query.cursor)
      if (!cursor.ok) return sendOutcome(reply, cursor)
      const { limit = PAGE } = request.query
      const page = await listProposals(deps, { tenantId: request.tenantId(), cursor: cursor.value, limit })
      return sendOutcome(reply, page.ok ? succeed(withCursor(page.value)) : page)
    },
  )
  for (const answer of ['accept', 'reject'] as const)
    app.post(
      `/v1/proposals/:id/${answer}`,
      {
        config: tenant,
        schema: {
          tags: ['proposals'],
          summary: answer === 'accept' ? 'Take over what was done in Google' : 'Undo in Google what was done there',
          params: IdParams,
          body: NoBody,
          response: { 200: ProposalSchema },
        },
      },
      async (request, reply) => {
        const tenantId = request.tenantId()
        const input = { tenantId, id: request.params.id, answer }
        const call = { deps, request, reply, tenantId }
        return answerOnceInTransaction(call, store => settleProposal({ ...deps, store }, input), answerOf(200))
      },
    )
  duplicateRoutes(app, deps)
}

const Resolution = Type.Object(
  {
    action: Type.Union([Type.Literal('link'), Type.Literal('keep_both'), Type.Literal('remove_google')], {
      description:
        '`link`: the event in Google becomes the appointment’s own, and the one that was written for it goes; `keep_both`: both stay; ' +
        '`remove_google`: the event in Google is deleted',
    }),
  },
  closed,
)

function duplicateRoutes(app: App, deps: ServerDeps): void {
  app.get(
    '/v1/duplicates',
    {
      config: tenant,
      schema: {
        tags: ['duplicates'],
        summary: 'Events in Google that say the same as an appointment, not resolved yet, oldest first',
        querystring: ListQuery,
        response: { 200: listOf(DuplicateSchema) },
      },
    },
    async (request, reply) => {
      const cursor = readCursor(request.query.cursor)
      if (!cursor.ok) return sendOutcome(reply, cursor)
      const { limit = PAGE } = request.query
      const page = await listDuplicates(deps, { tenantId: request.tenantId(), cursor: cursor.value, limit })
      return sendOutcome(reply, page.ok ? succeed(withCursor(page.value)) : page)
    },
  )
  app.post(
    '/v1/duplicates/:id/resolve',
    {
      config: tenant,
      schema: {
        tags: ['duplicates'],
        summary: 'Say what is to become of the two; nothing is deleted in Google without this call',
        params: IdParams,
        body: Resolution,
        response: { 200: DuplicateSchema },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const input = { tenantId, id: request.params.id, action: request.body.action }
      return answerOnce({ deps, request, reply, tenantId }, async () =>
        answerOf(200)(await resolveDuplicate(deps, input)),
      )
    },
  )
}

function withCursor<T>({ items, cursor }: { items: T[]; cursor: string | null }): { items: T[]; cursor?: string } {
  return cursor === null ? { items } : { items, cursor: Buffer.from(cursor).toString('base64url') }
}

function readCursor(sent: string | undefined): Result<string | null, DomainError> {
  if (sent === undefined) return succeed(null)
  const id = Buffer.from(sent, 'base64url').toString()
  if (id !== '' && isSoundText(id) && Buffer.from(id).toString('base64url') === sent) return succeed(id)
  return fail({ kind: 'invalid', problems: [{ path: 'cursor', message: 'is not one that a listing gave out' }] })
}
