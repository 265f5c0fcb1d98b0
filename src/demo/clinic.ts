import { DateTime } from 'luxon'
import { clockChanges } from './clock-changes.ts'
import { CLINIC_NAME, LEAVE, PRACTITIONERS, PRIVATE_EVENTS } from './people.ts'
import { drawFrom } from './random.ts'
import { bookings } from './bookings.ts'
import type { Clinic, Diary, Practitioner, SampleEvent, Taken } from './sample.ts'
import { teamMeeting } from './team-meeting.ts'
import { day, spanAt } from './wall-clock.ts'

export const WEEKS_BACK = 6
export const WEEKS_AHEAD = 8

/**
 * A clinic with realistic weeks around `today`: six behind, eight ahead. The same seed and day give the same clinic.
 * @param today `YYYY-MM-DD`.
 */
export function sampleClinic({ seed, today }: { seed: number; today: string }): Clinic {
  const monday = DateTime.fromISO(firstWeek(today), { zone: 'utc' })
  const first = monday.minus({ weeks: WEEKS_BACK })
  const last = monday.plus({ weeks: WEEKS_AHEAD })
  const zones = [...new Set(PRACTITIONERS.map(each => each.timeZone))]
  const changes = clockChanges({ zones, from: first, to: last.plus({ weeks: 1 }) })
  const until = DateTime.max(
    last,
    ...changes.map(change => DateTime.fromISO(change.date, { zone: 'utc' }).plus({ weeks: 1 })),
  )
  const meeting = teamMeeting({ monday, first, until, members: PRACTITIONERS })
  const members = PRACTITIONERS.map((practitioner, index) => {
    const draw = drawFrom(seed + index)
    const own = ownEvents({ practitioner, monday, first, last, index })
    const diary = {
      isOff: own.isOff,
      takenOn: (date: string) => [...own.takenOn(date), ...meeting.takenOn(date, practitioner.timeZone)],
    }
    const appointments = bookings({ practitioner, monday, first, last, today, draw, diary })
    return { ...practitioner, appointments, events: own.events }
  })
  const weeks = { from: day(first), to: day(until.startOf('week')) }
  return { name: CLINIC_NAME, members, meeting: meeting.meeting, weeks, clockChanges: changes }
}

/** The Monday of the week to look at first: this week's, at the weekend the coming one's. */
export function firstWeek(today: string): string {
  return day(DateTime.fromISO(today, { zone: 'utc' }).plus({ days: 2 }).startOf('week'))
}

type OwnEvents = Diary & { events: SampleEvent[] }

/** What a person keeps in Google beside the clinic's business: private events in a rhythm, and whole days of leave. */
function ownEvents(of: {
  practitioner: Practitioner
  monday: DateTime
  first: DateTime
  last: DateTime
  index: number
}): OwnEvents {
  const { practitioner, monday, first, last, index } = of
  const { userId, timeZone } = practitioner
  const taken = new Map<string, Taken[]>()
  const off = new Set<string>()
  const events: SampleEvent[] = []
  for (const [place, plan] of (PRIVATE_EVENTS[userId] ?? []).entries()) {
    for (
      let week = first.plus({ weeks: place % plan.everyWeeks });
      week <= last;
      week = week.plus({ weeks: plan.everyWeeks })
    ) {
      const date = day(week.plus({ days: plan.day }))
      taken.set(date, [...(taken.get(date) ?? []), { from: plan.at, to: plan.at + plan.minutes }])
      events.push({
        id: `self${index}${place}${date.replaceAll('-', '')}`,
        summary: plan.title,
        ...spanAt(date, plan.at, plan.minutes, timeZone),
        ...(plan.isPrivate ? { visibility: 'private' as const } : {}),
      })
    }
  }
  for (const [place, leave] of (LEAVE[userId] ?? []).entries()) {
    const from = monday.plus({ weeks: leave.week, days: leave.day })
    for (let i = 0; i < leave.days; i++) off.add(day(from.plus({ days: i })))
    const span = { start: { date: day(from) }, end: { date: day(from.plus({ days: leave.days })) } }
    events.push({ id: `off${index}${place}${day(from).replaceAll('-', '')}`, summary: leave.title, ...span })
  }
  return { events, isOff: date => off.has(date), takenOn: date => taken.get(date) ?? [] }
}
