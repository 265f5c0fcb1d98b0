import { DAY_MS } from '../../../src/core/model/time.ts'
import type { Rule } from '../../../src/core/recurrence/rrule.ts'
import { WEEKDAYS } from '../../../src/core/recurrence/rrule.ts'

/**
 * RFC 5545 §3.3.10 as its text says it, one day at a time and without a clever step: slow and plain enough to be believed.
 * For rules of whole days (DAILY to YEARLY; no BYWEEKNO, BYYEARDAY, BYHOUR…).
 * @returns the days, at midnight UTC, on which an occurrence starts, from `startMs` to `endMs`; the start is always one.
 */
export function daysByDefinition(rule: Rule, startMs: number, endMs: number): number[] {
  const days: number[] = []
  let period: number[] = []
  let periodIndex = 0
  const close = (): void => {
    const chosen = rule.bySetPos.length === 0 ? period : period.filter((_, at) => isChosen(rule, at, period.length))
    days.push(...chosen)
    period = []
  }
  for (let ms = firstOfPeriod(rule, startMs); ms < endMs + 800 * DAY_MS; ms += DAY_MS) {
    const index = indexOfPeriod(rule, ms, startMs)
    if (index !== periodIndex) close()
    periodIndex = index
    if (index % rule.interval === 0 && fits(rule, ms, startMs)) period.push(ms)
  }
  close()
  // The last period is looked at whole, because BYSETPOS counts from its end too.
  return [startMs, ...days.filter(ms => ms > startMs && ms < endMs)].slice(0, rule.count ?? Number.POSITIVE_INFINITY)
}

/** Does the day itself fit the rule? */
export function fits(rule: Rule, ms: number, startMs: number): boolean {
  const day = new Date(ms)
  const start = new Date(startMs)
  const isMonthDayGiven = rule.byMonthDay.length > 0
  const isDayGiven = rule.byDay.length > 0
  if (rule.byMonth.length > 0 && !rule.byMonth.includes(day.getUTCMonth() + 1)) return false
  if (isMonthDayGiven && !rule.byMonthDay.some(wanted => wanted === day.getUTCDate() || wanted === fromMonthEnd(ms)))
    return false
  if (isDayGiven && !rule.byDay.some(wanted => isWeekdayWanted(rule, wanted, ms))) return false
  if (isMonthDayGiven || isDayGiven || rule.frequency === 'DAILY') return true
  if (rule.frequency === 'WEEKLY') return weekdayOf(ms) === weekdayOf(startMs)
  const isMonthRight =
    rule.frequency === 'MONTHLY' || rule.byMonth.length > 0 || day.getUTCMonth() === start.getUTCMonth()
  return isMonthRight && day.getUTCDate() === start.getUTCDate()
}

function isWeekdayWanted(rule: Rule, { ordinal, weekday }: Rule['byDay'][number], ms: number): boolean {
  if (weekdayOf(ms) !== WEEKDAYS.indexOf(weekday)) return false
  if (ordinal === null) return true
  const isInMonth = rule.frequency === 'MONTHLY' || rule.byMonth.length > 0
  const [first, last] = isInMonth ? [monthStart(ms, 0), monthStart(ms, 1)] : [yearStart(ms, 0), yearStart(ms, 1)]
  const fromStart = Math.floor((ms - first) / DAY_MS / 7) + 1
  const fromEnd = -(Math.floor((last - DAY_MS - ms) / DAY_MS / 7) + 1)
  return ordinal === fromStart || ordinal === fromEnd
}

const isChosen = (rule: Rule, at: number, size: number): boolean =>
  rule.bySetPos.some(wanted => wanted === at + 1 || wanted === at - size)
const weekdayOf = (ms: number): number => (new Date(ms).getUTCDay() + 6) % 7
const monthStart = (ms: number, plus: number): number =>
  Date.UTC(new Date(ms).getUTCFullYear(), new Date(ms).getUTCMonth() + plus, 1)
const yearStart = (ms: number, plus: number): number => Date.UTC(new Date(ms).getUTCFullYear() + plus, 0, 1)
const fromMonthEnd = (ms: number): number => -((monthStart(ms, 1) - ms) / DAY_MS)
const weekStart = (rule: Rule, ms: number): number =>
  ms - ((weekdayOf(ms) - WEEKDAYS.indexOf(rule.weekStart) + 7) % 7) * DAY_MS

function firstOfPeriod(rule: Rule, ms: number): number {
  if (rule.frequency === 'WEEKLY') return weekStart(rule, ms)
  if (rule.frequency === 'MONTHLY') return monthStart(ms, 0)
  return rule.frequency === 'YEARLY' ? yearStart(ms, 0) : ms
}

function indexOfPeriod(rule: Rule, ms: number, startMs: number): number {
  const months = (at: number): number => new Date(at).getUTCFullYear() * 12 + new Date(at).getUTCMonth()
  if (rule.frequency === 'WEEKLY') return Math.round((weekStart(rule, ms) - weekStart(rule, startMs)) / DAY_MS / 7)
  if (rule.frequency === 'MONTHLY') return months(ms) - months(startMs)
  if (rule.frequency === 'YEARLY') return new Date(ms).getUTCFullYear() - new Date(startMs).getUTCFullYear()
  return Math.round((ms - startMs) / DAY_MS)
}
