import type { Calendar } from '../../core/model/connection.ts'
import type { Link } from '../../core/model/link.ts'
import { effectivePolicies, type Policies } from '../../core/model/policies.ts'
import type { Deps } from '../deps.ts'
import { removeEvents } from '../connections/remove-events.ts'
import { platformAppointments } from '../connections/walk-appointments.ts'
import { linksOf } from '../connections/walk-links.ts'
import { isShownIn, leavingOf } from './leaving.ts'
import { letCalendarsBeRead, restCalendars } from './rest-calendars.ts'
import { readOpenRun, type PhaseOutcome, type RunKey } from './run-progress.ts'
import { takeEditsOver } from './take-edits-over.ts'

type ClearDeps = Pick<Deps, 'store' | 'system' | 'google' | 'log' | 'names' | 'settings'>

const AGAIN_MS = 60_000
/** How often an old target is read anew because events were edited there just as they were about to leave. */
const ROUNDS_MAX = 3

const SWITCHED = { rule: 'switch-target', reason: 'Appointments go to another calendar now.', isUnchangedOnly: true }

/**
 * After a change of target: what the new target shows by now leaves the calendars that were the target before, as long as it is not over.
 * What was edited there meanwhile is read first, so that no edit is lost. Past ones stay where they are.
 */
export async function clearOldTargets(deps: ClearDeps, key: RunKey): Promise<PhaseOutcome> {
  const { tenantId, connectionId } = key
  const calendars = await deps.store.calendarsOf(tenantId, connectionId)
  const policies = await policiesOf(deps, key)
  const target = calendars.find(calendar => calendar.isTarget)
  const isInTarget = target === undefined ? null : isShownIn(target.id)
  const leaving: Leaving = links =>
    leavingOf(deps.store, { tenantId, policies, isInTarget, now: deps.system.now() }, links)
  for (const old of calendars.filter(calendar => !calendar.isTarget)) {
    for (let round = 0; round < ROUNDS_MAX && (await hasLeaving(deps, key, old, leaving)); round++) {
      const outcome = await clearCalendar(deps, key, old, leaving)
      if (outcome.kind !== 'finished') return outcome
    }
  }
  await deps.store.transaction(tenantId, tx => letCalendarsBeRead(tx, key))
  await dropWaiting(deps, key, calendars)
  return { kind: 'finished' }
}

type Leaving = (links: readonly Link[]) => Promise<Link[]>

async function policiesOf({ store }: ClearDeps, { tenantId, connectionId }: RunKey): Promise<Policies> {
  const tenant = await store.tenant(tenantId)
  const connection = await store.connection(tenantId, connectionId)
  return effectivePolicies(tenant?.settings.policies ?? {}, connection?.policies ?? {})
}

async function hasLeaving({ store }: ClearDeps, key: RunKey, old: Calendar, leaving: Leaving): Promise<boolean> {
  for await (const page of linksOf(store, { ...key, calendarIds: [old.id], role: 'ours' }))
    if ((await leaving(page)).length > 0) return true
  return false
}

async function clearCalendar(deps: ClearDeps, key: RunKey, old: Calendar, leaving: Leaving): Promise<PhaseOutcome> {
  const later: PhaseOutcome = { kind: 'again', at: deps.system.now() + AGAIN_MS }
  if (!(await rest(deps, key, old))) return { kind: 'stopped' }
  if ((await takeEditsOver(deps, key, old)) === 'later') return later
  for await (const page of linksOf(deps.store, { ...key, calendarIds: [old.id], role: 'ours' })) {
    if (!(await rest(deps, key, old))) return { kind: 'stopped' }
    const removal = await removeEvents(deps, key, await leaving(page), SWITCHED)
    if (removal === 'refused') return { kind: 'failed', reason: 'Google no longer accepts the grant: connect again.' }
    if (removal === 'later') return later
  }
  return { kind: 'finished' }
}

/** @returns whether the run may go on. */
function rest({ store, system }: ClearDeps, key: RunKey, old: Calendar): Promise<boolean> {
  return store.transaction(key.tenantId, async tx => {
    if ((await readOpenRun(tx, key)) === null) return false
    await restCalendars(tx, key, [old.id], system.now())
    return true
  })
}

/** What still waited to be written to a former target, for good: it may not be writable any more. */
async function dropWaiting({ store }: ClearDeps, key: RunKey, calendars: readonly Calendar[]): Promise<void> {
  const { tenantId, connectionId } = key
  const connection = await store.connection(tenantId, connectionId)
  if (connection === null) return
  const former = new Set(calendars.filter(calendar => !calendar.isTarget).map(calendar => calendar.id))
  for await (const page of platformAppointments(store, connection)) {
    const sent = page.flatMap(({ outbox, links }) =>
      outbox !== null &&
      outbox.connectionId === connectionId &&
      former.has(outbox.calendarId) &&
      !links.some(link => link.calendarId === outbox.calendarId)
        ? [outbox]
        : [],
    )
    if (sent.length > 0) await store.transaction(tenantId, tx => tx.apply(tenantId, { sent }))
  }
}
