import { normaliseRecurrence, validateRecurrence } from '../recurrence/rule.ts'
import type { Appointment, AppointmentKind } from './appointment.ts'
import { fail, succeed, type Result } from './failures.ts'
import {
  type Fields,
  idFault,
  type InputProblem,
  isFields,
  jsonFault,
  own,
  textFault,
  unknownMembers,
} from './input.ts'
import { resourceSpan, type ResourceTime } from './resource.ts'
import { STATUSES } from './status-moves.ts'
import { formatDateTime, isZone, parseDate, parseDateTime, type Instant, type Slot, type Span } from './time.ts'

/** The part of an appointment that the platform says. */
export type AppointmentDraft = Pick<
  Appointment,
  | 'userId'
  | 'kind'
  | 'status'
  | 'title'
  | 'description'
  | 'location'
  | 'time'
  | 'recurrence'
  | 'recurringId'
  | 'originalStart'
  | 'busy'
  | 'colour'
  | 'metadata'
>

export const KINDS: readonly AppointmentKind[] = ['appointment', 'meeting', 'task', 'event', 'block']
export const COLOURS: readonly string[] = Array.from({ length: 11 }, (_, index) => String(index + 1))
/** Google cuts descriptions off near 8,192 characters; titles and places are bounded by us. */
export const TITLE_LENGTH_MAX = 1_024
export const LOCATION_LENGTH_MAX = 1_024
export const DESCRIPTION_LENGTH_MAX = 8_192
export const METADATA_LIMITS = { depthMax: 8, lengthMax: 16_384 }

const WRITTEN = [
  'userId',
  'kind',
  'status',
  'title',
  'description',
  'location',
  'start',
  'end',
  'recurrence',
  'recurringId',
  'originalStart',
  'busy',
  'colour',
  'metadata',
] as const

/** Members of the resource that only the service sets. One that is sent back as it was read is let pass; a claim is refused. */
const READ_ONLY: Readonly<Record<string, (value: unknown) => string | null>> = {
  origin: value =>
    value === 'platform' ? null : 'is set by the service: what the platform writes is of origin platform',
  locked: value => (value === false ? null : 'is set by the service: what the platform writes is not locked'),
  archived: value => (value === false ? null : 'is set by the service: DELETE archives'),
  version: value => (Number.isInteger(value) ? null : 'must be a whole number; If-Match is what checks it'),
  createdAt: value => textFault(value, 64, true),
  updatedAt: value => textFault(value, 64, true),
  google: value => (isFields(value) || value === null ? null : 'is set by the service'),
}

const KNOWN: ReadonlySet<string> = new Set(['id', ...WRITTEN, ...Object.keys(READ_ONLY)])

/**
 * Reads an appointment as the platform sends it, whole: what is left out takes its default. All problems are named at once.
 * @param id the one the path names; an `id` in the body must be the same.
 */
export function draftAppointment(id: string, body: unknown): Result<AppointmentDraft, InputProblem[]> {
  if (!isFields(body)) return fail([{ path: '', message: 'must be a JSON object' }])
  const problems: InputProblem[] = [...unknownMembers(body, KNOWN, ''), ...readOnlyProblems(id, body)]
  const read = new FieldReader(body, problems)
  const time = readSpan(read)
  const recurrence = readRecurrence(read, time)
  const originalStart = readSlot(read)
  const recurringId = read.optional('recurringId', idFault, null)
  if ((own(body, 'recurringId') ?? null) === null && (own(body, 'originalStart') ?? null) !== null)
    read.problem('recurringId', 'is required beside originalStart')
  if ((own(body, 'recurringId') ?? null) !== null && (own(body, 'originalStart') ?? null) === null)
    read.problem('originalStart', 'is required beside recurringId')
  if (recurringId !== null && recurrence.length > 0)
    read.problem('recurrence', 'must be empty: an occurrence of a series cannot be a series itself')
  if (recurringId === id) read.problem('recurringId', 'must name another appointment')
  const draft = {
    userId: read.text('userId', idFault),
    kind: read.choice('kind', KINDS, 'appointment'),
    status: read.choice('status', STATUSES, 'confirmed'),
    title: read.optional('title', value => textFault(value, TITLE_LENGTH_MAX, false), null),
    description: read.optional('description', value => textFault(value, DESCRIPTION_LENGTH_MAX, false), null),
    location: read.optional('location', value => textFault(value, LOCATION_LENGTH_MAX, false), null),
    recurrence,
    recurringId,
    originalStart,
    busy: read.boolean('busy', true),
    colour: read.choice('colour', [...COLOURS, null], null),
    metadata: readMetadata(read),
  }
  return time === null || problems.length > 0 ? fail(problems) : succeed({ ...draft, time })
}

