import { hasCalendars, type ConnectionResource } from '../../core/model/connection-resource.ts'
import { nextStatus } from '../../core/model/connection-status.ts'
import type { Calendar, Connection, GuardAnswer } from '../../core/model/connection.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { changeConnection, readResource } from './connection-change.ts'
import { IS_SWITCHED_OFF } from './switch-for-all.ts'
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

/**
 * Lets it go on and catches up on both sides at once.
 * @param deletions needed where the deletion guard holds it: what is to become of what is gone from Google.
 */
export async function resumeConnection(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  { tenantId, connectionId, deletions = null }: Which & { deletions?: GuardAnswer['deletions'] | null },
): Promise<Result<ConnectionResource, DomainError>> {
  return store.transaction(tenantId, async tx => {
    const connection = await tx.connection(tenantId, connectionId)
    if (connection === null) return fail({ kind: 'not-found' })
    if ((await tx.tenant(tenantId))?.settings.isSyncing === false) return fail(IS_SWITCHED_OFF)
    const calendars = await tx.calendarsOf(tenantId, connectionId)
    if (connection.status === 'held') return release(tx, connection, calendars, deletions, system.now())
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

/** What went missing up to now is settled as a person said; what goes missing later is judged anew. */
async function release(
  tx: Tx,
  connection: Connection,
  calendars: readonly Calendar[],
  deletions: GuardAnswer['deletions'] | null,
  now: Instant,
): Promise<Result<ConnectionResource, DomainError>> {
  if (deletions === null) return fail(CHOICE_NEEDED)
  const { tenantId, id: connectionId } = connection
  const guardAnswer: GuardAnswer = { deletions, at: now }
  const next: Connection = { ...connection, status: 'active', statusReason: null, guardAnswer }
  const released = await changeConnection(tx, connection, next, {
    at: now,
    side: 'platform',
    action: 'resumed',
    rule: deletions === 'accept' ? 'deletions-accepted' : 'deletions-undone',
    reason:
      deletions === 'accept'
        ? 'The deletions in Google that held it were accepted.'
        : 'The deletions in Google that held it are undone: what was ours is written again.',
    type: 'connection.active',
  })
  await tx.wake(catchUp({ tenantId, connectionId }, calendars))
  await continueRun(tx, { tenantId, connectionId })
  return succeed(await readResource(tx, released))
}

const CHOICE_NEEDED: DomainError = {
  kind: 'conflict',
  slug: 'choice-needed',
  detail:
    'Too much was deleted in Google at once. Say what is to become of it: `{"deletions": "accept"}` or `{"deletions": "restore"}`; ' +
    'GET the connection’s plan to see what that means.',
}

export function notFrom(status: string, done: string): DomainError {
  return { kind: 'conflict', slug: 'wrong-status', detail: `A connection that is ${status} cannot be ${done}.` }
}
