import type { Result } from '../model/failures.ts'
import { fail, succeed, unreachable } from '../model/failures.ts'
import type { Slot, Span } from '../model/time.ts'
import { addDays, parseSlotKey, sameSlot, slotKey, slotOf } from '../model/time.ts'
import { partStale } from './exceptions.ts'
import type { Series, SeriesException } from './expand.ts'
import { countBefore, isGenerated, seriesBounds, spanInSlot } from './expand.ts'
import type { Recurrence } from './rule.ts'
import { formatRecurrence, normaliseRecurrence, parseRecurrence, withUntil } from './rule.ts'
import type { Shift } from './shift.ts'
import { shiftRecurrence, shiftSlot } from './shift.ts'

export type Scope = 'this' | 'following' | 'all'

/**
 * What a person asks of the occurrence in `slot`. `time`: where that occurrence shall lie (its present time where only other fields
 * change). `recurrence`: new lines for `following` and `all`; null: keep the rule, moved along with the occurrence.
 */
export type SeriesEdit =
  | { kind: 'change'; scope: Scope; slot: Slot; time: Span; recurrence: readonly string[] | null }
  | { kind: 'cancel'; scope: Scope; slot: Slot }

/** One write, in the order of the list: what must not be lost is written before what it replaces is taken away. */
export type SeriesWrite<E> =
  /** A new series; `exceptions` move to it, with the slots they have there. */
  | { kind: 'insert-series'; series: Series; exceptions: E[] }
  /** The series itself; `exceptions` stay, with the slots they have now. */
  | { kind: 'update-series'; series: Series; exceptions: E[] }
  | { kind: 'delete-series' }
  | { kind: 'put-exception'; slot: Slot; time: Span }
  | { kind: 'cancel-occurrence'; slot: Slot }
  /** Its slot is gone: what it said is lost, and the caller says so. */
  | { kind: 'drop-exception'; exception: E }

export type EditRefusal = 'not-an-occurrence' | 'several-rules' | 'unreadable-recurrence' | 'too-many-occurrences'

/**
 * The writes of an edit of a series. Cancelling one occurrence is a cancelled exception, never an EXDATE, as in Google.
 * "This and following" is two series: the tail is inserted first, then the head ends just before it; COUNT is shared out, dates and
 * exceptions go to the half that holds their slot. From the first occurrence on, "following" is "all".
 * Source: Google, "Recurring events" › modify all following instances (which trims first and so can lose occurrences).
 */
export function decideSeriesEdit<E extends SeriesException>(
  series: Series,
  exceptions: readonly E[],
  edit: SeriesEdit,
): Result<SeriesWrite<E>[], EditRefusal> {
  const isOccurrence =
    isGenerated(series, edit.slot) || exceptions.some(known => sameSlot(known.originalStart, edit.slot))
  if (!isOccurrence) return fail('not-an-occurrence')
  switch (edit.scope) {
    case 'this':
      return succeed([
        edit.kind === 'cancel'
          ? { kind: 'cancel-occurrence', slot: edit.slot }
          : { kind: 'put-exception', slot: edit.slot, time: edit.time },
      ])
    case 'all':
      return succeed(editAll(series, exceptions, edit))
    case 'following':
      return isFirst(series, edit.slot) ? succeed(editAll(series, exceptions, edit)) : split(series, exceptions, edit)
    default:
      return unreachable(edit.scope)
  }
}

const isFirst = (series: Series, slot: Slot): boolean => slotKey(slot) <= slotKey(slotOf(series.time))

function editAll<E extends SeriesException>(
  series: Series,
  exceptions: readonly E[],
  edit: SeriesEdit,
): SeriesWrite<E>[] {
  if (edit.kind === 'cancel') return [{ kind: 'delete-series' }]
  const shift = { from: spanInSlot(series.time, edit.slot), to: edit.time }
  const start = shiftSlot(shift, slotOf(series.time))
  const recurrence = edit.recurrence ?? formatRecurrence(shiftRecurrence(shift, readRecurrence(series)))
  const edited = { time: spanInSlot(edit.time, start), recurrence: normalise(recurrence, edit.time) }
  const { current, stale } = partStale(edited, moveExceptions(shift, exceptions))
  return [{ kind: 'update-series', series: edited, exceptions: current }, ...stale.map(drop)]
}

