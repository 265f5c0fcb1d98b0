import type { ConnectionResource } from '../../core/model/connection-resource.ts'
import { CLOSING, type GoogleEventsChoice } from '../../core/model/connection-status.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Deps } from '../deps.ts'
import { endRun } from '../runs/end-run.ts'
import { changeConnection, readResource } from './connection-change.ts'
import { planOf, type Plan } from './plan.ts'
import { plannedArchiving, plannedDeletions } from './plan-writes.ts'

type Input = { tenantId: string; connectionId: string; googleEvents: GoogleEventsChoice }

/**
 * Ends a connection at once; Google is told by `closeConnection`, which works on until it is done, also when Google is down now.
 * Ending it again changes nothing, but may still ask for the events to be removed while its grant lives.
 */
export async function disconnect(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  { tenantId, connectionId, googleEvents }: Input,
): Promise<Result<ConnectionResource, DomainError>> {
  return store.transaction(tenantId, async tx => {
    const connection = await tx.connection(tenantId, connectionId)
    if (connection === null) return fail({ kind: 'not-found' })
    if (connection.status === 'disconnected') return succeed(await readResource(tx, connection))
    const calendars = await tx.calendarsOf(tenantId, connectionId)
    const unused = { isTarget: false, isSource: false, isConflict: false }
    // Another cursor version, so that a listing under way stores nothing any more and does not put the calendar back to use.
    await tx.saveCalendars(
      calendars.map(calendar => ({ ...calendar, ...unused, cursorVersion: calendar.cursorVersion + 1 })),
    )
    const run = await tx.openRunOf(tenantId, connectionId)
    const now = system.now()
    if (run !== null) await endRun(tx, run, { state: 'cancelled', now, reason: 'The connection was ended.' })
    const next = { ...connection, status: 'disconnected' as const, statusReason: CLOSING[googleEvents] }
    const ended = await changeConnection(tx, connection, next, {
      at: now,
      side: 'platform',
      action: 'disconnected',
      rule: googleEvents === 'remove' ? 'disconnect-and-remove' : 'disconnect',
      reason: 'The connection was ended on request.',
      type: 'connection.disconnected',
    })
    await tx.wake([{ kind: 'close-connection', tenantId, connectionId }])
    return succeed(await readResource(tx, ended))
  })
}

/** What `disconnect` would do, without doing it. */
export async function planDisconnect(
  { store }: Pick<Deps, 'store'>,
  { tenantId, connectionId, googleEvents }: Input,
): Promise<Result<Plan, DomainError>> {
  const connection = await store.connection(tenantId, connectionId)
  if (connection === null) return fail({ kind: 'not-found' })
  const of = { tenantId, userId: connection.userId, connectionId }
  const calendarIds = (await store.calendarsOf(tenantId, connectionId)).map(calendar => calendar.id)
  return succeed(
    planOf(
      googleEvents === 'remove' ? await plannedDeletions(store, of) : [],
      await plannedArchiving(store, { ...of, calendarIds }),
    ),
  )
}
