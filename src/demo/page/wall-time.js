/** Wall-clock arithmetic on `YYYY-MM-DDTHH:mm` and `YYYY-MM-DD`. No zone is involved: the server has read the clocks already. */

const DAY_MS = 86_400_000

export const dayOf = wall => wall.slice(0, 10)
export const clockOf = wall => wall.slice(11, 16)
export const minutesOf = wall => Number(wall.slice(11, 13)) * 60 + Number(wall.slice(14, 16))

export function addDays(day, count) {
  return new Date(Date.parse(`${day}T00:00Z`) + count * DAY_MS).toISOString().slice(0, 10)
}

export function addMinutes(wall, count) {
  return new Date(Date.parse(`${wall}Z`) + count * 60_000).toISOString().slice(0, 16)
}

export const daysBetween = (from, to) =>
  Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / DAY_MS)
export const minutesBetween = (from, to) => Math.round((Date.parse(`${to}Z`) - Date.parse(`${from}Z`)) / 60_000)
export const at = (day, minutes) => addMinutes(`${day}T00:00`, minutes)

const format = options => new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options })
const FORMATS = {
  weekday: format({ weekday: 'short' }),
  number: format({ day: 'numeric' }),
  short: format({ day: 'numeric', month: 'short' }),
  long: format({ weekday: 'long', day: 'numeric', month: 'long' }),
}
export const told = (day, how) => FORMATS[how].format(Date.parse(`${day}T00:00Z`))

/** The day it is in a zone now. */
export const todayIn = timeZone => new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date())

/** Minutes after midnight in a zone now. */
export function minutesNowIn(timeZone) {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date())
  return Number(parts.slice(0, 2)) * 60 + Number(parts.slice(3, 5))
}
