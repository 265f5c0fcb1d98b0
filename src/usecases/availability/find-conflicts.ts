import { isAppointmentBusy } from '../../core/availability/busy.ts'
import { conflictsOf } from '../../core/availability/slots.ts'
import type { Appointment } from '../../core/model/appointment.ts'
import { succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { DAY_MS, formatDateTime, sameSpan, spanBounds, type Instant, type Range } from '../../core/model/time.ts'
import { expandSeries, seriesBounds } from '../../core/recurrence/expand.ts'
import type { Tx } from '../../ports/store/store.ts'
import { type Desk, exceptionsOf } from '../appointments/desk.ts'
import { busyBlocks } from './busy-blocks.ts'
import { type Agenda, readAgenda } from './read-agenda.ts'

export type Conflict = { start: string; end: string; source: string }

/** A series is checked for so long; a collision years away is no reason to refuse it. */
const SERIES_DAYS_CHECKED = 366
/** Read around what is asked, so that a batch of neighbours reads its user's agenda once. */
const MARGIN_MS = 31 * DAY_MS
const CONFLICTS_MAX = 50

/**
 * What stands in the way of an appointment as it was just decided on the desk; empty where it blocks no time that it did not block
 * before. Its own series' other occurrences count, itself and its own exceptions do not.
 */
export async function findConflicts(
  tx: Tx,
  desk: Desk,
  decided: Appointment,
  before: Appointment | null,
): Promise<Result<Conflict[], DomainError>> {
  if (!isAppointmentBusy(decided) || takesNothingNew(decided, before)) return succeed([])
  const window = stretchOf(decided)
  const agenda = await agendaOn(tx, desk, decided.userId, window)
  if (!agenda.ok) return agenda
  const { zone } = agenda.value
  const present = presentAppointments(agenda.value, desk, decided.userId)
  const ignored = new Set([decided.id, ...exceptionsOf(desk, decided.id).map(each => each.id)])
  const blocks = busyBlocks(present, window, zone)
  const conflicts = spansOf(decided, desk, window, zone).flatMap(span => conflictsOf(span, blocks, ignored))
  return succeed(
    conflicts.slice(0, CONFLICTS_MAX).map(({ startAt, endAt, source }) => ({
      start: formatDateTime(startAt, zone),
      end: formatDateTime(endAt, zone),
      source: source.id,
    })),
  )
}

function takesNothingNew(decided: Appointment, before: Appointment | null): boolean {
  if (before === null || !isAppointmentBusy(before)) return false
  return sameSpan(decided.time, before.time) && decided.recurrence.join('\n') === before.recurrence.join('\n')
}

function stretchOf({ time, recurrence }: Appointment): Range {
  const { startAt, endAt } = seriesBounds(time, recurrence)
  const last: Instant = startAt + SERIES_DAYS_CHECKED * DAY_MS
  return { startAt, endAt: recurrence.length === 0 ? (endAt ?? last) : Math.min(endAt ?? last, last) }
}

function spansOf(decided: Appointment, desk: Desk, window: Range, zone: string): Range[] {
  if (decided.recurrence.length === 0) return [spanBounds(decided.time, zone)]
  const taken = exceptionsOf(desk, decided.id).flatMap(({ originalStart }) =>
    originalStart === null ? [] : [{ originalStart, time: null }],
  )
  return expandSeries(decided, taken, window, zone).occurrences.map(({ time }) => spanBounds(time, zone))
}

async function agendaOn(tx: Tx, desk: Desk, userId: string, wanted: Range): Promise<Result<Agenda, DomainError>> {
  const known = desk.agendas.get(userId)
  const isCovered = known !== undefined && known.window.startAt <= wanted.startAt && known.window.endAt >= wanted.endAt
  if (isCovered) return succeed(known)
  const around = { startAt: wanted.startAt - MARGIN_MS, endAt: wanted.endAt + MARGIN_MS }
  const read = await readAgenda(tx, desk.tenantId, userId, around)
  if (read.ok) desk.agendas.set(userId, read.value)
  return read
}

/** What was read, as far as the same call has not decided otherwise since. */
function presentAppointments(agenda: Agenda, desk: Desk, userId: string): Iterable<Appointment> {
  const present = new Map(agenda.appointments)
  for (const { appointment } of desk.edits) if (appointment.userId === userId) present.set(appointment.id, appointment)
  return present.values()
}
