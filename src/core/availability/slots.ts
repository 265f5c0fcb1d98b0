import type { Range } from '../model/time.ts'
import type { BusyBlock } from './busy.ts'

export type SlotVerdict = Range & { free: boolean; conflicts: BusyBlock[] }

/**
 * The blocks that a span collides with, by start. What touches does not collide. `ignoreIds`: sources that do not count, such as the
 * appointment that is being moved and the Google event that shows it.
 */
export function conflictsOf(
  span: Range,
  busy: readonly BusyBlock[],
  ignoreIds: ReadonlySet<string> = new Set(),
): BusyBlock[] {
  return busy
    .filter(block => !ignoreIds.has(block.source.id) && collides(span, block))
    .sort((a, b) => a.startAt - b.startAt || a.endAt - b.endAt)
}

/** An instant without length collides with what surrounds it or begins at it. */
const collides = (span: Range, block: Range): boolean =>
  block.startAt < block.endAt &&
  block.endAt > span.startAt &&
  (block.startAt < span.endAt || (span.startAt === span.endAt && block.startAt === span.startAt))

/** Each proposed slot with its answer, in the order of the question. */
export function checkSlots(
  slots: readonly Range[],
  busy: readonly BusyBlock[],
  ignoreIds: ReadonlySet<string> = new Set(),
): SlotVerdict[] {
  return slots.map(({ startAt, endAt }) => {
    const conflicts = conflictsOf({ startAt, endAt }, busy, ignoreIds)
    return { startAt, endAt, free: conflicts.length === 0, conflicts }
  })
}
