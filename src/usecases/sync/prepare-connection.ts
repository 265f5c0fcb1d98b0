import type { Calendar, Connection } from '../../core/model/connection.ts'
import { windowBounds } from '../../core/model/time.ts'
import type { JobOutcome } from '../../ports/jobs.ts'
import type { Run } from '../../ports/store/operations.ts'
import type { Deps } from '../deps.ts'
import { pullCalendar, type PullDeps } from './pull-calendar.ts'
import { watchCalendars } from './watch-calendars.ts'

type PrepareDeps = PullDeps & Pick<Deps, 'store' | 'names' | 'settings'>

/**
 * The first sync of a connection, or a renewed one: a channel for each calendar before it is listed (so nothing falls between the
 * two), every listing to its end, then `active`, and what is due in the window is queued for Google. Each step is stored, so a run that
 * dies goes on where it was.
 */
export async function prepareConnection(
  deps: PrepareDeps,
  key: { tenantId: string; connectionId: string; runId: string },
): Promise<JobOutcome> {
  const run = await deps.store.run(key.tenantId, key.runId)
  const connection = await deps.store.connection(key.tenantId, key.connectionId)
  if (run === null || connection === null || run.state === 'done' || run.state === 'cancelled') return { kind: 'done' }
  if (connection.status !== 'pending' && connection.status !== 'active') return { kind: 'done' }
  const started: Run = { ...run, state: 'running', startedAt: run.startedAt ?? deps.system.now(), phase: 'watching' }
  await saveRun(deps, started)
  await watchCalendars(deps, key)
  const later = await listCalendars(deps, key, started)
  if (later !== null) return later
  await finish(deps, key)
  return { kind: 'done' }
}

/** Null: every calendar has been listed to its end. */
async function listCalendars(
  deps: PrepareDeps,
  key: { tenantId: string; connectionId: string; runId: string },
  run: Run,
): Promise<JobOutcome | null> {
  let current: Run = { ...run, phase: 'listing' }
  for (const calendar of await deps.store.calendarsOf(key.tenantId, key.connectionId)) {
    if (!isInUse(calendar) || isListed(calendar)) continue
    const outcome = await pullCalendar(deps, { ...key, calendarId: calendar.id }, async events => {
      current = { ...current, done: current.done + events }
      await saveRun(deps, current)
    })
    if (outcome.kind === 'again') return outcome
  }
  return null
}

const isInUse = (calendar: Calendar): boolean =>
  (calendar.isTarget || calendar.isSource || calendar.isConflict) && !calendar.isGone
const isListed = (calendar: Calendar): boolean =>
  calendar.cursor.syncToken !== null && calendar.cursor.pageToken === null

async function finish(
  deps: PrepareDeps,
  key: { tenantId: string; connectionId: string; runId: string },
): Promise<void> {
  const now = deps.system.now()
  await deps.store.transaction(key.tenantId, async tx => {
    const connection = await tx.connection(key.tenantId, key.connectionId)
    const run = await tx.run(key.tenantId, key.runId)
    if (connection === null || run === null || run.state === 'done') return
    const calendars = (await tx.calendarsOf(key.tenantId, key.connectionId)).filter(isInUse)
    const isFirst = connection.status === 'pending'
    const active: Connection = { ...connection, status: 'active', statusReason: null, version: connection.version + 1 }
    if (isFirst) await tx.saveConnection(active)
    let queued = 0
    for (const target of calendars.filter(each => each.isTarget)) {
      const bounds = windowBounds(connection.window, now, target.timeZone)
      const scope = { userId: connection.userId, connectionId: connection.id, calendarId: target.id, now }
      queued += await tx.queueUnsent(key.tenantId, { ...scope, from: bounds.startAt, to: bounds.endAt })
    }
    const total = run.done + queued
    const finished: Run = { ...run, state: 'done', phase: 'done', finishedAt: now, done: total, total }
    await tx.saveRun(finished)
    await tx.apply(key.tenantId, { journal: journalOf(active, finished, isFirst, now) })
    await tx.wake([
      { kind: 'flush', tenantId: key.tenantId, connectionId: key.connectionId },
      ...calendars.map(each => ({
        kind: 'pull' as const,
        tenantId: key.tenantId,
        connectionId: key.connectionId,
        calendarId: each.id,
      })),
    ])
  })
}

function journalOf(connection: Connection, run: Run, isFirst: boolean, now: number) {
  const row = {
    at: now,
    appointmentId: null,
    connectionId: connection.id,
    side: 'lockstep' as const,
    before: null,
    after: null,
  }
  const data = {
    id: connection.id,
    userId: connection.userId,
    status: connection.status,
    statusReason: connection.statusReason,
  }
  const finished = {
    ...row,
    action: 'finished',
    rule: 'first-sync',
    reason: `The calendars were read: ${run.done} events.`,
    change: {
      type: 'run.finished' as const,
      data: { id: run.id, connectionId: run.connectionId, kind: run.kind, state: run.state },
    },
  }
  if (!isFirst) return [finished]
  const active = { ...row, action: 'connected', rule: 'first-sync', reason: 'The calendar is connected and in sync.' }
  return [{ ...active, change: { type: 'connection.active' as const, data } }, finished]
}

async function saveRun({ store }: PrepareDeps, run: Run): Promise<void> {
  await store.transaction(run.tenantId, tx => tx.saveRun(run))
}
