import ICAL from 'ical.js'

import { type ZoneResolver, zoneResolver } from './ics-zones.ts'
import { compact, type JsonObject } from './json.ts'
import { compactMoment, fromWallMs, isZone, type Moment, renderMoment, toWallMs } from './times.ts'

/** An event that could not be taken, and why, so that nothing is left out in silence. */
export type IcsProblem = { uid: string | null; summary: string | null; reason: string }

/** One VEVENT in Google's words. `original` is set for an exception: the occurrence of `uid` that it replaces. */
export type IcsEvent = {
  uid: string | null
  sequence: number
  original: Moment | null
  isCancelled: boolean
  /** What `events.insert` takes. */
  body: JsonObject
}

export type IcsCalendar = { name: string | null; timeZone: string | null; events: IcsEvent[]; problems: IcsProblem[] }

const DAY_MS = 86_400_000
const CLASSES: Record<string, string> = { PRIVATE: 'private', CONFIDENTIAL: 'confidential', PUBLIC: 'public' }
const ANSWERS: Record<string, string> = { ACCEPTED: 'accepted', DECLINED: 'declined', TENTATIVE: 'tentative' }
const REMINDERS_MAX = 5
const REMINDER_MINUTES_MAX = 40_320

/** What an event is read with: the file's zones, and the zone of times that name none. */
type Reading = { resolve: ZoneResolver; floatingZone: string }

/**
 * Reads an iCalendar file. Each event is read by itself, so that one that cannot be read costs no other.
 * @param defaultZone the zone of times without one, unless the file says `X-WR-TIMEZONE`.
 */
export function loadIcs(text: string, defaultZone: string): IcsCalendar {
  const lines = unfold(text)
  const header = (name: string): string | null =>
    lines.find(line => line.startsWith(`${name}:`) || line.startsWith(`${name};`))?.replace(/^[^:]*:/, '') ?? null
  const fileZone = header('X-WR-TIMEZONE')
  const timeZone = fileZone !== null && isZone(fileZone) ? fileZone : null
  const resolve = zoneResolver(blocks(lines, 'VTIMEZONE'))
  const events: IcsEvent[] = []
  const problems: IcsProblem[] = []
  for (const block of blocks(lines, 'VEVENT')) {
    const found = readEvent(block, { resolve, floatingZone: timeZone ?? defaultZone })
    if ('reason' in found) problems.push(found)
    else events.push(found)
  }
  return { name: header('X-WR-CALNAME'), timeZone, events, problems }
}

const unfold = (text: string): string[] =>
  text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/\n[ \t]/g, '')
    .split('\n')

/** The text of every `name` component, nested ones included. */
function blocks(lines: string[], name: string): string[] {
  const found: string[] = []
  let open: string[] | null = null
  for (const line of lines) {
    const mark = line.trim().toUpperCase()
    if (mark === `BEGIN:${name}`) open = []
    open?.push(line)
    if (mark !== `END:${name}` || !open) continue
    found.push(open.join('\r\n'))
    open = null
  }
  return found
}

function readEvent(block: string, reading: Reading): IcsEvent | IcsProblem {
  const peek = (name: string): string | null =>
    new RegExp(`^${name}[^:\\r\\n]*:(.*)$`, 'im').exec(block)?.[1]?.trim() ?? null
  try {
    return eventOf(new ICAL.Component(ICAL.parse(block)), reading)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { uid: peek('UID'), summary: peek('SUMMARY'), reason }
  }
}

function eventOf(component: ICAL.Component, reading: Reading): IcsEvent {
  const start = momentOf(component, 'dtstart', reading)
  if (!start) throw new Error('it has no DTSTART')
  const recurrenceId = component.getFirstProperty('recurrence-id')
  if (recurrenceId?.getFirstParameter('range')) throw new Error('RECURRENCE-ID;RANGE=THISANDFUTURE is not supported')
  const original = recurrenceId ? atTimeOf(valuesOf(recurrenceId, reading)[0], start) : null
  const recurrence = original ? [] : recurrenceOf(component, start, reading)
  const status = textOf(component, 'status')?.toUpperCase()
  const end = endOf(component, start, reading)
  return {
    uid: textOf(component, 'uid') ?? null,
    sequence: Number(textOf(component, 'sequence') ?? 0),
    original: original ?? null,
    isCancelled: status === 'CANCELLED',
    body: compact({
      ...contentOf(component),
      status: status === 'TENTATIVE' ? 'tentative' : undefined,
      start: renderMoment(start, zoneOf(start)),
      end: renderMoment(end, zoneOf(end)),
      recurrence: recurrence.length > 0 ? recurrence : undefined,
      reminders: remindersOf(component),
    }),
  }
}

const zoneOf = (moment: Moment): string => (moment.kind === 'time' ? moment.zone : 'UTC')

function textOf(component: ICAL.Component, name: string): string | undefined {
  const value = component.getFirstPropertyValue(name)
  return value === null ? undefined : String(value)
}

function contentOf(component: ICAL.Component): JsonObject {
  const visibility = CLASSES[textOf(component, 'class')?.toUpperCase() ?? '']
  const isFree = textOf(component, 'transp')?.toUpperCase() === 'TRANSPARENT'
  const attendees = component.getAllProperties('attendee').flatMap(attendeeOf)
  return compact({
    summary: textOf(component, 'summary'),
    description: textOf(component, 'description'),
    location: textOf(component, 'location'),
    transparency: isFree ? 'transparent' : undefined,
    visibility,
    attendees: attendees.length > 0 ? attendees : undefined,
  })
}

