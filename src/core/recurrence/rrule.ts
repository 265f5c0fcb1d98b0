import type { Result } from '../model/failures.ts'
import { fail, succeed } from '../model/failures.ts'
import type { Slot } from '../model/time.ts'
import { instantOfWallClock, isInRange, isZone, parseSlotKey, slotKey } from '../model/time.ts'

export type Frequency = 'SECONDLY' | 'MINUTELY' | 'HOURLY' | 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY'
export type Weekday = 'MO' | 'TU' | 'WE' | 'TH' | 'FR' | 'SA' | 'SU'

/** One RRULE. `until` is inclusive. Lists are sorted, without repeats, empty where the part is absent. */
export type Rule = {
  frequency: Frequency
  interval: number
  count: number | null
  until: Slot | null
  byMonth: readonly number[]
  byWeekNo: readonly number[]
  byYearDay: readonly number[]
  byMonthDay: readonly number[]
  byDay: readonly { ordinal: number | null; weekday: Weekday }[]
  byHour: readonly number[]
  byMinute: readonly number[]
  bySecond: readonly number[]
  bySetPos: readonly number[]
  weekStart: Weekday
}

const INTERVAL_MAX = 10_000
const COUNT_MAX = 100_000

const FREQUENCIES: readonly Frequency[] = ['SECONDLY', 'MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY']
export const WEEKDAYS: readonly Weekday[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

/** The parts that hold a list of numbers: which, between what, and whether counting from the end is allowed. */
const NUMBER_LISTS = [
  { part: 'BYMONTH', key: 'byMonth', min: 1, max: 12, fromEnd: false },
  { part: 'BYWEEKNO', key: 'byWeekNo', min: 1, max: 53, fromEnd: true },
  { part: 'BYYEARDAY', key: 'byYearDay', min: 1, max: 366, fromEnd: true },
  { part: 'BYMONTHDAY', key: 'byMonthDay', min: 1, max: 31, fromEnd: true },
  { part: 'BYHOUR', key: 'byHour', min: 0, max: 23, fromEnd: false },
  { part: 'BYMINUTE', key: 'byMinute', min: 0, max: 59, fromEnd: false },
  { part: 'BYSECOND', key: 'bySecond', min: 0, max: 59, fromEnd: false },
  { part: 'BYSETPOS', key: 'bySetPos', min: 1, max: 366, fromEnd: true },
] as const
type NumberList = (typeof NUMBER_LISTS)[number]

const EMPTY_RULE: Rule = {
  frequency: 'DAILY',
  interval: 1,
  count: null,
  until: null,
  byMonth: [],
  byWeekNo: [],
  byYearDay: [],
  byMonthDay: [],
  byDay: [],
  byHour: [],
  byMinute: [],
  bySecond: [],
  bySetPos: [],
  weekStart: 'MO',
}

/** `20261208`, `20261208T140000Z`, or `20261208T140000` read on the wall clock of `zone`. */
export function readSlot(text: string, zone: string | null): Slot | null {
  const upper = text.toUpperCase()
  const slot = parseSlotKey(upper)
  if (slot !== null) return slot
  const floating = parseSlotKey(`${upper}Z`)
  if (floating?.kind !== 'timed' || zone === null || !isZone(zone)) return null
  const at = instantOfWallClock(floating.at, zone)
  return isInRange(at) ? { kind: 'timed', at } : null
}

/**
 * The value of an RRULE. Refused with a sentence: unknown or repeated parts, values out of range, a FREQ that is none. Whether the
 * rule makes sense for a series is for `validateRecurrence`.
 */
export function readRule(text: string, zone: string | null): Result<Rule, string> {
  const parts = new Map<string, string>()
  for (const part of text.split(';')) {
    if (part.trim() === '') continue
    const [name = '', value, ...rest] = part.split('=').map(piece => piece.trim().toUpperCase())
    if (value === undefined || value === '' || rest.length > 0)
      return fail(`"${part.trim()}" is not of the form NAME=value`)
    if (parts.has(name)) return fail(`${name} appears twice`)
    parts.set(name, value)
  }
  let rule: Rule = EMPTY_RULE
  for (const [name, value] of parts) {
    const read = readPart(rule, name, value, zone)
    if (!read.ok) return read
    rule = read.value
  }
  return parts.has('FREQ') ? succeed(rule) : fail('FREQ is missing')
}

function readPart(rule: Rule, name: string, value: string, zone: string | null): Result<Rule, string> {
  const list = NUMBER_LISTS.find(({ part }) => part === name)
  if (list !== undefined) {
    const numbers = readNumbers(list, value)
    return numbers.ok ? succeed({ ...rule, [list.key]: numbers.value }) : numbers
  }
  switch (name) {
    case 'FREQ': {
      const frequency = FREQUENCIES.find(known => known === value)
      return frequency === undefined ? fail(`FREQ=${excerpt(value)} is not known`) : succeed({ ...rule, frequency })
    }
    case 'INTERVAL': {
      const interval = readNumber(value, 1, INTERVAL_MAX)
      return interval === null
        ? fail(`INTERVAL must be a whole number from 1 to ${INTERVAL_MAX}`)
        : succeed({ ...rule, interval })
    }
    case 'COUNT': {
      const count = readNumber(value, 1, COUNT_MAX)
      return count === null ? fail(`COUNT must be a whole number from 1 to ${COUNT_MAX}`) : succeed({ ...rule, count })
    }
    case 'UNTIL': {
      const until = readSlot(value, zone)
      return until === null
        ? fail('UNTIL must be a date, or a date and time in UTC with Z')
        : succeed({ ...rule, until })
    }
    case 'WKST': {
      const weekStart = WEEKDAYS.find(known => known === value)
      return weekStart === undefined
        ? fail('WKST must be one of MO, TU, WE, TH, FR, SA, SU')
        : succeed({ ...rule, weekStart })
    }
    case 'BYDAY':
      return readByDay(rule, value)
    default:
      return fail(`${excerpt(name)} is not a part of a rule`)
  }
}

const excerpt = (text: string): string => (text.length > 30 ? `${text.slice(0, 30)}…` : text)

function readNumber(text: string, min: number, max: number): number | null {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  return value >= min && value <= max ? value : null
}

function readNumbers({ part, min, max, fromEnd }: NumberList, text: string): Result<readonly number[], string> {
  const numbers = new Set<number>()
  for (const item of text.split(',')) {
    const value = /^[+-]?\d{1,3}$/.test(item) ? Number(item) : Number.NaN
    const size = fromEnd ? Math.abs(value) : value
    if (!(size >= min && size <= max))
      return fail(`${part} must hold numbers from ${min} to ${max}${fromEnd ? ' or their negatives' : ''}`)
    numbers.add(value)
  }
  return succeed([...numbers].sort((a, b) => a - b))
}

function readByDay(rule: Rule, text: string): Result<Rule, string> {
  const days = new Map<string, Rule['byDay'][number]>()
  for (const item of text.split(',')) {
    const match = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(item)
    const weekday = WEEKDAYS.find(known => known === match?.[2])
    const ordinal = match?.[1] === undefined ? null : Number(match[1])
    if (weekday === undefined || ordinal === 0 || Math.abs(ordinal ?? 1) > 53)
      return fail('BYDAY must hold weekdays such as MO, or 1MO and -1FR for the first and the last of a month or year')
    days.set(`${ordinal ?? ''}${weekday}`, { ordinal, weekday })
  }
  const rank = (day: Rule['byDay'][number]): number =>
    (day.ordinal ?? 0) * WEEKDAYS.length + WEEKDAYS.indexOf(day.weekday)
  return succeed({ ...rule, byDay: [...days.values()].sort((a, b) => rank(a) - rank(b)) })
}

/** The value of an RRULE in its one spelling. */
export function formatRule(rule: Rule): string {
  const parts = [
    ['FREQ', rule.frequency],
    ['INTERVAL', rule.interval === 1 ? '' : String(rule.interval)],
    ['COUNT', rule.count === null ? '' : String(rule.count)],
    ['UNTIL', rule.until === null ? '' : slotKey(rule.until)],
    ['BYDAY', rule.byDay.map(({ ordinal, weekday }) => `${ordinal ?? ''}${weekday}`).join(',')],
    ...NUMBER_LISTS.map(({ part, key }) => [part, rule[key].join(',')]),
    ['WKST', rule.weekStart !== 'MO' && hasWeekStartEffect(rule) ? rule.weekStart : ''],
  ]
  return parts.flatMap(([name, value]) => (value === '' ? [] : [`${name}=${value}`])).join(';')
}

/** Where weeks begin matters only where whole weeks are skipped or counted: Google adds WKST=SU to rules on which it has no effect. */
function hasWeekStartEffect(rule: Rule): boolean {
  if (rule.frequency === 'YEARLY') return rule.byWeekNo.length > 0
  return rule.frequency === 'WEEKLY' && rule.byDay.length > 0 && (rule.interval > 1 || rule.bySetPos.length > 0)
}

/**
 * Yearly rules that the library reads otherwise than RFC 5545: numbered weekdays together with days of the month (it drops the
 * days), or, without BYMONTH, with unnumbered weekdays (it drops those). No calendar program writes them.
 */
export function isMisread(rule: Rule): boolean {
  const numbered = rule.byDay.filter(({ ordinal }) => ordinal !== null).length
  if (rule.frequency !== 'YEARLY' || numbered === 0) return false
  return rule.byMonthDay.length > 0 || (rule.byMonth.length === 0 && numbered < rule.byDay.length)
}
