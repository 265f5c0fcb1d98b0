import { isClosing } from '../../core/model/connection-resource.ts'
import { CLOSING } from '../../core/model/connection-status.ts'
import type { Connection } from '../../core/model/connection.ts'
import type { JobOutcome } from '../../ports/jobs.ts'
import type { Deps } from '../deps.ts'
import { oauthClientOf } from '../tenants/tenant-settings.ts'
import { refreshContext } from './access-tokens.ts'
import { archiveImported } from './archive-imported.ts'
import { changeConnection } from './connection-change.ts'
import { mayPass, removeEvents } from './remove-events.ts'
import { platformAppointments } from './walk-appointments.ts'
import { linksOf } from './walk-links.ts'

type CloseDeps = Pick<Deps, 'store' | 'system' | 'google' | 'oauth' | 'vault' | 'log'>

const AGAIN_MS = 60_000
const AGAIN_JITTER_MS = 30_000

/**
 * Carries the end of a connection to Google: channels stopped, our events removed if asked, the grant revoked; then its tokens are erased.
 * Safe to repeat from any point. What Google cannot do any more (a dead grant, a calendar gone) is not waited for; an outage is.
 * A user who connects again meanwhile ends this.
 */
export async function closeConnection(
  deps: CloseDeps,
  key: { tenantId: string; connectionId: string },
): Promise<JobOutcome> {
  const connection = await deps.store.connection(key.tenantId, key.connectionId)
  if (connection === null || !isClosing(connection)) return { kind: 'done' }
  await archiveTheirs(deps, connection)
  const isDead = await isGrantDead(deps, connection)
  const isCarried =
    isDead ||
    ((await stopChannels(deps, connection)) && (await removeOurs(deps, connection)) && (await revoke(deps, connection)))
  if (isCarried) {
    await dropWaiting(deps, connection)
    await erase(deps, connection)
    return { kind: 'done' }
  }
  return { kind: 'again', at: deps.system.now() + AGAIN_MS + Math.floor(deps.system.random() * AGAIN_JITTER_MS) }
}

async function isGrantDead({ store }: CloseDeps, { tenantId, id }: Connection): Promise<boolean> {
  return (await store.credentials(tenantId, id)) === null
}

async function stopChannels(deps: CloseDeps, connection: Connection): Promise<boolean> {
  const { tenantId, id: connectionId } = connection
  const channels = await deps.store.channelsOf(tenantId, connectionId)
  let isDone = true
  for (const channel of channels.filter(each => each.state !== 'retired')) {
    const { id, resourceId } = channel
    const stopped =
      resourceId === null ? null : await deps.google.stopChannel({ tenantId, connectionId }, { id, resourceId })
    if (stopped !== null && !stopped.ok && mayPass(stopped.error)) isDone = false
    else await deps.store.transaction(tenantId, tx => tx.saveChannel({ ...channel, state: 'retired' }))
  }
  return isDone
}

/** A repeat goes on where this one stopped: the pairs of what is gone are forgotten. */
async function removeOurs(deps: CloseDeps, connection: Connection): Promise<boolean> {
  if (connection.statusReason !== CLOSING.remove) return true
  const { tenantId, id: connectionId } = connection
  const calendarIds = (await deps.store.calendarsOf(tenantId, connectionId)).map(calendar => calendar.id)
  for await (const page of linksOf(deps.store, { tenantId, connectionId, calendarIds, role: 'ours' })) {
    const removal = await removeEvents(deps, { tenantId, connectionId }, page, REMOVED)
    if (removal !== 'removed') return removal === 'refused'
  }
  return true
}

const REMOVED = {
  rule: 'disconnect-and-remove',
  reason: 'The connection was ended and its events were to be removed from Google.',
}

/** What came from Google is nobody's word any more: it no longer blocks time, and stays readable. */
async function archiveTheirs({ store, system }: CloseDeps, connection: Connection): Promise<void> {
  const { tenantId, id: connectionId } = connection
  const calendarIds = (await store.calendarsOf(tenantId, connectionId)).map(calendar => calendar.id)
  const why = { rule: 'disconnect', reason: 'The calendar that it came from was disconnected.', connectionId }
  for (const role of ['theirs', 'parked'] as const)
    for await (const page of linksOf(store, { tenantId, connectionId, calendarIds, role }))
      await store.transaction(tenantId, async tx => {
        const present = await tx.connection(tenantId, connectionId)
        if (present === null || !isClosing(present)) return // the user has connected again
        await archiveImported(tx, tenantId, page, { ...why, now: system.now() })
      })
}

/**
 * Google revokes a user's whole grant to the project, not one token: while another connection of the tenant lives on the same
 * Google account, only our own copy is erased.
 */
async function revoke({ store, oauth, vault, log }: CloseDeps, connection: Connection): Promise<boolean> {
  const { tenantId, id: connectionId } = connection
  const credentials = await store.credentials(tenantId, connectionId)
  const tenant = await store.tenant(tenantId)
  if (credentials?.sealedRefreshToken == null || tenant === null) return true
  const isShared = (await store.connections(tenantId)).some(
    each => each.id !== connectionId && each.googleSub === connection.googleSub && each.status !== 'disconnected',
  )
  const present = await store.connection(tenantId, connectionId)
  if (isShared || present === null || !isClosing(present)) return true // or the user has connected again
  const token = vault.open(credentials.sealedRefreshToken, refreshContext({ tenantId, connectionId }))
  const revoked = await oauth.revoke(oauthClientOf(vault, tenant), token)
  if (revoked.ok) return true
  log.warn('a grant could not be revoked', { tenantId, connectionId, kind: revoked.error.kind })
  return !mayPass(revoked.error)
}

/** What was to be written through this connection is no longer waited for. */
async function dropWaiting({ store }: CloseDeps, connection: Connection): Promise<void> {
  const { tenantId, id } = connection
  for await (const page of platformAppointments(store, connection)) {
    const sent = page.flatMap(({ outbox }) => (outbox !== null && outbox.connectionId === id ? [outbox] : []))
    if (sent.length > 0) await store.transaction(tenantId, tx => tx.apply(tenantId, { sent }))
  }
}

async function erase({ store, system }: CloseDeps, { tenantId, id }: Connection): Promise<void> {
  await store.transaction(tenantId, async tx => {
    const connection = await tx.connection(tenantId, id)
    if (connection === null || !isClosing(connection)) return // the user has connected again
    await tx.eraseCredentials(tenantId, id)
    await changeConnection(
      tx,
      connection,
      { ...connection, statusReason: CLOSING.done },
      {
        at: system.now(),
        side: 'lockstep',
        action: 'closed',
        rule: 'disconnect',
        reason: 'Channels are stopped, the grant is revoked and its tokens are erased.',
        type: null,
      },
    )
  })
}
