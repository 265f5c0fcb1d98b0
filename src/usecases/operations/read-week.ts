import { unveiled } from '../../core/sync/veil.ts'
import type { Appointment } from '../../core/model/appointment.ts'
import type { Calendar, Connection } from '../../core/model/connection.ts'
import type { Link } from '../../core/model/link.ts'
import type { Policies } from '../../core/model/policies.ts'
import type { Projection } from '../../core/model/projection.ts'
import {
  addDays,
  dateMs,
  dayInZone,
  overlaps,
  spanBounds,
  startOfDay,
  wallClockAt,
  type Instant,
  type Range,
  type Span,
} from '../../core/model/time.ts'
import { expandSeries, type SeriesException } from '../../core/recurrence/expand.ts'
import { differingFields } from '../../core/sync/fingerprint.ts'
import { project } from '../../core/sync/projection.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import { readWindow } from '../appointments/read-window.ts'
import type { Deps } from '../deps.ts'

export type WeekDay = { date: string; weekday: string; number: string; long: string; isToday: boolean }

/** One occurrence on one side. `parts`: the days it covers, in minutes of each; empty for whole days. */
export type WeekItem = {
  appointmentId: string
  /** The same on both sides for the two halves of a pair. */
  pair: string
  /** Null: not for this viewer, or Google shows none. */
  title: string | null
  kind: string
  status: string
  origin: Appointment['origin']
  isLocked: boolean
  /** Cancelled or missed. */
  isOff: boolean
  isAllDay: boolean
  days: readonly string[]
  parts: readonly { date: string; fromMinute: number; toMinute: number }[]
  clock: string
  /** How the two sides differ, as a sentence; null: they do not. */
  mark: string | null
}

/** Left the appointments, right what Google was last seen to show of them, through this connection. */
export type Week = {
  monday: string
  timeZone: string
  days: readonly WeekDay[]
  fromHour: number
  toHour: number
  platform: readonly WeekItem[]
  google: readonly WeekItem[]
  differing: number
  /** False: there is too much to show. */
  isComplete: boolean
}

type Input = {
  connection: Connection
  calendars: readonly Calendar[]
  policies: Policies
  /** Any day of the week; null: today's. */
  day: string | null
  /** Titles are only for those who may see them. */
  showsTitles: boolean
  now: Instant
}

const DAY_MINUTES = 24 * 60
const FIRST_HOUR = 8
const LAST_HOUR = 18

/** @returns both sides of one week, occurrence by occurrence. */
export async function readWeek({ store }: Pick<Deps, 'store'>, input: Input): Promise<Week> {
  const { connection, calendars, now } = input
  const timeZone = (calendars.find(each => each.isTarget) ?? calendars[0])?.timeZone ?? 'UTC'
  const today = dayInZone(now, timeZone)
  const monday = mondayOf(input.day ?? today)
  const window = { startAt: startOfDay(monday, timeZone), endAt: startOfDay(addDays(monday, 7), timeZone) }
  const { tenantId, userId } = connection
  const contents = await readWindow(store, tenantId, { userId, isArchived: false, window })
  const view = { ...input, timeZone, window }
  const pairs = contents === null ? [] : contents.singles.map((single): Series => ({ master: single, exceptions: [] }))
  const series = [...pairs, ...(contents?.series ?? [])]
  const platform = series.flatMap(each => platformItems(each, view))
  const google = series.flatMap(each => googleItems(each, view))
  const items = [...platform, ...google]
  const differing = new Set(items.filter(each => each.mark !== null).map(each => each.appointmentId)).size
  return {
    monday,
    timeZone,
    days: daysShown(monday, today, items),
    ...hoursShown(items),
    platform,
    google,
    differing,
    isComplete: contents !== null,
  }
}

type Series = { master: Paired; exceptions: readonly Paired[] }
type View = Input & { timeZone: string; window: Range }

function platformItems({ master, exceptions }: Series, view: View): WeekItem[] {
  return occurrences(master.appointment, exceptions.map(exceptionOf), view).map(({ time, exception }) => {
    const paired = exception?.paired ?? master
    const { appointment } = paired
    return itemOf(appointment, time, view, {
      title: view.showsTitles ? appointment.title : null,
      mark: markOf(paired, view),
    })
  })
}

/** What Google returned last of the events we write; of its own events what was read of them. */
function googleItems({ master, exceptions }: Series, view: View): WeekItem[] {
  const shown = shownOf(master, view)
  const hidden = exceptions.flatMap(paired => {
    const { originalStart } = paired.appointment
    const own = shownOf(paired, view)
    return originalStart === null ? [] : [{ originalStart, time: own?.time ?? null, paired }]
  })
  // A series that Google does not show may have exceptions that it does.
  const placed =
    shown === null
      ? hidden.flatMap(each => (each.time === null ? [] : [{ time: each.time, exception: each }]))
      : occurrences(shown, hidden, view)
  return placed
    .filter(({ time }) => overlaps(spanBounds(time, view.timeZone), view.window))
    .flatMap(({ time, exception }) => {
      const paired = exception?.paired ?? master
      const content = shownOf(paired, view)
      if (content === null) return []
      return [
        itemOf(paired.appointment, time, view, {
          title: view.showsTitles && content.title !== null ? unveiled(content.title) : null,
          mark: markOf(paired, view),
        }),
      ]
    })
}

type Shown = { time: Span; recurrence: readonly string[]; title: string | null }

