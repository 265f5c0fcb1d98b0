import { fail, succeed, type Result } from '../../core/model/failures.ts'
import type { InputProblem } from '../../core/model/input.ts'
import { parseDate, parseDateTime, startOfDay, type Instant, type Range } from '../../core/model/time.ts'

/** An instant from a query: RFC 3339 with offset, or a date, which begins at midnight in `zone`. */
function readInstant(text: string, path: string, zone: string): Result<Instant, InputProblem[]> {
  const day = parseDate(text)
  if (day.ok) return succeed(startOfDay(day.value, zone))
  // In a query a plus sign stands for a blank, so an offset that was not escaped arrives as one.
  const moment = parseDateTime(text.replace(/ (?=\d{2}:\d{2}$)/, '+'), null)
  return moment.ok ? succeed(moment.value.at) : fail([{ path, message: moment.error }])
}

/** `from` and `to`, either of which may be left out. */
export function readBounds(
  query: { from?: string | undefined; to?: string | undefined },
  zone: string,
): Result<{ from: Instant | null; to: Instant | null }, InputProblem[]> {
  const from = query.from === undefined ? succeed(null) : readInstant(query.from, 'from', zone)
  const to = query.to === undefined ? succeed(null) : readInstant(query.to, 'to', zone)
  if (!from.ok || !to.ok) return fail([...(from.ok ? [] : from.error), ...(to.ok ? [] : to.error)])
  const isBackwards = from.value !== null && to.value !== null && to.value <= from.value
  if (isBackwards) return fail([{ path: 'to', message: 'must be after from' }])
  return succeed({ from: from.value, to: to.value })
}

/** `from` and `to`, both needed and at most `daysMax` days apart. */
export function readWindow(
  query: { from?: string | undefined; to?: string | undefined },
  zone: string,
  daysMax: number,
): Result<Range, InputProblem[]> {
  const missing = (['from', 'to'] as const).filter(name => query[name] === undefined)
  if (missing.length > 0) return fail(missing.map(path => ({ path, message: 'is required here' })))
  const bounds = readBounds(query, zone)
  if (!bounds.ok) return bounds
  const { from, to } = bounds.value
  if (from === null || to === null) return fail([{ path: 'from', message: 'is required here' }])
  if (to - from > daysMax * DAY_MS) return fail([{ path: 'to', message: `must be at most ${daysMax} days after from` }])
  return succeed({ startAt: from, endAt: to })
}

/** Days are counted generously, so that a change of clocks never makes a year too long. */
const DAY_MS = 86_400_000 + 3_600_000
