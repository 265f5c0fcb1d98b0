import {
  arrayAt,
  booleanAt,
  compact,
  isObject,
  type Json,
  type JsonObject,
  numberAt,
  objectAt,
  stringAt,
} from './json.ts'
import { isReadableRule } from './recurrence.ts'
import { refuse } from './refusal.ts'
import { instantOf, type Moment, readMoment, renderMoment } from './times.ts'
import type { Calendar, StoredEvent } from './world.ts'

/** What a request asks an event to be, checked and normalised as Google does. */
export type Draft = {
  status: StoredEvent['status']
  start: Moment
  end: Moment
  recurrence: string[] | null
  sequence: number | null
  fields: JsonObject
}

export type DraftContext = {
  calendar: Calendar
  previous: JsonObject
  hasConferenceVersion: boolean
  ruleOrder: 'kept' | 'rewritten'
}

/** Property limits of the extended-properties guide: longer keys are dropped, longer values cut, more are refused. */
const KEY_CHARS_MAX = 44
const VALUE_CHARS_MAX = 1024
const PROPERTIES_MAX = 300
const PROPERTIES_BYTES_MAX = 32 * 1024
const REMINDERS_MAX = 5
const REMINDER_MINUTES_MAX = 40_320
const ATTACHMENTS_MAX = 25

const TEXTS = ['summary', 'description', 'location', 'colorId']
const TYPED = [
  'source',
  'workingLocationProperties',
  'outOfOfficeProperties',
  'focusTimeProperties',
  'birthdayProperties',
]
const EVENT_TYPES = ['default', 'birthday', 'focusTime', 'fromGmail', 'outOfOffice', 'workingLocation']
/** Each flag with its default, which answers leave out. */
const FLAG_DEFAULTS: Record<string, boolean> = {
  anyoneCanAddSelf: false,
  guestsCanInviteOthers: true,
  guestsCanModify: false,
  guestsCanSeeOtherGuests: true,
}

/** The fields of an event that requests may set, as JSON: what a patch is merged into. */
export function writableJson(calendar: Calendar, event: StoredEvent): JsonObject {
  return compact({
    ...event.fields,
    status: event.status,
    start: renderMoment(event.start, calendar.timeZone),
    end: renderMoment(event.end, calendar.timeZone),
    recurrence: event.recurrence ?? undefined,
  })
}

/**
 * Reads the writable fields of a request body; unknown and read-only ones are ignored, as Google ignores them.
 * `context.previous` are the event's present fields: `conferenceData` survives every write that does not declare version 1.
 * @throws Refusal for what cannot be read or breaks a rule.
 */
export function readDraft(body: JsonObject, context: DraftContext): Draft {
  const zone = context.calendar.timeZone
  const start = readMoment(body['start'], 'start', zone)
  const end = readMoment(body['end'], 'end', zone)
  if (start.kind !== end.kind) throw refuse.invalid('Invalid start time.')
  checkRange(start, end, zone)
  const asWritten = readRecurrence(body['recurrence'], start)
  const recurrence = context.ruleOrder === 'kept' ? asWritten : (asWritten?.map(rewritten) ?? null)
  if (recurrence && start.kind === 'time' && stringAt(objectAt(body, 'start') ?? {}, 'timeZone') === undefined) {
    throw refuse.required('Missing time zone definition for start time.')
  }
  const conferenceData = context.hasConferenceVersion ? body['conferenceData'] : context.previous['conferenceData']
  const fields = compact({
    ...readTexts(body),
    ...readChoices(body),
    ...readFlags(body),
    attendees: readAttendees(body),
    extendedProperties: readProperties(body),
    reminders: readReminders(body),
    attachments: readAttachments(body),
    conferenceData: isObject(conferenceData) ? conferenceData : undefined,
    ...Object.fromEntries(TYPED.map(key => [key, objectAt(body, key)])),
  })
  return { status: readStatus(body), start, end, recurrence, sequence: numberAt(body, 'sequence') ?? null, fields }
}

/** Google takes an instant event (end equal to start) and refuses one that ends before it starts; a day must have one. */
function checkRange(start: Moment, end: Moment, zone: string): void {
  const length = instantOf(end, zone) - instantOf(start, zone)
  if (length < 0 || (length === 0 && start.kind === 'date')) throw refuse.timeRangeEmpty()
}

function readStatus(body: JsonObject): StoredEvent['status'] {
  const status = body['status'] ?? 'confirmed'
  if (status === 'confirmed' || status === 'tentative' || status === 'cancelled') return status
  throw refuse.invalid('Invalid Value')
}

function readTexts(body: JsonObject): JsonObject {
  const texts: JsonObject = {}
  for (const key of TEXTS) {
    const value = body[key]
    if (value === undefined || value === null || value === '') continue
    if (typeof value !== 'string') throw refuse.invalid('Invalid Value')
    texts[key] = value
  }
  const colour = stringAt(texts, 'colorId')
  if (colour !== undefined && !/^([1-9]|1[01])$/.test(colour)) throw refuse.invalid('Invalid Value', 'colorId')
  return texts
}

function readChoices(body: JsonObject): JsonObject {
  const visibility = choice(body, 'visibility', ['default', 'public', 'private', 'confidential'])
  const transparency = choice(body, 'transparency', ['opaque', 'transparent'])
  const eventType = choice(body, 'eventType', EVENT_TYPES)
  return compact({
    transparency: transparency === 'opaque' ? undefined : transparency,
    visibility: visibility === 'default' ? undefined : visibility,
    eventType: eventType === 'default' ? undefined : eventType,
  })
}

