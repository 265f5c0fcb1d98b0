import type { Connection } from '../../core/model/connection.ts'
import type { Link } from '../../core/model/link.ts'
import { effectivePolicies, type Policies } from '../../core/model/policies.ts'
import type { Instant } from '../../core/model/time.ts'
import {
  decideExceptionOfGone,
  decideGone,
  mustAsk,
  readGoneAnswer,
  type GoneAnswer,
} from '../../core/sync/decide-gone.ts'
import { isMassDeletion } from '../../core/sync/mass-change.ts'
import type { Verdict } from '../../core/sync/verdict.ts'
import type { JobOutcome } from '../../ports/jobs.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { applyPage } from './apply-page.ts'
import { connectionKey } from './pull-calendar.ts'
import { recordVerdicts } from './record-verdicts.ts'

type SettleDeps = Pick<Deps, 'store' | 'google' | 'names' | 'system' | 'log'>

const BATCH = 100
const ASK_AGAIN_AFTER_MS = 60_000

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
  const tenant = await deps.store.tenant(key.tenantId)
  const policies = effectivePolicies(tenant?.settings.policies ?? {}, connection.policies)
  if (await heldByGuard(deps, connection, policies)) return { kind: 'done' }
  const missing = await deps.store.missingLinks(key.tenantId, key.connectionId, BATCH)
  if (missing.length === 0) return { kind: 'done' }
  const answers = new Map<Link, GoneAnswer>()
  for (const link of missing) answers.set(link, await ask(deps, connection, link))
  await settle(deps, connection, policies, answers)
  const isAnyUnknown = [...answers.values()].some(answer => answer.kind === 'unknown')
  if (isAnyUnknown) return { kind: 'again', at: deps.system.now() + ASK_AGAIN_AFTER_MS }
  return missing.length < BATCH ? { kind: 'done' } : { kind: 'again', at: deps.system.now() }
}
const SETTLING: ReadonlySet<Connection['status']> = new Set(['active', 'pending'])

async function ask({ google }: SettleDeps, connection: Connection, link: Link): Promise<GoneAnswer> {
  if (!mustAsk(link)) return { kind: 'gone' }
  return readGoneAnswer(await google.getEvent(connectionKey(connection), link))
}

/** Too much is gone at once: nothing is cancelled, the connection waits for a person. */
async function heldByGuard(deps: SettleDeps, connection: Connection, policies: Policies): Promise<boolean> {
  const { missing, linked } = await deps.store.countMissing(connection.tenantId, connection.id)
  if (!isMassDeletion(missing, linked, policies.deletionGuard)) return false
  const now = deps.system.now()
  const reason = `${missing} of ${linked} events are gone from Google at once; nothing was cancelled.`
  await deps.store.transaction(connection.tenantId, async tx => {
    const current = await tx.connection(connection.tenantId, connection.id)
    if (current === null || current.status === 'held') return
    const held: Connection = { ...current, status: 'held', statusReason: reason, version: current.version + 1 }
    await tx.saveConnection(held)
    await tx.apply(connection.tenantId, {
      journal: [
        {
          at: now,
          appointmentId: null,
          connectionId: connection.id,
          side: 'lockstep',
          action: 'held',
          rule: 'deletion-guard',
          reason,
          before: null,
          after: { missing, linked },
          change: {
            type: 'connection.held',
            data: { id: held.id, userId: held.userId, status: held.status, statusReason: reason },
          },
        },
      ],
    })
  })
  return true
}

async function settle(
  deps: SettleDeps,
  connection: Connection,
  policies: Policies,
  answers: ReadonlyMap<Link, GoneAnswer>,
): Promise<void> {
  const { tenantId } = connection
  await deps.store.transaction(tenantId, async tx => {
    const still = await stillMissing(tx, connection, answers)
    const gone = still.filter(({ answer }) => answer.kind === 'gone')
    for (const [calendarId, ours] of Map.groupBy(gone, each => each.link.calendarId)) {
      await settleGone(deps, tx, { connection, policies, calendarId }, ours)
    }
    for (const { link, answer } of still) {
      if (answer.kind !== 'alive') continue
      const calendar = await tx.calendar(tenantId, connection.id, link.calendarId)
      if (calendar === null) continue
      await applyPage(deps, tx, { calendar, connection, policies }, [answer.event], false)
    }
  })
}

type Asked = { link: Link; pair: Paired | null; answer: GoneAnswer }

/** What was asked about may have come back meanwhile: only links that are still flagged are settled. */
async function stillMissing(
  tx: Tx,
  { tenantId }: Connection,
  answers: ReadonlyMap<Link, GoneAnswer>,
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
        pair?.links.some(each => each.eventId !== link.eventId && each.role !== 'parked' && each.missing === null) ??
        false,
      policies,
      now,
    }),
  )
  const exceptions = await exceptionsOf(tx, asked)
  const pairs = [...asked.flatMap(({ pair }) => (pair === null ? [] : [pair])), ...exceptions]
  const { changes, wakeUps } = await recordVerdicts(
    deps,
    tx,
    { tenantId: connection.tenantId, connectionId: connection.id, calendarId, listing: null, now },
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
