import type { Calendar, Channel, Connection } from '../../core/model/connection.ts'
import type { Instant } from '../../core/model/time.ts'
import { planChannel } from '../../core/sync/channel-plan.ts'
import type { Deps } from '../deps.ts'
import { connectionKey } from './pull-calendar.ts'

type WatchDeps = Pick<Deps, 'store' | 'google' | 'names' | 'system' | 'log' | 'settings'>

/**
 * Sees to it that each calendar in use has a live channel: the new one is opened before the old one is stopped, and a calendar that
 * cannot be watched is polled and tried again a day later. Done again as often as asked; does nothing where nothing is due.
 */
export async function watchCalendars(
  deps: WatchDeps,
  key: { tenantId: string; connectionId: string },
): Promise<{ opened: number }> {
  const connection = await deps.store.connection(key.tenantId, key.connectionId)
  if (connection === null || (connection.status !== 'active' && connection.status !== 'pending')) return { opened: 0 }
  const calendars = await deps.store.calendarsOf(key.tenantId, key.connectionId)
  const channels = await deps.store.channelsOf(key.tenantId, key.connectionId)
  let opened = 0
  for (const calendar of calendars) {
    const mine = channels.filter(channel => channel.calendarId === calendar.id)
    const plan = planChannel({ calendar, channels: mine, now: deps.system.now(), random: deps.system.random })
    if (plan.isOpenDue && (await openChannel(deps, connection, calendar))) opened += 1
    for (const old of plan.retire) await retireChannel(deps, connection, old)
  }
  return { opened }
}

/** The row is stored before the call: a notification on a channel whose answer is still under way is not a stranger's. */
async function openChannel(deps: WatchDeps, connection: Connection, calendar: Calendar): Promise<boolean> {
  const now = deps.system.now()
  const opening: Channel = {
    tenantId: connection.tenantId,
    id: deps.system.newId(),
    connectionId: connection.id,
    calendarId: calendar.id,
    resourceId: null,
    state: 'opening',
    expiresAt: now + deps.settings.channelTtlSeconds * 1000,
    createdAt: now,
    lastNotifiedAt: null,
  }
  await save(deps, opening)
  const reply = await deps.google.watch(connectionKey(connection), {
    id: opening.id,
    calendarId: calendar.id,
    address: `${deps.settings.publicUrl}/webhooks/google`,
    token: deps.names.channelToken(opening.id),
    ttlSeconds: deps.settings.channelTtlSeconds,
  })
  if (reply.ok) {
    await save(deps, { ...opening, ...reply.value, state: 'live' })
    const replaced = (await deps.store.channelsOf(connection.tenantId, connection.id)).filter(
      each => each.calendarId === calendar.id && each.id !== opening.id && each.state === 'live',
    )
    for (const old of replaced) await retireChannel(deps, connection, old)
    return true
  }
  deps.log.warn('channel not opened', { connectionId: connection.id, channelId: opening.id, kind: reply.error.kind })
  await save(deps, { ...opening, state: reply.error.kind === 'push-unsupported' ? 'unsupported' : 'retired' })
  return false
}

/** Notifications on it are answered 404 from now on, even when Google cannot be told: it dies at its expiration. */
async function retireChannel(deps: WatchDeps, connection: Connection, channel: Channel): Promise<void> {
  await save(deps, { ...channel, state: 'retired' })
  if (channel.resourceId === null) return
  const reply = await deps.google.stopChannel(connectionKey(connection), {
    id: channel.id,
    resourceId: channel.resourceId,
  })
  if (!reply.ok) deps.log.warn('channel not stopped', { channelId: channel.id, kind: reply.error.kind })
}

async function save({ store }: WatchDeps, channel: Channel): Promise<void> {
  await store.transaction(channel.tenantId, tx => tx.saveChannel(channel))
}

/** Renews what expires soon, whoever it belongs to; run by the schedule. */
export async function renewChannels(deps: WatchDeps, limit: number): Promise<void> {
  const soon: Instant = deps.system.now() + deps.settings.channelTtlSeconds * 300 // the last three tenths of the life asked for
  const expiring = await deps.store.channelsExpiring(soon, limit)
  const connections = new Map(expiring.map(each => [`${each.tenantId}/${each.connectionId}`, each]))
  for (const { tenantId, connectionId } of connections.values()) await watchCalendars(deps, { tenantId, connectionId })
}
