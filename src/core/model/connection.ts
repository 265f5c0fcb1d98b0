import type { Instant } from './time.ts'
import type { PolicyOverrides, SyncWindow } from './policies.ts'

export type ConnectionStatus = 'pending' | 'active' | 'needs_reauth' | 'paused' | 'held' | 'disconnected'
export type ConnectionMode = 'two_way' | 'push_only' | 'off'

/** One user's grant to one Google account. */
export type Connection = {
  tenantId: string
  id: string
  userId: string
  /** Google's stable `sub`; the address may change. */
  googleSub: string
  googleEmail: string
  mode: ConnectionMode
  status: ConnectionStatus
  statusReason: string | null
  grantedScopes: readonly string[]
  missingScopes: readonly string[]
  window: SyncWindow
  policies: PolicyOverrides
  version: number
  createdAt: Instant
  lastSyncedAt: Instant | null
  /** What a person answered when the deletion guard last held it; it covers what had gone missing by then. */
  guardAnswer: GuardAnswer | null
  /** Nothing is written before this instant: Google told the whole account to wait. */
  writesPausedUntil: Instant | null
  /** How many writes in a row Google refused for the account's sake; a write that went through ends the row. */
  writeRefusals: number
}

/** `accept`: go on as the policies say. `restore`: our events are written again. */
export type GuardAnswer = { deletions: 'accept' | 'restore'; at: Instant }

export type AccessRole = 'freeBusyReader' | 'reader' | 'writerWithoutPrivateAccess' | 'writer' | 'owner'

/**
 * Where a listing of a calendar stands. `syncToken` null: a full list is running or due. `pageToken`: the next page of the
 * listing under way, null between listings. `generation` counts full lists, so a sweep can tell what the last one showed.
 */
export type Cursor = {
  syncToken: string | null
  pageToken: string | null
  generation: number
  /** The list parameters the token was made with; a change forces a full list. */
  parameters: string
  /** `timeMin` of the full list the token descends from: what lies before it was never listed. */
  listedFrom: Instant | null
}

/** A calendar of a connection and what it is used for. */
export type Calendar = {
  tenantId: string
  connectionId: string
  id: string
  summary: string
  timeZone: string
  accessRole: AccessRole
  isPrimary: boolean
  /** Where this user's appointments are written. At most one per user. */
  isTarget: boolean
  /** Its events come back as Google-origin appointments. */
  isSource: boolean
  /** Its busy times count for availability; no titles are kept. */
  isConflict: boolean
  cursor: Cursor
  /** Grows with each stored page; a pull that finds another number was overtaken and applies nothing. */
  cursorVersion: number
  /** Grows with each notification; a pull that saw less than the present number is followed by another. */
  wakeSeq: number
  pulledSeq: number
  lastPulledAt: Instant | null
  nextPollAt: Instant
  /** Nothing is read before this instant (after failures and repeated full lists). */
  holdOffUntil: Instant | null
  failures: number
  /** When it was first not found; found not again a while later, it is gone. */
  absentSince: Instant | null
  isGone: boolean
  /**
   * Since then the database is known to have gone back in time (a restored backup, a clone): until a full list has matched what Google
   * shows, nothing is written and nothing settled. Null: all is in order.
   */
  recoveringSince: Instant | null
}

/** A Google watch channel. */
export type Channel = {
  tenantId: string
  id: string
  connectionId: string
  /** The watched calendar; null: the account's calendar list. */
  calendarId: string | null
  resourceId: string | null
  /**
   * `opening`: asked for, Google's answer not yet stored. `stopping`: no longer listened to, Google is still to be told. `retired`: done
   * with. `unsupported`: this resource cannot be watched, for now. `failed`: it could not be opened.
   */
  state: 'opening' | 'live' | 'stopping' | 'retired' | 'unsupported' | 'failed'
  expiresAt: Instant
  createdAt: Instant
  lastNotifiedAt: Instant | null
  /** Since then it owes a message (its greeting, or word of a write of ours); null: none. */
  expectedAt: Instant | null
  /** When it is to be looked at again. */
  dueAt: Instant
}
