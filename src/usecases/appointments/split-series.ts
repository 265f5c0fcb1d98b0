import { draftAppointment, patchedBody, readOriginalStart } from '../../core/model/appointment-draft.ts'
import type { Appointment } from '../../core/model/appointment.ts'
import type { Edit } from '../../core/model/appointment-edit.ts'
import { dropped, moved } from '../../core/model/exception-edit.ts'
import { fail, succeed, type ConflictSlug, type DomainError, type Result } from '../../core/model/failures.ts'
import { type Fields, isFields, own, unknownMembers } from '../../core/model/input.ts'
import { isOff } from '../../core/model/status-moves.ts'
import { sameSpan, sameSlot, slotKey, slotOf, type Slot } from '../../core/model/time.ts'
import {
  decideSeriesEdit,
  type EditRefusal,
  type SeriesEdit,
  type SeriesWrite,
} from '../../core/recurrence/edit-series.ts'
import { spanInSlot, type Series } from '../../core/recurrence/expand.ts'
import { tailId } from '../../core/sync/series-parts.ts'
import type { AppointmentResource } from '../../core/model/resource.ts'
import { decideOn, decideOnMoved, exceptionsOf, readDesk, type Desk } from './desk.ts'
import { googleOwned, isMatch, type IfMatch } from './decide-write.ts'
import { resourceOf, storeEdits, type WriteDeps } from './write-appointments.ts'

/** `following`: the series that goes on from the split; null where the occurrences from there on were cancelled. */
export type Split = { series: AppointmentResource; following: AppointmentResource | null }

export type SplitInput = { tenantId: string; id: string; body: unknown; ifMatch: IfMatch }

const KNOWN: ReadonlySet<string> = new Set(['originalStart', 'changes', 'cancel'])

/**
 * "This and following": the series ends before the occurrence at `originalStart`, and an appointment of its own, `<series>~R<slot>`, goes
 * on from there with `changes`; with `cancel` nothing goes on. Google gets the later part before the earlier one is ended.
 */
export function splitSeries(deps: WriteDeps, input: SplitInput): Promise<Result<Split, DomainError>> {
  return deps.store.transaction(input.tenantId, async tx => {
    const asked = readSplit(input.body)
    if (!asked.ok) return asked
    const following = tailId(input.id, asked.value.slot)
    const desk = await readDesk(tx, input.tenantId, deps.system.now(), [input.id, following])
    const decided = decideSplit(desk, input, asked.value, following)
    if (!decided.ok) return decided
    const outbox = await storeEdits(deps, tx, desk, new Set([input.id]))
    return succeed({
      series: resourceOf(desk, input.id, outbox),
      following: decided.value.isContinued ? resourceOf(desk, following, outbox) : null,
    })
  })
}

type Asked = { slot: Slot; changes: Fields; isCancelled: boolean }

function readSplit(body: unknown): Result<Asked, DomainError> {
  if (!isFields(body)) return fail(invalid('', 'must be a JSON object'))
  const problems = unknownMembers(body, KNOWN, '')
  const slot = readOriginalStart(body)
  const changes = own(body, 'changes') ?? {}
  const cancel = own(body, 'cancel') ?? false
  if (!slot.ok) problems.push(...slot.error)
  if (!isFields(changes)) problems.push({ path: 'changes', message: 'must be a JSON object' })
  if (typeof cancel !== 'boolean') problems.push({ path: 'cancel', message: 'must be true or false' })
  if (cancel === true && isFields(changes) && Object.keys(changes).length > 0)
    problems.push({ path: 'changes', message: 'must be left out where the occurrences are cancelled' })
  if (!slot.ok || !isFields(changes) || problems.length > 0) return fail({ kind: 'invalid', problems })
  return succeed({ slot: slot.value, changes, isCancelled: cancel === true })
}

function decideSplit(
  desk: Desk,
  { id, ifMatch }: SplitInput,
  asked: Asked,
  following: string,
): Result<{ isContinued: boolean }, DomainError> {
  const series = readSeries(desk, id, ifMatch)
  if (!series.ok) return series
  const taken = desk.paired.get(following)
  if (taken !== undefined && (taken.links.length > 0 || !isGone(taken.appointment)))
    return fail(conflict('series-split-before', 'The series was split at this occurrence before.'))
  const edit = readEdit(series.value, asked, following)
  if (!edit.ok) return edit
  const exceptions = exceptionsOf(desk, id).flatMap(exception =>
    exception.originalStart === null
      ? []
      : [{ originalStart: exception.originalStart, time: exception.time, exception }],
  )
  const writes = decideSeriesEdit(series.value, exceptions, edit.value.edit)
  if (!writes.ok) return fail(REFUSALS[writes.error])
  for (const write of writes.value) take(desk, write, series.value, edit.value.tail)
  const overwritten = asked.isCancelled ? [] : exceptions.filter(each => sameSlot(each.originalStart, asked.slot))
  for (const { exception } of overwritten) decideOnMoved(desk, dropped(exception, desk.now, 'slot-left-series'))
  return succeed({ isContinued: !asked.isCancelled })
}

const isGone = (appointment: Appointment): boolean => appointment.archivedAt !== null || isOff(appointment.status)

