import type { GoogleEventsChoice } from '../../core/model/connection-status.ts'
import { succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { effectivePolicies } from '../../core/model/policies.ts'
import { windowBounds, type Range } from '../../core/model/time.ts'
import { isInWindow } from '../../core/sync/admission.ts'
import type { Reads } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { planOf, type Plan, type PlannedChange, type PlannedWrite } from './plan.ts'
import { plannedCorrections, plannedDeletions, plannedInserts, plannedWrite } from './plan-writes.ts'
import { readResettable } from './reset-connection.ts'
import { platformAppointments } from './walk-appointments.ts'
import { linksOf } from './walk-links.ts'

/** What `resetConnection` would write, and which appointments would be paired or taken in anew. Writes nothing. */
export async function planReset(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  of: { tenantId: string; connectionId: string; googleEvents: GoogleEventsChoice },
): Promise<Result<Plan, DomainError>> {
  const { tenantId, connectionId, googleEvents } = of
  const ready = await readResettable(store, of)
  if (!ready.ok) return ready
  const { userId, window, policies: own } = ready.value
  const calendars = await store.calendarsOf(tenantId, connectionId)
  const calendarIds = calendars.map(calendar => calendar.id)
  const local = await readAnew(store, { tenantId, connectionId, calendarIds })
  const whose = { tenantId, userId, connectionId }
  const removed = googleEvents === 'remove' ? await plannedDeletions(store, whose) : []
  const target = calendars.find(calendar => calendar.isTarget)
  if (target === undefined) return succeed(planOf(removed, local))
  const policies = effectivePolicies((await store.tenant(tenantId))?.settings.policies ?? {}, own)
  const range = windowBounds(window, system.now(), target.timeZone)
  const scope = { ...whose, calendarId: target.id, range, policies }
  const written = await plannedInserts(store, scope)
  const rest =
    googleEvents === 'remove' ? await rewritten(store, scope, target.timeZone) : await plannedCorrections(store, scope)
  return succeed(planOf([...removed, ...written, ...rest], local))

  /** What stands there now and lies in the window is written again; what has left the window is not. */
  async function rewritten(reads: Reads, to: Scope, timeZone: string): Promise<PlannedWrite[]> {
    const writes: PlannedWrite[] = []
    for await (const page of platformAppointments(reads, to))
      for (const { appointment, links } of page) {
        const isShownNow = links.some(link => link.role === 'ours' && link.calendarId === to.calendarId)
        const isDue =
          isShownNow && appointment.archivedAt === null && isInWindow(appointment, window, system.now(), timeZone)
        const write = isDue ? plannedWrite(appointment, to) : null
        if (write !== null) writes.push(write)
      }
    return writes
  }
}

type Scope = Parameters<typeof plannedInserts>[1] & { range: Range }

async function readAnew(
  reads: Reads,
  of: { tenantId: string; connectionId: string; calendarIds: readonly string[] },
): Promise<PlannedChange[]> {
  const changes: PlannedChange[] = []
  for (const [role, action] of [
    ['ours', 'pair_again'],
    ['theirs', 'take_in_again'],
  ] as const)
    for await (const page of linksOf(reads, { ...of, role }))
      for (const { appointmentId } of page) if (appointmentId !== null) changes.push({ action, appointmentId })
  return changes
}
