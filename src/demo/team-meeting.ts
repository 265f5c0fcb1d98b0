import { DateTime } from 'luxon'
import type { Meeting, Practitioner, SampleEvent, Taken } from './sample.ts'
import { day, spanAt, timeAt } from './wall-clock.ts'

const TITLE = 'Team meeting'
const WEEKDAY = 1
const AT = 8 * 60 + 15
const MINUTES = 30
const MOVED_WEEK = 0
const MOVED_TO = { days: 1, minutes: 15 }
const CANCELLED_WEEK = 1

/** Every Tuesday by the organizer's clock, so elsewhere it shifts in the weeks between two clock changes. */
export function teamMeeting(of: {
  monday: DateTime
  first: DateTime
  until: DateTime
  members: readonly Practitioner[]
}): {
  meeting: Meeting
  takenOn: (date: string, timeZone: string) => Taken[]
} {
  const { monday, first, until, members } = of
  const [organizer, ...guests] = members
  if (organizer === undefined) throw new RangeError('a meeting needs somebody to organise it')
  const { timeZone, email } = organizer
  const dateIn = (week: DateTime): string => day(week.plus({ days: WEEKDAY }))
  const movedFrom = dateIn(monday.plus({ weeks: MOVED_WEEK }))
  const movedTo = day(DateTime.fromISO(movedFrom, { zone: 'utc' }).plus({ days: MOVED_TO.days }))
  const cancelledOn = dateIn(monday.plus({ weeks: CANCELLED_WEEK }))
  const weeks = Math.round(until.diff(first, 'weeks').weeks) + 1
  const attendees = [organizer, ...guests].map(each => ({
    email: each.email,
    displayName: each.name,
    responseStatus: 'accepted',
  }))
  const event: SampleEvent = {
    id: `team${dateIn(first).replaceAll('-', '')}`,
    summary: TITLE,
    location: 'Room 1 and video',
    ...spanAt(dateIn(first), AT, MINUTES, timeZone),
    recurrence: [`RRULE:FREQ=WEEKLY;COUNT=${weeks}`],
    attendees,
  }
  const meeting: Meeting = {
    organizer: email,
    event,
    moved: { originalStart: utc(movedFrom, timeZone), ...spanAt(movedTo, AT + MOVED_TO.minutes, MINUTES, timeZone) },
    cancelled: { originalStart: utc(cancelledOn, timeZone) },
  }
  return { meeting, takenOn: (date, zone) => takenOn({ date, zone, timeZone, movedFrom, movedTo, cancelledOn }) }
}

const utc = (date: string, timeZone: string): string =>
  DateTime.fromISO(timeAt(date, AT, timeZone).dateTime)
    .toUTC()
    .toFormat("yyyyMMdd'T'HHmmss'Z'")

function takenOn(of: {
  date: string
  zone: string
  timeZone: string
  movedFrom: string
  movedTo: string
  cancelledOn: string
}): Taken[] {
  const { date, zone, timeZone, movedFrom, movedTo, cancelledOn } = of
  const isMoved = date === movedTo
  const isRegular = DateTime.fromISO(date).weekday === WEEKDAY + 1 && date !== movedFrom && date !== cancelledOn
  if (!isMoved && !isRegular) return []
  const start = DateTime.fromISO(timeAt(date, AT + (isMoved ? MOVED_TO.minutes : 0), timeZone).dateTime).setZone(zone)
  const from = start.hour * 60 + start.minute
  return [{ from, to: from + MINUTES }]
}
