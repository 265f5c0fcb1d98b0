import type { ConnectionResource } from '../../core/model/connection-resource.ts'
import type { Connection, ConnectionMode } from '../../core/model/connection.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { masked, narrowing, type MaskingWish } from '../../core/model/masking.ts'
import {
  allowedPolicies,
  effectivePolicies,
  type Lockable,
  type Policies,
  type PolicyOverrides,
  withoutWish,
} from '../../core/model/policies.ts'
import { changedPolicies, readPolicies, readWindow, type InputProblem } from '../../core/model/policy-input.ts'
import type { Deps } from '../deps.ts'
import { feedInTheWay, retireFeedOf } from '../feeds/exclusion.ts'
import { changeConnection, readResource } from './connection-change.ts'
import { followChange } from './follow-change.ts'

type ConnectionPatch = {
  tenantId: string
  connectionId: string
  /** The versions the caller would have changed; null: whichever. */
  ifMatch: readonly number[] | null
  window?: unknown
  policies?: unknown
  mode?: ConnectionMode
  /** What the user wants Google to see less of; only ever less than the platform allows. */
  masking?: MaskingWish
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
    const read = patched(connection, patch, before)
    if (!read.ok) return fail({ kind: 'invalid', problems: read.error })
    const overruled = lockedIn(patch, tenantPolicies.locked ?? [])
    if (overruled.length > 0) return fail({ kind: 'invalid', problems: overruled })
    const next = succeed(withMasking(read.value, patch.masking, tenantPolicies))
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
    await followChange(tx, { before: connection, after: changed, policies: { before, after }, now })
    return succeed(await readResource(tx, changed))
  })
}

/** What the tenant has locked is changed on the tenant alone; taking an own value back is always possible. */
function lockedIn({ window, policies }: ConnectionPatch, locked: readonly Lockable[]): InputProblem[] {
  const given = typeof policies === 'object' && policies !== null ? Object.entries(policies) : []
  const set = given.filter(([, value]) => value !== null).map(([name]) => ({ name, path: `policies.${name}` }))
  const all = [...set, ...(window === undefined ? [] : [{ name: 'window', path: 'window' }])]
  return all
    .filter(({ name }) => locked.some(each => each === name))
    .map(({ path }) => ({ path, message: 'is locked by the tenant’s settings' }))
}

/** A wish that takes nothing away is none: what the platform allows later is shown then. */
function withMasking(connection: Connection, wish: MaskingWish | undefined, tenant: PolicyOverrides): Connection {
  if (wish === undefined) return connection
  const own = withoutWish(connection.policies)
  const allowed = allowedPolicies(tenant, own)
  const isNone = Object.keys(narrowing(allowed, masked(allowed, wish))).length === 0
  return { ...connection, policies: isNone ? own : { ...own, masking: wish } }
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
