import { hasCalendars, isChosen } from '../../core/model/connection-resource.ts'
import type { Calendar } from '../../core/model/connection.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { effectivePolicies } from '../../core/model/policies.ts'
import { windowBounds } from '../../core/model/time.ts'
import type { RunKind } from '../../ports/store/operations.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { openRun } from '../runs/open-run.ts'
import { notFrom } from './pause-connection.ts'
import { planOf, type Plan } from './plan.ts'
import { withTwins } from './plan-twins.ts'
import { plannedInserts } from './plan-writes.ts'
import { catchUp } from './wake-connection.ts'

type Which = { tenantId: string; connectionId: string }
type RunDeps = Pick<Deps, 'store' | 'system'>

/**
 * Reads every calendar in full and writes what waits, now: whatever was missed is found. While a run is open, that one is answered: twice
 * asked is once done.
 */
export async function syncNow(deps: RunDeps, which: Which): Promise<Result<{ runId: string }, DomainError>> {
  const { tenantId, connectionId } = which
  return deps.store.transaction(tenantId, async tx => {
    const ready = await readActive(tx, which)
    if (!ready.ok) return ready
    await tx.wake(catchUp(which, await tx.calendarsOf(tenantId, connectionId)))
    const open = await tx.openRunOf(tenantId, connectionId)
    if (open !== null) return succeed({ runId: open.id })
    const calendars = (await tx.calendarsOf(tenantId, connectionId)).filter(isChosen)
    await tx.saveCalendars(calendars.map(toBeListedInFull))
    return succeed({ runId: await startRun(deps, tx, which, 'resync') })
  })
}

/** Sends the appointments in the window that Google does not show yet. */
export async function pushExisting(deps: RunDeps, which: Which): Promise<Result<{ runId: string }, DomainError>> {
  const { tenantId, connectionId } = which
  return deps.store.transaction(tenantId, async tx => {
    const ready = await readActive(tx, which)
    if (!ready.ok) return ready
    const target = (await tx.calendarsOf(tenantId, connectionId)).find(calendar => calendar.isTarget)
    if (target === undefined) return fail(NO_TARGET)
    return succeed({ runId: await startRun(deps, tx, which, 'push_existing') })
  })
}

/** What `pushExisting` would write, without writing it. */
export async function planPushExisting(
  deps: RunDeps & Pick<Deps, 'google'>,
  { tenantId, connectionId }: Which,
): Promise<Result<Plan, DomainError>> {
  const { store, system } = deps
  const connection = await store.connection(tenantId, connectionId)
  if (connection === null) return fail({ kind: 'not-found' })
  const target = (await store.calendarsOf(tenantId, connectionId)).find(calendar => calendar.isTarget)
  if (target === undefined) return fail(NO_TARGET)
  const policies = effectivePolicies((await store.tenant(tenantId))?.settings.policies ?? {}, connection.policies)
  const range = windowBounds(connection.window, system.now(), target.timeZone)
  const { userId } = connection
  const scope = { tenantId, userId, connectionId, calendarId: target.id, range, policies }
  const { google, local } = await withTwins(deps, scope, await plannedInserts(store, scope))
  return succeed(planOf(google, local))
}

/** A pull under way is overtaken; the pairs stay, so nothing is doubled. */
function toBeListedInFull(calendar: Calendar): Calendar {
  const cursor = { ...calendar.cursor, syncToken: null, pageToken: null }
  return { ...calendar, cursor, cursorVersion: calendar.cursorVersion + 1, holdOffUntil: null }
}

const NO_TARGET: DomainError = {
  kind: 'conflict',
  slug: 'no-target',
  detail: 'This connection has no target calendar to write to.',
}

async function readActive(tx: Tx, { tenantId, connectionId }: Which) {
  const connection = await tx.connection(tenantId, connectionId)
  if (connection === null) return fail<DomainError>({ kind: 'not-found' })
  const calendars = await tx.calendarsOf(tenantId, connectionId)
  if (connection.status === 'active' && hasCalendars(calendars)) return succeed(connection)
  return fail(notFrom(connection.status, 'synced'))
}

async function startRun(deps: RunDeps, tx: Tx, which: Which, kind: RunKind): Promise<string> {
  const run = await openRun(tx, { ...which, id: `run_${deps.system.newId()}`, kind, now: deps.system.now() })
  return run.id
}
