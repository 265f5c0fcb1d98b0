import { schedule } from './agenda.ts'
import { refuse } from './refusal.ts'
import { numberAt, objectAt, stringAt } from './json.ts'
import type { JsonObject } from './json.ts'
import { type Channel, opaqueName, type World } from './world.ts'

/** Sends one notification; the answer's status, or 0 when nobody answered. */
export type Post = (url: string, headers: Record<string, string>) => Promise<number>

/** What scripted trouble does to one notification. */
export type DeliveryFate = { isDropped: boolean; copies: number; extraDelayMs: number }

/** What push needs from outside the world: the wire, and who decides about trouble. */
export type PushWire = { post: Post; fateOf: (channel: Channel) => DeliveryFate }

const DEFAULT_TTL_S = 604_800
const MAX_TTL_S = 30 * 86_400
const CHANNEL_ID = /^[A-Za-z0-9\-_+/=]{1,64}$/
const TOKEN_CHARS_MAX = 256
const RETRIED = [500, 502, 503, 504]
const RETRY_BASE_MS = 1_000
const ATTEMPTS_MAX = 6

/** What a channel watches: `resource` is our key, `path` the API path of the list it stands for. */
type Watched = { resource: string; path: string; account: string; clientId: string }

/**
 * `….watch`: opens a channel and sends its `sync` message at once, often before the answer arrives.
 * Plain http addresses are taken here, since a simulator's receivers live on the loopback.
 * @throws Refusal for an id used before, a malformed id, token, type or address.
 */
export function openChannel(world: World, wire: PushWire, watched: Watched, body: JsonObject): Channel {
  const id = stringAt(body, 'id')
  const address = stringAt(body, 'address')
  const token = stringAt(body, 'token') ?? null
  if (id === undefined) throw refuse.required('Missing channel id.')
  if (!CHANNEL_ID.test(id)) throw refuse.pushRule('channelIdInvalid', `Invalid channel id ${id}`)
  if (!['web_hook', 'webhook'].includes(stringAt(body, 'type') ?? '')) throw refuse.invalid('Invalid Value', 'type')
  if (address === undefined || !/^https?:\/\/[^/]+/.test(address)) {
    throw refuse.pushRule('push.webhookUrlNoHostOrAddress', 'WebHook callback has no host or address')
  }
  if (token !== null && token.length > TOKEN_CHARS_MAX) throw refuse.invalid('Invalid Value', 'token')
  if (world.usedChannelIds.has(id)) throw refuse.channelIdNotUnique(id)
  world.usedChannelIds.add(id)
  const resourceId = opaqueName(watched.resource, 27)
  const channel: Channel = {
    id,
    resourceId,
    resource: watched.resource,
    resourceUri: `https://www.googleapis.com/calendar/v3${watched.path}?alt=json`,
    address,
    token,
    expiresAt: expiryOf(world, body),
    account: watched.account,
    clientId: watched.clientId,
    lastNumber: 0,
    hasPending: false,
    isStopped: false,
  }
  world.channels.set(id, channel)
  const watchers = world.watchers.get(watched.resource)
  if (watchers) watchers.add(channel)
  else world.watchers.set(watched.resource, new Set([channel]))
  send(world, wire, channel, 'sync')
  return channel
}

/** The sooner of what was asked and what Google allows; seven days when nothing was. */
function expiryOf(world: World, body: JsonObject): number {
  const params = objectAt(body, 'params') ?? {}
  const ttl = Number(stringAt(params, 'ttl') ?? numberAt(params, 'ttl') ?? DEFAULT_TTL_S)
  const asked = Number(stringAt(body, 'expiration') ?? numberAt(body, 'expiration') ?? NaN)
  if (!Number.isFinite(ttl) || ttl <= 0) throw refuse.invalid('Invalid Value', 'params.ttl')
  const byTtl = world.now() + Math.min(ttl, MAX_TTL_S) * 1000
  if (Number.isNaN(asked)) return byTtl
  const latest = world.now() + (objectAt(body, 'params') ? Math.min(ttl, MAX_TTL_S) : MAX_TTL_S) * 1000
  return Math.min(asked, latest)
}

