import type { Slot, Span } from '../model/time.ts'
import { sameSlot, slotKey, slotOf } from '../model/time.ts'
import type { Rule } from './rrule.ts'
import { formatRule, isMisread, readRule, readSlot } from './rrule.ts'

/**
 * The recurrence lines of a series as a value: (rules ∪ rdates) − (exclusionRules ∪ exdates).
 * `unread`: lines, or single values of them, that could not be read; they are kept as they came and take no part.
 */
export type Recurrence = {
  rules: readonly Rule[]
  exclusionRules: readonly Rule[]
  rdates: readonly Slot[]
  exdates: readonly Slot[]
  unread: readonly string[]
}

/** A line longer than this is not looked into. */
export const LINE_LENGTH_MAX = 20_000

/**
 * Recurrence lines in one spelling, so that equal meanings compare equal: Google reorders lines and parts, adds WKST and folds
 * EXDATEs as it likes. Names in upper case, parts in a fixed order, defaults dropped (INTERVAL=1; WKST where it is MO or has no
 * effect), EXDATE and RDATE one value a line and in UTC where the zone is known (`VALUE=DATE` for days), sorted, without
 * repeats. What cannot be read stays, trimmed. Never throws; normalising twice changes nothing.
 * @param zone the series' own, for times written without one; without it they stay as they are.
 */
export function normaliseRecurrence(lines: readonly string[], zone: string | null = null): string[] {
  return formatRecurrence(parseRecurrence(lines, zone))
}

/** Reads recurrence lines; what cannot be read is kept in `unread`. Never throws. */
export function parseRecurrence(lines: readonly string[], zone: string | null = null): Recurrence {
  const rules: Rule[] = []
  const exclusionRules: Rule[] = []
  const rdates: Slot[] = []
  const exdates: Slot[] = []
  const unread: string[] = []
  for (const line of splitLines(lines)) {
    const property = line.length > LINE_LENGTH_MAX ? null : readProperty(line)
    if (property?.name === 'RRULE' || property?.name === 'EXRULE') {
      const rule = readRule(property.value, zone)
      if (!rule.ok) unread.push(`${property.name}:${property.value.trim().toUpperCase()}`)
      else if (property.name === 'RRULE') rules.push(rule.value)
      else exclusionRules.push(rule.value)
    } else if (property?.name === 'RDATE' || property?.name === 'EXDATE') {
      const dates = readDates(property, zone)
      for (const slot of dates.slots) (property.name === 'RDATE' ? rdates : exdates).push(slot)
      for (const text of dates.unread) unread.push(text)
    } else unread.push(line)
  }
  return { rules, exclusionRules, rdates, exdates, unread }
}

/** The lines of a recurrence, normalised and sorted. */
export function formatRecurrence(recurrence: Recurrence): string[] {
  const lines = [
    ...recurrence.rules.map(rule => `RRULE:${formatRule(rule)}`),
    ...recurrence.exclusionRules.map(rule => `EXRULE:${formatRule(rule)}`),
    ...recurrence.rdates.map(slot => formatDateLine('RDATE', slot)),
    ...recurrence.exdates.map(slot => formatDateLine('EXDATE', slot)),
    ...recurrence.unread,
  ]
  return [...new Set(lines)].sort()
}

/** One entry per property: folded lines joined, several in one string parted, blanks dropped. */
function splitLines(lines: readonly string[]): string[] {
  return lines
    .flatMap(line => line.replace(/\r?\n[ \t]/g, '').split(/[\r\n]+/))
    .map(line => line.trim())
    .filter(line => line !== '')
}

export type Property = { name: string; parameters: ReadonlyMap<string, string>; value: string }

/** `NAME;PARAMETER=x:value`, names in upper case; null where the line is not of that form. */
function readProperty(line: string): Property | null {
  const match = /^([A-Za-z-]+)((?:;[A-Za-z-]+=(?:"[^"]*"|[^;:"]*))*):(.*)$/.exec(line)
  if (match === null) return null
  const [, name = '', parameterText = '', value = ''] = match
  const parameters = new Map<string, string>()
  for (const [, key = '', quoted, plain = ''] of parameterText.matchAll(/;([A-Za-z-]+)=(?:"([^"]*)"|([^;:"]*))/g))
    parameters.set(key.toUpperCase(), quoted ?? plain)
  return { name: name.toUpperCase(), parameters, value }
}

