import type { Calendar, Connection } from '../../core/model/connection.ts'
import { effectivePolicies, type Policies } from '../../core/model/policies.ts'
import type { Instant } from '../../core/model/time.ts'
import { holdReason } from '../../core/sync/admission.ts'
import { PROOF_WITHIN_MS } from '../../core/sync/channel-plan.ts'
import type { JobOutcome } from '../../ports/jobs.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Deps } from '../deps.ts'
import { isRecovering } from '../../core/model/calendar-use.ts'
import { endRest } from './rest-writes.ts'
import { sendAppointment } from './send-appointment.ts'

export type FlushDeps = Pick<Deps, 'store' | 'google' | 'names' | 'system' | 'log' | 'metrics'>

/** How many waiting appointments one read takes; series come before their exceptions. */
const BATCH = 50
/** After so long what was read is left, and read anew: a person's change that came meanwhile is not kept waiting by a backlog. */
const BATCH_MS = 1_000
/** A run ends after this many batches, so that one connection's backlog does not hold a worker for long. */
const BATCHES_MAX = 20

export type FlushContext = { connection: Connection; calendars: ReadonlyMap<string, Calendar>; policies: Policies }

/**
 * Writes what waits for this connection's target, in order per appointment, one call each. A write that fails waits or is parked by
 * itself; it never stops its neighbours, except where the whole connection must wait (grant, quota).
 */
export async function flushConnection(
  deps: FlushDeps,
  key: { tenantId: string; connectionId: string },
): Promise<JobOutcome> {
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const context = await readContext(deps, key)
    if (context === null) return { kind: 'done' }
    const restsUntil = context.connection.writesPausedUntil
    if (restsUntil !== null && restsUntil > deps.system.now()) return { kind: 'again', at: restsUntil }
    const due = await deps.store.outboxDue(key.tenantId, key.connectionId, deps.system.now(), BATCH)
    if (due.length === 0) return whenNext(deps, key)
    const startedAt = deps.system.now()
    const { written, isStopped } = await sendBatch(deps, context, due)
    for (const calendarId of written) await noteWritten(deps, { ...key, calendarId }, startedAt)
    if (written.size > 0 && context.connection.writeRefusals > 0 && !isStopped) await endRest(deps, context.connection)
    if (isStopped) return whenNext(deps, key)
  }
  return { kind: 'again', at: deps.system.now() }
}

/** Series first; the rest side by side would race for one calendar, so one after the other. */
async function sendBatch(
  deps: FlushDeps,
  context: FlushContext,
  due: readonly Paired[],
): Promise<{ written: ReadonlySet<string>; isStopped: boolean }> {
  const written = new Set<string>()
  const readAt = deps.system.now()
  for (const pair of due) {
    if (deps.system.now() - readAt >= BATCH_MS) break
    const outcome = await sendAppointment(deps, context, pair)
    if (outcome === 'written' && pair.outbox !== null) written.add(pair.outbox.calendarId)
    if (outcome === 'stop') return { written, isStopped: true }
  }
  return { written, isStopped: false }
}

/** Google tells of our own writes too: that is how a channel shows that it is alive. */
async function noteWritten(
  { store }: FlushDeps,
  calendar: { tenantId: string; connectionId: string; calendarId: string },
  at: Instant,
): Promise<void> {
  await store.expectNotification({ ...calendar, at, dueAt: at + PROOF_WITHIN_MS })
}

async function readContext(
  { store }: FlushDeps,
  key: { tenantId: string; connectionId: string },
): Promise<FlushContext | null> {
  const connection = await store.connection(key.tenantId, key.connectionId)
  if (connection === null || connection.status !== 'active' || connection.mode === 'off') return null
  const calendars = await store.calendarsOf(key.tenantId, key.connectionId)
  if (isRecovering(connection, calendars)) return null // nothing is written before all that Google shows was matched
  if (!calendars.some(calendar => calendar.isTarget && holdReason(calendar) === null)) return null
  const tenant = await store.tenant(key.tenantId)
  return {
    connection,
    calendars: new Map(calendars.map(calendar => [calendar.id, calendar])),
    policies: effectivePolicies(tenant?.settings.policies ?? {}, connection.policies),
  }
}

async function whenNext({ store }: FlushDeps, key: { tenantId: string; connectionId: string }): Promise<JobOutcome> {
  const at = await store.nextOutboxAt(key.tenantId, key.connectionId)
  if (at === null) return { kind: 'done' }
  const connection = await store.connection(key.tenantId, key.connectionId)
  return { kind: 'again', at: Math.max(at, connection?.writesPausedUntil ?? at) }
}
