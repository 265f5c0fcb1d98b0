import type { AppointmentDraft } from './appointment-draft.ts'
import type { Appointment } from './appointment.ts'
import { fail, succeed, type DomainError, type Result } from './failures.ts'
import { canonicalJson } from './input.ts'
import type { ChangeType, JournalEntry } from './journal.ts'
import { resourceSpan } from './resource.ts'
import { isOff, mayMove, STATUS_MOVES, type StatusMove } from './status-moves.ts'
import { addDays, formatDateTime, sameSlot, sameSpan, slotKey, type Instant, type Span } from './time.ts'

/** A change of one appointment by the platform, with what its history will say of it. */
export type Edit = {
  appointment: Appointment
  journal: Pick<JournalEntry, 'action' | 'rule' | 'reason' | 'before' | 'after'>
  change: ChangeType
}

export type EditInput = {
  tenantId: string
  id: string
  now: Instant
  how: 'put' | 'patch' | 'cancel'
  existing: Appointment | null
  draft: AppointmentDraft
}

type DraftField = keyof AppointmentDraft

/**
 * What writing `draft` over `existing` comes to; null: both already say the same, so nothing is to be stored, told or sent.
 * An archived one is booked anew by PUT and keeps counting its versions.
 */
export function decideEdit(input: EditInput): Result<Edit | null, DomainError> {
  const { existing, draft, how } = input
  if (existing === null) return succeed(booked(input))
  const fixed = FIXED_FIELDS.filter(field => !isSame(field, existing, draft))
  if (fixed.length > 0)
    return fail({ kind: 'invalid', problems: fixed.map(path => ({ path, message: FIXED_MESSAGE })) })
  const move = STATUS_MOVES[existing.status][draft.status]
  if (!mayMove(move, how)) return fail({ kind: 'conflict', slug: 'status-move', detail: REBOOK_DETAIL })
  const changed = DRAFT_FIELDS.filter(field => !isSame(field, existing, draft))
  const isArchived = existing.archivedAt !== null
  if (changed.length === 0 && !isArchived) return succeed(null)
  return succeed(edited(input, existing, changed, isArchived && !isOff(draft.status) ? 'rebooks' : move))
}

/** Takes the appointment out of sight and out of Google; the record stays. */
export function decideArchive(existing: Appointment, now: Instant): Edit {
  return {
    appointment: { ...existing, archivedAt: now, version: existing.version + 1, updatedAt: now },
    journal: {
      action: 'archived',
      rule: 'platform-archives',
      reason: 'The platform deleted it; the record is kept, archived.',
      before: { archived: false },
      after: { archived: true },
    },
    change: isOff(existing.status) ? 'appointment.updated' : 'appointment.cancelled',
  }
}

/** An exception goes where its series goes: called off with it, or archived with it. Null: it has gone there already. */
export function decideWithSeries(exception: Appointment, series: Appointment, now: Instant): Edit | null {
  const follows = { ...exception, version: exception.version + 1, updatedAt: now }
  if (series.archivedAt !== null && exception.archivedAt === null) {
    const reason = 'The platform deleted the series that it belongs to.'
    const edit = decideArchive(exception, now)
    return { ...edit, journal: { ...edit.journal, rule: 'series-archived', reason } }
  }
  if (!isOff(series.status) || isOff(exception.status)) return null
  return {
    appointment: { ...follows, status: series.status },
    journal: {
      action: 'cancelled',
      rule: 'series-called-off',
      reason: 'The platform called off the series that it belongs to.',
      before: { status: exception.status },
      after: { status: series.status },
    },
    change: 'appointment.cancelled',
  }
}

const FIXED_FIELDS = ['userId', 'recurringId', 'originalStart'] as const
const FIXED_MESSAGE = 'cannot be changed: cancel this appointment and book another under an id of its own'
const REBOOK_DETAIL = 'It was called off. PUT the whole appointment to book it anew under the same id.'

const DRAFT_FIELDS: readonly DraftField[] = [
  'time',
  'status',
  'recurrence',
  'title',
  'description',
  'location',
  'kind',
  'busy',
  'colour',
  'metadata',
]

function isSame(field: DraftField, a: AppointmentDraft, b: AppointmentDraft): boolean {
  if (field === 'time') return sameSpan(a.time, b.time)
  if (field === 'originalStart' && a.originalStart !== null && b.originalStart !== null)
    return sameSlot(a.originalStart, b.originalStart)
  return canonicalJson(a[field]) === canonicalJson(b[field])
}

