import { isChosen } from '../../core/model/connection-resource.ts'
import type { Calendar, Connection } from '../../core/model/connection.ts'
import { fail, succeed, type DomainError, type RemoteFailure, type Result } from '../../core/model/failures.ts'
import { missingScopes } from '../../core/model/scopes.ts'
import { mayWrite } from '../../core/sync/admission.ts'
import type { ListedCalendar, Reply } from '../../ports/google-calendar.ts'
import type { Deps } from '../deps.ts'

/** One question asked of the connection just now, and what to do where the answer is no. */
export type Check = { name: string; status: 'ok' | 'failed'; detail: string; remedy?: string }

type CheckDeps = Pick<Deps, 'store' | 'system' | 'google' | 'accessTokens' | 'settings'>

/** A channel opened with our clock that Google lets live much longer or shorter than asked tells of two clocks. */
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
  return succeed({
    checks: [
      checkToken(token),
      checkScopes(deps, connection),
      await checkReadable(deps, connection, calendars, listed),
      checkWritable(calendars, listed),
      await checkPush(deps, connection, calendars),
      await checkClock(deps, connection),
    ],
  })
}

const RECONNECT = 'Let the user connect again.'

function checkToken(token: Result<string, RemoteFailure>): Check {
  if (token.ok) return { name: 'token', status: 'ok', detail: 'Google accepts the grant.' }
  const isRevoked = token.error.kind === 'access-revoked' || token.error.kind === 'access-rejected'
  return isRevoked
    ? { name: 'token', status: 'failed', detail: 'Google no longer accepts the grant.', remedy: RECONNECT }
    : {
        name: 'token',
        status: 'failed',
        detail: `No access token could be had (${token.error.kind}).`,
        remedy: 'Try again in a moment; if it lasts, run `lockstep doctor`.',
      }
}

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

function checkWritable(calendars: readonly Calendar[], listed: Awaited<Reply<ListedCalendar[]>>): Check {
  const name = 'calendar_writable'
  const target = calendars.find(calendar => calendar.isTarget)
  if (!listed.ok)
    return { name, status: 'failed', detail: `The calendar list could not be read (${listed.error.kind}).` }
  if (target === undefined)
    return calendars.length === 0
      ? noCalendars(name)
      : { name, status: 'ok', detail: 'Nothing is written through this connection.' }
  const role = listed.value.find(calendar => calendar.id === target.id && !calendar.isDeleted)?.accessRole
  if (role !== undefined && mayWrite(role)) return { name, status: 'ok', detail: `The account’s role is ${role}.` }
  const detail =
    role === undefined ? 'The target calendar is gone from the account.' : `The account’s role is only ${role}.`
  return {
    name,
    status: 'failed',
    detail,
    remedy: 'Give the account the right to make changes, or choose another target.',
  }
}

function noCalendars(name: string): Check {
  return { name, status: 'failed', detail: 'No calendar is chosen yet.', remedy: 'Choose calendars first.' }
}

async function checkPush(
  { store, system }: CheckDeps,
  { tenantId, id }: Connection,
  calendars: readonly Calendar[],
): Promise<Check> {
  const name = 'push_channel_live'
  const channels = await store.channelsOf(tenantId, id)
  const now = system.now()
  const isWatched = (calendar: Calendar): boolean =>
    channels.some(each => each.calendarId === calendar.id && each.state === 'live' && each.expiresAt > now)
  const isUnwatchable = (calendar: Calendar): boolean =>
    channels.some(each => each.calendarId === calendar.id && each.state === 'unsupported')
  if (calendars.length === 0) return noCalendars(name)
  const silent = calendars.filter(calendar => !isWatched(calendar) && !isUnwatchable(calendar))
  if (silent.length === 0)
    return { name, status: 'ok', detail: 'Google tells us of changes; what it cannot tell is polled.' }
  const detail = `No live channel for: ${silent.map(calendar => calendar.summary).join(', ')}. Changes are found by polling.`
  return {
    name,
    status: 'failed',
    detail,
    remedy: 'Google must reach PUBLIC_URL over https; a new channel is tried soon.',
  }
}

async function checkClock({ store, settings }: CheckDeps, { tenantId, id }: Connection): Promise<Check> {
  const asked = settings.channelTtlSeconds * 1_000
  const live = (await store.channelsOf(tenantId, id)).filter(channel => channel.state === 'live')
  const differences = live.map(channel => Math.abs(channel.expiresAt - channel.createdAt - asked))
  // Google may grant less than was asked: only a difference that no shortening explains, but a clock does, counts.
  const isAhead = live.some(channel => channel.expiresAt - channel.createdAt - asked > CLOCK_TOLERANCE_MS)
  if (!isAhead)
    return {
      name: 'clock',
      status: 'ok',
      detail: differences.length > 0 ? 'Our clock and Google’s agree.' : 'Nothing speaks against our clock.',
    }
  const remedy = 'Let the machine’s clock be set by NTP.'
  return { name: 'clock', status: 'failed', detail: 'Our clock is behind Google’s by minutes.', remedy }
}
