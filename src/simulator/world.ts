import { createHash } from 'node:crypto'

import type { ListParams } from './event-filter.ts'
import type { JsonObject } from './json.ts'
import type { Moment } from './times.ts'

/** From least to most. `writerWithoutPrivateAccess` writes but does not see into private events. */
const ROLES = ['none', 'freeBusyReader', 'reader', 'writerWithoutPrivateAccess', 'writer', 'owner'] as const
export type Role = (typeof ROLES)[number]

export const isRole = (text: string): text is Role => ROLES.some(role => role === text)
export const isAtLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed)

/** Who made or runs an event. */
export type Person = { email: string; displayName?: string }

/**
 * One event as stored: structure typed, content as Google's JSON fields.
 * `isTombstone` is a deleted event, of which lists tell only the id; a cancelled exception of a living series is not one.
 */
export type StoredEvent = {
  id: string
  ordinal: number
  seq: number
  etagUs: number
  updatedMs: number
  createdMs: number
  status: 'confirmed' | 'tentative' | 'cancelled'
  isTombstone: boolean
  isPurged: boolean
  iCalUID: string
  sequence: number
  creator: Person
  organizer: Person
  start: Moment
  end: Moment
  recurrence: string[] | null
  recurringEventId: string | null
  originalStart: Moment | null
  fields: JsonObject
  /** The span of all times it ever had, once it was moved: an increment bounded by a window still tells that it left. */
  hull: { fromMs: number; toMs: number } | null
  rendered: string | null
}

export type AclRule = { role: Role; updatedUs: number }

export type Calendar = {
  id: string
  stream: number
  summary: string
  description: string
  location: string
  timeZone: string
  dataOwner: string
  isPrimary: boolean
  isWatchable: boolean
  isDeleted: boolean
  acl: Map<string, AclRule>
  events: Map<string, StoredEvent>
  ordered: StoredEvent[]
  log: StoredEvent[]
  families: Map<string, Set<StoredEvent>>
  byUid: Map<string, Set<StoredEvent>>
  tokenEpoch: number
  roleEpochs: Map<string, number>
  etagUs: number
  updatedMs: number
}

/** A calendar in somebody's list: their own name, colour and reminders for it. */
export type ListEntry = { calendarId: string; seq: number; etagUs: number; isDeleted: boolean; fields: JsonObject }

export type Account = {
  email: string
  name: string
  sub: string
  timeZone: string
  entries: Map<string, ListEntry>
  listLog: ListEntry[]
  listStream: number
  listEpoch: number
}

export type Channel = {
  id: string
  resourceId: string
  resource: string
  resourceUri: string
  address: string
  token: string | null
  expiresAt: number
  account: string
  clientId: string
  lastNumber: number
  hasPending: boolean
  isStopped: boolean
}

type Grant = { account: string; clientId: string; scopes: Set<string>; hasConsented: boolean }
type RefreshToken = { token: string; account: string; clientId: string; scopes: string[]; isRevoked: boolean }
export type AccessToken = RefreshToken & { expiresAt: number; refreshToken: string | null }
export type AuthCode = {
  account: string
  clientId: string
  redirectUri: string
  scopes: string[]
  challenge: { value: string; method: 'S256' | 'plain' } | null
  nonce: string | null
  isOffline: boolean
  expiresAt: number
  isUsed: boolean
}

/** One line of the request log; `kind` is the API method's name as in Google's reference (`events.list`). */
export type LogEntry = {
  n: number
  at: string
  method: string
  path: string
  query: Record<string, string>
  kind: string
  status: number
  reason: string | null
  account: string | null
  clientId: string | null
  calendarId: string | null
  eventId: string | null
  mails: number
  units: number
  fault: string | null
  warning: string | null
}

/** Something that happens later, at `at` (epoch ms): a notification, a late answer. */
export type DueWork = { at: number; n: number; run: () => void | Promise<void> }

export type WorldSettings = {
  notificationDelayMs: number
  /** What happens to a write that brings a deleted event back: Google has been seen to do either. */
  undelete: 'allowed' | 'forbidden'
  /** Whether the parts of a rule come back as written, or in the order Google has been recorded to put them. */
  ruleOrder: 'kept' | 'rewritten'
  /** The bound of `events.list` with `singleEvents` when no `timeMax` is given; Google's own is unpublished. */
  expansionDays: number
  project: string
}

/** All that the simulated Google knows. Changed only by functions of this folder, none of which does any I/O. */
export type World = {
  now: () => number
  random: () => number
  settings: WorldSettings
  lastUs: number
  counter: number
  accounts: Map<string, Account>
  calendars: Map<string, Calendar>
  /** Which guests hold a copy of an event, by the event's id. */
  guestCopies: Map<string, Set<string>>
  channels: Map<string, Channel>
  /** The living channels of each resource. */
  watchers: Map<string, Set<Channel>>
  usedChannelIds: Set<string>
  grants: Map<string, Grant>
  codes: Map<string, AuthCode>
  refreshTokens: Map<string, RefreshToken>
  accessTokens: Map<string, AccessToken>
  listParams: ListParams[]
  listParamIds: Map<string, number>
  requestLog: LogEntry[]
  agenda: DueWork[]
}

export function createWorld(
  sources: { now: () => number; random: () => number },
  settings: Partial<WorldSettings>,
): World {
  return {
    ...sources,
    settings: {
      notificationDelayMs: 200,
      undelete: 'allowed',
      ruleOrder: 'kept',
      expansionDays: 730,
      project: '424242424242',
      ...settings,
    },
    lastUs: 0,
    counter: 0,
    accounts: new Map(),
    calendars: new Map(),
    guestCopies: new Map(),
    channels: new Map(),
    watchers: new Map(),
    usedChannelIds: new Set(),
    grants: new Map(),
    codes: new Map(),
    refreshTokens: new Map(),
    accessTokens: new Map(),
    listParams: [],
    listParamIds: new Map(),
    requestLog: [],
    agenda: [],
  }
}

/** The next microsecond of the world: strictly increasing also while the clock stands still, so no two etags are equal. */
export function nextUs(world: World): number {
  world.lastUs = Math.max(world.lastUs + 1, world.now() * 1000)
  return world.lastUs
}

/** The etag of a change, in the form of every recorded event: twice its microsecond. */
export const etagOf = (us: number): string => `"${us * 2}"`

const BASE32HEX = '0123456789abcdefghijklmnopqrstuv'

/** `length` random characters of base32hex, the alphabet of Google's own ids. */
export function randomId(world: World, length: number): string {
  let id = ''
  for (let i = 0; i < length; i++) id += BASE32HEX.charAt(Math.floor(world.random() * 32))
  return id
}

/** The id that an event with this foreign iCalUID gets: `_` and the UID in base32hex; Google's own UIDs name their id. */
export function idFromUid(uid: string): string {
  const own = /^([a-v0-9]{5,})@google\.com$/.exec(uid)
  return own?.[1] ?? `_${base32hex(Buffer.from(uid, 'utf8'))}`
}

function base32hex(bytes: Buffer): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32HEX.charAt((value >>> (bits - 5)) & 31)
    value &= 31
  }
  return bits > 0 ? text + BASE32HEX.charAt((value << (5 - bits)) & 31) : text
}

/** A short opaque name, always the same for the same text: resource ids of channels, etags of collections. */
export const opaqueName = (text: string, length: number): string =>
  base32hex(createHash('sha256').update(text).digest()).slice(0, length)

/** A generator of numbers in [0, 1) that gives the same sequence for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
