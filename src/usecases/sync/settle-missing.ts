import { isRecovering } from '../../core/model/calendar-use.ts'
import type { CalendarEvent } from '../../core/model/calendar-event.ts'
import type { Calendar, Connection } from '../../core/model/connection.ts'
import type { Link } from '../../core/model/link.ts'
import { effectivePolicies, type Policies } from '../../core/model/policies.ts'
import type { Instant } from '../../core/model/time.ts'
import { decideExceptionOfGone, decideGone, mustAsk, readGoneAnswer } from '../../core/sync/decide-gone.ts'
import { isWaiting } from '../../core/sync/decide-newcomer.ts'
import type { Verdict } from '../../core/sync/verdict.ts'
import type { JobOutcome } from '../../ports/jobs.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { applyPage } from './apply-page.ts'
import { holdByGuard } from './hold-by-guard.ts'
import { searcher, unreadSince, type Whereabouts } from './look-elsewhere.ts'
import { connectionKey } from './pull-calendar.ts'
import { recordVerdicts } from './record-verdicts.ts'

type SettleDeps = Pick<Deps, 'store' | 'google' | 'names' | 'system' | 'log' | 'settings'>

const BATCH = 100
const ASK_AGAIN_AFTER_MS = 60_000
/** For other calendars to be read, which may show that an event has moved there. */
const READ_FIRST_MS = 1_000

/**
 * Settles what a listing showed as deleted or did not show. So much at once that it looks like an accident holds the connection;
 * otherwise Google is asked about each event that must be asked about, and only a clear "gone" has consequences.
 */
export async function settleMissing(
  deps: SettleDeps,
  key: { tenantId: string; connectionId: string },
): Promise<JobOutcome> {
  const connection = await deps.store.connection(key.tenantId, key.connectionId)
  if (connection === null || !SETTLING.has(connection.status)) return { kind: 'done' }
  const calendars = await deps.store.calendarsOf(key.tenantId, key.connectionId)
  if (isRecovering(connection, calendars)) return { kind: 'done' } // the end of the recovery settles it
  const tenant = await deps.store.tenant(key.tenantId)
  const policies = effectivePolicies(tenant?.settings.policies ?? {}, connection.policies)
  if (await holdByGuard(deps, connection, policies)) return { kind: 'done' }
  const missing = await deps.store.missingLinks(key.tenantId, key.connectionId, BATCH)
  if (missing.length === 0) return { kind: 'done' }
  const { ready, unread } = apart(missing, calendars, deps.system.now())
  const search = searcher(deps, connection, calendars)
  const answers = new Map<Link, Whereabouts>()
  for (const link of ready) answers.set(link, await ask(deps, connection, link, search))
  await settle(deps, connection, policies, answers)
  if (unread.length > 0) return readFirst(deps, key, unread)
  const isAnyUnknown = [...answers.values()].some(answer => answer.kind === 'unknown')
  if (isAnyUnknown) return { kind: 'again', at: deps.system.now() + ASK_AGAIN_AFTER_MS }
  return missing.length < BATCH ? { kind: 'done' } : { kind: 'again', at: deps.system.now() }
}
const SETTLING: ReadonlySet<Connection['status']> = new Set(['active', 'pending'])

/** Links whose event may have moved to a calendar that was not read since come later, with the calendars to be read first. */
function apart(
  missing: readonly Link[],
  calendars: readonly Calendar[],
  now: Instant,
): { ready: Link[]; unread: Calendar[] } {
  const waitsFor = new Map(missing.map(link => [link, unreadSince(link, calendars, now)]))
  return {
    ready: missing.filter(link => waitsFor.get(link)?.length === 0),
    unread: [...new Set([...waitsFor.values()].flat())],
  }
}

async function readFirst(
  { store, system }: SettleDeps,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
  unread: readonly Calendar[],
): Promise<JobOutcome> {
  const pulls = unread.map(({ id }) => ({ kind: 'pull' as const, tenantId, connectionId, calendarId: id }))
  await store.transaction(tenantId, tx => tx.wake(pulls))
  return { kind: 'again', at: system.now() + READ_FIRST_MS }
}