function attendeeOf(property: ICAL.Property): JsonObject[] {
  const email = String(property.getFirstValue()).replace(/^mailto:/i, '')
  if (!email.includes('@')) return []
  const responseStatus = ANSWERS[property.getFirstParameter('partstat')?.toUpperCase() ?? ''] ?? 'needsAction'
  const optional = property.getFirstParameter('role')?.toUpperCase() === 'OPT-PARTICIPANT' ? true : undefined
  return [compact({ email, displayName: property.getFirstParameter('cn') ?? undefined, optional, responseStatus })]
}

/** Alarms before the start, as reminders; Google has no others. */
function remindersOf(component: ICAL.Component): JsonObject | undefined {
  const overrides = component.getAllSubcomponents('valarm').flatMap(alarm => {
    const trigger = alarm.getFirstPropertyValue('trigger')
    if (!(trigger instanceof ICAL.Duration)) return []
    const minutes = Math.round(-trigger.toSeconds() / 60)
    const method = textOf(alarm, 'action')?.toUpperCase() === 'EMAIL' ? 'email' : 'popup'
    return minutes >= 0 && minutes <= REMINDER_MINUTES_MAX ? [{ method, minutes }] : []
  })
  return overrides.length > 0 ? { useDefault: false, overrides: overrides.slice(0, REMINDERS_MAX) } : undefined
}

/** DTEND, or DURATION, or what RFC 5545 says of neither: a date lasts its day, a time no time at all. */
function endOf(component: ICAL.Component, start: Moment, reading: Reading): Moment {
  const duration = component.getFirstPropertyValue('duration')
  const given = momentOf(component, 'dtend', reading)
  const seconds = duration instanceof ICAL.Duration ? duration.toSeconds() : 0
  if (start.kind === 'date') {
    if (given?.kind === 'date' && given.date > start.date) return given
    const days = Math.max(1, Math.round(seconds / 86_400))
    return { kind: 'date', date: new Date(Date.parse(start.date) + days * DAY_MS).toISOString().slice(0, 10) }
  }
  if (given?.kind === 'date') throw new Error('DTSTART is a time, DTEND a date')
  return given ?? { ...start, ms: start.ms + seconds * 1000 }
}

function momentOf(component: ICAL.Component, name: string, reading: Reading): Moment | undefined {
  const property = component.getFirstProperty(name)
  return property ? valuesOf(property, reading)[0] : undefined
}

/** The dates or times of a property, in the zone its TZID means. @throws Error for a zone nobody knows. */
function valuesOf(property: ICAL.Property, reading: Reading): Moment[] {
  const tzid = property.getFirstParameter('tzid')
  const zone = tzid ? reading.resolve(tzid) : reading.floatingZone
  if (zone === undefined) throw new Error(`unknown time zone ${tzid}`)
  return property.getValues().map((value: unknown): Moment => {
    const time = value instanceof ICAL.Period ? value.start : value
    if (!(time instanceof ICAL.Time)) throw new Error(`${property.name} cannot be read`)
    const wall = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second)
    if (Number.isNaN(wall)) throw new Error(`${property.name} cannot be read`)
    if (time.isDate) return { kind: 'date', date: new Date(wall).toISOString().slice(0, 10) }
    const isUtc = time.zone === ICAL.Timezone.utcTimezone
    return isUtc ? { kind: 'time', ms: wall, zone: 'UTC' } : { kind: 'time', ms: fromWallMs(zone, wall), zone }
  })
}

/** A date that stands for an occurrence of a timed series means the one of that day. */
function atTimeOf(moment: Moment | undefined, start: Moment): Moment | undefined {
  if (!moment || moment.kind === start.kind) return moment
  if (start.kind === 'date' || moment.kind === 'time') {
    const wall = moment.kind === 'time' ? toWallMs(moment.zone, moment.ms) : Date.parse(moment.date)
    return { kind: 'date', date: new Date(wall).toISOString().slice(0, 10) }
  }
  const timeOfDayMs = toWallMs(start.zone, start.ms) % DAY_MS
  return { kind: 'time', ms: fromWallMs(start.zone, Date.parse(moment.date) + timeOfDayMs), zone: start.zone }
}

/** RRULE, EXDATE and RDATE as Google takes them: UNTIL in UTC, lists without foreign zone names. */
function recurrenceOf(component: ICAL.Component, start: Moment, reading: Reading): string[] {
  const rules = component.getAllProperties('rrule').map(property => ruleOf(property, start))
  const listed = ['exdate', 'rdate'].flatMap(name =>
    component.getAllProperties(name).flatMap(property =>
      valuesOf(property, reading).map(value => {
        const moment = atTimeOf(value, start) ?? value
        const form = moment.kind === 'date' ? ';VALUE=DATE' : ''
        return `${name.toUpperCase()}${form}:${compactMoment(moment)}`
      }),
    ),
  )
  return [...rules, ...new Set(listed)]
}

function ruleOf(property: ICAL.Property, start: Moment): string {
  const rule = property.getFirstValue()
  if (!(rule instanceof ICAL.Recur)) throw new Error('RRULE cannot be read')
  const text = `RRULE:${rule.toString()}`
  const { until } = rule
  if (!until) return text
  const wall = Date.UTC(until.year, until.month - 1, until.day, until.hour, until.minute, until.second)
  return text.replace(/UNTIL=[^;]*/, `UNTIL=${untilOf(until, wall, start)}`)
}

function untilOf(until: ICAL.Time, wall: number, start: Moment): string {
  if (start.kind === 'date') return new Date(wall).toISOString().slice(0, 10).replaceAll('-', '')
  const isUtc = until.zone === ICAL.Timezone.utcTimezone
  const ms = isUtc ? wall : fromWallMs(start.zone, until.isDate ? wall + DAY_MS - 1000 : wall)
  return compactMoment({ kind: 'time', ms, zone: 'UTC' })
}
