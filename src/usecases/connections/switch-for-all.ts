import { hasCalendars } from '../../core/model/connection-resource.ts'
import { nextStatus } from '../../core/model/connection-status.ts'
import type { Connection } from '../../core/model/connection.ts'
import type { DomainError } from '../../core/model/failures.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Tx } from '../../ports/store/store.ts'
import { changeConnection } from './connection-change.ts'
import { catchUp, continueRun, releaseWrites } from './wake-connection.ts'

/** `statusReason` of a connection that rests because its tenant has switched syncing off: it goes on when that is switched on. */
const SWITCHED_OFF = 'switched_off_for_all'

/** Why nobody connects or resumes while a tenant has switched syncing off. */
export const IS_SWITCHED_OFF: DomainError = {
  kind: 'conflict',
  slug: 'syncing-off',
  detail: 'Calendar sync is switched off for everyone at the moment (`settings.syncing`).',
}

/** Nothing is read or written from now on. One that a person has paused stays that; a dead grant stays dead. */
export async function switchOff(tx: Tx, connection: Connection, now: Instant): Promise<void> {
  const { status } = connection
  if (status !== 'active' && status !== 'pending' && status !== 'held') return
  const paused: Connection = { ...connection, status: 'paused', statusReason: SWITCHED_OFF }
  await changeConnection(tx, connection, paused, {
    at: now,
    side: 'platform',
    action: 'paused',
    rule: 'switched-off-for-all',
    reason: 'The tenant has switched calendar sync off for everyone.',
    type: 'connection.paused',
  })
}

/** Goes on where it rested, and catches up on both sides. What the deletion guard held is judged anew. */
export async function switchOn(tx: Tx, connection: Connection, now: Instant): Promise<void> {
  if (connection.status !== 'paused' || connection.statusReason !== SWITCHED_OFF) return
  const { tenantId, id: connectionId } = connection
  const calendars = await tx.calendarsOf(tenantId, connectionId)
  const status = nextStatus('paused', 'resume', hasCalendars(calendars)) ?? 'pending'
  const next: Connection = { ...connection, status, statusReason: status === 'pending' ? 'calendars_not_chosen' : null }
  const resumed = await changeConnection(tx, connection, next, {
    at: now,
    side: 'platform',
    action: 'resumed',
    rule: 'switched-on-for-all',
    reason: 'The tenant has switched calendar sync on again; what was missed is caught up.',
    type: status === 'active' ? 'connection.active' : null,
  })
  if (status === 'active') await releaseWrites(tx, resumed, calendars, now)
  if (status === 'active') await tx.wake(catchUp({ tenantId, connectionId }, calendars))
  await continueRun(tx, { tenantId, connectionId })
}