/** An event of ours is looked for in the rest of the account before it counts as gone. */
async function ask(
  { google }: SettleDeps,
  connection: Connection,
  link: Link,
  search: (link: Link) => Promise<Whereabouts>,
): Promise<Whereabouts> {
  if (!mustAsk(link)) return { kind: 'gone' }
  const answer = readGoneAnswer(await google.getEvent(connectionKey(connection), link))
  return answer.kind === 'gone' && link.role === 'ours' ? search(link) : answer
}

async function settle(
  deps: SettleDeps,
  connection: Connection,
  policies: Policies,
  answers: ReadonlyMap<Link, Whereabouts>,
): Promise<void> {
  const { tenantId } = connection
  await deps.store.transaction(tenantId, async tx => {
    const still = await stillMissing(tx, connection, answers)
    const gone = still.filter(({ link, answer }) => answer.kind === 'gone' && !isWaiting(link))
    const keyOf = ({ link }: Asked): string => `${isToBeRestored(connection, link) ? 'restore' : ''} ${link.calendarId}`
    for (const ours of Map.groupBy(gone, keyOf).values()) {
      const [{ link } = { link: null }] = ours
      if (link === null) continue
      const under = isToBeRestored(connection, link) ? { ...policies, googleDeletes: 'restore' as const } : policies
      await settleGone(deps, tx, { connection, policies: under, calendarId: link.calendarId }, ours)
    }
    for (const { link, answer } of still) {
      if (answer.kind === 'moved') await followMove(deps, tx, { connection, policies }, answer)
      const event = answeredEvent(link, answer)
      const calendar = event === null ? null : await tx.calendar(tenantId, connection.id, link.calendarId)
      if (calendar === null || event === null) continue
      await applyPage(deps, tx, { calendar, connection, policies }, [event], false, true)
    }
  })
}

/** Held by the deletion guard, a person said that what was gone by then is to be written again. */
function isToBeRestored({ guardAnswer }: Connection, { missing }: Link): boolean {
  return guardAnswer?.deletions === 'restore' && missing !== null && missing.since <= guardAnswer.at
}

/** A calendar that was not in use is known from now on, so that writes can follow the event there. */
async function followMove(
  deps: SettleDeps,
  tx: Tx,
  { connection, policies }: { connection: Connection; policies: Policies },
  { calendar, events }: Extract<Whereabouts, { kind: 'moved' }>,
): Promise<void> {
  const known = await tx.calendar(calendar.tenantId, connection.id, calendar.id)
  if (known === null) await tx.saveCalendars([calendar])
  await applyPage(deps, tx, { calendar: known ?? calendar, connection, policies }, events, false)
}

/** What Google answered as the event it is about: alive, or an occurrence that is cancelled indeed. Null: settled otherwise, or unknown. */
function answeredEvent(link: Link, answer: Whereabouts): CalendarEvent | null {
  if (answer.kind === 'alive') return answer.event
  if (answer.kind !== 'gone' || !isWaiting(link)) return null
  const { eventId, etag, recurringEventId, originalStart } = link
  return { kind: 'tombstone', eventId, etag, recurringEventId, originalStart }
}

type Asked = { link: Link; pair: Paired | null; answer: Whereabouts }

const isSame = (a: Link, b: Link): boolean =>
  a.eventId === b.eventId && a.calendarId === b.calendarId && a.connectionId === b.connectionId

/** What was asked about may have come back meanwhile: only links that are still flagged are settled. */
async function stillMissing(
  tx: Tx,
  { tenantId }: Connection,
  answers: ReadonlyMap<Link, Whereabouts>,
): Promise<Asked[]> {
  const ids = [...answers.keys()].flatMap(link => (link.appointmentId === null ? [] : [link.appointmentId]))
  const pairs = new Map((await tx.appointmentsByIds(tenantId, ids)).map(pair => [pair.appointment.id, pair]))
  return [...answers].flatMap(([link, answer]) => {
    const pair = link.appointmentId === null ? null : (pairs.get(link.appointmentId) ?? null)
    const current = pair?.links.find(each => each.calendarId === link.calendarId && each.eventId === link.eventId)
    if (pair !== null && (current === undefined || current.missing === null)) return []
    return [{ link: current ?? link, pair, answer }]
  })
}

