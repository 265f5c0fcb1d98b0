import type { Calendar, Connection } from '../../../src/core/model/connection.ts'
import type { RemoteFailure, Result } from '../../../src/core/model/failures.ts'
import type { Link } from '../../../src/core/model/link.ts'
import { effectivePolicies } from '../../../src/core/model/policies.ts'
import { NAMES } from './words.ts'
import type { EventPage, EventWrite, ListRequest } from '../../../src/ports/google-calendar.ts'
import type { Simulator } from '../../../src/simulator/testing.ts'
import type { CommitWatch } from '../../support/memory-store.ts'
import type { View } from '../../support/memory-world.ts'
import type { Court } from './checks.ts'
import { judgeCommit } from './judge-commits.ts'
import { errand, type World } from './instance.ts'
import type { Trace } from './trace.ts'

type Who = { tenantId: string; connectionId: string }
export type Issued = { n: number; request: ListRequest; items: { eventId: string; etag: string | null }[] }
export type Bench = {
  court: Court
  /** Tokens as Google gave them out: by connection, calendar and token. */
  issued: Map<string, Issued>
  /** How new the token is that each calendar holds. */
  held: Map<string, number>
  /** When each connection was last told to stop. */
  stoppedAt: Map<string, number>
  tick: () => number
}

export type Judge = {
  tick(): number
  onCall: World['onCall']
  onToken: World['onToken']
  onLog: World['onLog']
  onCommit: CommitWatch
  /** After every step. */
  afterStep(): void
  view(): View | null
}

type Parts = { court: Court; trace: Trace; simulator: Simulator; clock: { now: number }; isDisturbed: () => boolean }

const WRITES = new Set(['insertEvent', 'updateEvent', 'deleteEvent', 'moveEvent'])
/** What no log line may hold: words of titles, addresses, tokens. */
const SECRETS = new RegExp(`${NAMES.join('|')}|@example|ya29\\.|1//0|Room 2`)

/** As the platform titles; what people write over a masked title in Google is theirs and stays. */
const PLATFORM_TITLE = /^\w+ \d+( of apt_\d)?$/

export function createJudge(parts: Parts): Judge {
  const { court, trace, simulator, clock } = parts
  let ticks = 0
  let seenRequests = 0
  let tokens = 0
  let view: View | null = null
  const bench: Bench = { court, issued: new Map(), held: new Map(), stoppedAt: new Map(), tick: () => ++ticks }
  /** Until when Google asked for patience, by connection, calendar and kind of call. */
  const patience = new Map<string, number>()

  const judgeWrite = (who: Who, method: string, args: readonly unknown[]): void => {
    const { calendarId, eventId } = args[1] as { calendarId: string; eventId: string }
    const scope = errand.getStore()
    const beganAt = scope?.beganAt ?? 0
    const connection = view?.get('connections', who.tenantId, who.connectionId) ?? null
    const calendar = view?.get('calendars', who.tenantId, who.connectionId, calendarId) ?? null
    if (connection !== null && !mayBeWritten(connection) && (bench.stoppedAt.get(keyOf(who)) ?? Infinity) < beganAt)
      court.accuse('S5', `${method} through a connection that is ${connection.status}`)
    const since = bench.stoppedAt.get(`${keyOf(who)} ${calendarId}`) ?? Infinity
    if (calendar !== null && !isOpen(calendar) && since < beganAt)
      court.accuse('S5', `${method} to a calendar that is ${calendar.isGone ? 'gone' : calendar.accessRole}`)
    if (method === 'insertEvent' || method === 'updateEvent') judgeWords(connection, args[2] as EventWrite)
    if (method !== 'insertEvent' && !isOurs(simulator, view, who, calendarId, eventId))
      court.accuse('S4', `${method} of ${eventId}, which is not ours`)
  }
  const judgeWords = (connection: Connection | null, write: EventWrite): void => {
    if (connection === null) return
    const { presentation } = effectivePolicies({}, connection.policies)
    const { title, description, location } = write.content
    const isLeaking = presentation.title === 'busy' && title !== null && PLATFORM_TITLE.test(title)
    if (
      isLeaking ||
      (!presentation.location && (location ?? '') !== '') ||
      (!presentation.description && (description ?? '') !== '')
    )
      court.accuse('S5', `what the presentation hides left for Google: ${JSON.stringify(write.content)}`)
  }

  return {
    tick: () => ++ticks,
    view: () => view,
    onCall: (who, method, args) => {
      const scope = errand.getStore()
      if (scope !== undefined && scope.tenantId !== null && scope.tenantId !== who.tenantId)
        court.accuse('S7', `${scope.kind} of ${scope.tenantId} called ${method} for ${who.tenantId}`)
      if (WRITES.has(method)) judgeWrite(who, method, args)
      const place = `${keyOf(who)} ${WRITES.has(method) ? 'write' : method} ${String((args[1] as { calendarId?: string } | undefined)?.calendarId)}`
      if (!parts.isDisturbed() && (patience.get(place) ?? 0) > clock.now)
        court.accuse(
          'T1',
          `${method} ${Math.round(((patience.get(place) ?? 0) - clock.now) / 1000)} s before Google’s word`,
        )
      return reply => {
        const outcome = reply as Result<unknown, RemoteFailure>
        trace.note(`${method} ${outcome.ok ? 'ok' : outcome.error.kind}`)
        const isPatient = WRITES.has(method) || method === 'listEvents' // the rest is slowed by the pacing, which is not here
        if (isPatient && !outcome.ok && outcome.error.kind === 'rate-limited' && outcome.error.retryAfterMs > 0)
          patience.set(place, clock.now + outcome.error.retryAfterMs)
        if (outcome.ok && method === 'listEvents')
          noteIssued(bench, ++tokens, who, args[1] as ListRequest, outcome.value as EventPage)
      }
    },
    onToken: (who, token) => {
      const connection = view?.get('connections', who.tenantId, who.connectionId)
      const holder = simulator.world.accessTokens.get(token)?.account
      if (connection != null && holder !== undefined && holder !== connection.googleEmail)
        court.accuse('S7', `${who.tenantId} was given a token of another account`)
    },
    onLog: (level, line, fields) => {
      const { error, ...rest } = fields as { error?: unknown }
      if (SECRETS.test(JSON.stringify(rest)) || SECRETS.test(line))
        court.accuse('S10', `${line} ${JSON.stringify(rest)}`)
      if (level === 'error' && line === 'job crashed' && !isLost(error))
        court.accuse('X', error instanceof Error ? (error.stack ?? error.message) : String(error))
    },
    onCommit: (tenantId, written, before, commit) => {
      view = before
      for (const row of written.connections.values()) {
        if (row !== null && row.writesPausedUntil === null) forgetPatience(patience, row)
      }
      judgeCommit(bench, tenantId, written, before, commit)
    },
    afterStep: () => {
      const { requestLog } = simulator.world
      for (; seenRequests < requestLog.length; seenRequests += 1) {
        const entry = requestLog[seenRequests]
        if (entry?.clientId === 'client' && entry.mails > 0)
          court.accuse('S11', `${entry.kind} sent ${entry.mails} mails`)
      }
      if (court.isAsked('S3')) for (const text of doubles(simulator)) court.accuse('S3', text)
    },
  }
}