function booked({ tenantId, id, now, draft }: EditInput): Edit {
  const isCalledOff = isOff(draft.status)
  const what =
    draft.recurrence.length > 0 ? 'as a series, from' : draft.recurringId === null ? 'for' : 'as one of a series, for'
  const reason = isCalledOff
    ? `The platform entered it as ${STATUS_WORDS[draft.status]}.`
    : `The platform booked it ${what} ${spanWords(draft.time)}.`
  return {
    appointment: {
      tenantId,
      id,
      ...draft,
      origin: 'platform',
      version: 1,
      archivedAt: null,
      createdAt: now,
      updatedAt: now,
    },
    journal: { action: 'created', rule: 'platform-creates', reason, before: null, after: shown(draft, DRAFT_FIELDS) },
    change: 'appointment.created',
  }
}

function edited({ draft, now }: EditInput, existing: Appointment, changed: DraftField[], move: StatusMove): Edit {
  const isLeaving = isOff(draft.status) && !isOff(existing.status)
  return {
    appointment: { ...existing, ...draft, archivedAt: null, version: existing.version + 1, updatedAt: now },
    journal: {
      ...naming(move, changed),
      reason: `The platform ${sentence(existing, draft, changed, move)}.`,
      before: shown(existing, changed),
      after: shown(draft, changed),
    },
    change: isLeaving ? 'appointment.cancelled' : 'appointment.updated',
  }
}

const STATUS_WORDS: Record<Appointment['status'], string> = {
  tentative: 'tentative',
  confirmed: 'confirmed',
  completed: 'completed',
  cancelled: 'cancelled',
  no_show: 'a no-show',
}

const MOVE_WORDS: Record<StatusMove, string | null> = {
  none: null,
  confirms: 'confirmed it',
  loosens: 'made it tentative',
  completes: 'marked it as completed',
  cancels: 'cancelled it',
  misses: 'marked it as a no-show',
  corrects: 'corrected its status',
  rebooks: 'booked it anew',
}

function naming(move: StatusMove, changed: readonly DraftField[]): { action: string; rule: string } {
  if (move === 'cancels') return { action: 'cancelled', rule: 'platform-cancels' }
  if (move === 'misses') return { action: 'missed', rule: 'platform-cancels' }
  if (move === 'rebooks') return { action: 'rebooked', rule: 'platform-rebooks' }
  if (changed.includes('time')) return { action: 'moved', rule: 'platform-edits' }
  return {
    action: move === 'confirms' ? 'confirmed' : move === 'completes' ? 'completed' : 'edited',
    rule: 'platform-edits',
  }
}

const FIELD_WORDS: Partial<Record<DraftField, string>> = {
  recurrence: 'how it recurs',
  title: 'its title',
  description: 'its description',
  location: 'its location',
  kind: 'its kind',
  busy: 'whether it blocks time',
  colour: 'its colour',
  metadata: 'its metadata',
}

/** What happened, as a person would tell it; contents are named, not quoted. */
function sentence(
  was: AppointmentDraft,
  draft: AppointmentDraft,
  changed: readonly DraftField[],
  move: StatusMove,
): string {
  const told: string[] = []
  const status = MOVE_WORDS[move]
  if (status !== null) told.push(status)
  if (changed.includes('time')) told.push(`moved it from ${spanWords(was.time)} to ${spanWords(draft.time)}`)
  const fields = changed.flatMap(field => FIELD_WORDS[field] ?? [])
  if (fields.length > 0) told.push(`changed ${listed(fields)}`)
  return listed(told)
}

function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`
}

/** `2026-12-01 09:00–09:30 (America/New_York)`, `2026-12-01` or `2026-12-01 – 2026-12-03`. */
export function spanWords(span: Span): string {
  if (span.kind === 'all-day') {
    const last = addDays(span.endDate, -1)
    return last === span.startDate ? span.startDate : `${span.startDate} – ${last}`
  }
  const [startDay, startTime] = clockWords(span.startAt, span.startZone)
  const [endDay, endTime] = clockWords(span.endAt, span.startZone)
  const end = startDay === endDay ? `–${endTime}` : ` – ${endDay} ${endTime}`
  return `${startDay} ${startTime}${end} (${span.startZone})`
}

function clockWords(at: Instant, zone: string): [day: string, time: string] {
  const text = formatDateTime(at, zone)
  return [text.slice(0, 10), text.slice(11, 16)]
}

function shown(of: AppointmentDraft, fields: readonly DraftField[]): Record<string, unknown> {
  const pairs = fields.flatMap((field): [string, unknown][] => {
    if (field === 'time') return Object.entries(resourceSpan(of.time))
    if (field === 'originalStart') return [[field, of.originalStart === null ? null : slotKey(of.originalStart)]]
    return [[field, of[field]]]
  })
  return Object.fromEntries(pairs)
}
