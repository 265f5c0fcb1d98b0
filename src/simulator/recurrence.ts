import ICAL from 'ical.js'

import { compactMoment, fromWallMs, type Moment, toWallMs } from './times.ts'
import type { StoredEvent } from './world.ts'

/** The series a master describes: where it starts, and its recurrence lines. */
type Series = { start: Moment; recurrence: string[] }

const DAY_MS = 86_400_000
/** A rule that matches nothing (31 February) would be searched for ever; nobody's series has more occurrences than this. */
const OCCURRENCES_MAX = 50_000

/** A point on the wall clock of the series' own zone, as if it were UTC: what rules, and so people, count in. */
type WallMs = number

/**
 * The original starts of a series in order, from the first that begins at or after `fromMs` to the last before `toMs`.
 * Counted on the wall clock of the series' zone, so daylight saving moves nothing for the people in the room.
 */
export function* occurrences(series: Series, fromMs: number, toMs: number): Generator<Moment> {
  const excluded = excludedWalls(series)
  let count = 0
  let last: WallMs | undefined
  for (const wall of mergedWalls(series)) {
    if (++count > OCCURRENCES_MAX) return
    if (wall === last || excluded.has(wall)) continue
    last = wall
    const moment = momentAt(series.start, wall)
    const at = moment.kind === 'time' ? moment.ms : wall
    if (at >= toMs) return
    if (at >= fromMs) yield moment
  }
}

/** Whether the series has an occurrence whose original start is `moment`. */
export function hasOccurrence(series: Series, moment: Moment): boolean {
  const at = moment.kind === 'time' ? moment.ms : Date.parse(`${moment.date}T00:00:00Z`)
  if (moment.kind !== series.start.kind) return false
  return occurrences(series, at, at + 1).next().done === false
}

/** The id of an occurrence: the master's, and its original start in UTC. Halves of a split series share the first one's. */
export const instanceIdOf = (masterId: string, original: Moment): string =>
  `${masterId.replace(/_R\d{8}(T\d{6})?$/, '')}_${compactMoment(original)}`

