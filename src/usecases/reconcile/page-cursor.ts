import { idFault } from '../../core/model/input.ts'
import { isInRange, type Instant } from '../../core/model/time.ts'
import type { Scope } from '../../ports/store/comparison.ts'

/** How far a comparison is. It is all that there is of it: nothing is kept between two calls. */
export type Place = {
  scope: Scope
  /** When it began: what was booked since cannot have been listed. */
  startedAt: Instant
  /** Everything up to this id is compared; null: nothing yet. */
  after: string | null
  /** The same page is expected again, since not all of its extras found room in the answer. */
  isAgain: boolean
}

export const formatPlace = ({ scope, startedAt, after, isAgain }: Place): string =>
  Buffer.from(JSON.stringify([scope.userId, scope.origin, scope.from, scope.to, startedAt, after, isAgain])).toString(
    'base64url',
  )

/** Null for anything that `formatPlace` did not make. */
export function parsePlace(cursor: string): Place | null {
  const read = parsed(cursor)
  if (!Array.isArray(read) || read.length !== 7) return null
  const [userId, origin, from, to, startedAt, after, isAgain]: unknown[] = read
  if (!isIdOrNull(userId) || !isIdOrNull(after)) return null
  if (!isInstantOrNull(from) || !isInstantOrNull(to) || !isInstantOrNull(startedAt) || startedAt === null) return null
  if (origin !== null && origin !== 'platform' && origin !== 'google') return null
  if (typeof isAgain !== 'boolean') return null
  return { scope: { userId, origin, from, to }, startedAt, after, isAgain }
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

const isIdOrNull = (value: unknown): value is string | null => value === null || idFault(value) === null
const isInstantOrNull = (value: unknown): value is Instant | null =>
  value === null || (typeof value === 'number' && isInRange(value))
