import { DateTime, IANAZone } from 'luxon'

import { isObject, type Json, type JsonObject, stringAt } from './json.ts'
import { refuse } from './refusal.ts'

/** When an event starts or ends: a whole day, or an instant (epoch ms, whole seconds) with the zone it was meant in. */
export type Moment = { kind: 'date'; date: string } | { kind: 'time'; ms: number; zone: string }

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})?$/
const DATE = /^\d{4}-\d{2}-\d{2}$/
const SLOT_MS = 15 * 60_000

const zones = new Map<string, IANAZone>()
const offsets = new Map<string, Map<number, number>>()

const known = new Map<string, boolean>()

/** Whether `name` is a zone of the tz database. Windows names are not. Remembered, since asking builds a formatter. */
export function isZone(name: string): boolean {
  let isKnown = known.get(name)
  if (isKnown === undefined) known.set(name, (isKnown = IANAZone.isValidZone(name)))
  return isKnown
}

/** Minutes east of UTC in `zone` at `ms`. Remembered per quarter of an hour, since every offset ever used changes on one. */
export function offsetMinutes(zone: string, ms: number): number {
  let known = offsets.get(zone)
  if (!known) offsets.set(zone, (known = new Map()))
  const slot = Math.floor(ms / SLOT_MS)
  let offset = known.get(slot)
  if (offset === undefined) {
    let iana = zones.get(zone)
    if (!iana) zones.set(zone, (iana = IANAZone.create(zone)))
    offset = iana.offset(slot * SLOT_MS)
    known.set(slot, offset)
  }
  return offset
}

/** The wall clock of `zone` as if it were UTC: what recurrence rules count in. */
export const toWallMs = (zone: string, ms: number): number => ms + offsetMinutes(zone, ms) * 60_000

/** The instant at which `zone` shows this wall clock. A time that daylight saving skips moves forward by the gap. */
export function fromWallMs(zone: string, wallMs: number): number {
  const before = offsetMinutes(zone, wallMs - 86_400_000)
  const after = offsetMinutes(zone, wallMs + 86_400_000)
  const early = wallMs - before * 60_000
  if (before === after && offsetMinutes(zone, early) === before) return early
  return DateTime.fromMillis(wallMs, { zone: 'utc' }).setZone(zone, { keepLocalTime: true }).toMillis()
}

/** `2025-03-24T07:30:00-05:00`: an instant as Google prints it, in the given zone, `Z` for UTC. */
export function formatInstant(ms: number, zone: string): string {
  const offset = offsetMinutes(zone, ms)
  const wall = new Date(ms + offset * 60_000).toISOString().slice(0, 19)
  if (offset === 0 && isUtcName(zone)) return `${wall}Z`
  const minutes = Math.abs(offset)
  const hh = String(Math.floor(minutes / 60)).padStart(2, '0')
  return `${wall}${offset < 0 ? '-' : '+'}${hh}:${String(minutes % 60).padStart(2, '0')}`
}

const isUtcName = (zone: string): boolean => /^(Etc\/)?(UTC|GMT|Greenwich|Universal|Zulu)$|^UTC$/i.test(zone)

/** Midnight of a date in a zone. */
export const startOfDateMs = (date: string, zone: string): number => fromWallMs(zone, Date.parse(`${date}T00:00:00Z`))

/** The instant a moment begins; whole days begin at midnight of the calendar's zone. */
export const instantOf = (moment: Moment, calendarZone: string): number =>
  moment.kind === 'time' ? moment.ms : startOfDateMs(moment.date, calendarZone)

export const isSameMoment = (a: Moment, b: Moment): boolean =>
  a.kind === 'time' ? b.kind === 'time' && a.ms === b.ms : b.kind === 'date' && a.date === b.date

/** The compact UTC form that instance ids end in: `20250324T123000Z`, or `20250324` for whole days. */
export function compactMoment(moment: Moment): string {
  if (moment.kind === 'date') return moment.date.replaceAll('-', '')
  return new Date(moment.ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '') + 'Z'
}

/** An RFC 3339 time with its mandatory offset, as epoch ms; undefined when it is not one. */
export function parseInstant(text: string): number | undefined {
  const match = RFC3339.exec(text)
  if (!match || match[2] === undefined) return undefined
  const ms = Date.parse(text.toUpperCase())
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000) * 1000
}

/**
 * Reads `start` or `end` of a request.
 * @throws Refusal when the field is missing, mixes date and dateTime, or cannot be read.
 */
export function readMoment(value: Json | undefined, name: string, calendarZone: string): Moment {
  if (!isObject(value)) throw refuse.required(`Missing ${name} time.`)
  const date = stringAt(value, 'date')
  const dateTime = stringAt(value, 'dateTime')
  const timeZone = stringAt(value, 'timeZone')
  if (date !== undefined && dateTime !== undefined) throw refuse.invalid(`Invalid ${name} time.`)
  if (timeZone !== undefined && !isZone(timeZone))
    throw refuse.invalid(`Invalid time zone definition for ${name} time.`)
  if (date !== undefined) {
    if (!DATE.test(date) || !DateTime.fromISO(date).isValid) throw refuse.invalid(`Invalid ${name} time.`)
    return { kind: 'date', date }
  }
  if (dateTime === undefined) throw refuse.required(`Missing ${name} time.`)
  return { kind: 'time', ms: readDateTime(dateTime, timeZone, name), zone: timeZone ?? calendarZone }
}

function readDateTime(text: string, timeZone: string | undefined, name: string): number {
  const absolute = parseInstant(text)
  if (absolute !== undefined) return absolute
  if (!RFC3339.test(text)) throw refuse.invalid(`Invalid ${name} time.`)
  if (timeZone === undefined) throw refuse.required(`Missing time zone definition for ${name} time.`)
  const local = DateTime.fromISO(text.toUpperCase(), { zone: timeZone })
  if (!local.isValid) throw refuse.invalid(`Invalid ${name} time.`)
  return Math.floor(local.toMillis() / 1000) * 1000
}

/** A moment as Google renders it: shown in `zone`, while `timeZone` keeps the event's own. */
export function renderMoment(moment: Moment, zone: string): JsonObject {
  if (moment.kind === 'date') return { date: moment.date }
  return { dateTime: formatInstant(moment.ms, zone), timeZone: moment.zone }
}