async function settleGone(
  deps: SettleDeps,
  tx: Tx,
  place: { connection: Connection; policies: Policies; calendarId: string },
  asked: readonly Asked[],
): Promise<void> {
  const { connection, policies, calendarId } = place
  const now = deps.system.now()
  const series = await seriesOf(tx, connection.tenantId, asked)
  const verdicts: Verdict[] = asked.map(({ link, pair }) =>
    decideGone({
      link,
      series: seriesFor(pair, link, series),
      appointment: pair?.appointment ?? null,
      isShownElsewhere:
        pair?.links.some(each => !isSame(each, link) && each.role !== 'parked' && each.missing === null) ?? false,
      policies,
      now,
    }),
  )
  const exceptions = await exceptionsOf(tx, asked)
  const pairs = [...asked.flatMap(({ pair }) => (pair === null ? [] : [pair])), ...exceptions]
  const { changes, wakeUps } = await recordVerdicts(
    deps,
    tx,
    { tenantId: connection.tenantId, connectionId: connection.id, calendarId, listing: null, policies, now },
    [...verdicts, ...cascade(asked, verdicts, exceptions, now)],
    {
      appointments: new Map(pairs.map(({ appointment }) => [appointment.id, appointment])),
      links: pairs.flatMap(({ links }) => links),
      outbox: pairs.flatMap(({ outbox }) => (outbox === null ? [] : [outbox])),
    },
  )
  await tx.apply(connection.tenantId, changes)
  if (wakeUps.length > 0) await tx.wake(wakeUps)
}

/** The series of the exceptions among these, by id. */
async function seriesOf(tx: Tx, tenantId: string, asked: readonly Asked[]): Promise<ReadonlyMap<string, Paired>> {
  const ids = new Set(asked.flatMap(({ pair }) => pair?.appointment.recurringId ?? []))
  const found = ids.size === 0 ? [] : await tx.appointmentsByIds(tenantId, [...ids])
  return new Map(found.map(each => [each.appointment.id, each]))
}

function seriesFor(pair: Paired | null, { calendarId }: Link, series: ReadonlyMap<string, Paired>) {
  const found = series.get(pair?.appointment.recurringId ?? '')
  if (found === undefined) return null
  const link = found.links.find(each => each.role === 'ours' && each.calendarId === calendarId) ?? null
  return { appointment: found.appointment, link }
}

/** Exceptions of the series among these, but for those that are settled in their own right. */
async function exceptionsOf(tx: Tx, asked: readonly Asked[]): Promise<Paired[]> {
  const own = new Set(asked.flatMap(({ pair }) => (pair === null ? [] : [pair.appointment.id])))
  const series = asked.flatMap(({ pair }) =>
    pair !== null && pair.appointment.recurrence.length > 0 ? [pair.appointment] : [],
  )
  const [first] = series
  if (first === undefined) return []
  const all = await tx.seriesWithExceptions(
    first.tenantId,
    series.map(each => each.id),
  )
  return all.filter(({ appointment }) => appointment.recurringId !== null && !own.has(appointment.id))
}

function cascade(
  asked: readonly Asked[],
  verdicts: readonly Verdict[],
  exceptions: readonly Paired[],
  now: Instant,
): Verdict[] {
  return asked.flatMap(({ link, pair }, index) => {
    const series = verdicts[index]
    if (pair === null || series === undefined || series.forget === null) return []
    return exceptions
      .filter(({ appointment }) => appointment.recurringId === pair.appointment.id)
      .flatMap(({ appointment, links }) => {
        const shown = links.find(each => each.recurringEventId === link.eventId) ?? null
        return decideExceptionOfGone(series, { appointment, link: shown }, now) ?? []
      })
  })
}
