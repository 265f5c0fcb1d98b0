import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { idFault, type InputProblem } from '../../core/model/input.ts'
import type { Instant } from '../../core/model/time.ts'
import { compareBytes, compareVersions, type Behind, type Listed } from '../../core/model/version-comparison.ts'
import type { Scope, Unlisted } from '../../ports/store/comparison.ts'
import type { Deps } from '../deps.ts'
import { formatPlace, parsePlace, type Place } from './page-cursor.ts'

export const PAGE_ITEMS_MAX = 1_000
/** Extras in one answer; the page is asked for again where there are more. */
export const EXTRAS_MAX = 1_000

export type Comparison = {
  matched: number
  /** Listed, and not here. */
  missing: { id: string; version: number }[]
  /** On both sides, and not the same. */
  stale: { id: string; version: number; here: number; updatedAt: Instant; behind: Behind }[]
  /** Here, alive, and not listed. */
  extra: Unlisted[]
  /** For the next call; null: everything is compared. */
  cursor: string | null
  /** The next call brings the same page again. */
  isAgain: boolean
}

export type ReconcileInput = {
  tenantId: string
  /** What is compared; a member left out is as the cursor says, or null without one. */
  scope: Partial<Scope>
  items: readonly Listed[]
  cursor: string | null
  isLast: boolean
}

/**
 * Compares one page of what the platform has with what is kept. Pages come in the order of the ids' bytes, so that each page answers
 * for the stretch of ids that it covers, the last one for all that follow: extras are told page by page, and nothing is kept in between.
 */
export async function reconcilePage(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  input: ReconcileInput,
): Promise<Result<Comparison, DomainError>> {
  const place = placeOf(input, system.now())
  if (!place.ok) return place
  const faults = faultsOf(input, place.value)
  if (faults.length > 0) return invalid(faults)
  const { tenantId, items, isLast } = input
  const { scope, startedAt, after, isAgain } = place.value
  const fresh = isAgain && after !== null ? items.filter(item => compareBytes(item.id, after) > 0) : items
  const upTo = isLast ? null : (items.at(-1)?.id ?? after)
  const stretch = { ...scope, madeUntil: startedAt, after, upTo, limit: EXTRAS_MAX + 1 }
  const ids = fresh.map(item => item.id)
  const held = new Map((await store.versionsOf(tenantId, ids)).map(each => [each.id, each]))
  const found = await store.unlisted(tenantId, stretch, ids)
  const extra = found.slice(0, EXTRAS_MAX)
  const isCut = found.length > extra.length
  const reached = isCut ? (extra.at(-1)?.id ?? null) : upTo
  const judged = fresh
    .filter(item => !isCut || reached === null || compareBytes(item.id, reached) <= 0)
    .map(listed => ({ ...listed, verdict: compareVersions(listed, held.get(listed.id) ?? null) }))
  return succeed({
    matched: judged.filter(({ verdict }) => verdict.kind === 'matched').length,
    missing: judged.flatMap(({ id, version, verdict }) => (verdict.kind === 'missing' ? [{ id, version }] : [])),
    stale: judged.flatMap(({ id, version, verdict }) => {
      if (verdict.kind !== 'stale') return []
      const { here, updatedAt, behind } = verdict
      return [{ id, version, here, updatedAt, behind }]
    }),
    extra,
    cursor: isLast && !isCut ? null : formatPlace({ scope, startedAt, after: reached, isAgain: isCut }),
    isAgain: isCut,
  })
}

const invalid = (problems: readonly InputProblem[]): { ok: false; error: DomainError } =>
  fail({ kind: 'invalid', problems })

function placeOf({ cursor, scope }: ReconcileInput, now: Instant): Result<Place, DomainError> {
  const whole = { userId: null, origin: null, from: null, to: null, ...scope }
  if (cursor === null) return succeed({ scope: whole, startedAt: now, after: null, isAgain: false })
  const place = parsePlace(cursor)
  if (place === null || place.startedAt > now)
    return invalid([{ path: 'cursor', message: 'is not one that this call gave out' }])
  const others = SCOPE.filter(name => scope[name] !== undefined && scope[name] !== place.scope[name])
  const message = 'is not what the first page said; the cursor remembers it'
  return others.length === 0 ? succeed(place) : invalid(others.map(path => ({ path, message })))
}

const SCOPE = ['userId', 'origin', 'from', 'to'] as const

function faultsOf({ items, isLast }: ReconcileInput, { after, isAgain }: Place): InputProblem[] {
  if (items.length === 0 && !isLast) return [{ path: 'items', message: 'must not be empty, but on the last page' }]
  const faults: InputProblem[] = []
  let before = isAgain ? null : after
  for (const [index, { id }] of items.entries()) {
    const fault = idFault(id)
    if (fault !== null) faults.push({ path: `items[${index}].id`, message: fault })
    else if (before !== null && compareBytes(id, before) <= 0)
      faults.push({ path: `items[${index}].id`, message: ORDER })
    before = id
    if (faults.length >= FAULTS_MAX) break
  }
  return faults
}

const FAULTS_MAX = 20
const ORDER = 'must come after the id before it, across pages too: ids ascend by their bytes (COLLATE "C"), none twice'
