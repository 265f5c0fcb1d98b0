import { FIRST_INSTANT, LAST_INSTANT, type Instant } from '../../core/model/time.ts'

/** An instant as PostgreSQL reads it. What lies beyond the years the engine knows is kept as their edge. */
export function instantToText(at: Instant): string {
  return new Date(Math.min(Math.max(at, FIRST_INSTANT), LAST_INSTANT)).toISOString()
}

/** Reads both forms PostgreSQL answers with: `2026-12-01 14:00:00.5+00` in a column, `2026-12-01T14:00:00.5+00:00` in JSON. */
export function instantFromText(text: string): Instant {
  const [, day, time, offset] = /^(\d{4}-\d\d-\d\d)[ T]([\d:.]+)([+-]\d\d(?::\d\d)?|Z)$/.exec(text) ?? []
  const at = Date.parse(`${day}T${time}${offset?.length === 3 ? `${offset}:00` : offset}`)
  if (Number.isNaN(at)) throw new Error(`not an instant: ${text}`)
  return at
}
