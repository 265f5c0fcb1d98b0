import { hasCalendars, isChosen } from '../../core/model/connection-resource.ts'
import type { Channel, Connection } from '../../core/model/connection.ts'
import type { RemoteFailure } from '../../core/model/failures.ts'
import {
  isOlder,
  notOpened,
  opened,
  planChannel,
  settled,
  stillStopping,
  type ChannelPlan,
} from '../../core/sync/channel-plan.ts'
import type { WakeUp } from '../../ports/jobs.ts'
import type { Deps } from '../deps.ts'
import { connectionKey } from './pull-calendar.ts'

type WatchDeps = Pick<Deps, 'store' | 'google' | 'names' | 'system' | 'log' | 'settings'>
type ConnectionKey = { tenantId: string; connectionId: string }

/** An answer that has not come by then never will; the channel's row falls due. */
const OPENING_DUE_MS = 2 * 60 * 1000

/**
 * Sees to it that each calendar in use, and the account's list of calendars, has a channel that delivers: the new one is opened before the
 * old one is stopped, a dead one is replaced and its calendar read, and what cannot be watched is polled and tried again a day later.
 * What Google could not be told to stop is told again. Does nothing where nothing is due.
 * @param isAsked a person wants it now, whatever failed before.
 */
export async function watchCalendars(
  deps: WatchDeps,
  key: ConnectionKey,
  isAsked = false,
): Promise<{ opened: number }> {
  const connection = await deps.store.connection(key.tenantId, key.connectionId)
  if (connection === null || !WATCHED.has(connection.status)) return { opened: 0 }
  const calendars = await deps.store.calendarsOf(key.tenantId, key.connectionId)
  const channels = await deps.store.channelsOf(key.tenantId, key.connectionId)
  const used = calendars.filter(each => isChosen(each) && !each.isGone).map(each => each.id)
  const resources = new Set([null, ...used, ...channels.map(each => each.calendarId)])
  let count = 0
  for (const calendarId of resources) {
    const mine = channels.filter(each => each.calendarId === calendarId)
    const isWatched =
      connection.mode !== 'off' && (calendarId === null ? hasCalendars(calendars) : used.includes(calendarId))
    const plan = planChannel({
      isWatched,
      isList: calendarId === null,
      channels: mine,
      now: deps.system.now(),
      isAsked,
    })
    if (await carryOut(deps, connection, calendarId, plan)) count += 1
  }
  return { opened: count }
}
const WATCHED: ReadonlySet<Connection['status']> = new Set(['active', 'pending', 'held'])

/** @returns whether a channel was opened. */
async function carryOut(
  deps: WatchDeps,
  connection: Connection,
  calendarId: string | null,
  plan: ChannelPlan,
): Promise<boolean> {
  const { tenantId } = connection
  const now = deps.system.now()
  const retired = plan.retire.map(each => settled(each, now))
  const wakeUp = plan.isPullDue ? readAgain(connection, calendarId) : []
  if (plan.isPullDue && plan.isOpenDue)
    deps.log.warn('channel does not deliver', { tenantId, connectionId: connection.id })
  if (plan.keep.length + retired.length + plan.forget.length + wakeUp.length > 0)
    await deps.store.transaction(tenantId, async tx => {
      for (const each of [...plan.keep, ...retired]) await tx.saveChannel(each)
      await tx.forgetChannels(
        tenantId,
        plan.forget.map(each => each.id),
      )
      await tx.wake(wakeUp)
    })
  const isOpened = plan.isOpenDue && (await openChannel(deps, connection, calendarId))
  for (const each of plan.stop) await stopChannel(deps, connection, each)
  return isOpened
}

function readAgain({ tenantId, id: connectionId }: Connection, calendarId: string | null): WakeUp[] {
  return [
    calendarId === null
      ? { kind: 'refresh-calendars', tenantId, connectionId }
      : { kind: 'pull', tenantId, connectionId, calendarId },
  ]
}

/** The row is stored before the call: a notification on a channel whose answer is still under way is not a stranger's. */
async function openChannel(deps: WatchDeps, connection: Connection, calendarId: string | null): Promise<boolean> {
  const now = deps.system.now()
  const opening: Channel = {
    tenantId: connection.tenantId,
    id: deps.system.newId(),
    connectionId: connection.id,
    calendarId,
    resourceId: null,
    state: 'opening',
    expiresAt: now + deps.settings.channelTtlSeconds * 1000,
    createdAt: now,
    lastNotifiedAt: null,
    expectedAt: null,
    dueAt: now + OPENING_DUE_MS,
  }
  await save(deps, opening)
  const reply = await deps.google.watch(connectionKey(connection), {
    id: opening.id,
    calendarId,
    address: `${deps.settings.publicUrl}/webhooks/google`,
    token: deps.names.channelToken(opening.id),
    ttlSeconds: deps.settings.channelTtlSeconds,
  })
  if (!reply.ok) {
    await noteRefusal(deps, connection, opening, reply.error)
    return false
  }
  await save(deps, opened(opening, reply.value))
  const replaced = (await deps.store.channelsOf(connection.tenantId, connection.id)).filter(
    each => each.calendarId === calendarId && each.state === 'live' && isOlder(each, opening),
  )
  for (const old of replaced) await stopChannel(deps, connection, old)
  return true
}

/** A calendar that cannot be found is looked for in the account's list; it is polled meanwhile, like all that have no channel. */
async function noteRefusal(
  deps: WatchDeps,
  connection: Connection,
  opening: Channel,
  failure: RemoteFailure,
): Promise<void> {
  const { tenantId, id: connectionId } = connection
  deps.log.warn('channel not opened', { connectionId, channelId: opening.id, kind: failure.kind })
  await deps.store.transaction(tenantId, async tx => {
    await tx.saveChannel(notOpened(opening, isLasting(failure)))
    if (failure.kind === 'not-found') await tx.wake([{ kind: 'refresh-calendars', tenantId, connectionId }])
  })
}

function isLasting({ kind }: RemoteFailure): boolean {
  return LASTING.has(kind)
}
const LASTING: ReadonlySet<RemoteFailure['kind']> = new Set([
  'push-unsupported',
  'not-found',
  'scope-missing',
  'role-too-low',
  'rejected',
])

/** Notifications on it are answered 404 from now on, even while Google cannot be told. */
async function stopChannel(deps: WatchDeps, connection: Connection, channel: Channel): Promise<void> {
  const now = deps.system.now()
  const { id, resourceId } = channel
  if (resourceId === null) return save(deps, settled(channel, now))
  await save(deps, stillStopping(channel, now))
  const reply = await deps.google.stopChannel(connectionKey(connection), { id, resourceId })
  if (reply.ok) return save(deps, settled(channel, now))
  deps.log.warn('channel not stopped', { channelId: id, kind: reply.error.kind })
}

async function save({ store }: WatchDeps, channel: Channel): Promise<void> {
  await store.transaction(channel.tenantId, tx => tx.saveChannel(channel))
}

/** Looks after every channel that is due, whoever it belongs to; run by the schedule. */
export async function renewChannels(deps: WatchDeps, limit: number): Promise<void> {
  const due = await deps.store.channelsDue(deps.system.now(), limit)
  const connections = new Map(due.map(each => [`${each.tenantId}/${each.connectionId}`, each]))
  for (const { tenantId, connectionId } of connections.values()) await watchCalendars(deps, { tenantId, connectionId })
}
