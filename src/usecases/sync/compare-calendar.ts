import type { CalendarEvent } from '../../core/model/calendar-event.ts'
import type { Link, LinkKey } from '../../core/model/link.ts'
import { windowBounds } from '../../core/model/time.ts'
import { divergenceOf, mustBeListed, unseen, type Divergence } from '../../core/operations/divergence.ts'
import { isBlinded } from '../../core/sync/calendar-trouble.ts'
import { decidePage } from '../../core/sync/decide-page.ts'
import { readGoneAnswer } from '../../core/sync/decide-gone.ts'
import type { JobOutcome } from '../../ports/jobs.ts'
import type { Tx } from '../../ports/store/store.ts'
import { applyPage, readContext } from './apply-page.ts'
import {
  connectionKey,
  pullCalendar,
  readPullState,
  type CalendarKey,
  type PullDeps,
  type PullState,
} from './pull-calendar.ts'
import { queueOutbound } from './queue-outbound.ts'

const PAGES_MAX = 100
/** Pairs looked into in one pass; a calendar with more of them is compared again at once, until none is left. */
const SUSPECTS_MAX = 50
const LINKS_READ = 1_000
/** What people and Google change goes first. */
const GIVE_WAY_MS = 60_000

/**
 * Reads a calendar in full beside its increments and compares it with what is stored: events that are not known here, rows that say
 * something else, links whose event is gone, appointments that Google was never told of. Each suspect is asked about by itself before it
 * counts, since it may have been changed meanwhile, and is then set right on the path that every listed event takes.
 */
export async function compareCalendar(deps: PullDeps, key: CalendarKey): Promise<JobOutcome> {
  const nextWriteAt = await deps.store.nextOutboxAt(key.tenantId, key.connectionId)
  if (nextWriteAt !== null && nextWriteAt <= deps.system.now())
    return { kind: 'again', at: deps.system.now() + GIVE_WAY_MS }
  await pullCalendar(deps, key) // what an increment still has to bring is no difference
  const state = await readComparable(deps, key)
  if (state === null) return { kind: 'done' }
  const listed = await listInFull(deps, state)
  if (listed === null) {
    await deps.store.transaction(key.tenantId, tx => note(deps, tx, key, 0, [], 0))
    return { kind: 'done' } // Google did not answer: its turn comes again
  }
  const suspects = new Set([...listed.suspects, ...(await unlisted(deps, state, listed.ids))])
  const asked = await ask(deps, state, [...suspects].slice(0, SUSPECTS_MAX))
  const left = Math.max(0, suspects.size - SUSPECTS_MAX)
  const found = await deps.store.transaction(key.tenantId, async tx => {
    const divergences = [...(await settleAsked(deps, tx, state, asked)), ...(await settleUnwritten(deps, tx, state))]
    await note(deps, tx, key, listed.ids.size, divergences, left)
    return divergences
  })
  report(deps, key, listed.ids.size, found)
  return left > 0 && found.length > 0 ? { kind: 'again', at: deps.system.now() + GIVE_WAY_MS } : { kind: 'done' }
}

/** A calendar that is not read in full yet, or is being read again, has nothing to be compared with. */
async function readComparable(deps: PullDeps, key: CalendarKey): Promise<PullState | null> {
  const state = await readPullState(deps, key)
  if (state === null || state.connection.status !== 'active') return null
  const { syncToken, pageToken } = state.calendar.cursor
  return syncToken === null || pageToken !== null ? null : state
}

type Listed = { ids: Set<string>; suspects: string[] }

/** Every page of a full list, of which only ids and suspects are kept. Null: Google refused, or shows no details. */
async function listInFull(deps: PullDeps, state: PullState): Promise<Listed | null> {
  const { calendar, connection } = state
  const listed: Listed = { ids: new Set(), suspects: [] }
  let pageToken: string | null = null
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const reply = await deps.google.listEvents(connectionKey(connection), {
      calendarId: calendar.id,
      syncToken: null,
      pageToken,
      timeMin: calendar.cursor.listedFrom,
      pageSize: deps.settings.pageSize,
    })
    if (!reply.ok || isBlinded(calendar, reply.value.accessRole)) return null
    const { events, nextPageToken } = reply.value
    for (const event of events) listed.ids.add(event.eventId)
    for (const { eventId } of await differing(deps, deps.store, state, events))
      if (eventId !== null) listed.suspects.push(eventId)
    if (nextPageToken === null) return listed
    pageToken = nextPageToken
  }
  return null
}

