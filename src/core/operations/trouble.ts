import type { AccessRole, Channel, ConnectionMode, ConnectionStatus } from '../model/connection.ts'
import type { Instant } from '../model/time.ts'
import { mayWrite } from '../sync/admission.ts'

/** What can be wrong with a connection, the worst first. */
export const TROUBLES = [
  'revoked',
  'permission',
  'held',
  'read_only',
  'parked',
  'quota',
  'listing',
  'channel',
  'unreadable',
  'duplicate',
  'proposal',
] as const

export type Trouble = (typeof TROUBLES)[number]

export function isTrouble(text: string): text is Trouble {
  return TROUBLES.some(each => each === text)
}

/** What is known of one connection, counted together; no content. */
export type ConnectionFacts = {
  tenantId: string
  connectionId: string
  userId: string
  googleEmail: string
  mode: ConnectionMode
  status: ConnectionStatus
  statusReason: string | null
  missingScopes: readonly string[]
  writesPausedUntil: Instant | null
  lastPulledAt: Instant | null
  /** Waiting writes by state, and since when the oldest one waits. */
  queued: number
  held: number
  failed: number
  oldestQueuedAt: Instant | null
  /** Null: no target is chosen. */
  targetRole: AccessRole | null
  isTargetGone: boolean
  /** Calendars in use without a channel that can be believed, and those whose listings fail again and again. */
  unwatched: number
  failing: number
  unreadable: number
  duplicates: number
  proposals: number
}

/** A listing that failed this often in a row is not a hiccup. */
export const FAILURES_TELLING = 3
/** A channel that has owed a message for so long is taken for dead. */
export const CHANNEL_SILENCE_MS = 10 * 60_000

/** Whether a calendar may count on this channel: it can still come to life, its calendar has none to offer, or it owes nothing for long. */
export function isWatching({ state, expiresAt, expectedAt, lastNotifiedAt }: Channel, now: Instant): boolean {
  if (state === 'opening' || state === 'unsupported') return true
  if (state !== 'live' || expiresAt <= now) return false
  const isOwing = expectedAt !== null && (lastNotifiedAt === null || lastNotifiedAt < expectedAt)
  return !isOwing || expectedAt > now - CHANNEL_SILENCE_MS
}

/** What is wrong, the worst first. Nothing is wrong with a connection that was ended, switched off or paused by somebody. */
export function troublesOf(facts: ConnectionFacts, now: Instant): Trouble[] {
  if (facts.status === 'disconnected') return []
  const isRunning = facts.status === 'active' && facts.mode !== 'off'
  const isWrong: Record<Trouble, boolean> = {
    revoked: facts.status === 'needs_reauth' && facts.missingScopes.length === 0,
    permission: facts.missingScopes.length > 0,
    held: facts.status === 'held',
    read_only: facts.targetRole !== null && (facts.isTargetGone || !mayWrite(facts.targetRole)),
    parked: facts.failed > 0,
    quota: facts.writesPausedUntil !== null && facts.writesPausedUntil > now,
    listing: isRunning && facts.failing > 0,
    channel: isRunning && facts.unwatched > 0,
    unreadable: facts.unreadable > 0,
    duplicate: facts.duplicates > 0,
    proposal: facts.proposals > 0,
  }
  return TROUBLES.filter(trouble => isWrong[trouble])
}

/** The same for a person: the cause, and what mends it. `fix` names the one button; null: it mends itself, or elsewhere. */
export type Explanation = { title: string; cause: string; remedy: string; fix: Fix | null }
export type Fix = 'connect-link' | 'refresh' | 'retry' | 'sync' | 'watch' | 'release' | 'read-again'

export function explain(trouble: Trouble, facts: ConnectionFacts): Explanation {
  const { label, say } = EXPLANATIONS[trouble]
  return { title: label, ...say(facts) }
}

export const labelOf = (trouble: Trouble): string => EXPLANATIONS[trouble].label

const count = (n: number, one: string, more: string): string => (n === 1 ? `One ${one}` : `${n} ${more}`)

type Said = Omit<Explanation, 'title'>

