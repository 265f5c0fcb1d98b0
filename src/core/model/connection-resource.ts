import { isRecovering } from './calendar-use.ts'
import type { Calendar, Connection } from './connection.ts'
import { CLOSING } from './connection-status.ts'
import type { Policies, PolicyOverrides, SyncWindow } from './policies.ts'
import { effectivePolicies } from './policies.ts'

/** How a connection looks to the platform, in answers, the change feed and webhooks. Carries no token. */
export type ConnectionResource = {
  id: string
  userId: string
  googleAccount: { sub: string; email: string }
  mode: string
  status: string
  statusReason: string | null
  missingScopes: readonly string[]
  calendars: readonly ChosenCalendar[]
  window: SyncWindow
  /** In force, all levels together. */
  policies: Policies
  lastSyncedAt: string | null
  /** The database was restored: nothing is written before everything in Google was matched. */
  recovering: boolean
  counts: { linked: number; missing: number }
  links: Readonly<Record<string, string>>
  version: number
  createdAt: string
}

type ChosenCalendar = {
  id: string
  summary: string
  timeZone: string
  accessRole: string
  isPrimary: boolean
  isTarget: boolean
  isSource: boolean
  isConflict: boolean
  isGone: boolean
  lastPulledAt: string | null
}

export function connectionResource(of: {
  connection: Connection
  calendars: readonly Calendar[]
  tenantPolicies: PolicyOverrides
  counts: { linked: number; missing: number }
}): ConnectionResource {
  const { connection, calendars, tenantPolicies, counts } = of
  const self = `/v1/connections/${connection.id}`
  return {
    id: connection.id,
    userId: connection.userId,
    googleAccount: { sub: connection.googleSub, email: connection.googleEmail },
    mode: connection.mode,
    status: connection.status,
    statusReason: connection.statusReason,
    missingScopes: connection.missingScopes,
    calendars: calendars.filter(isChosen).map(chosenCalendar),
    window: connection.window,
    policies: effectivePolicies(tenantPolicies, connection.policies),
    lastSyncedAt: instantText(lastSyncedAt(connection, calendars)),
    recovering: isRecovering(connection, calendars),
    counts,
    links: linksOf(connection.status, self),
    version: connection.version,
    createdAt: new Date(connection.createdAt).toISOString(),
  }
}

function linksOf(status: Connection['status'], self: string): Record<string, string> {
  const links = { self, calendars: `${self}/calendars`, check: `${self}/check`, sync: `${self}/sync` }
  return status === 'held' ? { ...links, plan: `${self}/plan`, resume: `${self}/resume` } : links
}

export function isChosen(calendar: Pick<Calendar, 'isTarget' | 'isSource' | 'isConflict'>): boolean {
  return calendar.isTarget || calendar.isSource || calendar.isConflict
}

/** Whether a first sync has something to do: a target to write to or a calendar to read. */
export function hasCalendars(calendars: readonly Calendar[]): boolean {
  return calendars.some(isChosen)
}

/** Whether the end of the connection is still being carried to Google. */
export function isClosing(connection: Pick<Connection, 'status' | 'statusReason'>): boolean {
  return connection.status === 'disconnected' && connection.statusReason !== CLOSING.done
}

function chosenCalendar(calendar: Calendar): ChosenCalendar {
  const { id, summary, timeZone, accessRole, isPrimary, isTarget, isSource, isConflict, isGone } = calendar
  const lastPulledAt = instantText(calendar.lastPulledAt)
  return { id, summary, timeZone, accessRole, isPrimary, isTarget, isSource, isConflict, isGone, lastPulledAt }
}

/** When the connection was last seen in step: its own mark, or the newest pull of a calendar in use. */
function lastSyncedAt(connection: Connection, calendars: readonly Calendar[]): number | null {
  const pulls = calendars.filter(isChosen).map(calendar => calendar.lastPulledAt)
  const known = [connection.lastSyncedAt, ...pulls].filter(at => at !== null)
  return known.length > 0 ? Math.max(...known) : null
}

function instantText(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
