import type { Slot } from '../model/time.ts'
import { parseSlotKey, slotKey } from '../model/time.ts'
import type { Series } from './expand.ts'
import { notGenerated } from './expand.ts'

/** An override or a cancellation: it replaces the occurrence of series `recurringId` in slot `originalStart`, wherever it lies now. */
export type ExceptionRef = { recurringId: string; originalStart: Slot }

export type Attached<M, E> = {
  series: { master: M; exceptions: E[] }[]
  /** Exceptions whose master is not among these: it may come on a later page, or never (an invitation to one occurrence). */
  orphans: E[]
  /** Exceptions that a later one of the same slot has replaced. */
  superseded: E[]
}

/**
 * Which exceptions belong to which master. Order does not matter between masters and exceptions (Google promises none); between
 * two exceptions of one slot the later in the list counts. Orphans are kept by the caller and handed in again.
 * Source: facts of Google, events.list: "exceptions can arrive before their master, on another page, or without any".
 */
export function attachExceptions<M extends { id: string }, E extends ExceptionRef>(
  masters: readonly M[],
  exceptions: readonly E[],
): Attached<M, E> {
  const bySeries = new Map(masters.map(master => [master.id, { master, bySlot: new Map<string, E>() }]))
  const orphans: E[] = []
  const superseded: E[] = []
  for (const exception of exceptions) {
    const bySlot = bySeries.get(exception.recurringId)?.bySlot
    if (bySlot === undefined) {
      orphans.push(exception)
      continue
    }
    const key = slotKey(exception.originalStart)
    const earlier = bySlot.get(key)
    if (earlier !== undefined) superseded.push(earlier)
    bySlot.set(key, exception)
  }
  const series = [...bySeries.values()].map(({ master, bySlot }) => ({ master, exceptions: [...bySlot.values()] }))
  return { series, orphans, superseded }
}

/**
 * Exceptions parted by whether the series, as it is now, still yields their slot. After a change of the master's start or rule the
 * stale ones replace nothing: a cancellation among them is meaningless, an override stands for itself until somebody asks Google.
 */
export function partStale<E extends { originalStart: Slot }>(
  series: Series,
  exceptions: readonly E[],
): { current: E[]; stale: E[] } {
  if (exceptions.length === 0) return { current: [], stale: [] }
  const gone = new Set(
    notGenerated(
      series,
      exceptions.map(({ originalStart }) => originalStart),
    ).map(slotKey),
  )
  const isStale = (exception: E): boolean => gone.has(slotKey(exception.originalStart))
  return { current: exceptions.filter(exception => !isStale(exception)), stale: exceptions.filter(isStale) }
}

/**
 * Series and slot from the id of an instance, `{master}_{slot}`; null for ids of another form. Only for where Google left out
 * `recurringEventId` and `originalStartTime`: the form is seen everywhere and promised nowhere.
 */
export function readInstanceId(eventId: string): { recurringEventId: string; originalStart: Slot } | null {
  const match = /^(.+)_(\d{8}(?:T\d{6}Z)?)$/.exec(eventId)
  const originalStart = match?.[2] === undefined ? null : parseSlotKey(match[2])
  return match?.[1] === undefined || originalStart === null ? null : { recurringEventId: match[1], originalStart }
}