/** What deciding these events would still change, with nothing taken for granted of what was last seen. */
async function differing(
  deps: PullDeps,
  reads: Pick<Tx, 'pageContext' | 'appointmentsByIds'>,
  state: PullState,
  events: readonly CalendarEvent[],
  isAsked = false,
): Promise<Divergence[]> {
  if (events.length === 0) return []
  const { calendar, connection, policies } = state
  const { rows, known, importedId } = await readContext(deps, reads, state, events)
  const links = new Map(rows.links.map(link => [link.eventId, link]))
  for (const link of links.values()) known.links.set(link.eventId, unseen(link))
  const waiting = new Set(rows.outbox.map(entry => entry.appointmentId))
  const now = deps.system.now()
  const verdicts = decidePage(events, { now, calendar, connection, policies, importedId, known, isAsked })
  return verdicts.flatMap(
    verdict => divergenceOf(verdict, links.get(verdict.eventId) ?? null, id => waiting.has(id)) ?? [],
  )
}

/** Events that the list should have shown and did not. */
async function unlisted({ store }: PullDeps, { calendar }: PullState, ids: ReadonlySet<string>): Promise<string[]> {
  const { tenantId, connectionId, id: calendarId, cursor } = calendar
  const missing: string[] = []
  for (const role of ['ours', 'theirs'] as const) {
    let after: LinkKey | null = null
    for (;;) {
      const filter: Parameters<typeof store.linksIn>[2] = { calendarIds: [calendarId], role, after, limit: LINKS_READ }
      const links: Link[] = await store.linksIn(tenantId, connectionId, filter)
      const unseenLinks = links.filter(link => !ids.has(link.eventId))
      const pairs = await store.appointmentsByIds(
        tenantId,
        unseenLinks.flatMap(link => link.appointmentId ?? []),
      )
      const known = new Map(pairs.map(pair => [pair.appointment.id, pair]))
      for (const link of unseenLinks) {
        const pair = known.get(link.appointmentId ?? '')
        if (pair === undefined || pair.outbox !== null) continue
        if (mustBeListed(pair.appointment, link, cursor.listedFrom)) missing.push(link.eventId)
      }
      const last = links.at(-1)
      if (links.length < LINKS_READ || last === undefined) break
      after = last
    }
  }
  return missing
}

/** What Google says of each suspect by itself, and what was known of it before it was asked. */
type Asked = { events: CalendarEvent[]; gone: string[]; etags: ReadonlyMap<string, string | null> }

async function ask(deps: PullDeps, state: PullState, suspects: readonly string[]): Promise<Asked> {
  const { calendar, connection } = state
  const links = await linksOf(deps.store, state, suspects)
  const etags = new Map(links.map(link => [link.eventId, link.etag]))
  const events: CalendarEvent[] = []
  const gone: string[] = []
  for (const eventId of suspects) {
    const reply = await deps.google.getEvent(connectionKey(connection), { calendarId: calendar.id, eventId })
    const answer = readGoneAnswer(reply)
    if (answer.kind === 'gone') gone.push(eventId)
    else if (reply.ok) events.push(reply.value)
  }
  return { events, gone, etags }
}

async function linksOf(reads: Pick<Tx, 'pageContext'>, { calendar }: PullState, eventIds: readonly string[]) {
  if (eventIds.length === 0) return []
  const { tenantId, connectionId, id: calendarId } = calendar
  const keys = { connectionId, calendarId, eventIds, iCalUIDs: [], markerKeys: [] }
  const { links } = await reads.pageContext(tenantId, keys)
  return links.filter(link => eventIds.includes(link.eventId))
}