/** `channels.stop`: only by the same account through the same client. @throws Refusal notFound otherwise. */
export function stopChannel(world: World, caller: { account: string; clientId: string }, body: JsonObject): void {
  const id = stringAt(body, 'id') ?? ''
  const channel = world.channels.get(id)
  const isOwn =
    channel?.account === caller.account &&
    channel.clientId === caller.clientId &&
    channel.resourceId === stringAt(body, 'resourceId')
  if (!channel || !isOwn || channel.isStopped || channel.expiresAt <= world.now()) {
    throw refuse.channelNotFound(id, world.settings.project)
  }
  channel.isStopped = true
}

/**
 * Tells every living channel of a resource that something changed. While a message still waits, further changes join it:
 * the message number counts them, so numbers rise with gaps, as Google's do.
 */
export function notify(world: World, wire: PushWire, resource: string): void {
  const watchers = world.watchers.get(resource)
  for (const channel of watchers ?? []) {
    if (channel.isStopped || channel.expiresAt <= world.now()) {
      world.channels.delete(channel.id)
      watchers?.delete(channel)
      continue
    }
    channel.lastNumber += 1
    if (channel.hasPending) continue
    channel.hasPending = true
    const delayMs = Math.round(world.settings.notificationDelayMs * (0.75 + world.random() / 2))
    schedule(world, world.now() + delayMs, () => {
      channel.hasPending = false
      if (!channel.isStopped) send(world, wire, channel, 'exists')
    })
  }
}

function send(world: World, wire: PushWire, channel: Channel, state: 'sync' | 'exists'): void {
  if (state === 'sync') channel.lastNumber = 1
  const headers = headersOf(channel, state)
  const fate = wire.fateOf(channel)
  if (fate.isDropped) return
  for (let copy = 0; copy < fate.copies; copy++) {
    schedule(world, world.now() + fate.extraDelayMs, () => deliver(world, wire, { channel, headers, attempt: 1 }))
  }
}

function headersOf(channel: Channel, state: string): Record<string, string> {
  return {
    'x-goog-channel-id': channel.id,
    'x-goog-message-number': String(channel.lastNumber),
    'x-goog-resource-id': channel.resourceId,
    'x-goog-resource-state': state,
    'x-goog-resource-uri': channel.resourceUri,
    'x-goog-channel-expiration': new Date(channel.expiresAt).toUTCString(),
    ...(channel.token === null ? {} : { 'x-goog-channel-token': channel.token }),
    'user-agent': 'APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)',
  }
}

type Delivery = { channel: Channel; headers: Record<string, string>; attempt: number }

/** Posts once; 500, 502, 503 and 504 are tried again with doubling pauses, every other answer is final. */
async function deliver(world: World, wire: PushWire, { channel, headers, attempt }: Delivery): Promise<void> {
  const status = await wire.post(channel.address, headers)
  if (!RETRIED.includes(status) || attempt >= ATTEMPTS_MAX || channel.isStopped) return
  const delayMs = RETRY_BASE_MS * 2 ** (attempt - 1)
  schedule(world, world.now() + delayMs, () => deliver(world, wire, { channel, headers, attempt: attempt + 1 }))
}

/** A channel as watch answers it. `expiration` is a string, as every int64 of Google's. */
export const channelJson = (channel: Channel): JsonObject => ({
  kind: 'api#channel',
  id: channel.id,
  resourceId: channel.resourceId,
  resourceUri: channel.resourceUri,
  ...(channel.token === null ? {} : { token: channel.token }),
  expiration: String(channel.expiresAt),
})

/** The keys of the resources that can be watched. */
export const resourceKey = {
  events: (calendarId: string) => `events/${calendarId}`,
  acl: (calendarId: string) => `acl/${calendarId}`,
  calendarList: (email: string) => `calendarList/${email}`,
  settings: (email: string) => `settings/${email}`,
}
