import type { Deps } from '../deps.ts'

export type Notification = {
  channelId: string
  token: string
  resourceId: string
  /** `sync` greets a new channel; anything else says that something changed. */
  state: string
}

/** accepted: durable (or a greeting). unknown: forged, retired, expired, another resource; nothing was written. unavailable: to be sent again. */
export type Reception = 'accepted' | 'unknown' | 'unavailable'

/**
 * A notification is a hint and nothing more: it marks a calendar as due. The token is a keyed hash of the channel, so a forgery is
 * refused before any database is asked.
 */
export async function receiveNotification(
  deps: Pick<Deps, 'store' | 'names' | 'jobs' | 'system' | 'log'>,
  notification: Notification,
): Promise<Reception> {
  const { channelId, token, resourceId, state } = notification
  if (!deps.names.isChannelToken(channelId, token)) return 'unknown'
  if (state === 'sync') return 'accepted' // it may come before our own answer about the channel is stored
  try {
    const due = await deps.store.noteNotification({ channelId, resourceId, at: deps.system.now() })
    if (due === null) return 'unknown'
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
