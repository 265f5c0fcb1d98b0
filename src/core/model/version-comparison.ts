import type { Instant } from './time.ts'

/** What the platform says that it has: the version, and for certainty the `updatedAt`, that it was answered last. */
export type Listed = { id: string; version: number; updatedAt: Instant | null }

/** What is kept under that id. */
export type Held = { id: string; version: number; updatedAt: Instant; isArchived: boolean }

/** Which side lacks something: `lockstep` is to be told again, `platform` is to read; `unknown` where the numbers are equal. */
export type Behind = 'lockstep' | 'platform' | 'unknown'

export type Verdict =
  { kind: 'matched' } | { kind: 'missing' } | { kind: 'stale'; here: number; updatedAt: Instant; behind: Behind }

/**
 * DECIDES what one listed appointment needs. An archived one is as good as none: a PUT books it anew. Two histories can come to the
 * same number when one of them began again from a backup, so equal versions with different times are stale too.
 */
export function compareVersions(listed: Listed, held: Held | null): Verdict {
  if (held === null || held.isArchived) return { kind: 'missing' }
  const isSameTime = listed.updatedAt === null || listed.updatedAt === held.updatedAt
  if (listed.version === held.version && isSameTime) return { kind: 'matched' }
  const behind = listed.version > held.version ? 'lockstep' : listed.version < held.version ? 'platform' : 'unknown'
  return { kind: 'stale', here: held.version, updatedAt: held.updatedAt, behind }
}

/** The order of the bytes of UTF-8, which PostgreSQL calls `COLLATE "C"`: below 0 where `a` comes first. */
export function compareBytes(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  const place = left.findIndex((character, index) => character !== right[index])
  if (place === -1) return left.length - right.length
  return (left[place]?.codePointAt(0) ?? 0) - (right[place]?.codePointAt(0) ?? -1)
}
