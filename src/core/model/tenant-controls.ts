import type { InputProblem } from './policy-input.ts'
import type { Lockable } from './policies.ts'

/** What the connect page may let its user choose and do. */
export const OFFERS = [
  'new_calendar',
  'existing_calendar',
  'sources',
  'conflicts',
  'window',
  'masking',
  'kinds',
  'sync',
  'push_existing',
  'start_over',
  'pause',
  'disconnect',
] as const
export type Offer = (typeof OFFERS)[number]

/** What a tenant decides for all of its users. */
export type TenantControls = {
  /** False: nothing is read from or written to anybody's Google, and nobody connects. */
  isSyncing: boolean
  /** What no connection and no user overrides. */
  locked: readonly Lockable[]
  /** Null: everything. */
  offers: readonly Offer[] | null
}

export const NO_CONTROLS: TenantControls = { isSyncing: true, locked: [], offers: null }

const LOCKABLE: readonly Lockable[] = [
  'window',
  'googleEdits',
  'googleDeletes',
  'concurrentEdits',
  'cancelled',
  'imported',
  'presentation',
  'include',
  'duplicates',
  'deletionGuard',
]

/** Reads `syncing`, `locked` and `offers` strictly; what is not mentioned stays. */
export function readControls(
  fields: Readonly<Record<string, unknown>>,
  before: TenantControls,
  path: string,
  problems: InputProblem[],
): TenantControls {
  const { syncing = before.isSyncing, locked = before.locked, offers = before.offers } = fields
  if (typeof syncing !== 'boolean') problems.push({ path: `${path}.syncing`, message: 'must be true or false' })
  return {
    isSyncing: syncing === true,
    locked: readNames(locked, LOCKABLE, `${path}.locked`, problems) ?? [],
    offers: offers === null ? null : readNames(offers, OFFERS, `${path}.offers`, problems),
  }
}

function readNames<N extends string>(
  value: unknown,
  known: readonly N[],
  path: string,
  problems: InputProblem[],
): N[] | null {
  if (!Array.isArray(value)) {
    problems.push({ path, message: `must be a list of: ${known.join(', ')}` })
    return null
  }
  value.forEach((name: unknown, index) => {
    if (!known.some(each => each === name))
      problems.push({ path: `${path}[${index}]`, message: `must be one of: ${known.join(', ')}` })
  })
  return known.filter(name => value.includes(name))
}

/** Whether the page may show this: offered, and not locked. */
export function isOffered({ locked, offers }: TenantControls, offer: Offer): boolean {
  const lock = LOCKS[offer]
  return (offers === null || offers.includes(offer)) && (lock === undefined || !locked.includes(lock))
}

const LOCKS: Partial<Record<Offer, Lockable>> = { window: 'window', masking: 'presentation', kinds: 'include' }