const EXPLANATIONS: Record<Trouble, { label: string; say: (facts: ConnectionFacts) => Said }> = {
  revoked: {
    label: 'Access revoked',
    say: () => ({
      cause:
        'Google no longer accepts the grant: the user withdrew it, changed the password, or an administrator did. Nothing is read or written.',
      remedy: 'The user signs in with Google once more; nothing is lost, both sides catch up.',
      fix: 'connect-link',
    }),
  },
  permission: {
    label: 'Permission missing',
    say: ({ missingScopes }) => ({
      cause: `The user did not tick every permission on Google’s page. Missing: ${missingScopes.map(shortScope).join(', ')}.`,
      remedy: 'The user opens a connect link and grants what is missing.',
      fix: 'connect-link',
    }),
  },
  held: {
    label: 'Held: too many deletions',
    say: ({ statusReason }) => ({
      cause: statusReason ?? 'So many events were gone at once that the deletion guard stopped. Nothing was cancelled.',
      remedy: 'Look whether somebody emptied the calendar on purpose, then decide.',
      fix: 'release',
    }),
  },
  read_only: {
    label: 'Target is read-only',
    say: ({ isTargetGone }) => ({
      cause: isTargetGone
        ? 'The target calendar no longer exists in the Google account. Writes wait.'
        : 'The Google account may no longer change its target calendar. Writes wait.',
      remedy: isTargetGone
        ? 'Choose another target calendar, or restore this one in Google.'
        : 'The calendar’s owner gives the account “make changes to events” again; then look again here.',
      fix: 'refresh',
    }),
  },
  parked: {
    label: 'Writes parked',
    say: ({ failed }) => ({
      cause: `${count(failed, 'write was', 'writes were')} refused by Google and would be refused again. The rest goes on.`,
      remedy: 'Mend the reason shown at each, then try again.',
      fix: 'retry',
    }),
  },
  quota: {
    label: 'Paused by Google’s quota',
    say: ({ writesPausedUntil, queued }) => ({
      cause: `Google told this account to stop writing for a while.${queued === 0 ? '' : ` ${count(queued, 'write waits', 'writes wait')}.`}`,
      remedy: `It goes on by itself${writesPausedUntil === null ? '' : ` at ${new Date(writesPausedUntil).toISOString().slice(0, 16).replace('T', ' ')} UTC`}.`,
      fix: null,
    }),
  },
  listing: {
    label: 'Cannot be read',
    say: ({ failing }) => ({
      cause: `${count(failing, 'calendar fails', 'calendars fail')} to list again and again. Changes in Google arrive late or not at all.`,
      remedy: 'Try now; “Check” on the connection’s page asks Google what is wrong.',
      fix: 'sync',
    }),
  },
  channel: {
    label: 'Channel dead',
    say: ({ unwatched }) => ({
      cause: `${count(unwatched, 'calendar has', 'calendars have')} no live watch channel. Changes come by polling only, minutes late.`,
      remedy: 'A new channel is opened by itself; this does it now.',
      fix: 'watch',
    }),
  },
  unreadable: {
    label: 'Unreadable event',
    say: ({ unreadable }) => ({
      cause: `${count(unreadable, 'event', 'events')} in Google could not be understood and ${unreadable === 1 ? 'is' : 'are'} set aside. The neighbours are in step.`,
      remedy: 'Mend it in Google, or update this service; it is read when it changes. This reads it again now.',
      fix: 'read-again',
    }),
  },
  duplicate: {
    label: 'Duplicate',
    say: ({ duplicates }) => ({
      cause: `${count(duplicates, 'event', 'events')} in Google ${duplicates === 1 ? 'looks' : 'look'} exactly like an appointment of the platform.`,
      remedy: 'Say whether they are the same.',
      fix: null,
    }),
  },
  proposal: {
    label: 'Edit awaits an answer',
    say: ({ proposals }) => ({
      cause: `${count(proposals, 'edit', 'edits')} made in Google ${proposals === 1 ? 'waits' : 'wait'} for the platform’s word.`,
      remedy: 'Accept or reject.',
      fix: null,
    }),
  },
}

const shortScope = (scope: string): string => scope.slice(scope.lastIndexOf('/') + 1)
