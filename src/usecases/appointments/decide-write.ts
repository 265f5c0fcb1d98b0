import { type AppointmentDraft, draftAppointment, patchedBody } from '../../core/model/appointment-draft.ts'
import { decideArchive, decideEdit, decideWithSeries, type Edit } from '../../core/model/appointment-edit.ts'
import type { Appointment } from '../../core/model/appointment.ts'
import { decideExceptions } from '../../core/model/exception-edit.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { isFields } from '../../core/model/input.ts'
import { isOff } from '../../core/model/status-moves.ts'
import { sameSlot } from '../../core/model/time.ts'
import { isGenerated } from '../../core/recurrence/expand.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import { decideOn, decideOnMoved, exceptionsOf, type Desk } from './desk.ts'

/** One thing that the platform asks of one appointment. */
export type Write = { id: string; ifMatch: IfMatch } & (
  | { how: 'put'; body: unknown }
  | { how: 'patch'; body: unknown }
  | { how: 'cancel'; reason: string }
  | { how: 'archive' }
)

/** The versions that `If-Match` allows; `any`: whatever there is, but something; null: not asked. */
export type IfMatch = readonly number[] | 'any' | null

/** @returns the change, null where all is as it is asked for already. Decided on the desk, with what it brings to exceptions. */
export function decideWrite(desk: Desk, write: Write): Result<Edit | null, DomainError> {
  const paired = desk.paired.get(write.id) ?? null
  const existing = paired?.appointment ?? null
  const refusal = refusalOf(write, paired)
  if (refusal !== null) return fail(refusal)
  const decided = decideAlone(desk, write, existing)
  if (!decided.ok || decided.value === null) return decided
  decideOn(desk, decided.value)
  const { appointment } = decided.value
  const exceptions = exceptionsOf(desk, appointment.id)
  for (const exception of exceptions) {
    const follows = decideWithSeries(exception, appointment, desk.now)
    if (follows !== null) decideOn(desk, follows)
  }
  if (existing !== null)
    for (const edit of decideExceptions(existing, appointment, exceptions, desk.now)) decideOnMoved(desk, edit)
  return decided
}

/** Refusals that come before the body is looked at. */
function refusalOf(write: Write, paired: Paired | null): DomainError | null {
  const existing = paired?.appointment ?? null
  const isVisible = existing !== null && existing.archivedAt === null
  if (write.how !== 'put' && !isVisible) return { kind: 'not-found' }
  if (paired !== null && existing?.origin === 'google') return googleOwned(paired)
  const currentVersion = isVisible ? existing.version : 0
  return isMatch(write.ifMatch, currentVersion) ? null : { kind: 'stale-version', currentVersion }
}

export function googleOwned(paired: Paired): DomainError {
  return { kind: 'google-owned', htmlLink: paired.links.find(link => link.role !== 'parked')?.htmlLink ?? null }
}

export function isMatch(ifMatch: IfMatch, version: number): boolean {
  if (ifMatch === null) return true
  return ifMatch === 'any' ? version > 0 : version > 0 && ifMatch.includes(version)
}

function decideAlone(desk: Desk, write: Write, existing: Appointment | null): Result<Edit | null, DomainError> {
  const { tenantId, now } = desk
  if (write.how === 'archive')
    return existing === null ? fail({ kind: 'not-found' }) : succeed(decideArchive(existing, now))
  const draft = draftOf(write, existing)
  if (!draft.ok) return draft
  const refusal = refuseInSeries(desk, existing, draft.value, write.id)
  if (refusal !== null) return fail(refusal)
  const edit = decideEdit({ tenantId, id: write.id, now, how: write.how, existing, draft: draft.value })
  return edit.ok && edit.value !== null && write.how === 'cancel' ? succeed(withCause(edit.value, write.reason)) : edit
}

function draftOf(
  write: Exclude<Write, { how: 'archive' }>,
  existing: Appointment | null,
): Result<AppointmentDraft, DomainError> {
  if (write.how === 'cancel') {
    if (existing === null) return fail({ kind: 'not-found' })
    return succeed({ ...existing, status: write.reason === 'no_show' ? 'no_show' : 'cancelled' })
  }
  const { how, id, body } = write
  const whole = how === 'patch' && existing !== null && isFields(body) ? patchedBody(existing, body) : body
  const draft = draftAppointment(id, whole)
  return draft.ok ? draft : fail({ kind: 'invalid', problems: draft.error })
}

const withCause = (edit: Edit, cause: string): Edit => ({
  ...edit,
  journal: { ...edit.journal, after: { ...edit.journal.after, reason: cause } },
})

/** What the rest of a series has against this appointment standing as `draft` says; null: nothing. */
function refuseInSeries(
  desk: Desk,
  existing: Appointment | null,
  draft: AppointmentDraft,
  id: string,
): DomainError | null {
  const { recurringId, originalStart } = draft
  if (recurringId === null || originalStart === null) return null
  const series = desk.paired.get(recurringId)
  if (series?.appointment.origin === 'google') return googleOwned(series)
  const master = series?.appointment
  if (master === undefined || master.recurrence.length === 0 || master.userId !== draft.userId)
    return invalid('recurringId', 'names no series of this user')
  const isLive = !isOff(draft.status)
  if (isLive && (isOff(master.status) || master.archivedAt !== null))
    return { kind: 'conflict', slug: 'series-called-off', detail: 'The series that it belongs to was called off.' }
  if (existing !== null) return null
  if (!isGenerated(master, originalStart)) return invalid('originalStart', 'is not a start of that series')
  const rival = exceptionsOf(desk, recurringId).find(each => isSameOccurrence(each, id, draft))
  if (rival === undefined) return null
  return { kind: 'conflict', slug: 'occurrence-taken', detail: `That occurrence is already replaced by ${rival.id}.` }
}

function isSameOccurrence(other: Appointment, id: string, draft: AppointmentDraft): boolean {
  if (other.id === id || other.originalStart === null || draft.originalStart === null) return false
  return other.archivedAt === null && sameSlot(other.originalStart, draft.originalStart)
}

const invalid = (path: string, message: string): DomainError => ({ kind: 'invalid', problems: [{ path, message }] })
