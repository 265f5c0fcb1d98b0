import { isChosen } from '../../core/model/connection-resource.ts'
import type { Calendar, Connection } from '../../core/model/connection.ts'
import { fail, succeed, type DomainError, type RemoteFailure, type Result } from '../../core/model/failures.ts'
import { missingScopes } from '../../core/model/scopes.ts'
import { mayWrite } from '../../core/sync/admission.ts'
import type { ListedCalendar, Reply } from '../../ports/google-calendar.ts'
import type { Deps } from '../deps.ts'
import { isHeard, probeTarget, type Probe } from './probe-target.ts'

/** One question asked of the connection just now, and what to do where the answer is no. */
export type Check = { name: string; status: 'ok' | 'failed'; detail: string; remedy?: string }

export type CheckDeps = Pick<Deps, 'store' | 'system' | 'google' | 'names' | 'accessTokens' | 'settings'>

/** A minute is the network's; five are a clock's. */
const CLOCK_TOLERANCE_MS = 5 * 60_000

/** Asks Google itself, so that a green list means that it works now. */
export async function checkConnection(
  deps: CheckDeps,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
): Promise<Result<{ checks: Check[] }, DomainError>> {
  const connection = await deps.store.connection(tenantId, connectionId)
  if (connection === null) return fail({ kind: 'not-found' })
  const calendars = (await deps.store.calendarsOf(tenantId, connectionId)).filter(isChosen)
  const token = await deps.accessTokens.accessToken({ tenantId, connectionId })
  const listed = token.ok ? await deps.google.listCalendars({ tenantId, connectionId }) : token
  const target = calendars.find(calendar => calendar.isTarget)
  const role = target === undefined || !listed.ok ? undefined : roleOf(target, listed.value)
  const isOn = connection.status === 'active' && target !== undefined && role !== undefined && mayWrite(role)
  const probe = isOn ? await probeTarget(deps, target) : null
  return succeed({
    checks: [
      checkToken(token, listed),
      checkScopes(deps, connection),
      await checkReadable(deps, connection, calendars, listed),
      await checkWritable(deps, connection, calendars, listed, probe),
      await checkPush(deps, connection, calendars, probe),
      checkClock(probe),
    ],
  })
}

function roleOf(target: Calendar, listed: readonly ListedCalendar[]): ListedCalendar['accessRole'] | undefined {
  return listed.find(calendar => calendar.id === target.id && !calendar.isDeleted)?.accessRole
}

const RECONNECT = 'Let the user connect again.'

/** A token that is kept proves nothing: the list has just been asked for with it. */
function checkToken(token: Result<string, RemoteFailure>, listed: Result<unknown, RemoteFailure>): Check {
  const refusal = [token, listed].find(each => !each.ok && isRevoking(each.error))
  if (token.ok && refusal === undefined) return { name: 'token', status: 'ok', detail: 'Google accepts the grant.' }
  const isRevoked = refusal !== undefined
  const kind = token.ok ? '' : token.error.kind
  return isRevoked
    ? { name: 'token', status: 'failed', detail: 'Google no longer accepts the grant.', remedy: RECONNECT }
    : {
        name: 'token',
        status: 'failed',
        detail: `No access token could be had (${kind}).`,
        remedy: 'Try again in a moment; if it lasts, run `lockstep doctor`.',
      }
}

const isRevoking = ({ kind }: RemoteFailure): boolean => kind === 'access-revoked' || kind === 'access-rejected'

function checkScopes({ settings }: CheckDeps, connection: Connection): Check {
  const missing = missingScopes(settings.requiredScopes, connection.grantedScopes)
  if (missing.length === 0) return { name: 'scopes', status: 'ok', detail: 'All permissions are granted.' }
  const remedy = 'Let the user connect again and tick every permission.'
  return { name: 'scopes', status: 'failed', detail: `Missing: ${missing.join(', ')}.`, remedy }
}

async function checkReadable(
  { google, system }: CheckDeps,
  { tenantId, id: connectionId }: Connection,
  calendars: readonly Calendar[],
  listed: Awaited<Reply<ListedCalendar[]>>,
): Promise<Check> {
  const name = 'calendar_readable'
  if (!listed.ok)
    return { name, status: 'failed', detail: `The calendar list could not be read (${listed.error.kind}).` }
  if (calendars.length === 0) return noCalendars(name)
  const failures: string[] = []
  for (const { id, summary } of calendars) {
    const request = { calendarId: id, syncToken: null, pageToken: null, timeMin: system.now(), pageSize: 1 }
    const page = await google.listEvents({ tenantId, connectionId }, request)
    if (!page.ok) failures.push(`${summary} (${page.error.kind})`)
  }
  if (failures.length === 0) return { name, status: 'ok', detail: `Google lets us read every chosen calendar.` }
  const remedy = 'Share the calendar with the account again, or choose other calendars.'
  return { name, status: 'failed', detail: `Not readable: ${failures.join(', ')}.`, remedy }
}

