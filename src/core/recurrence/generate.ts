import { RRuleTemporal } from 'rrule-temporal'
import { DAY_MS, LAST_INSTANT, slotKey } from '../model/time.ts'
import type { Frequency, Rule } from './rrule.ts'
import { formatRule, isMisread } from './rrule.ts'

/** No answer holds more occurrences than this; what is cut off is said (`isComplete`). */
export const OCCURRENCES_MAX = 10_000
/** How many stretches of time one question may look through: bounds rules that hardly ever, or never, yield. */
const STRETCHES_MAX = 250
/** And how many in a row without an occurrence: 29 February on a Monday is found, 30 February is given up. */
const EMPTY_STRETCHES_MAX = 25

/** The stretch asked of the library at once, so that no answer grows large: a few thousand occurrences of one time of day. */
const STRETCH_MS: Record<Frequency, number> = {
  SECONDLY: DAY_MS / 24,
  MINUTELY: DAY_MS,
  HOURLY: 30 * DAY_MS,
  DAILY: 1_461 * DAY_MS,
  WEEKLY: 1_461 * DAY_MS,
  MONTHLY: 3_652 * DAY_MS,
  YEARLY: 7_305 * DAY_MS,
}

/** `isComplete` false: a bound was reached, or the rule is one that the library refuses, and there may be more. */
export type Generated = { times: number[]; isComplete: boolean }

export type GenerateInput = {
  rule: Rule
  startMs: number
  /** The last moment at which an occurrence may start (the rule's UNTIL on the same clock); null: none. */
  lastMs: number | null
  fromMs: number
  toMs: number
}

/**
 * Where a rule places occurrences in [fromMs, toMs), ascending, on a clock without zones (wall clocks written as UTC): daylight
 * saving is none of the library's business. The start is the first occurrence and counts, whether the rule yields it or not, as
 * in Google; a rule that ends before its start yields nothing. Never throws, time bounded.
 */
export function generateTimes({ rule, startMs, lastMs, fromMs, toMs }: GenerateInput): Generated {
  const times: number[] = []
  const endMs = Math.min(toMs, lastMs === null ? LAST_INSTANT : lastMs + 1)
  if (startMs >= fromMs && startMs < endMs) times.push(startMs)
  if (isMisread(rule)) return { times, isComplete: false }
  const between = compile(rule, startMs)
  const stretchMs = Math.ceil((STRETCH_MS[rule.frequency] * rule.interval) / timesOfDay(rule))
  let counted = 1
  let empty = 0
  let cursorMs = rule.count === null ? Math.max(fromMs, startMs + 1) : startMs + 1
  for (let stretches = 0; cursorMs < endMs; stretches += 1) {
    if (rule.count !== null && counted >= rule.count) break
    if (stretches >= STRETCHES_MAX || empty >= EMPTY_STRETCHES_MAX) return { times, isComplete: false }
    const stretchEndMs = Math.min(cursorMs + stretchMs, endMs)
    const found = between(cursorMs, stretchEndMs)
    if (found === null) return { times, isComplete: false }
    for (const ms of found) {
      if (rule.count !== null && counted >= rule.count) break
      counted += 1
      if (ms >= fromMs) times.push(ms)
      if (times.length > OCCURRENCES_MAX) return { times, isComplete: false }
    }
    empty = found.length === 0 ? empty + 1 : 0
    cursorMs = stretchEndMs
  }
  return { times, isComplete: true }
}

const timesOfDay = ({ byHour, byMinute, bySecond }: Rule): number =>
  [byHour, byMinute, bySecond].reduce((product, list) => product * Math.max(1, list.length), 1)

/**
 * The rule without its ends as a question to the library: which starts lie in [fromMs, toMs)? Null: it gave up or refused. Its
 * bounds on candidates and iterations stay as they come: setting them takes it off its fast path (five to forty times slower).
 */
function compile(rule: Rule, startMs: number): (fromMs: number, toMs: number) => readonly number[] | null {
  const start = slotKey({ kind: 'timed', at: startMs })
  const text = formatRule({ ...rule, count: null, until: null })
  const name = `DTSTART:${start}\nRRULE:${text}`
  const known = questions.get(name)
  if (known !== undefined) return known
  if (questions.size >= QUESTIONS_MAX) questions.clear()
  const question = questionOf(name)
  questions.set(name, question)
  return question
}

/** A series is asked about again and again: by each write, each reading of a week, each pull that brings one of its exceptions. */
const questions = new Map<string, ReturnType<typeof questionOf>>()
const QUESTIONS_MAX = 1_000
const STRETCHES_KEPT_MAX = 4
const KEPT_TIMES_MAX = 400

function questionOf(rruleString: string): (fromMs: number, toMs: number) => readonly number[] | null {
  let compiled: RRuleTemporal | null = null
  const answers = new Map<string, readonly number[]>()
  return (fromMs, toMs) => {
    const asked = `${fromMs} ${toMs}`
    const known = answers.get(asked)
    if (known !== undefined) return known
    const times = ask(fromMs, toMs)
    if (times !== null && times.length <= KEPT_TIMES_MAX) {
      if (answers.size >= STRETCHES_KEPT_MAX) answers.clear()
      answers.set(asked, times)
    }
    return times
  }

  function ask(fromMs: number, toMs: number): readonly number[] | null {
    try {
      compiled ??= new RRuleTemporal({ rruleString })
      return compiled.between(new Date(fromMs), new Date(toMs - 1), true).map(time => time.epochMilliseconds)
    } catch {
      return null // its own bounds, or a combination of parts it does not know: the caller says "incomplete"
    }
  }
}
