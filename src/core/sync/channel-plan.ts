import type { Calendar, Channel } from '../model/connection.ts'
import type { Instant } from '../model/time.ts'

export type ChannelPlan = {
  isOpenDue: boolean
  /** Channels to stop now; the one that a new channel replaces is stopped after that has opened. */
  retire: Channel[]
}

/** A channel is replaced in the last fifth of its life, spread by a tenth, so that a fleet does not renew in one minute. */
const RENEW_AT_SHARE = 0.7
const JITTER_SHARE = 0.1
const RETRY_UNSUPPORTED_MS = 24 * 60 * 60 * 1000
/** An answer to a watch call that has not come within this time will not come. */
const OPENING_MAX_MS = 2 * 60 * 1000

/**
 * Keep, renew or recreate the watch channel of one calendar. Google's own expiration is what counts.
 * @param channels all of this calendar's, whatever their state. @param random uniform in [0, 1).
 */
export function planChannel(input: {
  calendar: Pick<Calendar, 'isTarget' | 'isSource' | 'isConflict' | 'isGone'>
  channels: readonly Channel[]
  now: Instant
  random: () => number
}): ChannelPlan {
  const { calendar, channels, now } = input
  const live = channels.filter(channel => channel.state === 'live')
  const isInUse = (calendar.isTarget || calendar.isSource || calendar.isConflict) && !calendar.isGone
  if (!isInUse) return { isOpenDue: false, retire: [...live] }
  const stale = live.filter(channel => now >= channel.expiresAt)
  const newest = live.toSorted((a, b) => b.expiresAt - a.expiresAt)[0]
  return {
    isOpenDue: (newest === undefined || isRenewalDue(newest, now, input.random)) && mayTry(channels, now),
    retire: [...stale, ...live.filter(channel => channel !== newest && !stale.includes(channel))],
  }
}

function isRenewalDue(channel: Channel, now: Instant, random: () => number): boolean {
  const life = channel.expiresAt - channel.createdAt
  return now >= channel.createdAt + life * (RENEW_AT_SHARE + random() * JITTER_SHARE)
}

function mayTry(channels: readonly Channel[], now: Instant): boolean {
  const isOpening = channels.some(each => each.state === 'opening' && now - each.createdAt < OPENING_MAX_MS)
  const isRefused = channels.some(each => each.state === 'unsupported' && now - each.createdAt < RETRY_UNSUPPORTED_MS)
  return !isOpening && !isRefused
}