/**
 * The whole body that a partial one means for an existing appointment: members sent replace, `metadata` is merged member by member
 * (null takes one away, RFC 7396), `start` and `end` are replaced whole.
 */
export function patchedBody(existing: Appointment, patch: Fields): Fields {
  const was = writtenPart(existing)
  const merged = { ...was, ...patch }
  if (!isFields(own(patch, 'metadata'))) return merged
  return { ...merged, metadata: mergePatch(existing.metadata, own(patch, 'metadata'), METADATA_LIMITS.depthMax) }
}

function writtenPart(existing: Appointment): Fields {
  const { time, originalStart, userId, kind, status, title, description, location } = existing
  const { recurrence, recurringId, busy, colour, metadata } = existing
  const slot = originalStart === null ? null : slotAsTime(originalStart)
  const texts = { userId, kind, status, title, description, location }
  return { ...texts, ...resourceSpan(time), recurrence, recurringId, originalStart: slot, busy, colour, metadata }
}

const slotAsTime = (slot: Slot): ResourceTime =>
  slot.kind === 'all-day' ? { date: slot.date } : { dateTime: formatDateTime(slot.at, 'UTC'), timeZone: 'UTC' }

/** Deeper than `depthLeft` the patch stands as it is: the draft refuses such depths anyway. */
function mergePatch(target: unknown, patch: unknown, depthLeft: number): unknown {
  if (!isFields(patch) || depthLeft === 0) return patch
  const merged = new Map<string, unknown>(isFields(target) ? Object.entries(target) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name)
    else merged.set(name, mergePatch(merged.get(name), value, depthLeft - 1))
  }
  return Object.fromEntries(merged)
}

function readOnlyProblems(id: string, body: Fields): InputProblem[] {
  const problems = Object.entries(READ_ONLY).flatMap(([path, faultOf]) => {
    const message = Object.hasOwn(body, path) ? faultOf(body[path]) : null
    return message === null ? [] : [{ path, message }]
  })
  const isOther = Object.hasOwn(body, 'id') && body['id'] !== id
  const message = isOther ? 'is not the id of this appointment' : idFault(id)
  return message === null ? problems : [...problems, { path: 'id', message }]
}

/** Reads members one by one and keeps what is wrong; a reader answers its default where it found a problem. */
class FieldReader {
  readonly fields: Fields
  readonly problems: InputProblem[]

  constructor(fields: Fields, problems: InputProblem[]) {
    this.fields = fields
    this.problems = problems
  }

  problem(path: string, message: string): void {
    this.problems.push({ path, message })
  }

  text(name: string, faultOf: (value: unknown) => string | null): string {
    const value = own(this.fields, name)
    const fault = value === undefined ? 'is required' : faultOf(value)
    if (fault !== null) this.problem(name, fault)
    return typeof value === 'string' ? value : ''
  }

  optional(name: string, faultOf: (value: unknown) => string | null, otherwise: null): string | null {
    const value = own(this.fields, name) ?? otherwise
    if (value === null) return otherwise
    const fault = faultOf(value)
    if (fault !== null) this.problem(name, fault)
    return typeof value === 'string' ? value : otherwise
  }

  choice<T extends string | null>(name: string, values: readonly T[], otherwise: T): T {
    const value = own(this.fields, name)
    if (value === undefined) return otherwise
    const chosen = values.find(each => each === value)
    if (chosen === undefined) this.problem(name, `must be one of: ${values.map(each => each ?? 'null').join(', ')}`)
    return chosen ?? otherwise
  }

  boolean(name: string, otherwise: boolean): boolean {
    const value = own(this.fields, name)
    if (value !== undefined && typeof value !== 'boolean') this.problem(name, 'must be true or false')
    return typeof value === 'boolean' ? value : otherwise
  }
}

function readMetadata(read: FieldReader): Fields {
  const value = own(read.fields, 'metadata') ?? {}
  const fault = isFields(value) ? jsonFault(value, METADATA_LIMITS) : 'must be a JSON object'
  if (fault !== null) read.problem('metadata', fault)
  return isFields(value) ? value : {}
}