function readSeries(desk: Desk, id: string, ifMatch: IfMatch): Result<Appointment, DomainError> {
  const paired = desk.paired.get(id)
  const series = paired?.appointment
  if (paired === undefined || series === undefined || series.archivedAt !== null) return fail({ kind: 'not-found' })
  if (series.origin === 'google') return fail(googleOwned(paired))
  if (!isMatch(ifMatch, series.version)) return fail({ kind: 'stale-version', currentVersion: series.version })
  if (series.recurrence.length === 0) return fail(conflict('not-a-series', 'It does not recur.'))
  if (isOff(series.status)) return fail(conflict('series-called-off', 'The series was called off.'))
  return succeed(series)
}

/** The edit, and what the later part says: the series with the changes, from the occurrence on. */
function readEdit(
  series: Appointment,
  { slot, changes, isCancelled }: Asked,
  following: string,
): Result<{ edit: SeriesEdit; tail: Appointment }, DomainError> {
  if (slotKey(slot) <= slotKey(slotOf(series.time)))
    return fail(invalid('originalStart', 'is the first of the series: change or cancel the series itself'))
  const from: Appointment = { ...series, id: following, time: spanInSlot(series.time, slot) }
  if (isCancelled) return succeed({ edit: { kind: 'cancel', scope: 'following', slot }, tail: from })
  const hasRule = Object.hasOwn(changes, 'recurrence')
  const body = patchedBody({ ...from, recurrence: [] }, changes)
  const draft = draftAppointment(following, body)
  if (!draft.ok)
    return fail({ kind: 'invalid', problems: draft.error.map(each => ({ ...each, path: `changes.${each.path}` })) })
  const fixed = FIXED.filter(name => draft.value[name] !== series[name])
  if (fixed.length > 0)
    return fail({ kind: 'invalid', problems: fixed.map(name => ({ path: `changes.${name}`, message: FIXED_MESSAGE })) })
  const { time, recurrence } = draft.value
  const edit: SeriesEdit = { kind: 'change', scope: 'following', slot, time, recurrence: hasRule ? recurrence : null }
  return succeed({ edit, tail: { ...from, ...draft.value } })
}
const FIXED = ['userId', 'recurringId'] as const
const FIXED_MESSAGE = 'cannot be changed by splitting'

type Known = { originalStart: Slot; time: Appointment['time']; exception: Appointment }

function take(desk: Desk, write: SeriesWrite<Known>, series: Appointment, tail: Appointment): void {
  const { now } = desk
  switch (write.kind) {
    case 'insert-series':
      decideOn(desk, begun(desk, { ...tail, ...write.series }))
      for (const each of write.exceptions) {
        const { exception, originalStart } = each
        const time = timeUnder(series, write.series, exception, originalStart)
        decideOnMoved(desk, moved(exception, { recurringId: tail.id, originalStart, time }, now))
      }
      return
    case 'update-series':
      decideOn(desk, ended(series, write.series, now))
      return
    case 'drop-exception':
      decideOnMoved(desk, dropped(write.exception.exception, now, 'slot-left-series'))
      return
    default:
      return
  }
}

/** An exception that lay where the rule put it lies where the new rule puts it; one that was moved stays where it is. */
function timeUnder(was: Series, is: Series, exception: Appointment, slot: Slot): Appointment['time'] {
  const { originalStart, time } = exception
  const isUnmoved = originalStart !== null && sameSpan(time, spanInSlot(was.time, originalStart))
  return isUnmoved || slotOf(time).kind !== slot.kind ? spanInSlot(is.time, slot) : time
}

function begun(desk: Desk, tail: Appointment): Edit {
  const previous = desk.paired.get(tail.id)?.appointment
  const version = previous === undefined ? 1 : previous.version + 1
  const createdAt = previous?.createdAt ?? desk.now
  return {
    appointment: { ...tail, version, createdAt, updatedAt: desk.now, archivedAt: null },
    journal: {
      action: 'created',
      rule: 'platform-splits-series',
      reason: 'The platform split the series; this is its later part.',
      before: null,
      after: { recurrence: tail.recurrence, start: slotKey(slotOf(tail.time)) },
    },
    change: 'appointment.created',
  }
}

function ended(series: Appointment, head: Series, now: number): Edit {
  return {
    appointment: { ...series, recurrence: head.recurrence, version: series.version + 1, updatedAt: now },
    journal: {
      action: 'edited',
      rule: 'platform-splits-series',
      reason: 'The platform split the series; it ends before the later part begins.',
      before: { recurrence: series.recurrence },
      after: { recurrence: head.recurrence },
    },
    change: 'appointment.updated',
  }
}

const invalid = (path: string, message: string): DomainError => ({ kind: 'invalid', problems: [{ path, message }] })
const conflict = (slug: ConflictSlug, detail: string): DomainError => ({ kind: 'conflict', slug, detail })

const REFUSALS: Record<EditRefusal, DomainError> = {
  'not-an-occurrence': invalid('originalStart', 'is not a start of that series'),
  'several-rules': conflict('series-not-splittable', 'The series has several rules: book it anew in two parts.'),
  'unreadable-recurrence': conflict('series-not-splittable', 'The recurrence of the series cannot be read in full.'),
  'too-many-occurrences': conflict('series-not-splittable', 'The occurrences before this one are too many to count.'),
}
