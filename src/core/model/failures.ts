/** The outcome of something that can fail in expected ways; bugs are thrown instead. */
export type Result<T, E> = { ok: true; value: T } | { ok: false; error: E }

export const succeed = <T>(value: T): { ok: true; value: T } => ({ ok: true, value })
export const fail = <E>(error: E): { ok: false; error: E } => ({ ok: false, error })

/**
 * What can go wrong on Google's side, in our words. Made in one place, `adapters/google/failures.ts`,
 * from method, status and reason together; what each leads to is decided in `core/sync/reaction.ts`.
 */
export type RemoteFailure =
  /** The sync token is dead or was never valid: list in full, into a new generation. */
  | { kind: 'sync-token-expired' }
  /** The page token is dead: start this listing again from its first page. */
  | { kind: 'page-token-expired' }
  /** 404: the event or calendar does not exist, or may not be seen. */
  | { kind: 'not-found' }
  /** 410 on one event: it was deleted before. */
  | { kind: 'already-gone' }
  /** 412: our If-Match lost against another edit. */
  | { kind: 'edited-meanwhile' }
  /** 409: the event id is taken, perhaps by a tombstone. */
  | { kind: 'id-taken' }
  /** 409 between siblings: the same call may be repeated on its own. */
  | { kind: 'collided' }
  /** 403 or 429 of the usageLimits domain. `retryAfterMs` is 0 where Google named no time. */
  | { kind: 'rate-limited'; scope: 'user' | 'project'; retryAfterMs: number }
  /** "Calendar usage limits exceeded": that account's writes rest for hours. */
  | { kind: 'quota-exceeded' }
  /** The project's day is used up. */
  | { kind: 'daily-limit' }
  /** 401 although the access token was fresh. */
  | { kind: 'access-rejected' }
  /** invalid_grant: the user must reconnect. */
  | { kind: 'access-revoked' }
  /** The grant lacks a permission. */
  | { kind: 'scope-missing' }
  /** The role on this calendar does not allow the call. */
  | { kind: 'role-too-low' }
  /** Only the event's organizer may change this. */
  | { kind: 'not-organizer' }
  /** The Google project itself is misconfigured: an operator must act, no user is to blame. */
  | { kind: 'project-broken'; reason: string }
  /** This calendar cannot be watched: poll it. */
  | { kind: 'push-unsupported' }
  /** The channel id was used before: take a new one. */
  | { kind: 'channel-id-taken' }
  /** 5xx, unreadable body, timeout, reset. `ambiguous`: the call may have taken effect. */
  | { kind: 'unavailable'; ambiguous: boolean; detail: string }
  /** Any other refusal: never repeated without a change; `detail` carries no personal data. */
  | { kind: 'rejected'; status: number; reason: string; detail: string }

/** What stands in the way of a request; the API's problem types of these names say what to do. */
export type ConflictSlug =
  | 'choice-needed'
  | 'disconnected'
  | 'duplicate-gone'
  | 'duplicate-resolved'
  | 'endpoint-disabled'
  | 'feed-active'
  | 'gone-in-google'
  | 'needs-reauth'
  | 'no-target'
  | 'not-a-series'
  | 'occurrence-taken'
  | 'proposal-settled'
  | 'refused-by-google'
  | 'role-too-low'
  | 'run-finished'
  | 'scope-missing'
  | 'series-called-off'
  | 'series-not-splittable'
  | 'series-split-before'
  | 'status-move'
  | 'still-being-written'
  | 'syncing-off'
  | 'target-exists'
  | 'too-many-endpoints'
  | 'two-way-active'
  | 'wrong-status'

/** A request of the platform that cannot be done, as the API's problem types name it. */
export type DomainError =
  | { kind: 'invalid'; problems: readonly { path: string; message: string }[] }
  | { kind: 'not-found' }
  | { kind: 'google-owned'; htmlLink: string | null }
  | { kind: 'stale-version'; currentVersion: number }
  | { kind: 'slot-taken'; conflicts: readonly { start: string; end: string; source: string }[] }
  | { kind: 'conflict'; slug: ConflictSlug; detail: string }
  | { kind: 'forbidden'; detail: string }
  | { kind: 'unavailable'; detail: string }

/** Closes a switch over a union: a new member compiles only when everybody has answered it. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
