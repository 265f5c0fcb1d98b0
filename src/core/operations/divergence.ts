import type { Appointment } from '../model/appointment.ts'
import type { Link } from '../model/link.ts'
import type { Instant } from '../model/time.ts'
import { seriesBounds } from '../recurrence/expand.ts'
import type { Verdict } from '../sync/verdict.ts'

/**
 * How the two sides can differ though nothing is on its way. `unknown`: Google shows what is not here. `outdated`: here is not what Google
 * shows. `gone`: here is what Google does not show any more. `unwritten`: Google was never told of what is here, and no write waits.
 */
export type DivergenceKind = 'unknown' | 'outdated' | 'gone' | 'unwritten'

export type Divergence = {
  kind: DivergenceKind
  eventId: string | null
  appointmentId: string | null
  /** The rule that sets it right. */
  rule: string
  /** What differs; empty where the whole does. */
  fields: readonly string[]
}

/**
 * The link as if nothing were known of what was last seen: what is decided then rests on content alone, so that a row that was changed or
 * lost here is found too, though Google's etag is still the same.
 */
export function unseen(link: Link): Link {
  return { ...link, etag: null, ...(link.role === 'theirs' ? { contentHash: null } : {}) }
}

/**
 * What a decision over an event as Google shows it now would still change, when all increments were taken in: that is how the two sides
 * diverge. Null: they say the same, or what differs is waiting to be written or answered.
 * @param link what was known of the event. @param isWaiting whether a write of this appointment waits.
 */
export function divergenceOf(
  verdict: Verdict,
  link: Link | null,
  isWaiting: (appointmentId: string) => boolean,
): Divergence | null {
  const { eventId, rule, appointment, forget, isQueued } = verdict
  const appointmentId = appointment?.id ?? verdict.link?.appointmentId ?? forget?.appointmentId ?? verdict.about
  if (appointmentId !== null && isWaiting(appointmentId)) return null
  const of = { eventId, appointmentId, rule }
  if (appointment !== null)
    return { ...of, kind: link === null ? 'unknown' : 'outdated', fields: Object.keys(verdict.after ?? {}) }
  if (isQueued) return { ...of, kind: 'unwritten', fields: Object.keys(verdict.after ?? {}) }
  if (link === null && verdict.link !== null) return { ...of, kind: 'unknown', fields: [] }
  if (forget !== null || verdict.link?.missing != null) return { ...of, kind: 'gone', fields: [] }
  return null
}

/** Whether a full list from `listedFrom` on has to show the event of this pair; what was called off or is being asked about need not be there. */
export function mustBeListed(appointment: Appointment, link: Link, listedFrom: Instant | null): boolean {
  if (link.missing !== null || link.role === 'parked') return false
  if (appointment.archivedAt !== null || appointment.status === 'cancelled') return false
  const { endAt } = seriesBounds(appointment.time, appointment.recurrence)
  return listedFrom === null || endAt === null || endAt > listedFrom
}

const DAY_MS = 24 * 60 * 60_000

/**
 * How many calendars to compare in a stretch of time, so that over the days this share of all is compared each day.
 * @param random uniform in [0, 1): what is left of a whole calendar is left to chance, or few calendars would never be compared.
 */
export function sampleSize(calendars: number, sharePerDay: number, stretchMs: number, random: number): number {
  const due = (calendars * sharePerDay * stretchMs) / DAY_MS
  return Math.floor(due) + (random < due - Math.floor(due) ? 1 : 0)
}
