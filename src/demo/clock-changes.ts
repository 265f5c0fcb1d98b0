import { DateTime } from 'luxon'

const DAYS_AHEAD_MAX = 366

type ClockChange = { date: string; timeZone: string; title: string }

/**
 * The days on which clocks change in one of the zones. Where none falls between `from` and `to`, the first one after that:
 * a recurring meeting is then carried on far enough to show it.
 */
export function clockChanges(of: { zones: readonly string[]; from: DateTime; to: DateTime }): ClockChange[] {
  const { zones, from, to } = of
  const all = zones.flatMap(timeZone => changesOf(timeZone, from, from.plus({ days: DAYS_AHEAD_MAX })))
  const sorted = all.toSorted((one, other) => one.date.localeCompare(other.date))
  const within = sorted.filter(change => change.date < to.toFormat('yyyy-MM-dd'))
  return within.length > 0 ? within : sorted.slice(0, 1)
}

function changesOf(timeZone: string, from: DateTime, to: DateTime): ClockChange[] {
  const changes: ClockChange[] = []
  let before = offsetAt(from, timeZone)
  for (let date = from; date < to; date = date.plus({ days: 1 })) {
    const after = offsetAt(date.plus({ days: 1 }), timeZone)
    if (after !== before) {
      const place = timeZone.slice(timeZone.lastIndexOf('/') + 1).replaceAll('_', ' ')
      const title = `Clocks go ${after > before ? 'forward' : 'back'} in ${place}`
      changes.push({ date: date.toFormat('yyyy-MM-dd'), timeZone, title })
    }
    before = after
  }
  return changes
}

/** Minutes east of UTC at the day's beginning there. */
const offsetAt = (date: DateTime, timeZone: string): number =>
  DateTime.fromISO(date.toFormat('yyyy-MM-dd'), { zone: timeZone }).offset
