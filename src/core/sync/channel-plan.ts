import type { Channel } from '../model/connection.ts'
import type { Instant } from '../model/time.ts'

/** What is to be done about the channels of one resource: a calendar, or the account's list of calendars. */
export type ChannelPlan = {
  isOpenDue: boolean
  /** To be stopped now. The one that a new channel replaces is stopped after that has opened. */
  stop: Channel[]
  /** Expired: nothing at Google is left to stop. */
  retire: Channel[]
  /** Channels that stay, each with the instant at which it is to be looked at again. */
  keep: Channel[]
  /** Done with for so long that nothing follows from them any more. */
  forget: Channel[]
  /** A channel was found dead: what it kept to itself must be read. */
  isPullDue: boolean
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** A channel is replaced when this share of its life, and up to a tenth more, has passed, so that a fleet does not renew in one minute. */
export const RENEW_AT_SHARE = 0.7
export const JITTER_SHARE = 0.1
/** A message that Google owes us and that has not come within this time will not come: the channel is dead. */
export const PROOF_WITHIN_MS = 5 * MINUTE_MS
/** An answer to a watch call that has not come within this time will not come. */
const OPENING_MAX_MS = 2 * MINUTE_MS
/** Channels that never spoke are replaced with pauses that double up to this: where no message can reach us, more channels help nobody. */
const REPLACE_PAUSE_MAX_MS = 6 * 60 * MINUTE_MS
const STOP_AGAIN_AFTER_MS = 10 * MINUTE_MS

/**
 * Keep, renew, replace or stop the channels of one resource. Google's own expiration is what counts, and a channel counts as alive only while
 * it delivers: it owes its greeting, and word of each write of ours.
 * @param channels all of this resource's, whatever their state. @param isWatched whether anybody wants to know of its changes.
 * @param isList the account's list of calendars: nothing else polls it, so it is read whenever a channel of its is looked at, daily at least.
 * @param isAsked a person wants one now: no pause after earlier failures is kept.
 */
export function planChannel(input: {
  isWatched: boolean
  isList: boolean
  channels: readonly Channel[]
  now: Instant
  isAsked?: boolean
}): ChannelPlan {
  const { isWatched, isList, channels, now, isAsked = false } = input
  const expired = channels.filter(each => each.state === 'live' && now >= each.expiresAt)
  const live = channels
    .filter(each => each.state === 'live' && now < each.expiresAt)
    .toSorted((a, b) => (isOlder(a, b) ? 1 : -1))
  const newest = isWatched ? live[0] : undefined
  const isHealthy = newest !== undefined && !isDead(newest, now) && now < renewAt(newest)
  const retryAt = isWatched && !isHealthy ? (isAsked ? now : mayOpenAt(channels, now)) : null
  const isOpenDue = retryAt !== null && now >= retryAt
  // Where the next may not be opened yet, one that has expired stands for it: a resource without any row would never be looked at again.
  const placeholder =
    retryAt !== null && !isOpenDue && live.length === 0 && !channels.some(isPending) ? expired.at(-1) : undefined
  const stopping = channels.filter(each => each.state === 'stopping' && now >= each.dueAt)
  return {
    isOpenDue,
    stop: [...live.filter(each => each !== newest), ...stopping],
    retire: [
      ...expired.filter(each => each !== placeholder),
      ...channels.filter(each => isSettledByNow(each, isOpenDue, isWatched, now)),
    ],
    keep: [
      ...kept(channels, newest, { retryAt: retryAt ?? now, isList, now }),
      ...(placeholder === undefined ? [] : [{ ...placeholder, dueAt: retryAt ?? now }]),
    ].filter(each => each.dueAt !== byId(channels, each.id)?.dueAt),
    forget: channels.filter(each => isForgettable(each, now)),
    isPullDue:
      (newest !== undefined && isDead(newest, now) && isOpenDue) ||
      (isList && isWatched && channels.some(each => each.state !== 'retired' && each.dueAt <= now)),
  }
}

/** Of two channels of one resource the newer stays, whoever asks: two that were opened at one moment must not both be stopped. */
export function isOlder(a: Pick<Channel, 'id' | 'createdAt'>, b: Pick<Channel, 'id' | 'createdAt'>): boolean {
  return a.createdAt === b.createdAt ? a.id < b.id : a.createdAt < b.createdAt
}

const isPending = ({ state }: Channel): boolean => state === 'failed' || state === 'opening' || state === 'unsupported'

/** Whether the resource's changes are told to us as far as anybody can know: a channel that has spoken and owes nothing for long. */
export function isProven(channels: readonly Channel[], now: Instant): boolean {
  return channels.some(
    each => each.state === 'live' && now < each.expiresAt && each.lastNotifiedAt !== null && !isDead(each, now),
  )
}

/** A channel as it is once Google has answered. Its greeting is owed from the opening on. */
export function opened(channel: Channel, answer: { resourceId: string; expiresAt: Instant }): Channel {
  const live: Channel = { ...channel, ...answer, state: 'live', expectedAt: channel.createdAt }
  return { ...live, dueAt: lookAgainAt(live) }
}

/** A channel that Google did not open: its resource cannot be watched for now, or the call failed and may be made again. */
export function notOpened(channel: Channel, isUnsupported: boolean): Channel {
  return isUnsupported
    ? { ...channel, state: 'unsupported', dueAt: channel.createdAt + DAY_MS * (1 + spread(channel.id) * JITTER_SHARE) }
    : { ...channel, state: 'failed', dueAt: channel.createdAt + MINUTE_MS }
}

/** Google could not be told: asked again, until the channel would have ended by itself. */
export function stillStopping(channel: Channel, now: Instant): Channel {
  return now >= channel.expiresAt
    ? settled(channel, now)
    : { ...channel, state: 'stopping', dueAt: now + STOP_AGAIN_AFTER_MS }
}

/** `dueAt` says since when: messages that come much later show that Google serves it still. */
export const settled = (channel: Channel, now: Instant): Channel => ({ ...channel, state: 'retired', dueAt: now })

const isOwing = ({ expectedAt, lastNotifiedAt }: Channel): boolean =>
  expectedAt !== null && (lastNotifiedAt === null || lastNotifiedAt < expectedAt)

const isDead = (channel: Channel, now: Instant): boolean =>
  isOwing(channel) && now - (channel.expectedAt ?? now) >= PROOF_WITHIN_MS

/** The same at each look: a share of its life that its id decides. */
function renewAt({ id, createdAt, expiresAt }: Channel): Instant {
  return Math.floor(createdAt + (expiresAt - createdAt) * (RENEW_AT_SHARE + spread(id) * JITTER_SHARE))
}

function lookAgainAt(channel: Channel): Instant {
  const proof = isOwing(channel) ? (channel.expectedAt ?? 0) + PROOF_WITHIN_MS : Infinity
  return Math.min(renewAt(channel), proof)
}

/** @param retryAt when a channel that is not well may be replaced. */
function kept(
  channels: readonly Channel[],
  newest: Channel | undefined,
  { retryAt, isList, now }: { retryAt: Instant; isList: boolean; now: Instant },
): Channel[] {
  const next = newest === undefined ? [] : [{ ...newest, dueAt: Math.max(lookAgainAt(newest), retryAt) }]
  if (isList && newest !== undefined)
    for (const each of next)
      each.dueAt = Math.min(each.dueAt, newest.dueAt > now ? newest.dueAt : nextLookAt(newest, now))
  const waiting = channels
    .filter(each => each.state === 'failed' || each.state === 'opening')
    .map(each => ({ ...each, dueAt: Math.max(each.dueAt, retryAt) }))
  return [...next, ...waiting]
}

/** Daily while the channel delivers, hourly while nobody knows whether it does. */
function nextLookAt(channel: Channel, now: Instant): Instant {
  return now + (isProven([channel], now) ? DAY_MS : DAY_MS / 24)
}

const byId = (channels: readonly Channel[], id: string): Channel | undefined => channels.find(each => each.id === id)

/** A failed or refused opening is superseded by the next one; so is one whose answer never came. */
function isSettledByNow(channel: Channel, isOpenDue: boolean, isWatched: boolean, now: Instant): boolean {
  if (channel.state === 'failed' || channel.state === 'unsupported') return isOpenDue || !isWatched
  return channel.state === 'opening' && now - channel.createdAt >= OPENING_MAX_MS
}

const isForgettable = (channel: Channel, now: Instant): boolean =>
  channel.state === 'retired' && now >= channel.expiresAt + DAY_MS

/** When the next channel may be opened: not while one is opening, nor within a day of a refusal, and ever later where none ever spoke. */
function mayOpenAt(channels: readonly Channel[], now: Instant): Instant {
  const opening = channels.filter(each => each.state === 'opening' && now - each.createdAt < OPENING_MAX_MS)
  const refused = channels.filter(each => each.state === 'unsupported')
  const newestFirst = channels
    .filter(each => each.state !== 'unsupported')
    .toSorted((a, b) => b.createdAt - a.createdAt)
  const heard = newestFirst.findIndex(each => each.lastNotifiedAt !== null)
  const silent = (heard === -1 ? newestFirst : newestFirst.slice(0, heard)).filter(each => isSilent(each, now))
  const pauseMs = silent.length === 0 ? 0 : Math.min(REPLACE_PAUSE_MAX_MS, MINUTE_MS * 2 ** silent.length)
  return Math.max(
    ...opening.map(each => each.createdAt + OPENING_MAX_MS),
    ...refused.map(each => each.dueAt),
    (silent[0]?.createdAt ?? -Infinity) + pauseMs,
  )
}

/** It had its time to speak and did not: so young a one says nothing about the way to us. */
const isSilent = (channel: Channel, now: Instant): boolean =>
  channel.lastNotifiedAt === null && (channel.state === 'failed' || now - channel.createdAt >= PROOF_WITHIN_MS)

/** A number in [0, 1) that is the same for the same text and otherwise anything (FNV-1a). */
function spread(text: string): number {
  let hash = 0x811c9dc5
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash / 4_294_967_296
}
