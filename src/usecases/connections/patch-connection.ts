import { hasCalendars, type ConnectionResource } from '../../core/model/connection-resource.ts'
import type { Calendar, Connection, ConnectionMode } from '../../core/model/connection.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { effectivePolicies, type Policies } from '../../core/model/policies.ts'
import { changedPolicies, readPolicies, readWindow, type InputProblem } from '../../core/model/policy-input.ts'
import { windowBounds } from '../../core/model/time.ts'
import type { WakeUp } from '../../ports/jobs.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { feedInTheWay, retireFeedOf } from '../feeds/exclusion.ts'
import { queueOutbound } from '../sync/queue-outbound.ts'
import { changeConnection, readResource } from './connection-change.ts'
import { catchUp } from './wake-connection.ts'
import { platformAppointments } from './walk-appointments.ts'

type ConnectionPatch = {
  tenantId: string
  connectionId: string
  /** The versions the caller would have changed; null: whichever. */
  ifMatch: readonly number[] | null
  window?: unknown
  policies?: unknown
  mode?: ConnectionMode
  /** Retire the user's calendar feed, should the connection sync both ways from now on. */
  replaceFeed?: boolean
}

/** Changes window, policies or mode, also while pending. What Google shows follows at once, and so does what is read. */
export async function patchConnection(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  patch: ConnectionPatch,
): Promise<Result<ConnectionResource, DomainError>> {
  const { tenantId, connectionId, ifMatch } = patch
  return store.transaction(tenantId, async tx => {
    const connection = await tx.connection(tenantId, connectionId)
    if (connection === null) return fail({ kind: 'not-found' })
    if (connection.status === 'disconnected')
      return fail({ kind: 'conflict', slug: 'disconnected', detail: 'This connection was ended; connect again first.' })
    if (ifMatch !== null && !ifMatch.includes(connection.version))
      return fail({ kind: 'stale-version', currentVersion: connection.version })
    const tenantPolicies = (await tx.tenant(tenantId))?.settings.policies ?? {}
    const before = effectivePolicies(tenantPolicies, connection.policies)
    const next = patched(connection, patch, before)
    if (!next.ok) return fail({ kind: 'invalid', problems: next.error })
    const isTurning = next.value.mode === 'two_way' && connection.mode !== 'two_way'
    const feed = isTurning && patch.replaceFeed !== true ? await feedInTheWay(tx, connection) : null
    if (feed !== null) return fail(feed)
    if (isTurning) await retireFeedOf(tx, connection)
    const now = system.now()
    const changed = await changeConnection(tx, connection, next.value, {
      at: now,
      side: 'platform',
      action: 'changed',
      rule: 'patch-connection',
      reason: 'Window, policies or mode were changed on request.',
      type: null,
    })
    const after = effectivePolicies(tenantPolicies, changed.policies)
    await follow(tx, { before: connection, after: changed, rewrites: mustRewrite(before, after), now })
    return succeed(await readResource(tx, changed))
  })
}

function patched(
  connection: Connection,
  { window, policies, mode }: ConnectionPatch,
  base: Policies,
): Result<Connection, InputProblem[]> {
  const readPolicy = policies === undefined ? null : readPolicies(policies, base, 'policies')
  const readSpan = window === undefined ? null : readWindow(window, 'window')
  const problems = [readPolicy, readSpan].flatMap(read => (read === null || read.ok ? [] : read.error))
  if (problems.length > 0) return fail(problems)
  const given = readSpan?.ok === true ? readSpan.value : null
  const changes = readPolicy?.ok === true ? readPolicy.value : null
  return succeed({
    ...connection,
    mode: mode ?? connection.mode,
    window: given ?? changes?.window ?? connection.window,
    policies: changes === null ? connection.policies : changedPolicies(connection.policies, changes.policies),
  })
}

/** Whether events that already stand in Google have to be looked at again: what is shown of them, or whether they are. */
function mustRewrite(before: Policies, after: Policies): boolean {
  const shown = ({ presentation, include, cancelled }: Policies): string =>
    JSON.stringify([presentation, include, cancelled])
  return shown(before) !== shown(after)
}

async function follow(
  tx: Tx,
  { before, after, rewrites, now }: { before: Connection; after: Connection; rewrites: boolean; now: number },
): Promise<void> {
  const { tenantId, id: connectionId, userId, window } = after
  const calendars = await tx.calendarsOf(tenantId, connectionId)
  if (after.status === 'pending' || !hasCalendars(calendars)) return
  const target = calendars.find(calendar => calendar.isTarget)
  const isTurnedOn = before.mode === 'off' && after.mode !== 'off'
  if (target !== undefined && after.mode !== 'off') {
    if (rewrites || isTurnedOn) await requeue(tx, { tenantId, userId, now })
    const bounds = windowBounds(window, now, target.timeZone)
    const scope = { userId, connectionId, calendarId: target.id, from: bounds.startAt, to: bounds.endAt, now }
    if (isReaching(before, after) || rewrites || isTurnedOn) await tx.queueUnsent(tenantId, scope)
  }
  if (after.status === 'active') await tx.wake(wakeUps(after, calendars))
}

function isReaching(before: Connection, after: Connection): boolean {
  return after.window.daysBack > before.window.daysBack || after.window.daysAhead > before.window.daysAhead
}

/** All that stands in Google, or waits to, is brought to what may be shown now: in the same transaction, so that none is forgotten. */
async function requeue(
  tx: Tx,
  { tenantId, userId, now }: { tenantId: string; userId: string; now: number },
): Promise<void> {
  for await (const page of platformAppointments(tx, { tenantId, userId })) {
    const linked = page.filter(each => each.links.some(link => link.role === 'ours') || each.outbox !== null)
    const { outbox } = await queueOutbound(tx, tenantId, now, linked, 'catchup')
    await tx.apply(tenantId, { outbox })
  }
}

function wakeUps(connection: Connection, calendars: readonly Calendar[]): WakeUp[] {
  return connection.mode === 'off'
    ? []
    : catchUp({ tenantId: connection.tenantId, connectionId: connection.id }, calendars)
}