/**
 * The dates of an EXDATE or RDATE line as slots. A time needs Z, a known TZID or `zone`. `unread` holds a whole line per value
 * that could not be read.
 */
function readDates(property: Property, zone: string | null): { slots: Slot[]; unread: string[] } {
  const tzid = property.parameters.get('TZID')
  const slots: Slot[] = []
  const unread: string[] = []
  for (const text of property.value.split(',')) {
    const value = text.trim()
    if (value === '') continue
    const slot = readSlot(value, tzid ?? zone)
    const isMistyped = slot?.kind === 'timed' && property.parameters.get('VALUE')?.toUpperCase() === 'DATE'
    if (slot !== null && !isMistyped) slots.push(slot)
    else unread.push(`${property.name}${formatParameters(property)}:${value}`)
  }
  return { slots, unread }
}

const formatParameters = ({ parameters }: Property): string =>
  [...parameters].map(([name, value]) => `;${name}=${/[;:,]/.test(value) ? `"${value}"` : value}`).join('')

const formatDateLine = (name: 'RDATE' | 'EXDATE', slot: Slot): string =>
  `${name}${slot.kind === 'all-day' ? ';VALUE=DATE' : ''}:${slotKey(slot)}`

/** Ends the rules at `until` (inclusive) and takes COUNT away; a rule that ended earlier keeps its end. */
export function withUntil(recurrence: Recurrence, until: Slot): Recurrence {
  const ended = (rule: Rule): Rule => {
    const isEarlier = rule.until !== null && slotKey(rule.until) < slotKey(until)
    return { ...rule, count: null, until: isEarlier ? rule.until : until }
  }
  return { ...recurrence, rules: recurrence.rules.map(ended) }
}

/** Takes one occurrence out. Doing it twice is doing it once. */
export function withExdate(recurrence: Recurrence, slot: Slot): Recurrence {
  if (recurrence.exdates.some(known => sameSlot(known, slot))) return recurrence
  return { ...recurrence, exdates: [...recurrence.exdates, slot] }
}

export type RecurrenceProblem = { path: string; message: string }

/** More lines or dates than this in one series are refused. */
export const LINES_MAX = 1_000
export const DATES_MAX = 2_000

/**
 * What is wrong with the recurrence of a series that takes place first at `time`, each as a sentence for its sender; empty when
 * nothing is. Stricter than reading, for what we send must mean the same to Google: one RRULE, daily or slower, UNTIL and dates
 * in the form of the series (days, or instants). A start that does not match its rule is allowed, and is the first occurrence.
 * Source: RFC 5545 §3.3.10, Google's "Events and calendars" › recurrence.
 */
export function validateRecurrence(lines: readonly string[], time: Span): RecurrenceProblem[] {
  if (lines.length > LINES_MAX) return [{ path: 'recurrence', message: `must not have more than ${LINES_MAX} lines` }]
  const problems = lines.flatMap((line, index) =>
    lineProblems(line, time).map(message => ({ path: `recurrence[${index}]`, message })),
  )
  if (problems.length > 0) return problems
  const recurrence = parseRecurrence(lines, time.kind === 'timed' ? time.startZone : null)
  return setProblems(recurrence).map(message => ({ path: 'recurrence', message }))
}

function setProblems(recurrence: Recurrence): string[] {
  const { rules, rdates, exdates } = recurrence
  const problems: string[] = []
  if (rules.length > 1) problems.push('must not have more than one RRULE')
  if (rdates.length + exdates.length > DATES_MAX)
    problems.push(`must not have more than ${DATES_MAX} dates in EXDATE and RDATE`)
  if (exdates.length > 0 && rules.length + rdates.length === 0)
    problems.push('has an EXDATE but no RRULE or RDATE to take it from')
  return problems
}

