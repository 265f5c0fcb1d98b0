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

type CalendarEvents = { calendarId: string; events: GoogleEvent[] }

const CALLED_OFF = ['cancelled', 'no_show']

/**
 * Both sides of one week, with what belongs together told by one name.
 * @param monday the week's first day, `YYYY-MM-DD`.
 */
export function weekOf(of: {
  appointments: Appointment[]
  calendars: CalendarEvents[]
  timeZone: string
  monday: string
}): Week {
  const { appointments, calendars, timeZone, monday } = of
  const end = DateTime.fromISO(monday).plus({ weeks: 1 }).toFormat('yyyy-MM-dd')
  /** Where a whole day begins and ends is nothing the APIs agree on across zones: a listing may bring its neighbours. */
  const isInWeek = ({ isAllDay, from, to }: WeekItem): boolean => !isAllDay || (from < end && to > monday)
  const google = calendars
    .flatMap(({ calendarId, events }) => events.map(each => googleItem(each, calendarId, timeZone)))
    .filter(isInWeek)
  const byName = new Map(google.flatMap(item => [item.pair, plainName(item)].map(name => [name, item] as const)))
  const partners = new Map<WeekItem, WeekItem>()
  const platform = appointments.map(appointment => {
    const item = platformItem(appointment, timeZone)
    const partner = namesOf(appointment).flatMap(name => byName.get(name) ?? [])[0]
    if (partner === undefined) return item
    partners.set(partner, item)
    return { ...item, pair: partner.pair }
  })
  return { platform: platform.filter(isInWeek), google: google.map(item => withPartner(item, partners.get(item))) }
}

function withPartner(item: WeekItem, partner: WeekItem | undefined): WeekItem {
  if (partner === undefined) return { ...item, pair: null }
  const { origin, title } = partner
  return { ...item, origin, isMasked: origin === 'platform' && title !== item.title }
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
    pair: null,
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

const plainName = ({ calendarId, id }: WeekItem): string => pairKey(calendarId ?? '', id, null)

/**
 * The names under which an appointment's event may be found. An occurrence is known by its series' event and its slot, whether it
 * was changed (then it has an event of its own) or not; an invitation to one occurrence alone only by its own event.
 */
function namesOf({ status, recurringId, originalStart, google }: Appointment): string[] {
  const { calendarId, eventId } = google
  if (calendarId === null || eventId === null || CALLED_OFF.includes(status)) return []
  const own = pairKey(calendarId, eventId, null)
  if (recurringId === null) return [own]
  return [pairKey(calendarId, eventId.replace(/_\d{8}(T\d{6}Z)?$/, ''), originalStart), own]
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