/** What an instance id names: the first master's id, and the original start in its compact form. */
export function splitInstanceId(id: string): { baseId: string; original: Moment } | undefined {
  const match = /^(.+)_(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z)?$/.exec(id)
  if (!match) return undefined
  const [, baseId = '', year, month, day, hour, minute, second] = match
  const date = `${year}-${month}-${day}`
  if (hour === undefined) return { baseId, original: { kind: 'date', date } }
  const ms = Date.parse(`${date}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(ms) ? undefined : { baseId, original: { kind: 'time', ms, zone: 'UTC' } }
}

/** When the occurrence at `original` ends: as long after it as the master's end is after its start. */
export function endOf(master: StoredEvent, original: Moment): Moment {
  const { start, end } = master
  if (original.kind === 'date' && start.kind === 'date' && end.kind === 'date') {
    const days = (Date.parse(end.date) - Date.parse(start.date)) / DAY_MS
    return { kind: 'date', date: isoDate(Date.parse(original.date) + days * DAY_MS) }
  }
  if (original.kind !== 'time' || start.kind !== 'time' || end.kind !== 'time') return end
  return { kind: 'time', ms: original.ms + end.ms - start.ms, zone: end.zone }
}

const isoDate = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const wallOf = (moment: Moment): WallMs =>
  moment.kind === 'date' ? Date.parse(`${moment.date}T00:00:00Z`) : toWallMs(moment.zone, moment.ms)

function momentAt(start: Moment, wall: WallMs): Moment {
  if (start.kind === 'date') return { kind: 'date', date: isoDate(wall) }
  return { kind: 'time', ms: fromWallMs(start.zone, wall), zone: start.zone }
}

/** All rules and RDATEs of a series as one ascending stream. A series of RDATEs alone begins with its own start. */
function* mergedWalls(series: Series): Generator<WallMs> {
  const key = JSON.stringify(series)
  const known = walled.get(key)
  if (known !== undefined) yield* known
  else {
    const walls: WallMs[] = []
    for (const wall of freshWalls(series)) {
      walls.push(wall)
      yield wall
    }
    // Only what was read to its end, and is short, is worth keeping.
    if (walls.length > WALLS_MAX) return
    if (walled.size >= SERIES_MAX) walled.clear()
    walled.set(key, walls)
  }
}

const walled = new Map<string, readonly WallMs[]>()
const WALLS_MAX = 100
const SERIES_MAX = 1_000

function* freshWalls(series: Series): Generator<WallMs> {
  const rules = linesOf(series, 'RRULE').map(line => ruleWalls(line, series.start))
  const dates = listedWalls(series, 'RDATE')
  if (rules.length === 0) dates.push(wallOf(series.start))
  const streams: Iterator<WallMs>[] = [...rules, dates.sort((a, b) => a - b).values()]
  const heads = streams.map(stream => stream.next())
  for (;;) {
    let least = -1
    heads.forEach((head, i) => {
      const best = heads[least]
      if (!head.done && (!best || best.done || head.value < best.value)) least = i
    })
    const head = heads[least]
    const stream = streams[least]
    if (!head || head.done || !stream) return
    yield head.value
    heads[least] = stream.next()
  }
}

/**
 * The occurrences of one rule. ical.js lets a day that a month lacks run over into the next (29 February becomes 1 March),
 * counts it, and counts INTERVAL from the first match and not from the start; so what does not fit the rule is left out here, and COUNT is counted here.
 */
function* ruleWalls(line: string, start: Moment): Generator<WallMs> {
  const rule = ICAL.Recur.fromString(line.slice(line.indexOf(':') + 1).toUpperCase())
  if (!isPossible(rule)) return
  if (rule.until) rule.until = wallTime(untilWall(rule.until, start), start.kind === 'date')
  const most = rule.count ?? Infinity
  rule.count = null
  const first = wallTime(wallOf(start), start.kind === 'date')
  const fits = fitOf(rule, first)
  if (rule.freq === 'MONTHLY' || rule.freq === 'YEARLY') rule.interval = 1 // its turns are counted in `fitOf`
  const iterator = rule.iterator(first)
  let count = 0
  for (let next = iterator.next(); next && count < most; next = iterator.next()) {
    const isStart = count === 0 && next.compare(first) === 0
    if (!fits(next) || (isStart && !isOwnOccurrence(rule, first))) continue
    count += 1
    yield timeWall(next)
  }
}

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']
const LOOKBACK_DAYS = 400
const DAY_PARTS = ['BYDAY', 'BYSETPOS', 'BYYEARDAY', 'BYWEEKNO']

/**
 * Whether a series' start is an occurrence of its rule. ical.js gives it first in any case; asked from earlier on, it only
 * gives what the rule says. Rules that name no day mean the day of the start.
 */
function isOwnOccurrence(rule: ICAL.Recur, first: ICAL.Time): boolean {
  if (!DAY_PARTS.some(part => part in rule.parts)) return true
  const names: unknown[] = rule.getComponent('BYDAY')
  if (rule.freq === 'WEEKLY' || rule.freq === 'DAILY') {
    return names.length === 0 || names.some(name => String(name).endsWith(WEEKDAYS[first.dayOfWeek() - 1] ?? ''))
  }
  const probe = rule.clone()
  probe.interval = 1
  probe.until = null
  const earlier = first.clone()
  earlier.adjust(-LOOKBACK_DAYS, 0, 0, 0)
  const iterator = probe.iterator(earlier)
  let next = iterator.next()
  while (next && next.compare(first) < 0) next = iterator.next()
  return next?.compare(first) === 0
}

const DAYS_MAX = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const numbersOf = (rule: ICAL.Recur, part: string): number[] => {
  const values: unknown[] = rule.getComponent(part)
  return values.map(Number)
}

/** Whether any month of the rule has any of its days: a search for 31 February would not end. */
function isPossible(rule: ICAL.Recur): boolean {
  const days = numbersOf(rule, 'BYMONTHDAY')
  const months = numbersOf(rule, 'BYMONTH')
  if (days.length === 0 || months.length === 0) return true
  return months.some(month => days.some(day => Math.abs(day) <= (DAYS_MAX[month - 1] ?? 0)))
}

/** Whether an occurrence is in a month or year whose turn it is, on a day the rule names, or, when it names none, on the day of the month it began on. */
function fitOf(rule: ICAL.Recur, first: ICAL.Time): (time: ICAL.Time) => boolean {
  const days = numbersOf(rule, 'BYMONTHDAY')
  const months = numbersOf(rule, 'BYMONTH')
  const isPlain = Object.keys(rule.parts).every(part => part === 'BYMONTH')
  const keepsDay = isPlain && (rule.freq === 'MONTHLY' || rule.freq === 'YEARLY')
  const { interval, freq } = rule
  return time => {
    const years = time.year - first.year
    if (freq === 'YEARLY' && years % interval !== 0) return false
    if (freq === 'MONTHLY' && (years * 12 + time.month - first.month) % interval !== 0) return false
    if (months.length > 0 && !months.includes(time.month)) return false
    if (keepsDay && time.day !== first.day) return false
    if (days.length === 0) return true
    const fromEnd = time.day - 1 - ICAL.Time.daysInMonth(time.month, time.year)
    return days.includes(time.day) || days.includes(fromEnd)
  }
}

/** Whether a rule can be followed at all. @param rule its text without `RRULE:`. */
export function isReadableRule(rule: string, start: Moment): boolean {
  try {
    ruleWalls(`RRULE:${rule}`, start).next()
    return true
  } catch {
    return false // the parser's own words are not Google's
  }
}

/** UNTIL is an instant (UTC) for timed series; its date form means the whole of that day. */
function untilWall(until: ICAL.Time, start: Moment): WallMs {
  const wall = timeWall(until)
  if (start.kind === 'date') return Math.floor(wall / DAY_MS) * DAY_MS
  if (until.isDate) return wall + DAY_MS - 1000
  return until.zone === ICAL.Timezone.utcTimezone ? toWallMs(start.zone, wall) : wall
}

const timeWall = (time: ICAL.Time): WallMs =>
  Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second)

function wallTime(wall: WallMs, isDate: boolean): ICAL.Time {
  const at = new Date(wall)
  return ICAL.Time.fromData({
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
    isDate,
  })
}

function excludedWalls(series: Series): Set<WallMs> {
  const walls = new Set(listedWalls(series, 'EXDATE'))
  for (const line of linesOf(series, 'EXRULE')) {
    let count = 0
    for (const wall of ruleWalls(line, series.start)) {
      walls.add(wall)
      if (++count > OCCURRENCES_MAX / 10) break
    }
  }
  return walls
}

const linesOf = (series: Series, name: string): string[] =>
  series.recurrence.filter(line => line.toUpperCase().startsWith(name))

/** The dates of EXDATE or RDATE lines on the series' wall clock. Periods count by their start. */
function listedWalls(series: Series, name: string): WallMs[] {
  return linesOf(series, name).flatMap(line => {
    const colon = line.indexOf(':')
    const zone = /;TZID=([^;:]+)/i.exec(line.slice(0, colon))?.[1]
    return line
      .slice(colon + 1)
      .split(',')
      .map(text => listedWall(text.trim().split('/')[0] ?? '', zone, series.start))
      .filter(wall => !Number.isNaN(wall))
  })
}

function listedWall(text: string, zone: string | undefined, start: Moment): WallMs {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/.exec(text)
  if (!match) return NaN
  const [, year, month, day, hour = '00', minute = '00', second = '00', utc] = match
  const wall = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (start.kind === 'date') return Math.floor(wall / DAY_MS) * DAY_MS
  if (utc === 'Z') return toWallMs(start.zone, wall)
  return zone === undefined || zone === start.zone ? wall : toWallMs(start.zone, fromWallMs(zone, wall))
}