function lineProblems(line: string, time: Span): string[] {
  if (line.length > LINE_LENGTH_MAX) return [`must not be longer than ${LINE_LENGTH_MAX} characters`]
  if (/[\r\n]/.test(line)) return ['must be one line: send one entry per property']
  const property = readProperty(line.trim())
  switch (property?.name) {
    case 'RRULE': {
      if (property.parameters.size > 0) return ['RRULE takes no parameters']
      const rule = readRule(property.value, null)
      return rule.ok ? ruleProblems(rule.value, time) : [rule.error]
    }
    case 'RDATE':
    case 'EXDATE':
      return dateProblems(property, time)
    default:
      return ['must begin with RRULE:, EXDATE or RDATE']
  }
}

function dateProblems(property: Property, time: Span): string[] {
  const form =
    time.kind === 'all-day'
      ? 'days, as in EXDATE;VALUE=DATE:20261208'
      : 'times in UTC or with a known TZID, as in EXDATE:20261208T140000Z'
  const { slots, unread } = readDates(property, null)
  const isWell = unread.length === 0 && slots.length > 0 && slots.every(slot => slot.kind === time.kind)
  return isWell ? [] : [`${property.name} must hold ${form}`]
}

/** Parts that a series of this kind and frequency may not have, one row per law of RFC 5545 §3.3.10 (or of ours, said so). */
const RULE_LAWS: readonly { isBroken: (rule: Rule, time: Span) => boolean; message: string }[] = [
  {
    isBroken: ({ frequency }) => ['SECONDLY', 'MINUTELY', 'HOURLY'].includes(frequency), // ours: no calendar shows them
    message: 'FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY',
  },
  {
    isBroken: rule => rule.byHour.length + rule.byMinute.length + rule.bySecond.length > 0, // ours: one time a day
    message: 'BYHOUR, BYMINUTE and BYSECOND are not supported: the start says the time of day',
  },
  { isBroken: rule => rule.count !== null && rule.until !== null, message: 'COUNT and UNTIL exclude each other' },
  {
    isBroken: (rule, time) => time.kind === 'all-day' && rule.until?.kind === 'timed',
    message: 'UNTIL of an all-day series must be a date, as in UNTIL=20261208',
  },
  {
    isBroken: (rule, time) => time.kind === 'timed' && rule.until?.kind === 'all-day',
    message: 'UNTIL of a timed series must be in UTC, as in UNTIL=20261208T140000Z',
  },
  {
    isBroken: (rule, time) => rule.until?.kind === time.kind && slotKey(rule.until) < slotKey(slotOf(time)),
    message: 'UNTIL lies before the start: the series would have no occurrence',
  },
  {
    isBroken: rule => rule.frequency !== 'YEARLY' && rule.byWeekNo.length > 0,
    message: 'BYWEEKNO needs FREQ=YEARLY',
  },
  {
    isBroken: rule => rule.frequency !== 'YEARLY' && rule.byYearDay.length > 0,
    message: 'BYYEARDAY needs FREQ=YEARLY',
  },
  {
    isBroken: rule => rule.frequency === 'WEEKLY' && rule.byMonthDay.length > 0,
    message: 'BYMONTHDAY does not go with FREQ=WEEKLY',
  },
  {
    isBroken: rule => ['DAILY', 'WEEKLY'].includes(rule.frequency) && rule.byDay.some(day => day.ordinal !== null),
    message: 'BYDAY takes numbers, as in 1MO, only with FREQ=MONTHLY or YEARLY',
  },
  {
    isBroken: rule => rule.byWeekNo.length > 0 && rule.byDay.some(day => day.ordinal !== null),
    message: 'BYDAY takes no numbers together with BYWEEKNO',
  },
  {
    isBroken: isMisread, // ours: programs disagree about it
    message:
      'with FREQ=YEARLY, numbered days as in 1MO go neither with BYMONTHDAY nor, without BYMONTH, with unnumbered ones',
  },
  {
    isBroken: ({ bySetPos, ...rule }) =>
      bySetPos.length > 0 &&
      [rule.byMonth, rule.byWeekNo, rule.byYearDay, rule.byMonthDay, rule.byDay].every(list => list.length === 0),
    message: 'BYSETPOS needs another BY part to choose from',
  },
]

function ruleProblems(rule: Rule, time: Span): string[] {
  return RULE_LAWS.filter(({ isBroken }) => isBroken(rule, time)).map(({ message }) => message)
}