function choice(body: JsonObject, key: string, allowed: string[]): string | undefined {
  const value = body[key]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || !allowed.includes(value)) throw refuse.invalid('Invalid Value')
  return value
}

function readFlags(body: JsonObject): JsonObject {
  const flags: JsonObject = {}
  for (const [flag, byDefault] of Object.entries(FLAG_DEFAULTS)) {
    const value = booleanAt(body, flag)
    if (value !== undefined && value !== byDefault) flags[flag] = value
  }
  return flags
}

function readAttendees(body: JsonObject): Json[] | undefined {
  const rows = arrayAt(body, 'attendees')
  if (!rows || rows.length === 0) return undefined
  return rows.map(row => {
    const email = isObject(row) ? stringAt(row, 'email') : undefined
    if (!isObject(row) || !email?.includes('@')) throw refuse.invalid('Invalid attendee email.')
    const responseStatus = stringAt(row, 'responseStatus') ?? 'needsAction'
    return compact({ ...row, self: undefined, organizer: undefined, email: email.toLowerCase(), responseStatus })
  })
}

function readProperties(body: JsonObject): JsonObject | undefined {
  const given = objectAt(body, 'extendedProperties')
  if (!given) return undefined
  const result: JsonObject = {}
  let count = 0
  let bytes = 0
  for (const kind of ['private', 'shared']) {
    const kept: JsonObject = {}
    for (const [key, value] of Object.entries(objectAt(given, kind) ?? {})) {
      if (value === null || value === undefined || key.length > KEY_CHARS_MAX) continue
      if (typeof value === 'object') throw refuse.invalid('Invalid Value')
      const text = String(value).slice(0, VALUE_CHARS_MAX)
      kept[key] = text
      count += 1
      bytes += Buffer.byteLength(key) + Buffer.byteLength(text)
    }
    if (Object.keys(kept).length > 0) result[kind] = kept
  }
  if (count > PROPERTIES_MAX || bytes > PROPERTIES_BYTES_MAX)
    throw refuse.invalid('Invalid Value', 'extendedProperties')
  return count > 0 ? result : undefined
}

function readReminders(body: JsonObject): JsonObject | undefined {
  const given = objectAt(body, 'reminders')
  if (!given) return undefined
  const overrides = arrayAt(given, 'overrides') ?? []
  const useDefault = booleanAt(given, 'useDefault') ?? overrides.length === 0
  if (useDefault && overrides.length > 0) {
    throw refuse.calendarRule(
      'cannotUseDefaultRemindersAndSpecifyOverride',
      'Cannot specify both default reminders and overrides at the same time.',
    )
  }
  if (overrides.length > REMINDERS_MAX) throw refuse.invalid('Invalid Value', 'reminders')
  const read = overrides.map(row => {
    const minutes = isObject(row) ? numberAt(row, 'minutes') : undefined
    const method = isObject(row) ? stringAt(row, 'method') : undefined
    const isKnown = method === 'email' || method === 'popup'
    if (minutes === undefined || minutes < 0 || minutes > REMINDER_MINUTES_MAX || !isKnown) {
      throw refuse.invalid('Invalid Value', 'reminders')
    }
    return { method, minutes }
  })
  if (useDefault) return undefined
  return read.length > 0 ? { useDefault, overrides: read } : { useDefault }
}

function readAttachments(body: JsonObject): Json[] | undefined {
  const rows = arrayAt(body, 'attachments')
  if (!rows || rows.length === 0) return undefined
  if (rows.length > ATTACHMENTS_MAX) throw refuse.invalid('Invalid Value', 'attachments')
  return rows
}

/**
 * The recurrence lines of a request, in the order and spelling they came in.
 * @throws Refusal when a line is not RRULE, EXRULE, RDATE or EXDATE, or a rule cannot be read.
 */
function readRecurrence(value: Json | undefined, start: Moment): string[] | null {
  if (value === undefined || value === null) return null
  if (!Array.isArray(value)) throw refuse.invalid('Invalid Value', 'recurrence')
  const lines = value.map(line => {
    if (typeof line !== 'string' || !/^(RRULE|EXRULE|RDATE|EXDATE)[:;]/i.test(line)) {
      throw refuse.invalid('Invalid recurrence rule.')
    }
    return line.trim()
  })
  for (const line of lines) if (/^(RRULE|EXRULE):/i.test(line)) checkRule(line.slice(line.indexOf(':') + 1), start)
  return lines.length > 0 ? lines : null
}

function checkRule(rule: string, start: Moment): void {
  const hasBothEnds = /(^|;)COUNT=/i.test(rule) && /(^|;)UNTIL=/i.test(rule)
  const hasFrequency = /(^|;)FREQ=(SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)(;|$)/i.test(rule)
  if (hasBothEnds || !hasFrequency || !isReadableRule(rule, start)) throw refuse.invalid('Invalid recurrence rule.')
}

const PART_ORDER = [
  'FREQ',
  'WKST',
  'UNTIL',
  'COUNT',
  'INTERVAL',
  'BYMONTH',
  'BYWEEKNO',
  'BYYEARDAY',
  'BYMONTHDAY',
  'BYDAY',
]

/** A rule with its parts in the order of the recordings: `FREQ=YEARLY;BYMONTHDAY=20;BYMONTH=4` came back month first. */
function rewritten(line: string): string {
  if (!/^RRULE:/i.test(line)) return line
  const rank = (part: string): number => {
    const known = PART_ORDER.indexOf(part.replace(/=.*/, '').toUpperCase())
    return known < 0 ? PART_ORDER.length : known
  }
  const parts = line.slice('RRULE:'.length).split(';')
  return `RRULE:${parts.sort((a, b) => rank(a) - rank(b)).join(';')}`
}
