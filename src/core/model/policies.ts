import { masked, type MaskingWish } from './masking.ts'
import type { AppointmentKind, AppointmentStatus } from './appointment.ts'

/** The rules a tenant sets and a connection may override; meanings in `docs/sync-rules.md`. */
export type Policies = {
  googleEdits: 'accept' | 'propose' | 'revert'
  googleDeletes: 'cancel' | 'propose' | 'restore'
  concurrentEdits: 'platform' | 'google' | 'latest'
  cancelled: 'delete' | 'mark'
  imported: 'full' | 'busy'
  presentation: Presentation
  include: { kinds: readonly AppointmentKind[]; statuses: readonly AppointmentStatus[] }
  duplicates: 'link' | 'flag'
  deletionGuard: { count: number; share: number }
}

/** What Google is shown of a platform-origin appointment. `title` is a mode or a template with `{{…}}` in it. */
export type Presentation = {
  title: 'full' | 'kind' | 'busy' | (string & {})
  description: boolean
  location: boolean
  visibility: 'default' | 'private' | 'public'
  colour: string | null
}

/** How far a connection reaches, in whole days around today. */
export type SyncWindow = { daysBack: number; daysAhead: number }

export const DEFAULT_POLICIES: Policies = {
  googleEdits: 'accept',
  googleDeletes: 'cancel',
  concurrentEdits: 'platform',
  cancelled: 'delete',
  imported: 'full',
  presentation: { title: 'full', description: true, location: true, visibility: 'default', colour: null },
  include: {
    kinds: ['appointment', 'meeting', 'task', 'event', 'block'],
    statuses: ['tentative', 'confirmed', 'completed'],
  },
  duplicates: 'link',
  deletionGuard: { count: 25, share: 0.5 },
}

export const DEFAULT_WINDOW: SyncWindow = { daysBack: 30, daysAhead: 365 }

/** What a tenant may lock. */
export type Lockable = keyof Policies | 'window'

/**
 * Policies as set at one level: what is left out is inherited. `masking`: what a user has chosen for himself. `locked`, on a tenant's level:
 * what nobody below overrides.
 */
export type PolicyOverrides = Partial<Policies> & { masking?: MaskingWish; locked?: readonly Lockable[] }

/**
 * The connection's own word first, then the tenant's, then the default; of what is locked, the tenant's alone. A user's own wish only ever
 * takes away from that, also when the platform's rules change after it.
 */
export function effectivePolicies(tenant: PolicyOverrides, connection: PolicyOverrides): Policies {
  const { masking } = connection
  const allowed = allowedPolicies(tenant, connection)
  return masking === undefined ? allowed : { ...allowed, ...unlocked(tenant, masked(allowed, masking)) }
}

/** What the platform allows, whatever its user has chosen for himself. */
export function allowedPolicies(tenant: PolicyOverrides, connection: PolicyOverrides): Policies {
  return { ...DEFAULT_POLICIES, ...withoutWish(tenant), ...unlocked(tenant, withoutWish(connection)) }
}

/** What was said below the tenant and still counts: a lock that is lifted gives the rest back. */
function unlocked({ locked = [] }: PolicyOverrides, own: Partial<Policies>): Partial<Policies> {
  return Object.fromEntries(Object.entries(own).filter(([name]) => !locked.some(each => each === name)))
}

export function withoutWish(set: PolicyOverrides): Partial<Policies> {
  const policies = { ...set }
  delete policies.masking
  delete policies.locked
  return policies
}
