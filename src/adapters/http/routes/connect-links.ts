import { Type } from 'typebox'
import { createConnectLink } from '../../../usecases/connections/create-connect-link.ts'
import type { App, ServerDeps } from '../app.ts'
import { answerOnceInTransaction } from '../idempotency.ts'
import { problemOf } from '../errors.ts'
import { closed, Text, UserParams } from '../schemas.ts'

const LinkSchema = Type.Object(
  {
    url: Type.String({ description: 'the hosted page; single use' }),
    googleUrl: Type.String({ description: 'straight to Google’s consent page; ten minutes' }),
    expiresAt: Type.String({ format: 'date-time' }),
  },
  { title: 'ConnectLink' },
)

export function connectLinkRoutes(app: App, deps: ServerDeps): void {
  app.post(
    '/v1/users/:userId/connect-links',
    {
      config: { access: 'tenant' },
      schema: {
        tags: ['connections'],
        summary: 'Invite a user to connect a Google account',
        params: UserParams,
        body: Type.Optional(
          Type.Object(
            {
              role: Type.Optional(Text(100, 'the user’s role, checked against the tenant’s `connectRoles`')),
              returnUrl: Type.Optional(Text(2_000, 'where the browser goes afterwards; http or https')),
            },
            closed,
          ),
        ),
        response: { 201: LinkSchema },
      },
    },
    async (request, reply) => {
      const tenantId = request.tenantId()
      const { role = null, returnUrl = null } = request.body ?? {}
      const input = { tenantId, userId: request.params.userId, role, returnUrl }
      return answerOnceInTransaction(
        { deps, request, reply, tenantId },
        store => createConnectLink({ ...deps, store }, input),
        outcome =>
          outcome.ok
            ? { status: 201, body: { ...outcome.value, expiresAt: new Date(outcome.value.expiresAt).toISOString() } }
            : { problem: problemOf(outcome.error) },
      )
    },
  )
}
