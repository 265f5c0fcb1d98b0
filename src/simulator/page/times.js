/** Wall-clock times of the calendar's zone, as text: the page shows that zone, whatever the browser's is. */

const DAY_MS = 86_400_000

/** `2026-03-03T10:00` of an event's start or end; whole days at midnight. */
export const wallOf = moment => (moment.date === undefined ? moment.dateTime.slice(0, 16) : `${moment.date}T00:00`)

const asMs = wall => Date.parse(`${wall.length === 10 ? `${wall}T00:00` : wall}Z`)
const asWall = ms => new Date(ms).toISOString().slice(0, 16)

export const addDays = (date, days) => new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10)
export const addMinutes = (wall, minutes) => asWall(asMs(wall) + minutes * 60_000)

/** A JavaScript date of the week view, whose local fields are the calendar's wall clock. */
export const wallOfDate = date => {
  const two = number => String(number).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`
}

/** A start or end as the API takes it; the opposite field is cleared, as a patch between timed and all-day must. */
export const momentOf = (wall, isAllDay, timeZone) =>
  isAllDay
    ? { date: wall.slice(0, 10), dateTime: null, timeZone: null }
    : { dateTime: `${wall}:00`, timeZone, date: null }

/** How far an occurrence was moved and stretched: what moving "all events" does to their master. */
export function shifted(master, { from, to }) {
  const startBy = asMs(to.start) - asMs(from.start)
  const endBy = asMs(to.end) - asMs(from.end)
  return {
    start: asWall(asMs(wallOf(master.start)) + startBy),
    end: asWall(asMs(wallOf(master.end)) + endBy),
  }
}
