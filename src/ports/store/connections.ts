import type { Calendar, Channel, Connection } from '../../core/model/connection.ts'
import type { PolicyOverrides } from '../../core/model/policies.ts'
import type { Instant } from '../../core/model/time.ts'

/** An invitation to connect; the link's secret is stored as a hash. Single use, short-lived. */
export type ConnectLink = {
  tenantId: string
  hash: string
  userId: string
  role: string | null
  returnUrl: string | null
  createdAt: Instant
  expiresAt: Instant
  usedAt: Instant | null
}

/** One OAuth flow under way. `stateHash` and `browserHash` are hashes of secrets that only Google's redirect and the browser hold. */
export type OAuthFlow = {
  tenantId: string
  stateHash: string
  linkHash: string
  userId: string
  returnUrl: string | null
  browserHash: string | null
  sealedCodeVerifier: string
  createdAt: Instant
  expiresAt: Instant
  usedAt: Instant | null
}

/** Sealed tokens. `refreshLeaseUntil` keeps two instances from refreshing at once. */
export type Credentials = {
  tenantId: string
  connectionId: string
  sealedRefreshToken: string | null
  sealedAccessToken: string | null
  accessTokenExpiresAt: Instant
  version: number
  refreshLeaseUntil: Instant | null
}

export interface ConnectionReads {
  connection(tenantId: string, connectionId: string): Promise<Connection | null>
  connectionsOfUser(tenantId: string, userId: string): Promise<Connection[]>
  connections(tenantId: string): Promise<Connection[]>
  connectionBySub(tenantId: string, userId: string, googleSub: string): Promise<Connection | null>
  calendar(tenantId: string, connectionId: string, calendarId: string): Promise<Calendar | null>
  calendarsOf(tenantId: string, connectionId: string): Promise<Calendar[]>
  /** What a pull begins with, read at one instant; null where connection or calendar is not there. `channels`: those of the calendar. */
  pullState(
    tenantId: string,
    connectionId: string,
    calendarId: string,
  ): Promise<{ connection: Connection; calendar: Calendar; policies: PolicyOverrides; channels: Channel[] } | null>
  /** The target calendar of a user with the connection it belongs to; null while there is none that is not disconnected. */
  targetOf(tenantId: string, userId: string): Promise<{ connection: Connection; calendar: Calendar } | null>
  /**
   * Calendars whose poll is due at `now`, across tenants, the longest waiting first: in use, not gone, not held off, of connections
   * that are active or held (their listings go on) and not switched off; of push-only ones the target alone.
   */
  calendarsDue(now: Instant, limit: number): Promise<{ tenantId: string; connectionId: string; calendarId: string }[]>
  channelsOf(tenantId: string, connectionId: string): Promise<Channel[]>
  /** Channels to be looked at at `now`, the longest waiting first, across tenants: of active connections that are not switched off. */
  channelsDue(now: Instant, limit: number): Promise<Channel[]>
  credentials(tenantId: string, connectionId: string): Promise<Credentials | null>
  connectLinkByHash(hash: string): Promise<ConnectLink | null>
  oauthFlowByState(stateHash: string): Promise<OAuthFlow | null>
  /** Active connections whose writes do not rest and that have outbox rows due at `now`, across tenants, the longest waiting first. */
  flushesDue(now: Instant, limit: number): Promise<{ tenantId: string; connectionId: string }[]>
}

export interface ConnectionWrites {
  saveConnection(connection: Connection): Promise<void>
  saveCalendars(calendars: readonly Calendar[]): Promise<void>
  /** Stores the calendar only while its stored `cursorVersion` is `expected`; false: overtaken, nothing stored. wakeSeq is never lowered. */
  advanceCalendar(calendar: Calendar, expected: number): Promise<boolean>
  /** Only lastPulledAt, nextPollAt, holdOffUntil, failures and pulledSeq. */
  noteCalendar(calendar: Calendar): Promise<void>
  /** lastNotifiedAt is never lowered. */
  saveChannel(channel: Channel): Promise<void>
  forgetChannels(tenantId: string, ids: readonly string[]): Promise<void>
  /** The same calendar has another id from now on: moves it with its links, waiting writes and channels. */
  renameCalendar(tenantId: string, connectionId: string, ids: { from: string; to: string }): Promise<void>
  saveConnectLink(link: ConnectLink): Promise<void>
  /** Marks it used; false when it was used before. */
  useConnectLink(hash: string, at: Instant): Promise<boolean>
  saveOAuthFlow(flow: OAuthFlow): Promise<void>
  useOAuthFlow(stateHash: string, at: Instant): Promise<boolean>
  saveCredentials(credentials: Credentials): Promise<void>
  eraseCredentials(tenantId: string, connectionId: string): Promise<void>
}

/** Outside any transaction of a tenant: short statements of their own. */
export interface Intake {
  /**
   * A notification came on a channel: bumps the watched calendar's wakeSeq and the channel's lastNotifiedAt, durably.
   * @returns what to wake, or null for an unknown, retired or expired channel or another resource (nothing is written then). An opening channel
   * counts: its first messages may come before Google's answer, which names the resource, is stored. A greeting bumps no wakeSeq.
   * The calendar's poll is due from then on, should its wake-up be lost. `isAwake`: an earlier notification has woken it and was not answered by a pull yet.
   */
  noteNotification(notification: {
    channelId: string
    resourceId: string
    at: Instant
    isGreeting?: boolean
  }): Promise<{ tenantId: string; connectionId: string; calendarId: string | null; isAwake?: boolean } | null>
  /**
   * A message came on a channel that is done with or was never known to be open, though Google still serves it: it is to be stopped, now.
   * One that was settled after `settledBefore` is left alone: a few messages follow every stop. @returns whether there is such a channel.
   */
  noteOrphan(notification: {
    channelId: string
    resourceId: string
    at: Instant
    settledBefore: Instant
  }): Promise<boolean>
  /**
   * A write of ours to this calendar was made at `at`: its live channels owe a message from then on (unless they owe one already), and
   * are looked at again at `dueAt` at the latest.
   */
  expectNotification(of: {
    tenantId: string
    connectionId: string
    calendarId: string
    at: Instant
    dueAt: Instant
  }): Promise<void>
  /** A key was used at `at`; never lowered. Unknown ones are left alone. */
  noteKeyUse(tenantId: string, keyId: string, at: Instant): Promise<void>
  /** Takes the refresh lease until `until`; null when somebody else holds it. Returns the credentials as of then. */
  leaseCredentials(tenantId: string, connectionId: string, now: Instant, until: Instant): Promise<Credentials | null>
  /** Stores refreshed tokens as version `expectedVersion + 1` and ends the lease, while `expectedVersion` is still the stored one. */
  storeRefreshed(credentials: Credentials, expectedVersion: number): Promise<boolean>
}
