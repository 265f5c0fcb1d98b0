import type { DateTime } from 'luxon'
import type { Diary, Practitioner, SampleAppointment, Taken, Visit } from './sample.ts'
import { day, spanAt, timeAt } from './wall-clock.ts'
import { FIRST_NAMES, LAST_NAMES, VISITS } from './people.ts'
import type { Draw } from './random.ts'

type Booking = {
  practitioner: Practitioner
  monday: DateTime
  first: DateTime
  last: DateTime
  today: string
  draw: Draw
  diary: Diary
}

const LUNCH_MINUTES = 45
const GRID_MINUTES = 15
const COURSE = { minutes: 40, visits: 8, weekday: 3, at: 15 * 60 }
/** How full a day is: full around today, thinner the further ahead, and a gap here and there. */
const FULLNESS = { past: 0.4, thisWeek: 0.85, lossPerWeekAhead: 0.13, least: 0.2 }

/** What the platform holds of one person: single visits, a course of eight, lunch as a block, some desk work. */
export function bookings(of: Booking): SampleAppointment[] {
  const { practitioner, first, last, draw } = of
  const made: SampleAppointment[] = [...course(of)]
  for (let date = first; date < last.plus({ weeks: 1 }); date = date.plus({ days: 1 })) {
    const text = day(date)
    if (!practitioner.workingDays.includes(date.weekday) || of.diary.isOff(text)) continue
    const taken = [...of.diary.takenOn(text), ...courseOn(of, date)]
    for (const slot of visitsOn(of, date, taken))
      made.push(visit(of, text, slot, `apt_${short(practitioner)}_${made.length + 1}`))
    if (date.weekday === 1 && draw.chance(0.6)) made.push(deskWork(practitioner, text, made.length + 1))
  }
  return made
}

const short = ({ userId }: Practitioner): string => userId.replace(/^.*-/, '')

type Slot = { at: number; visit: Visit }

/** Fills the day from its opening to its closing around what is taken. */
function visitsOn({ practitioner, monday, draw }: Booking, date: DateTime, taken: Taken[]): Slot[] {
  const { opensAt, closesAt, lunchAt, userId } = practitioner
  const busy = [...taken, { from: lunchAt, to: lunchAt + LUNCH_MINUTES }]
  const share = fullness(Math.floor(date.diff(monday, 'weeks').weeks))
  const visits = (VISITS[userId] ?? []).flatMap(each => Array.from({ length: each.weight }, () => each))
  const slots: Slot[] = []
  for (let at = opensAt; at < closesAt;) {
    const visit = draw.pick(visits)
    const clash = busy.find(each => each.from < at + visit.minutes && at < each.to)
    if (clash) at = Math.max(at + GRID_MINUTES, onGrid(clash.to))
    else if (at + visit.minutes > closesAt) break
    else {
      if (draw.chance(share)) slots.push({ at, visit })
      at = onGrid(at + visit.minutes + (draw.chance(0.4) ? GRID_MINUTES : 0))
    }
  }
  return slots
}

const onGrid = (minutes: number): number => Math.ceil(minutes / GRID_MINUTES) * GRID_MINUTES

function fullness(weeksAhead: number): number {
  if (weeksAhead < 0) return FULLNESS.past
  return Math.max(FULLNESS.least, FULLNESS.thisWeek - weeksAhead * FULLNESS.lossPerWeekAhead)
}

function visit(
  { practitioner, today, draw }: Booking,
  date: string,
  { at, visit: { title, minutes, rooms, note } }: Slot,
  id: string,
): SampleAppointment {
  return {
    id,
    userId: practitioner.userId,
    kind: 'appointment',
    status: statusOn(date, today, draw),
    title: `${title}, ${draw.pick(FIRST_NAMES)} ${draw.pick(LAST_NAMES)}`,
    description: note,
    location: draw.pick(rooms),
    ...spanAt(date, at, minutes, practitioner.timeZone),
    recurrence: null,
    recurringId: null,
    originalStart: null,
  }
}

function statusOn(date: string, today: string, draw: Draw): SampleAppointment['status'] {
  const chance = draw.number()
  if (date < today) return chance < 0.05 ? 'no_show' : chance < 0.11 ? 'cancelled' : 'completed'
  return chance < 0.04 ? 'cancelled' : chance < 0.16 ? 'tentative' : 'confirmed'
}

function deskWork(practitioner: Practitioner, date: string, number: number): SampleAppointment {
  const { userId, timeZone, closesAt } = practitioner
  return {
    ...NO_SERIES,
    id: `apt_${short(practitioner)}_${number}`,
    userId,
    kind: 'task',
    status: 'confirmed',
    title: 'Letters and results',
    ...spanAt(date, closesAt, 30, timeZone),
  }
}

const NO_SERIES = { description: null, location: null, recurrence: null, recurringId: null, originalStart: null }

const courseStart = ({ monday }: Booking): DateTime => monday.minus({ weeks: 3 }).plus({ days: COURSE.weekday - 1 })

/** A course of eight weekly visits, of which the next one to come has been moved by the platform itself. */
function course(of: Booking): SampleAppointment[] {
  const { practitioner, monday } = of
  const { userId, timeZone } = practitioner
  const id = `apt_${short(practitioner)}_course`
  const visitTitle = (VISITS[userId] ?? [])[0]?.title ?? 'Visit'
  const title = `${visitTitle} (course of ${COURSE.visits}), Grace Adeyemi`
  const base = {
    ...NO_SERIES,
    userId,
    kind: 'appointment' as const,
    status: 'confirmed' as const,
    title,
    location: 'Room 5',
  }
  const movedFrom = day(monday.plus({ weeks: 1, days: COURSE.weekday - 1 }))
  const series: SampleAppointment = {
    ...base,
    id,
    ...spanAt(day(courseStart(of)), COURSE.at, COURSE.minutes, timeZone),
    recurrence: [`RRULE:FREQ=WEEKLY;COUNT=${COURSE.visits}`, ...skipped(of)],
  }
  const moved: SampleAppointment = {
    ...base,
    id: `${id}_moved`,
    ...spanAt(movedFrom, COURSE.at - 60, COURSE.minutes, timeZone),
    recurringId: id,
    originalStart: timeAt(movedFrom, COURSE.at, timeZone),
  }
  return [series, moved]
}

/** No visit on a day off. */
function skipped(of: Booking): string[] {
  const dates = Array.from({ length: COURSE.visits }, (_, week) => day(courseStart(of).plus({ weeks: week })))
  const off = dates
    .filter(date => of.diary.isOff(date))
    .map(date => `${date.replaceAll('-', '')}T${clock(COURSE.at)}00`)
  return off.length === 0 ? [] : [`EXDATE;TZID=${of.practitioner.timeZone}:${off.join(',')}`]
}

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}`

/** The course keeps its hour free, and the hour before it, into which one visit was moved. */
function courseOn(of: Booking, date: DateTime): Taken[] {
  const weeks = date.diff(courseStart(of), 'weeks').weeks
  const isCourseDay = Number.isInteger(weeks) && weeks >= 0 && weeks < COURSE.visits
  return isCourseDay ? [{ from: COURSE.at - 60, to: COURSE.at + COURSE.minutes }] : []
}
