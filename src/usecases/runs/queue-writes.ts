import type { Calendar, Connection } from '../../core/model/connection.ts'
import { nextStatus } from '../../core/model/connection-status.ts'
import type { OutboxEntry } from '../../core/model/outbox.ts'
import { windowBounds } from '../../core/model/time.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { changeConnection } from '../connections/connection-change.ts'
import { linksOf } from '../connections/walk-links.ts'
import { catchUp } from '../connections/wake-connection.ts'
import { isUpcoming } from './leaving.ts'
import { noteProgress, readOpenRun, type PhaseOutcome, type RunKey } from './run-progress.ts'

type WriteDeps = Pick<Deps, 'store' | 'system'>

/** How often a run looks how far its writes have come. */
const LOOK_EVERY_MS = 1_000

/**
 * The connection is active from now on, and what Google is to be told waits behind what people do: what the target does not show yet, and
 * after a first sync what it shows of before.
 */
export async function queueWrites({ store, system }: WriteDeps, key: RunKey): Promise<PhaseOutcome> {
  const { tenantId, connectionId } = key
  const isQueued = await store.transaction(tenantId, async tx => {
    const open = await readOpenRun(tx, key)
    if (open === null) return false
    const now = system.now()
    const connection = await activate(tx, open.connection, now)
    const calendars = await tx.calendarsOf(tenantId, connectionId)
    const isFromTheStart = open.run.kind === 'first_sync' || open.run.kind === 'reset'
    const target = calendars.find(calendar => calendar.isTarget && !calendar.isGone)
    if (target !== undefined && connection.mode !== 'off') {
      const bounds = windowBounds(connection.window, now, target.timeZone)
      // Past ones stay in the calendar that they were written to.
      const from = open.run.kind === 'switch' ? Math.max(now, bounds.startAt) : bounds.startAt
      const scope = { userId: connection.userId, connectionId, calendarId: target.id, now }
      if (isFromTheStart) await tx.queueShown(tenantId, { connectionId, calendarId: target.id, now })
      await tx.queueUnsent(tenantId, { ...scope, from, to: bounds.endAt })
      if (open.run.kind === 'switch') await queueExceptions(tx, key, calendars, now)
    }
    const waiting = await tx.countBackfill(tenantId, connectionId)
    const { run } = open
    const writing = { phase: 'writing', phaseStartedAt: now, phaseStartedDone: run.done, total: run.done + waiting }
    await tx.saveRun({ ...run, ...writing })
    await tx.wake(
      open.run.kind === 'push_existing' ? [{ kind: 'flush', tenantId, connectionId }] : catchUp(key, calendars),
    )
    return true
  })
  return isQueued ? { kind: 'again', at: system.now() } : { kind: 'stopped' } // the writes just woken go first
}

/** A series goes whole: also those of its exceptions that are over, or its past would read otherwise in the new calendar. */
async function queueExceptions(tx: Tx, key: RunKey, calendars: readonly Calendar[], now: number): Promise<void> {
  const { tenantId, connectionId } = key
  const target = calendars.find(calendar => calendar.isTarget)
  const calendarIds = calendars.filter(calendar => !calendar.isTarget).map(calendar => calendar.id)
  if (target === undefined) return
  for await (const page of linksOf(tx, { tenantId, connectionId, calendarIds, role: 'ours' })) {
    const pairs = await tx.appointmentsByIds(
      tenantId,
      page.flatMap(link => (link.recurringEventId === null ? (link.appointmentId ?? []) : [])),
    )
    const series = pairs.filter(pair => pair.appointment.recurrence.length > 0 && isUpcoming(pair, now))
    if (series.length === 0) continue
    const members = await tx.seriesWithExceptions(
      tenantId,
      series.map(pair => pair.appointment.id),
    )
    const unsent = members.filter(
      ({ appointment, links }) =>
        appointment.recurringId !== null && !links.some(link => link.calendarId === target.id),
    )
    await tx.apply(tenantId, { outbox: unsent.map(({ appointment }) => waiting(appointment.id, target, now)) })
  }
}

function waiting(
  appointmentId: string,
  { tenantId, connectionId, id: calendarId }: Calendar,
  now: number,
): OutboxEntry {
  const place = { tenantId, connectionId, calendarId, appointmentId }
  const due = { lane: 'backfill', state: 'queued', notBefore: now, queuedAt: now } as const
  return { ...place, ...due, attempts: 0, intent: null, error: null }
}

async function activate(tx: Tx, connection: Connection, now: number): Promise<Connection> {
  if (connection.status !== 'pending') return connection
  const status = nextStatus('pending', 'chosen', true) ?? connection.status
  return changeConnection(
    tx,
    connection,
    { ...connection, status, statusReason: null },
    {
      at: now,
      side: 'lockstep',
      action: 'connected',
      rule: 'first-sync',
      reason: 'The calendar is connected and in sync.',
      type: 'connection.active',
    },
  )
}

/** What the run has queued is written by whoever flushes; the run follows it. What Google refuses is parked, and not waited for. */
export async function waitForWrites({ store, system }: WriteDeps, key: RunKey): Promise<PhaseOutcome> {
  const { tenantId, connectionId } = key
  const left = await store.countBackfill(tenantId, connectionId)
  const isOn = await store.transaction(tenantId, tx =>
    noteProgress(tx, key, ({ done, total }) => ({
      done: Math.max(done, (total ?? done) - left),
      total: total ?? done + left,
    })),
  )
  if (!isOn) return { kind: 'stopped' }
  if (left === 0) return { kind: 'finished' }
  const next = await store.nextOutboxAt(tenantId, connectionId)
  return { kind: 'again', at: Math.max(system.now() + LOOK_EVERY_MS, next ?? 0) }
}
