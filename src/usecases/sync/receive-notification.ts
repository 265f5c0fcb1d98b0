import type { Deps } from '../deps.ts'

export type Notification = {
  channelId: string
  token: string
  resourceId: string
  /** `sync` greets a new channel; anything else says that something changed. */
  state: string
}

/** A few messages follow every stop; those that come later than this say that Google still serves the channel. */
const LATE_MESSAGES_MS = 60 * 60 * 1000

/** accepted: durable. unknown: forged, retired, expired, another resource; nothing was written. unavailable: to be sent again. */
export type Reception = 'accepted' | 'unknown' | 'unavailable'

/**
 * A notification is a hint and nothing more: it marks a calendar as due. The token is a keyed hash of the channel, so a forgery is
 * refused before any database is asked. A greeting proves that the way from Google to us is open.
 */
export async function receiveNotification(
  deps: Pick<Deps, 'store' | 'names' | 'jobs' | 'system' | 'log'>,
  notification: Notification,
): Promise<Reception> {
  const { channelId, token, resourceId, state } = notification
  if (!deps.names.isChannelToken(channelId, token)) return 'unknown'
  const isGreeting = state === 'sync'
  const at = deps.system.now()
  try {
    const due = await deps.store.noteNotification({ channelId, resourceId, at, isGreeting })
    if (due === null) return await refuse(deps, { channelId, resourceId, at })
    if (isGreeting || due.isAwake === true) return 'accepted' // a pull that waits or runs will see it
    await deps.jobs.wake([
      due.calendarId === null
        ? { kind: 'refresh-calendars', tenantId: due.tenantId, connectionId: due.connectionId }
        : { kind: 'pull', tenantId: due.tenantId, connectionId: due.connectionId, calendarId: due.calendarId },
    ])
    return 'accepted'
  } catch (error) {
    deps.log.error('notification could not be stored', { channelId, error })
    return 'unavailable'
  }
}

/** A message under our own seal on a channel that is done with: Google is told (again) to stop it, as soon as the schedule comes by. */
async function refuse(
  { store, log }: Pick<Deps, 'store' | 'log'>,
  { channelId, resourceId, at }: { channelId: string; resourceId: string; at: number },
): Promise<Reception> {
  const settledBefore = at - LATE_MESSAGES_MS
  if (await store.noteOrphan({ channelId, resourceId, at, settledBefore })) log.warn('orphan channel', { channelId })
  return 'unknown'
}