function shownOf({ appointment, links }: Paired, { connection }: View): Shown | null {
  const link = linkHere(links, connection)
  if (link === null || link.missing !== null) return null
  if (link.role === 'ours') return link.base === null ? null : link.base.returned
  return appointment.status === 'cancelled' ? null : appointment
}

const linkHere = (links: readonly Link[], connection: Connection): Link | null =>
  links.find(link => link.connectionId === connection.id && link.role !== 'parked') ?? null

type Exception = SeriesException & { paired: Paired }

function exceptionOf(paired: Paired): Exception {
  const { originalStart, time, archivedAt } = paired.appointment
  if (originalStart === null) throw new Error(`${paired.appointment.id} is no exception`)
  return { originalStart, time: archivedAt === null ? time : null, paired }
}

function occurrences<E extends SeriesException>(
  of: { time: Span; recurrence: readonly string[] },
  exceptions: readonly E[],
  { window, timeZone }: View,
): { time: Span; exception: E | null }[] {
  if (of.recurrence.length > 0) return expandSeries(of, exceptions, window, timeZone).occurrences
  return overlaps(spanBounds(of.time, timeZone), window) ? [{ time: of.time, exception: null }] : []
}

/** Why the two halves of a pair do not say the same, in words; null where they do, or where there is nothing to compare. */
function markOf({ appointment, links, outbox }: Paired, { connection, calendars, policies }: View): string | null {
  if (outbox !== null && outbox.connectionId === connection.id) return WAITING[outbox.state]
  const link = linkHere(links, connection)
  if (link?.missing != null) return 'gone from Google, being asked about'
  if (appointment.origin === 'google') return null
  if (link === null) return isWanted(appointment, calendars, policies) ? 'not in Google' : null
  if (link.base === null) return null
  const wanted: Projection = project(appointment, policies)
  const fields = differingFields(wanted, link.base.sent).filter(field => field !== 'colour')
  return fields.length === 0 ? null : `differs from Google in ${fields.join(', ')}`
}

const WAITING = { queued: 'on its way to Google', held: 'held back from Google', failed: 'refused by Google' } as const

function isWanted(appointment: Appointment, calendars: readonly Calendar[], { include }: Policies): boolean {
  const isIncluded = include.kinds.includes(appointment.kind) && include.statuses.includes(appointment.status)
  return isIncluded && calendars.some(each => each.isTarget && !each.isGone)
}

function itemOf(
  appointment: Appointment,
  time: Span,
  view: View,
  shown: { title: string | null; mark: string | null },
): WeekItem {
  const bounds = spanBounds(time, view.timeZone)
  const isAllDay = time.kind === 'all-day'
  const days = daysOf(bounds, view.timeZone)
  return {
    appointmentId: appointment.id,
    pair: `${appointment.id} ${isAllDay ? time.startDate : ''}`.trim(),
    ...shown,
    kind: appointment.kind,
    status: appointment.status,
    origin: appointment.origin,
    isLocked: appointment.origin === 'google',
    isOff: appointment.status === 'cancelled' || appointment.status === 'no_show',
    isAllDay,
    days,
    parts: isAllDay ? [] : days.map(date => partOf(date, bounds, view.timeZone)),
    clock: isAllDay ? 'all day' : `${clockAt(bounds.startAt, view.timeZone)}–${clockAt(bounds.endAt, view.timeZone)}`,
  }
}

function daysOf({ startAt, endAt }: Range, zone: string): string[] {
  const last = dayInZone(Math.max(startAt, endAt - 1), zone)
  const days = [dayInZone(startAt, zone)]
  for (let day = days[0] ?? last; day < last && days.length < 60;) {
    day = addDays(day, 1)
    days.push(day)
  }
  return days
}

function partOf(
  date: string,
  { startAt, endAt }: Range,
  zone: string,
): { date: string; fromMinute: number; toMinute: number } {
  const midnight = dateMs(date)
  const minuteOf = (at: Instant): number => Math.round((wallClockAt(at, zone) - midnight) / 60_000)
  return { date, fromMinute: Math.max(0, minuteOf(startAt)), toMinute: Math.min(DAY_MINUTES, minuteOf(endAt)) }
}

const clockAt = (at: Instant, zone: string): string => new Date(wallClockAt(at, zone)).toISOString().slice(11, 16)

export function mondayOf(day: string): string {
  const weekday = new Date(dateMs(day)).getUTCDay()
  return addDays(day, weekday === 0 ? -6 : 1 - weekday)
}

/** Saturday and Sunday only when something is on them. */
function daysShown(monday: string, today: string, items: readonly WeekItem[]): WeekDay[] {
  const used = new Set(items.flatMap(each => each.days))
  const dates = Array.from({ length: 7 }, (_, at) => addDays(monday, at))
  const isWeekendUsed = dates.slice(5).some(date => used.has(date))
  return (isWeekendUsed ? dates : dates.slice(0, 5)).map(date => ({
    date,
    weekday: told(date, { weekday: 'short' }),
    number: told(date, { day: 'numeric' }),
    long: told(date, { weekday: 'long', day: 'numeric', month: 'long' }),
    isToday: date === today,
  }))
}

const told = (date: string, how: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...how }).format(dateMs(date))

function hoursShown(items: readonly WeekItem[]): { fromHour: number; toHour: number } {
  const parts = items.flatMap(each => each.parts)
  const from = Math.min(FIRST_HOUR * 60, ...parts.map(part => part.fromMinute))
  const to = Math.max(LAST_HOUR * 60, ...parts.map(part => part.toMinute))
  return { fromHour: Math.floor(from / 60), toHour: Math.min(24, Math.ceil(to / 60)) }
}
