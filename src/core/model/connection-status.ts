import type { ConnectionStatus } from './connection.ts'

/**
 * What can happen to a connection.
 * `connect`: the user granted access (again). `chosen`: its first sync has run. `revoked`: Google no longer accepts the grant.
 * `hold`, `release`: the deletion guard stopped it, a person let it go on. `disconnect`: the end, until the user connects again.
 */
export type ConnectionMove = 'connect' | 'chosen' | 'revoked' | 'pause' | 'resume' | 'hold' | 'release' | 'disconnect'

/** `null`: the move is not legal from there. `ready`: active where calendars are chosen, else pending. */
type Next = ConnectionStatus | 'ready' | null

/**
 * Rows: where it stands; columns: what happens. A paused connection whose grant dies stays paused, and is found out when it resumes:
 * nothing reads or writes meanwhile. A mended connection keeps its pause.
 */
const MOVES: Record<ConnectionStatus, Record<ConnectionMove, Next>> = {
  pending: {
    connect: 'pending',
    chosen: 'active',
    revoked: 'needs_reauth',
    pause: null,
    resume: null,
    hold: null,
    release: null,
    disconnect: 'disconnected',
  },
  active: {
    connect: 'active',
    chosen: 'active',
    revoked: 'needs_reauth',
    pause: 'paused',
    resume: 'active',
    hold: 'held',
    release: 'active',
    disconnect: 'disconnected',
  },
  needs_reauth: {
    connect: 'ready',
    chosen: null,
    revoked: 'needs_reauth',
    pause: null,
    resume: null,
    hold: null,
    release: null,
    disconnect: 'disconnected',
  },
  paused: {
    connect: 'paused',
    chosen: null,
    revoked: 'paused',
    pause: 'paused',
    resume: 'ready',
    hold: null,
    release: null,
    disconnect: 'disconnected',
  },
  held: {
    connect: 'held',
    chosen: null,
    revoked: 'needs_reauth',
    pause: 'paused',
    resume: null,
    hold: 'held',
    release: 'active',
    disconnect: 'disconnected',
  },
  disconnected: {
    connect: 'pending',
    chosen: null,
    revoked: 'disconnected',
    pause: null,
    resume: null,
    hold: null,
    release: null,
    disconnect: 'disconnected',
  },
}

/** Where `move` leads from `status`; null: not legal from there. `hasCalendars`: a target or a source is chosen. */
export function nextStatus(
  status: ConnectionStatus,
  move: ConnectionMove,
  hasCalendars: boolean,
): ConnectionStatus | null {
  const next = MOVES[status][move]
  return next === 'ready' ? (hasCalendars ? 'active' : 'pending') : next
}

/**
 * `statusReason` of a disconnected connection while its end is still being carried to Google: what is left to do outlives a crash.
 * `closed`: nothing is left.
 */
export const CLOSING = { keep: 'closing', remove: 'closing_removing_events', done: 'closed' } as const

/** What becomes of our events in Google when a connection ends. */
export type GoogleEventsChoice = 'keep' | 'remove'
