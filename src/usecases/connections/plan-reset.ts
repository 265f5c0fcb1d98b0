import type { GoogleEventsChoice } from '../../core/model/connection-status.ts'
import { succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Link } from '../../core/model/link.ts'
import { effectivePolicies } from '../../core/model/policies.ts'
import { windowBounds } from '../../core/model/time.ts'
import { seriesBounds } from '../../core/recurrence/expand.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Reads } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { planOf, type Plan, type PlannedChange, type PlannedWrite } from './plan.ts'
import {
  isListed,
  plannedCorrections,
  plannedDeletions,
  plannedInserts,
  plannedWrite,
  withFamilies,
  type Scope,
} from './plan-writes.ts'
import { withTwins } from './plan-twins.ts'
import { readResettable } from './reset-connection.ts'
import { platformAppointments } from './walk-appointments.ts'
import { linksOf } from './walk-links.ts'

/** What `resetConnection` would write, and what becomes of each pair. Writes nothing. */
export async function planReset(
  deps: Pick<Deps, 'store' | 'system' | 'google'>,
  of: { tenantId: string; connectionId: string; googleEvents: GoogleEventsChoice },
): Promise<Result<Plan, DomainError>> {
  const { store, system } = deps
  const { tenantId, connectionId, googleEvents } = of
  const ready = await readResettable(store, of)
  if (!ready.ok) return ready
  const { userId, window, policies: own } = ready.value
  const calendars = await store.calendarsOf(tenantId, connectionId)
  const target = calendars.find(calendar => calendar.isTarget)
  const policies = effectivePolicies((await store.tenant(tenantId))?.settings.policies ?? {}, own)
  const range = windowBounds(window, system.now(), target?.timeZone ?? 'UTC')
  const scope = { tenantId, userId, connectionId, calendarId: target?.id ?? '', range, policies }
  const removed = googleEvents === 'remove' ? await plannedDeletions(store, scope) : []
  const sent = target === undefined ? [] : await plannedSends(store, scope, googleEvents)
  const met = await withTwins(deps, scope, sent)
  const calendarIds = calendars.map(calendar => calendar.id)
  const pairs = await pairsAfter(store, { ...scope, calendarIds, googleEvents, writes: met.google })
  const archived = new Set(met.local.map(({ appointmentId }) => appointmentId))
  const local = [...pairs.filter(({ appointmentId }) => !archived.has(appointmentId)), ...met.local]
  return succeed(planOf([...removed, ...met.google], local))
}

async function plannedSends(reads: Reads, scope: Scope, googleEvents: GoogleEventsChoice): Promise<PlannedWrite[]> {
  const rest = googleEvents === 'remove' ? await rewritten(reads, scope) : await plannedCorrections(reads, scope)
  return withFamilies(reads, scope, [...(await plannedInserts(reads, scope)), ...rest])
}

/** What stands there now and lies in the window is written again; what has left the window is not. */
async function rewritten(reads: Reads, to: Scope): Promise<PlannedWrite[]> {
  const writes: PlannedWrite[] = []
  for await (const page of platformAppointments(reads, to))
    for (const { appointment, links } of page) {
      const isShownNow = links.some(link => link.role === 'ours' && link.calendarId === to.calendarId)
      const { startAt } = seriesBounds(appointment.time, appointment.recurrence)
      const isInRange = startAt < to.range.endAt && isListed({ appointment }, to.range)
      const isDue = isShownNow && isInRange && appointment.archivedAt === null
      const write = isDue ? plannedWrite(appointment, to) : null
      if (write !== null) writes.push(write)
    }
  return writes
}

type After = Scope & {
  calendarIds: readonly string[]
  googleEvents: GoogleEventsChoice
  writes: readonly PlannedWrite[]
}

/** Each pair is forgotten; it is found again where the listings that follow reach it, or written anew, or let go. */
async function pairsAfter(reads: Reads, of: After): Promise<PlannedChange[]> {
  const changes: PlannedChange[] = []
  for (const role of ['ours', 'theirs'] as const)
    for await (const page of linksOf(reads, { ...of, role }))
      for (const pair of await reads.appointmentsByIds(
        of.tenantId,
        page.flatMap(link => link.appointmentId ?? []),
      ))
        changes.push({ action: fateOf(pair, role, of), appointmentId: pair.appointment.id })
  return changes
}

function fateOf(pair: Paired, role: Link['role'], { googleEvents, writes, range }: After): string {
  if (role === 'theirs') return isListed(pair, range) ? 'take_in_again' : 'let_go'
  const write = writes.find(each => each.appointmentId === pair.appointment.id)
  const isFound = googleEvents === 'keep' ? isListed(pair, range) : write !== undefined
  return isFound && write?.action !== 'delete' ? 'pair_again' : 'let_go'
}
