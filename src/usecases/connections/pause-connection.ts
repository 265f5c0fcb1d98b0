import { hasCalendars, type ConnectionResource } from '../../core/model/connection-resource.ts'
import { nextStatus } from '../../core/model/connection-status.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Deps } from '../deps.ts'
import { changeConnection, readResource } from './connection-change.ts'
import { catchUp, continueRun, releaseWrites } from './wake-connection.ts'

type Which = { tenantId: string; connectionId: string }

/** Nothing is read from or written to Google's events until `resumeConnection`; changes are kept for then. */
export async function pauseConnection(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  { tenantId, connectionId }: Which,
): Promise<Result<ConnectionResource, DomainError>> {
  return store.transaction(tenantId, async tx => {
    const connection = await tx.connection(tenantId, connectionId)
    if (connection === null) return fail({ kind: 'not-found' })
    const calendars = await tx.calendarsOf(tenantId, connectionId)
    const status = nextStatus(connection.status, 'pause', hasCalendars(calendars))
    if (status === null) return fail(notFrom(connection.status, 'paused'))
    if (status === connection.status) return succeed(await readResource(tx, connection))
    const next = { ...connection, status, statusReason: 'paused_on_request' }
    const paused = await changeConnection(tx, connection, next, {
      at: system.now(),
      side: 'platform',
      action: 'paused',
      rule: 'pause',
      reason: 'The connection was paused on request.',
      type: 'connection.paused',
    })
    return succeed(await readResource(tx, paused))
  })
}

/** Lets it go on and catches up on both sides at once. */
export async function resumeConnection(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  { tenantId, connectionId }: Which,
): Promise<Result<ConnectionResource, DomainError>> {
  return store.transaction(tenantId, async tx => {
    const connection = await tx.connection(tenantId, connectionId)
    if (connection === null) return fail({ kind: 'not-found' })
    const calendars = await tx.calendarsOf(tenantId, connectionId)
    const status = nextStatus(connection.status, 'resume', hasCalendars(calendars))
    if (status === null) return fail(notFrom(connection.status, 'resumed'))
    if (status === connection.status) return succeed(await readResource(tx, connection))
    const next = { ...connection, status, statusReason: status === 'pending' ? 'calendars_not_chosen' : null }
    const resumed = await changeConnection(tx, connection, next, {
      at: system.now(),
      side: 'platform',
      action: 'resumed',
      rule: 'resume',
      reason: 'The connection was resumed on request and catches up.',
      type: status === 'active' ? 'connection.active' : null,
    })
    if (status === 'active') await releaseWrites(tx, resumed, calendars, system.now())
    if (status === 'active') await tx.wake(catchUp({ tenantId, connectionId }, calendars))
    await continueRun(tx, { tenantId, connectionId })
    return succeed(await readResource(tx, resumed))
  })
}

export function notFrom(status: string, done: string): DomainError {
  return { kind: 'conflict', slug: 'wrong-status', detail: `A connection that is ${status} cannot be ${done}.` }
}