function readRecurrence(read: FieldReader, time: Span | null): string[] {
  const value = own(read.fields, 'recurrence') ?? []
  const isLines = Array.isArray(value) && value.every(line => typeof line === 'string')
  if (!isLines) {
    read.problem('recurrence', 'must be a list of RRULE, EXDATE and RDATE lines, or null')
    return []
  }
  const lines: string[] = value
  if (time === null || lines.length === 0) return []
  const start = own(read.fields, 'start')
  if (time.kind === 'timed' && isFields(start) && own(start, 'timeZone') === undefined)
    read.problem('start.timeZone', 'is required for a series: its zone decides where clocks change')
  const problems = validateRecurrence(lines, time)
  for (const { path, message } of problems) read.problem(path, message)
  return problems.length > 0 ? [] : normaliseRecurrence(lines, time.kind === 'timed' ? time.startZone : null)
}

type Moment = { kind: 'timed'; at: Instant; zone: string } | { kind: 'all-day'; date: string }

function readSpan(read: FieldReader): Span | null {
  const start = readMoment(read, 'start', null)
  const end = readMoment(read, 'end', start?.kind === 'timed' ? start.zone : null)
  if (start === null || end === null) return null
  if (start.kind === 'timed' && end.kind === 'timed') {
    if (end.at <= start.at) read.problem('end', 'must be after the start')
    return { kind: 'timed', startAt: start.at, endAt: end.at, startZone: start.zone, endZone: end.zone }
  }
  if (start.kind === 'all-day' && end.kind === 'all-day') {
    if (end.date <= start.date) read.problem('end', 'must be after the start: the end of a whole day is the next day')
    return { kind: 'all-day', startDate: start.date, endDate: end.date }
  }
  read.problem('end', 'must have the form of the start: both a dateTime, or both a date')
  return null
}

/** The `originalStart` of a body that must name one. */
export function readOriginalStart(body: Fields): Result<Slot, InputProblem[]> {
  const problems: InputProblem[] = []
  const slot = readSlot(new FieldReader(body, problems))
  if (slot === null && problems.length === 0) problems.push({ path: 'originalStart', message: 'is required' })
  return slot === null || problems.length > 0 ? fail(problems) : succeed(slot)
}

function readSlot(read: FieldReader): Slot | null {
  if ((own(read.fields, 'originalStart') ?? null) === null) return null
  const moment = readMoment(read, 'originalStart', null)
  return moment?.kind === 'timed' ? { kind: 'timed', at: moment.at } : moment
}

const TIMED: ReadonlySet<string> = new Set(['dateTime', 'timeZone'])
const WHOLE_DAY: ReadonlySet<string> = new Set(['date'])

/** `{dateTime, timeZone?}` or `{date}`. @param zoneOtherwise the zone of a dateTime that names none. */
function readMoment(read: FieldReader, path: string, zoneOtherwise: string | null): Moment | null {
  const value = own(read.fields, path)
  if (value === undefined) return refuse(read, path, 'is required')
  if (!isFields(value)) return refuse(read, path, 'must be {"dateTime", "timeZone"} or {"date"}')
  const isDay = Object.hasOwn(value, 'date')
  if (isDay && Object.hasOwn(value, 'dateTime')) return refuse(read, path, 'must have a dateTime or a date, not both')
  for (const problem of unknownMembers(value, isDay ? WHOLE_DAY : TIMED, path)) read.problems.push(problem)
  return isDay ? readDay(read, path, value['date']) : readDateTime(read, path, value, zoneOtherwise)
}

function readDay(read: FieldReader, path: string, date: unknown): Moment | null {
  if (typeof date !== 'string') return refuse(read, `${path}.date`, 'must be text')
  const day = parseDate(date)
  return day.ok ? { kind: 'all-day', date: day.value } : refuse(read, `${path}.date`, day.error)
}

function readDateTime(read: FieldReader, path: string, value: Fields, zoneOtherwise: string | null): Moment | null {
  const dateTime = own(value, 'dateTime')
  const timeZone = own(value, 'timeZone') ?? zoneOtherwise
  if (timeZone !== null && (typeof timeZone !== 'string' || !isZone(timeZone)))
    return refuse(read, `${path}.timeZone`, 'must be a time zone of the IANA database, such as Europe/Berlin')
  if (typeof dateTime !== 'string') return refuse(read, `${path}.dateTime`, 'is required, or a date')
  const moment = parseDateTime(dateTime, timeZone)
  if (!moment.ok) return refuse(read, `${path}.dateTime`, moment.error)
  return { kind: 'timed', ...moment.value }
}

function refuse(read: FieldReader, path: string, message: string): null {
  read.problem(path, message)
  return null
}
