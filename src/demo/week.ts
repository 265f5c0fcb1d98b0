import { DateTime } from 'luxon'
import type { GoogleEvent } from './google.ts'
import type { Appointment } from './platform.ts'
import type { Time } from './wall-clock.ts'

/** One box on the page. Times are wall-clock times in the practitioner's zone, so that the browser computes with no zone. */
export type WeekItem = {
  side: 'platform' | 'google'
  id: string
  calendarId: string | null
  title: string
  location: string | null
  kind: string
  status: string
  isAllDay: boolean
  /** `YYYY-MM-DDTHH:mm`, for whole days `YYYY-MM-DD`; `to` is exclusive. */
  from: string
  to: string
  /** The same on both sides for two that belong together; null: alone. */
  pair: string | null
  origin: 'platform' | 'google'
  isLocked: boolean
  isPrivate: boolean
  /** Google shows less than the platform knows. */
  isMasked: boolean
  isRecurring: boolean
  isFree: boolean
  /** Where its way to Google stands; null on Google's side. */
  state: string | null
  link: string | null
}

export type Week = { platform: WeekItem[]; google: WeekItem[] }

export type CalendarEvents = { calendarId: string; events: GoogleEvent[] }

const CALLED_OFF = ['cancelled', 'no_show']

/** Both sides of one week, with what belongs together told by one name. */
export function weekOf(of: { appointments: Appointment[]; calendars: CalendarEvents[]; timeZone: string }): Week {
  const { appointments, calendars, timeZone } = of
  const platform = appointments.map(each => platformItem(each, timeZone))
  const google = calendars.flatMap(({ calendarId, events }) =>
    events.map(each => googleItem(each, calendarId, timeZone)),
  )
  const here = new Map(platform.flatMap(each => (each.pair === null ? [] : [[each.pair, each] as const])))
  const there = new Map(google.flatMap(each => (each.pair === null ? [] : [[each.pair, each] as const])))
  return {
    platform: platform.map(item => ({ ...item, pair: there.has(item.pair ?? '') ? item.pair : null })),
    google: google.map(item => {
      const partner = here.get(item.pair ?? '')
      if (partner === undefined) return { ...item, pair: null }
      const isOurs = partner.origin === 'platform'
      return { ...item, origin: partner.origin, isMasked: isOurs && partner.title !== item.title }
    }),
  }
}

function platformItem(appointment: Appointment, timeZone: string): WeekItem {
  const { id, kind, status, origin, google } = appointment
  return {
    side: 'platform',
    id,
    calendarId: google.calendarId,
    title: appointment.title ?? 'Busy',
    location: appointment.location,
    kind,
    status,
    ...wallSpan(appointment.start, appointment.end, timeZone),
    pair: CALLED_OFF.includes(status) ? null : pairOfAppointment(appointment),
    origin,
    isLocked: appointment.locked,
    isPrivate: false,
    isMasked: false,
    isRecurring: appointment.recurringId !== null || appointment.recurrence !== null,
    isFree: !appointment.busy,
    state: google.state,
    link: google.htmlLink,
  }
}

function googleItem(event: GoogleEvent, calendarId: string, timeZone: string): WeekItem {
  const { id, status, recurringEventId, originalStartTime } = event
  return {
    side: 'google',
    id,
    calendarId,
    title: event.summary ?? '(No title)',
    location: event.location ?? null,
    kind: 'event',
    status,
    ...wallSpan(event.start, event.end, timeZone),
    pair: pairKey(
      calendarId,
      recurringEventId ?? id,
      recurringEventId === undefined ? null : (originalStartTime ?? null),
    ),
    origin: 'google',
    isLocked: false,
    isPrivate: event.visibility === 'private',
    isMasked: false,
    isRecurring: recurringEventId !== undefined,
    isFree: event.transparency === 'transparent',
    state: null,
    link: event.htmlLink,
  }
}

/** An occurrence is known by its series' event and its slot, whether it was changed (then it has an event id of its own) or not. */
function pairOfAppointment({ recurringId, originalStart, google }: Appointment): string | null {
  const { calendarId, eventId } = google
  if (calendarId === null || eventId === null) return null
  const seriesId = recurringId === null ? eventId : eventId.replace(/_\d{8}(T\d{6}Z)?$/, '')
  return pairKey(calendarId, seriesId, recurringId === null ? null : originalStart)
}

function pairKey(calendarId: string, eventId: string, slot: Time | null): string {
  if (slot === null) return `${calendarId}/${eventId}`
  const at = 'date' in slot ? slot.date : DateTime.fromISO(slot.dateTime).toUTC().toFormat("yyyyMMdd'T'HHmm")
  return `${calendarId}/${eventId}/${at}`
}

function wallSpan(start: Time, end: Time, timeZone: string): Pick<WeekItem, 'isAllDay' | 'from' | 'to'> {
  return { isAllDay: 'date' in start, from: wallTime(start, timeZone), to: wallTime(end, timeZone) }
}

const WALL = "yyyy-MM-dd'T'HH:mm"

function wallTime(time: Time, timeZone: string): string {
  return 'date' in time ? time.date : DateTime.fromISO(time.dateTime).setZone(timeZone).toFormat(WALL)
}

/** The reverse: what the page sends, in the form that both APIs take. @returns null for text that is no time. */
export function timeOfWall(wall: string, timeZone: string): Time | null {
  if (/^\d{4}-\d{2}-\d{2}$/.test(wall)) return DateTime.fromISO(wall).isValid ? { date: wall } : null
  const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(wall) ? DateTime.fromISO(wall, { zone: timeZone }) : null
  if (moment === null || !moment.isValid) return null
  return { dateTime: moment.toISO({ suppressMilliseconds: true }), timeZone }
}

/** The first and the last moment of the week that begins on this Monday, there. @returns null for text that is no day. */
export function weekBounds(monday: string, timeZone: string): { from: string; to: string } | null {
  const start = DateTime.fromISO(monday, { zone: timeZone }).startOf('week')
  if (!start.isValid) return null
  const text = (moment: DateTime): string => moment.toISO({ suppressMilliseconds: true }) ?? ''
  return { from: text(start), to: text(start.plus({ weeks: 1 })) }
}
