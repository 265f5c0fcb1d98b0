import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { exportAccounts, exportAppointments } from '../../../usecases/operations/export-user.ts'
import type { App, ServerDeps } from '../app.ts'
import { AppointmentAnswer, HistoryAnswer, historyItem } from '../appointment-schemas.ts'
import { ConnectionSchema } from '../connection-schemas.ts'
import { Nullable, UserParams } from '../schemas.ts'

const ExportSchema = Type.Object(
  {
    userId: Type.String(),
    exportedAt: Type.String({ format: 'date-time' }),
    connections: Type.Array(ConnectionSchema),
    feedSince: Nullable(Type.String({ description: 'since when there is a calendar feed; its address is a secret' })),
    appointments: Type.Array(Type.Object({ appointment: AppointmentAnswer, history: HistoryAnswer })),
  },
  { title: 'UserExport' },
)

export function userRoutes(app: App, deps: ServerDeps): void {
  app.get(
    '/v1/users/:userId/export',
    {
      config: { access: 'tenant' },
      schema: {
        tags: ['connections'],
        summary:
          'All that is kept of a user, for the user to have: accounts, appointments, archived ones too, and their histories',
        params: UserParams,
        // Written bit by bit: the schema describes it, the types do not check it.
        response: { 200: Type.Unsafe<unknown>(ExportSchema) },
      },
    },
    async (request, reply) => {
      const of = { tenantId: request.tenantId(), userId: request.params.userId }
      return reply.type('application/json; charset=utf-8').send(Readable.from(written(deps, of)))
    },
  )
}

/** The document bit by bit. An answer that breaks off is no JSON, and so cannot be taken for the whole. */
async function* written(deps: ServerDeps, of: { tenantId: string; userId: string }): AsyncGenerator<string> {
  const { connections, feedSince } = await exportAccounts(deps, of)
  const at = (instant: number): string => new Date(instant).toISOString()
  const head = {
    userId: of.userId,
    exportedAt: at(deps.system.now()),
    connections,
    feedSince: feedSince === null ? null : at(feedSince),
  }
  yield `${JSON.stringify(head).slice(0, -1)},"appointments":[`
  let isFirst = true
  for await (const { appointment, history } of exportAppointments(deps, of)) {
    const item = JSON.stringify({ appointment, history: { items: history.map(historyItem) } })
    yield isFirst ? item : `,${item}`
    isFirst = false
  }
  yield ']}'
}