async function checkWritable(
  { store }: CheckDeps,
  { tenantId, userId }: Connection,
  calendars: readonly Calendar[],
  listed: Awaited<Reply<ListedCalendar[]>>,
  probe: Probe | null,
): Promise<Check> {
  const name = 'calendar_writable'
  const target = calendars.find(calendar => calendar.isTarget)
  if (!listed.ok)
    return { name, status: 'failed', detail: `The calendar list could not be read (${listed.error.kind}).` }
  if (target === undefined)
    return calendars.length === 0
      ? noCalendars(name)
      : { name, status: 'ok', detail: 'Nothing is written through this connection.' }
  const role = roleOf(target, listed.value)
  if (role !== undefined && mayWrite(role)) {
    const others = await otherUsersOf(store, { tenantId, userId, calendarId: target.id })
    return writability(name, role, probe, others)
  }
  const detail =
    role === undefined ? 'The target calendar is gone from the account.' : `The account’s role is only ${role}.`
  const remedy = 'Give the account the right to make changes, or choose another target.'
  return { name, status: 'failed', detail, remedy }
}

function writability(name: string, role: string, probe: Probe | null, others: number): Check {
  if (probe?.kind === 'refused') {
    const detail = `Google refused a test event (${probe.failure.kind}).`
    return { name, status: 'failed', detail, remedy: 'Try again in a moment; if it lasts, choose another target.' }
  }
  if (probe?.kind === 'written' && !probe.isTakenBack) {
    const detail = 'A test event could be written but not removed again.'
    return { name, status: 'failed', detail, remedy: 'Delete “Connection test” of 1 January 2001 in Google.' }
  }
  const proof = probe === null ? 'Nothing was written to try it.' : 'A test event was written and taken back.'
  const shared =
    others === 0 ? '' : ` ${others} other user(s) have it as their target too, which is safe: each sees only their own.`
  return { name, status: 'ok', detail: `The account’s role is ${role}. ${proof}${shared}` }
}

async function otherUsersOf(
  store: CheckDeps['store'],
  { tenantId, userId, calendarId }: { tenantId: string; userId: string; calendarId: string },
): Promise<number> {
  const users = new Set<string>()
  for (const connection of await store.connections(tenantId)) {
    if (connection.userId === userId || connection.status === 'disconnected') continue
    const shared = (await store.calendar(tenantId, connection.id, calendarId))?.isTarget === true
    if (shared) users.add(connection.userId)
  }
  return users.size
}

function noCalendars(name: string): Check {
  return { name, status: 'failed', detail: 'No calendar is chosen yet.', remedy: 'Choose calendars first.' }
}

async function checkPush(
  deps: CheckDeps,
  { tenantId, id }: Connection,
  calendars: readonly Calendar[],
  probe: Probe | null,
): Promise<Check> {
  const { store, system } = deps
  const name = 'push_channel_live'
  const channels = await store.channelsOf(tenantId, id)
  const now = system.now()
  const isWatched = (calendar: Calendar): boolean =>
    channels.some(each => each.calendarId === calendar.id && each.state === 'live' && each.expiresAt > now)
  const isUnwatchable = (calendar: Calendar): boolean =>
    channels.some(each => each.calendarId === calendar.id && each.state === 'unsupported')
  if (calendars.length === 0) return noCalendars(name)
  const silent = calendars.filter(calendar => !isWatched(calendar) && !isUnwatchable(calendar))
  if (silent.length === 0) {
    const target = calendars.find(calendar => calendar.isTarget && isWatched(calendar))
    if (target === undefined || probe?.kind !== 'written')
      return { name, status: 'ok', detail: 'Google tells us of changes; what it cannot tell is polled.' }
    if (await isHeard(deps, target, probe.askedAt))
      return { name, status: 'ok', detail: 'Google’s word of a test change reached us.' }
    return { name, status: 'failed', detail: 'Google’s word of a test change did not reach us.', remedy: UNREACHED }
  }
  const detail = `No live channel for: ${silent.map(calendar => calendar.summary).join(', ')}. Changes are found by polling.`
  return { name, status: 'failed', detail, remedy: UNREACHED }
}

const UNREACHED =
  'Google must reach PUBLIC_URL over https; a new channel is tried soon. Until then changes are found by polling.'

function checkClock(probe: Probe | null): Check {
  const name = 'clock'
  if (probe?.kind !== 'written') return { name, status: 'ok', detail: 'Nothing speaks against our clock.' }
  const differenceMs = probe.googleAt - probe.askedAt
  if (Math.abs(differenceMs) <= CLOCK_TOLERANCE_MS)
    return { name, status: 'ok', detail: 'Our clock and Google’s agree.' }
  const detail = `Our clock is ${differenceMs > 0 ? 'behind' : 'ahead of'} Google’s by minutes.`
  return { name, status: 'failed', detail, remedy: 'Let the machine’s clock be set by NTP.' }
}
