import type { Appointment, Origin } from '../../core/model/appointment.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Held } from '../../core/model/version-comparison.ts'

/** Which appointments are compared; null: whatever it is. `from` and `to` as for lists. */
export type Scope = { userId: string | null; origin: Origin | null; from: Instant | null; to: Instant | null }

export type Unlisted = Pick<Appointment, 'id' | 'userId' | 'origin' | 'status' | 'version'>

/** A stretch of ids in the order of their bytes: above `after`, up to `upTo` (null: no bound). */
export type Stretch = Scope & { madeUntil: Instant; after: string | null; upTo: string | null; limit: number }

/** What the platform has against what is kept: a constant number of statements per page. */
export interface ComparisonReads {
  /** Of those ids that there are, in no particular order. */
  versionsOf(tenantId: string, ids: readonly string[]): Promise<Held[]>
  /** In the order of the ids' bytes: what is kept of this stretch, neither archived nor called off, and not among `listed`. */
  unlisted(tenantId: string, stretch: Stretch, listed: readonly string[]): Promise<Unlisted[]>
}
