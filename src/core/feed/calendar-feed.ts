import type { Appointment } from '../model/appointment.ts'
import type { Policies } from '../model/policies.ts'
import type { Projection } from '../model/projection.ts'
import {
  DAY_MS,
  instantOfWallClock,
  slotKey,
  slotOf,
  wallClockAt,
  type Instant,
  type Slot,
  type Span,
} from '../model/time.ts'
import { parseRecurrence } from '../recurrence/rule.ts'
import { isShown } from '../sync/admission.ts'
import { project } from '../sync/projection.ts'
import { contentLines, escapeText } from './content-lines.ts'
import { localText, timeZoneLines } from './time-zone.ts'

/** An appointment and the UID its event has in the feed; for an exception, the UID of its series. */
export type FeedItem = { appointment: Appointment; uid: string }

type Shown = Pick<Policies, 'presentation' | 'cancelled' | 'include'>

/** How far ahead of today the changes of a zone's clocks are written out. */
const ZONE_YEARS_AHEAD = 10
const YEAR_MS = 366 * DAY_MS

/**
 * An iCalendar object (RFC 5545) of a user's appointments, each shown as Google would be shown it. The same appointments give the same
 * text, whenever it is written, so that its hash is its version (but for the clock changes of one more year, once a year).
 * @param items singles, and series with all their exceptions.
 */
export function calendarFeed(feed: {
  name: string
  items: readonly FeedItem[]
  policies: Shown
  now: Instant
}): string {
  const { name, items, policies, now } = feed
  const families = Map.groupBy(items, ({ appointment }) => appointment.recurringId ?? appointment.id)
  const events = [...families.values()].flatMap(family => familyLines(family, policies))
  return contentLines([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Lockstep//Feed 1.0//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escapeText(name)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    'X-PUBLISHED-TTL:PT1H',
    ...zonesOf(items, policies).flatMap(zone => timeZoneLines(zone.name, zone.from, zonesUntil(now))),
    ...events,
    'END:VCALENDAR',
  ])
}

/** The end of a year, so that the text does not change from day to day. */
const zonesUntil = (now: Instant): Instant => Date.UTC(new Date(now).getUTCFullYear() + ZONE_YEARS_AHEAD, 11, 31)

/** The zones in which series are written, each with an instant before the first of them. */
function zonesOf(items: readonly FeedItem[], policies: Shown): { name: string; from: Instant }[] {
  const from = new Map<string, Instant>()
  for (const { appointment } of items) {
    const { time, recurrence } = appointment
    if (time.kind === 'all-day' || recurrence.length === 0 || !isShown(appointment, policies)) continue
    for (const zone of [time.startZone, time.endZone])
      if (zone !== 'UTC') from.set(zone, Math.min(from.get(zone) ?? Infinity, time.startAt - YEAR_MS))
  }
  return [...from].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, at]) => ({ name, from: at }))
}

/** A single; or a series, its exceptions behind it. What is not shown of a series is taken out of it, and without it they are not shown. */
function familyLines(family: readonly FeedItem[], policies: Shown): string[] {
  const master = family.find(({ appointment }) => appointment.recurringId === null)
  if (master === undefined || !isShown(master.appointment, policies)) return []
  const exceptions = family.filter(item => item !== master)
  const hidden = exceptions.filter(({ appointment }) => !isShown(appointment, policies))
  const shown = exceptions.filter(item => !hidden.includes(item))
  return [
    ...eventLines(master, policies, [
      ...recurrenceLines(
        master.appointment,
        hidden.flatMap(({ appointment }) => appointment.originalStart ?? []),
      ),
    ]),
    ...shown.flatMap(item => eventLines(item, policies, recurrenceId(item.appointment, master.appointment.time))),
  ]
}

function eventLines({ appointment, uid }: FeedItem, policies: Shown, more: readonly string[]): string[] {
  const shown = project(appointment, policies)
  return [
    'BEGIN:VEVENT',
    `UID:${uid}`,
    `DTSTAMP:${slotKey({ kind: 'timed', at: appointment.updatedAt })}`,
    `CREATED:${slotKey({ kind: 'timed', at: appointment.createdAt })}`,
    `LAST-MODIFIED:${slotKey({ kind: 'timed', at: appointment.updatedAt })}`,
    `SEQUENCE:${appointment.version - 1}`,
    ...spanLines(shown.time, shown.recurrence.length > 0),
    ...more,
    ...textLines(shown),
    `STATUS:${shown.status.toUpperCase()}`,
    `TRANSP:${shown.busy ? 'OPAQUE' : 'TRANSPARENT'}`,
    ...classLines(policies),
    'END:VEVENT',
  ]
}

function textLines({ title, description, location }: Projection): string[] {
  return [
    `SUMMARY:${escapeText(title)}`,
    ...(description === '' ? [] : [`DESCRIPTION:${escapeText(description)}`]),
    ...(location === '' ? [] : [`LOCATION:${escapeText(location)}`]),
  ]
}

function classLines({ presentation: { visibility } }: Shown): string[] {
  return visibility === 'default' ? [] : [`CLASS:${visibility.toUpperCase()}`]
}

/** A series is written on the wall clock that carries it through the year; anything else in UTC, which no clock change can blur. */
function spanLines(time: Span, isSeries: boolean): string[] {
  if (time.kind === 'all-day')
    return [`DTSTART;VALUE=DATE:${dateText(time.startDate)}`, `DTEND;VALUE=DATE:${dateText(time.endDate)}`]
  return [
    `DTSTART${stamp(time.startAt, isSeries ? time.startZone : 'UTC')}`,
    `DTEND${stamp(time.endAt, isSeries ? time.endZone : 'UTC')}`,
  ]
}

/** `:20261208T140000Z`, or `;TZID=…:20261208T090000` where the wall clock says the same. */
function stamp(at: Instant, zone: string): string {
  const wallMs = wallClockAt(at, zone)
  const isPlain = zone !== 'UTC' && instantOfWallClock(wallMs, zone) === at
  return isPlain ? `;TZID=${zone}:${localText(wallMs)}` : `:${slotKey({ kind: 'timed', at })}`
}

const dateText = (date: string): string => date.replaceAll('-', '')

/** Rules as they are; dates in the form of the series' start, for readers that compare them as they are written. */
function recurrenceLines({ time, recurrence }: Appointment, hidden: readonly Slot[]): string[] {
  if (recurrence.length === 0) return []
  const zone = time.kind === 'timed' ? time.startZone : 'UTC'
  const { rdates, exdates } = parseRecurrence(recurrence, zone)
  const gone = new Map([...exdates, ...hidden].map(slot => [slotKey(slot), slot]))
  return [
    ...recurrence.filter(line => line.startsWith('RRULE:')),
    ...rdates.map(slot => `RDATE${slotStamp(slot, zone)}`),
    ...[...gone].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, slot]) => `EXDATE${slotStamp(slot, zone)}`),
  ]
}

function slotStamp(slot: Slot, zone: string): string {
  return slot.kind === 'all-day' ? `;VALUE=DATE:${dateText(slot.date)}` : stamp(slot.at, zone)
}

function recurrenceId({ originalStart, time }: Appointment, series: Span): string[] {
  return [
    `RECURRENCE-ID${slotStamp(originalStart ?? slotOf(time), series.kind === 'timed' ? series.startZone : 'UTC')}`,
  ]
}