const isLost = (error: unknown): boolean =>
  error instanceof Error && (/connection to the database was lost/.test(error.message) || isLost(error.cause))

export const keyOf = ({ tenantId, connectionId }: Who): string => `${tenantId}/${connectionId}`

function forgetPatience(patience: Map<string, number>, { tenantId, id }: Connection): void {
  for (const place of patience.keys()) if (place.startsWith(`${tenantId}/${id} write`)) patience.delete(place)
}

export const mayBeWritten = ({ status, statusReason }: Connection): boolean =>
  status === 'active' || status === 'pending' || (status === 'disconnected' && statusReason?.includes('remov') === true)

export const isOpen = ({ isGone, accessRole }: Calendar): boolean =>
  !isGone && accessRole !== 'reader' && accessRole !== 'freeBusyReader'

function noteIssued(bench: Bench, n: number, who: Who, request: ListRequest, page: EventPage): void {
  const items = page.events.map(event => ({ eventId: event.eventId, etag: event.kind === 'live' ? event.etag : null }))
  const token = page.nextSyncToken ?? page.nextPageToken
  bench.issued.set(`${keyOf(who)} ${request.calendarId} ${token}`, { n, request, items })
}

/** Our mark, or a link that says we wrote it; an occurrence goes by its series. An event that is not there harms nobody. */
function isOurs(simulator: Simulator, view: View | null, who: Who, calendarId: string, eventId: string): boolean {
  const calendar = simulator.world.calendars.get(calendarId)
  const event = calendar?.events.get(eventId) ?? calendar?.events.get(eventId.replace(/_\d{8}(T\d{6}Z)?$/, ''))
  if (event === undefined) return true
  if (markOf(event.fields) !== undefined) return true
  const link: Link | null = view?.get('links', who.tenantId, who.connectionId, calendarId, event.id) ?? null
  return link?.role === 'ours'
}

export function markOf(fields: Record<string, unknown>): string | undefined {
  const properties = fields['extendedProperties'] as { private?: Record<string, string> } | undefined
  return properties?.private?.['lockstepKey']
}

/** A mark that stands on two living events of a calendar is an appointment written twice; the parts of a split share theirs for a while. */
function doubles(simulator: Simulator): string[] {
  const found: string[] = []
  for (const calendar of simulator.world.calendars.values()) {
    const seen = new Map<string, string>()
    for (const event of calendar.events.values()) {
      if (event.status === 'cancelled' || event.recurringEventId !== null || /_R\d{8}/.test(event.id)) continue
      const mark = markOf(event.fields)
      if (mark === undefined) continue
      if (seen.has(mark)) found.push(`one appointment stands twice: ${seen.get(mark)} and ${event.id}`)
      seen.set(mark, event.id)
    }
  }
  return found
}