/** A pair that was written or read since it was asked about is left to that. */
async function settleAsked(deps: PullDeps, tx: Tx, state: PullState, asked: Asked): Promise<Divergence[]> {
  const { tenantId, connectionId } = state.calendar
  const ids = [...asked.events.map(each => each.eventId), ...asked.gone]
  const links = new Map((await linksOf(tx, state, ids)).map(link => [link.eventId, link]))
  const isUntouched = (eventId: string): boolean =>
    (links.get(eventId)?.etag ?? null) === (asked.etags.get(eventId) ?? null)
  const events = asked.events.filter(each => isUntouched(each.eventId))
  const found = await differing(deps, tx, state, events, true)
  const wrong = new Set(found.map(each => each.eventId))
  const concerned = events.filter(each => wrong.has(each.eventId))
  const loosened = concerned.flatMap(each => links.get(each.eventId) ?? []).map(unseen)
  await tx.apply(tenantId, { links: loosened })
  await applyPage(deps, tx, state, concerned, false, true)
  const lost = asked.gone
    .flatMap(id => (isUntouched(id) ? (links.get(id) ?? []) : []))
    .filter(each => each.missing === null)
  if (lost.length > 0) {
    const missing = { how: 'absent', since: deps.system.now() } as const
    await tx.apply(tenantId, { links: lost.map(link => ({ ...link, missing })) })
    await tx.wake([{ kind: 'settle-missing', tenantId, connectionId }])
  }
  return [...found, ...lost.map(goneOf)]
}

const goneOf = ({ eventId, appointmentId }: Link): Divergence => ({
  kind: 'gone',
  eventId,
  appointmentId,
  rule: 'absence-is-asked-about',
  fields: [],
})

/** Appointments in the window that have no event and no write that waits. */
async function settleUnwritten(deps: PullDeps, tx: Tx, { calendar, connection }: PullState): Promise<Divergence[]> {
  if (!calendar.isTarget) return []
  const { tenantId } = calendar
  const now = deps.system.now()
  const { startAt: from, endAt: to } = windowBounds(connection.window, now, calendar.timeZone)
  const scope = { userId: connection.userId, connectionId: connection.id, calendarId: calendar.id, from, to }
  const ids = await tx.unsent(tenantId, { ...scope, afterId: null, limit: LINKS_READ })
  const pairs = (await tx.appointmentsByIds(tenantId, ids)).filter(pair => pair.outbox === null)
  const { outbox, wakeUps } = await queueOutbound(tx, tenantId, now, pairs, 'catchup')
  await tx.apply(tenantId, { outbox })
  if (wakeUps.length > 0) await tx.wake(wakeUps)
  const of = { kind: 'unwritten', eventId: null, rule: 'still-to-be-sent', fields: [] } as const
  return outbox.map(({ appointmentId }) => ({ ...of, appointmentId }))
}

async function note(
  { system }: PullDeps,
  tx: Tx,
  key: CalendarKey,
  compared: number,
  found: readonly Divergence[],
  left: number,
): Promise<void> {
  const findings = found.slice(0, SUSPECTS_MAX)
  const { tenantId, connectionId, calendarId } = key
  const of = { tenantId, connectionId, calendarId, at: system.now() }
  await tx.saveSample({ ...of, compared, differing: found.length + left, findings })
}

function report({ metrics, log }: PullDeps, key: CalendarKey, events: number, found: readonly Divergence[]): void {
  const { tenantId, connectionId } = key
  const kinds = [...Map.groupBy(found, each => each.kind)].map(([kind, of]) => [kind, of.length])
  metrics?.compared({ events, differing: Object.fromEntries(kinds) as Partial<Record<Divergence['kind'], number>> })
  const say = found.length > 0 ? log.warn : log.debug
  say('calendar compared', { tenantId, connectionId, count: found.length })
  for (const { kind, appointmentId, rule } of found)
    log.warn('divergence', { tenantId, connectionId, kind, rule, ...(appointmentId === null ? {} : { appointmentId }) })
}