function split<E extends SeriesException>(
  series: Series,
  exceptions: readonly E[],
  edit: SeriesEdit,
): Result<SeriesWrite<E>[], EditRefusal> {
  const halves = halvesOf(series, edit.slot)
  if (!halves.ok) return halves
  const isBefore = (exception: E): boolean => isEarlier(exception.originalStart, edit.slot)
  const kept = exceptions.filter(isBefore)
  const later = exceptions.filter(exception => !isBefore(exception))
  const head: SeriesWrite<E> = { kind: 'update-series', series: halves.value.head, exceptions: kept }
  if (edit.kind === 'cancel') return succeed([head, ...later.map(drop)])
  const shift = { from: spanInSlot(series.time, edit.slot), to: edit.time }
  const recurrence = edit.recurrence ?? formatRecurrence(shiftRecurrence(shift, halves.value.tail))
  const tail = { time: edit.time, recurrence: normalise(recurrence, edit.time) }
  // The edited occurrence is the tail's first: what it was as an exception is overwritten by the edit itself.
  const rest = later.filter(exception => !sameSlot(exception.originalStart, edit.slot))
  const { current, stale } = partStale(tail, moveExceptions(shift, rest))
  return succeed([{ kind: 'insert-series', series: tail, exceptions: current }, head, ...stale.map(drop)])
}

const drop = <E>(exception: E): SeriesWrite<E> => ({ kind: 'drop-exception', exception })

const normalise = (lines: readonly string[], time: Span): string[] =>
  normaliseRecurrence(lines, time.kind === 'timed' ? time.startZone : null)

const readRecurrence = (series: Series): Recurrence =>
  parseRecurrence(series.recurrence, series.time.kind === 'timed' ? series.time.startZone : null)

const isEarlier = (a: Slot, b: Slot): boolean => slotKey(a) < slotKey(b)

/** The recurrence of both halves, not yet moved. COUNT stays a COUNT on both sides; without one the head ends by UNTIL. */
function halvesOf(series: Series, slot: Slot): Result<{ head: Series; tail: Recurrence }, EditRefusal> {
  const recurrence = readRecurrence(series)
  if (recurrence.unread.length > 0) return fail('unreadable-recurrence')
  if (recurrence.rules.length + recurrence.exclusionRules.length > 1) return fail('several-rules')
  const counted = countBefore(series, slot)
  if (counted === null) return fail('too-many-occurrences')
  const isHead = (known: Slot): boolean => isEarlier(known, slot)
  const headDates = { rdates: recurrence.rdates.filter(isHead), exdates: recurrence.exdates.filter(isHead) }
  const tail: Recurrence = {
    ...recurrence,
    rules: recurrence.rules.flatMap(rule => {
      if (rule.count === null) return [rule]
      return rule.count > counted ? [{ ...rule, count: rule.count - counted }] : []
    }),
    rdates: recurrence.rdates.filter(known => isEarlier(slot, known)),
    exdates: recurrence.exdates.filter(known => !isHead(known)),
  }
  const isCounted = recurrence.rules.some(rule => rule.count !== null)
  const ended = isCounted
    ? {
        ...recurrence,
        rules: recurrence.rules.map(rule => ({ ...rule, count: Math.min(rule.count ?? counted, counted) })),
      }
    : withUntil(recurrence, justBefore(slot))
  const head = { time: series.time, recurrence: formatRecurrence({ ...ended, ...headDates }) }
  return succeed({ head, tail })
}

const justBefore = (slot: Slot): Slot =>
  slot.kind === 'timed' ? { kind: 'timed', at: slot.at - 1_000 } : { kind: 'all-day', date: addDays(slot.date, -1) }

function moveExceptions<E extends SeriesException>(shift: Shift, exceptions: readonly E[]): E[] {
  return exceptions.map(exception => ({ ...exception, originalStart: shiftSlot(shift, exception.originalStart) }))
}

/** A master as Google lists it. */
export type ListedSeries = { eventId: string; series: Series }

/**
 * Does `added` continue `before` after a "this and following" in Google's own calendar? Google trims the old series and makes a new
 * one whose id is the old base with `_R` and the slot; the two arrive in any order and on any page.
 * @returns the slot at which the series was split; null: these three are no split.
 */
export function splitOf(before: ListedSeries, after: ListedSeries, added: ListedSeries): { slot: Slot } | null {
  const tail = readSplitId(added.eventId)
  if (tail === null || before.eventId !== after.eventId || added.eventId === before.eventId) return null
  if ((readSplitId(before.eventId)?.baseId ?? before.eventId) !== tail.baseId) return null
  const was = seriesBounds(before.series.time, before.series.recurrence).endAt
  const is = seriesBounds(after.series.time, after.series.recurrence).endAt
  const isTrimmed = is !== null && (was === null || is < was)
  const startsAfter = isEarlier(slotOf(after.series.time), slotOf(added.series.time))
  return isTrimmed && startsAfter ? { slot: tail.slot } : null
}

/** `{base}_R20261208T140000` or `{base}_R20261208`: the id that Google's own split gives the tail (the time read as UTC). Null for others. */
export function readSplitId(eventId: string): { baseId: string; slot: Slot } | null {
  const match = /^(.+)_R(\d{8})(T\d{6})?Z?$/.exec(eventId)
  const [, baseId, date, time] = match ?? []
  const slot = date === undefined ? null : parseSlotKey(time === undefined ? date : `${date}${time}Z`)
  return baseId === undefined || slot === null ? null : { baseId, slot }
}
