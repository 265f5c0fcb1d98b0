import { DAY_MS, offsetMs, slotKey, wallClockAt, type Instant } from '../model/time.ts'

const STEP_MS = 7 * DAY_MS
const SECOND_MS = 1_000

/** `20261208T090000`: a wall clock, given as `wallClockAt` gives it. */
export const localText = (wallMs: number): string => slotKey({ kind: 'timed', at: wallMs }).slice(0, -1)

/**
 * The VTIMEZONE of an IANA zone (RFC 5545 §3.6.5): the offset at `from` and every change of it until `to`, each named by its local time. No
 * rule is guessed from the changes: years beyond `to` keep the last offset until the feed is read again.
 */
export function timeZoneLines(zone: string, from: Instant, to: Instant): string[] {
  const observances = new Map<string, { isDaylight: boolean; before: number; after: number; onsets: string[] }>()
  for (const at of transitions(zone, from, to)) {
    const before = offsetMs(at - 1, zone)
    const after = offsetMs(at, zone)
    const key = `${before} ${after}`
    const known = observances.get(key) ?? { isDaylight: after > before, before, after, onsets: [] }
    known.onsets.push(localText(at + before))
    observances.set(key, known)
  }
  const first = offsetMs(from, zone)
  return [
    'BEGIN:VTIMEZONE',
    `TZID:${zone}`,
    ...observanceLines({
      isDaylight: false,
      before: first,
      after: first,
      onsets: [localText(wallClockAt(from, zone))],
    }),
    ...[...observances.values()].flatMap(observanceLines),
    'END:VTIMEZONE',
  ]
}

function observanceLines(of: {
  isDaylight: boolean
  before: number
  after: number
  onsets: readonly string[]
}): string[] {
  const name = of.isDaylight ? 'DAYLIGHT' : 'STANDARD'
  const [first = '', ...others] = of.onsets
  return [
    `BEGIN:${name}`,
    `DTSTART:${first}`,
    ...others.map(onset => `RDATE:${onset}`), // one a line: some readers take the first of a list alone
    `TZOFFSETFROM:${offsetText(of.before)}`,
    `TZOFFSETTO:${offsetText(of.after)}`,
    `END:${name}`,
  ]
}

/** The first instant of each new offset in (from, to). */
function transitions(zone: string, from: Instant, to: Instant): Instant[] {
  const found: Instant[] = []
  for (let at = from; at < to; at += STEP_MS) {
    const until = Math.min(at + STEP_MS, to)
    if (offsetMs(at, zone) !== offsetMs(until, zone)) found.push(transitionBetween(zone, at, until))
  }
  return found
}

/** Halves the stretch until a second is left: zones change on whole seconds. */
function transitionBetween(zone: string, from: Instant, to: Instant): Instant {
  const before = offsetMs(from, zone)
  let [low, high] = [Math.floor(from / SECOND_MS), Math.ceil(to / SECOND_MS)]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetMs(middle * SECOND_MS, zone) === before) low = middle
    else high = middle
  }
  return high * SECOND_MS
}

function offsetText(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / SECOND_MS)
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  const shown = parts[2] === 0 ? parts.slice(0, 2) : parts
  return `${ms < 0 ? '-' : '+'}${shown.map(part => String(part).padStart(2, '0')).join('')}`
}
