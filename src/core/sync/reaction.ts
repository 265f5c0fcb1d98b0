import type { RemoteFailure } from '../model/failures.ts'
import { unreachable } from '../model/failures.ts'

/** What a refused or failed write leads to. Each way of repeating names why the next try differs (`docs/sync-rules.md`, "What is repeated"). */
export type WriteReaction =
  /** Try again later; `retryAfterMs` is Google's own word or 0. `isListDue`: whether the calendar is still there is to be looked up. */
  | { do: 'retry'; retryAfterMs: number; isListDue?: true }
  /** The account's other writes would fare the same: all of them rest. What is `told` is shown at the connection. */
  | { do: 'rest'; retryAfterMs: number; told: string | null }
  /** The outcome is unknown, or somebody was faster: read the event back, decide again. */
  | { do: 'read-back' }
  /** The id belongs to a tombstone or to somebody else: ask, then adopt or take the next one. */
  | { do: 'look-at-id' }
  /** What a deletion wanted is true already. */
  | { do: 'done' }
  /** Waits until its cause goes away (permission, role, calendar, grant). */
  | { do: 'hold'; code: string; message: string; isListDue?: true }
  /** Needs a person. */
  | { do: 'park'; code: string; message: string }

const PAUSE_ON_QUOTA_MS = 6 * 60 * 60 * 1000
const PAUSE_ON_DAILY_LIMIT_MS = 60 * 60 * 1000
const PAUSE_ON_REFUSED_TOKEN_MS = 60 * 1000
const PAUSE_ON_BROKEN_PROJECT_MS = 5 * 60 * 1000
/** For the account's list to be read, and to say whether the calendar is gone or was only out of sight. */
const CALENDAR_DOUBT_MS = 30 * 1000

export type WriteCall = 'insert' | 'update' | 'delete'

export function reactToWrite(call: WriteCall, failure: RemoteFailure): WriteReaction {
  switch (failure.kind) {
    case 'edited-meanwhile':
      return { do: 'read-back' }
    case 'id-taken':
      return { do: 'look-at-id' }
    case 'not-found':
      return call === 'insert' ? { do: 'retry', retryAfterMs: CALENDAR_DOUBT_MS, isListDue: true } : { do: 'read-back' }
    case 'already-gone':
      return call === 'delete' ? { do: 'done' } : { do: 'read-back' }
    case 'unavailable':
      return failure.ambiguous ? { do: 'read-back' } : { do: 'retry', retryAfterMs: 0 }
    case 'collided':
      return { do: 'retry', retryAfterMs: 0 }
    case 'rate-limited':
      return { do: 'rest', retryAfterMs: failure.retryAfterMs, told: null }
    case 'quota-exceeded':
      return { do: 'rest', retryAfterMs: PAUSE_ON_QUOTA_MS, told: 'google_usage_limit' }
    case 'daily-limit':
      return { do: 'rest', retryAfterMs: PAUSE_ON_DAILY_LIMIT_MS, told: null }
    case 'project-broken':
      return { do: 'rest', retryAfterMs: PAUSE_ON_BROKEN_PROJECT_MS, told: null }
    case 'access-rejected':
      // A token this young was refused: another one would be too, for a while.
      return { do: 'rest', retryAfterMs: PAUSE_ON_REFUSED_TOKEN_MS, told: null }
    case 'access-revoked':
      return {
        do: 'hold',
        code: 'needs-reauth',
        message: 'Google no longer accepts this grant; the user must connect again.',
      }
    case 'scope-missing':
      return { do: 'hold', code: 'scope-missing', message: 'The grant lacks the permission to write events.' }
    case 'role-too-low':
      return {
        do: 'hold',
        code: 'calendar-read-only',
        message: 'The Google account may no longer write to this calendar.',
        isListDue: true,
      }
    case 'not-organizer':
      return { do: 'park', code: 'not-organizer', message: 'Only the organizer of this event may change it in Google.' }
    case 'rejected':
      return { do: 'park', code: failure.reason, message: `Google refused it: ${failure.detail}` }
    case 'sync-token-expired':
    case 'page-token-expired':
    case 'push-unsupported':
    case 'channel-id-taken':
      return { do: 'park', code: failure.kind, message: `Google answered a write with ${failure.kind}.` }
    default:
      return unreachable(failure)
  }
}

/** What a failed listing leads to. */
export type ListReaction =
  | { do: 'list-in-full' }
  | { do: 'restart-listing' }
  | { do: 'retry'; retryAfterMs: number }
  | { do: 'reauth' }
  | { do: 'calendar-gone' }
  | { do: 'scope-missing' }

export function reactToList(failure: RemoteFailure): ListReaction {
  switch (failure.kind) {
    case 'sync-token-expired':
      return { do: 'list-in-full' }
    case 'page-token-expired':
      return { do: 'restart-listing' }
    case 'access-revoked':
      return { do: 'reauth' }
    case 'scope-missing':
      return { do: 'scope-missing' }
    case 'not-found':
      return { do: 'calendar-gone' }
    case 'rate-limited':
      return { do: 'retry', retryAfterMs: failure.retryAfterMs }
    case 'quota-exceeded':
    case 'daily-limit':
      return { do: 'retry', retryAfterMs: PAUSE_ON_DAILY_LIMIT_MS }
    case 'project-broken':
      return { do: 'retry', retryAfterMs: PAUSE_ON_BROKEN_PROJECT_MS }
    case 'access-rejected':
      return { do: 'retry', retryAfterMs: PAUSE_ON_REFUSED_TOKEN_MS }
    default:
      return { do: 'retry', retryAfterMs: 0 }
  }
}
