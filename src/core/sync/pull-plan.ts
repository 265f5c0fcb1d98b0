import type { Calendar, Cursor } from '../model/connection.ts'
import { windowBounds, type Instant } from '../model/time.ts'
import type { SyncWindow } from '../model/policies.ts'

/** What to ask Google for next. */
export type PullPlan =
  /** Not before `at`: the calendar rests after failures. */
  | { kind: 'wait'; at: Instant }
  /** `isNewList`: a full list into a new generation begins here; `cursor` is where it starts. */
  | { kind: 'list'; cursor: Cursor; isNewList: boolean }

/**
 * Full or incremental, first page or next. A token made with other list parameters, or for a window that began later than
 * today's does, could not show what is asked for now: a new full list.
 */
export function planPull(calendar: Calendar, window: SyncWindow, listParameters: string, now: Instant): PullPlan {
  if (calendar.holdOffUntil !== null && calendar.holdOffUntil > now) return { kind: 'wait', at: calendar.holdOffUntil }
  const { cursor } = calendar
  const isUnderWay = cursor.pageToken !== null
  const isStale = cursor.parameters !== listParameters || isWidened(calendar, window, now)
  if (!isStale && (isUnderWay || cursor.syncToken !== null)) return { kind: 'list', cursor, isNewList: false }
  return { kind: 'list', cursor: freshList(calendar, window, listParameters, now), isNewList: true }
}

/** Whether the window's beginning lies before what was ever listed. The day moving on never widens it. */
function isWidened(calendar: Calendar, window: SyncWindow, now: Instant): boolean {
  const { listedFrom } = calendar.cursor
  return listedFrom !== null && windowBounds(window, now, calendar.timeZone).startAt < listedFrom
}

/** A new generation, from the window's beginning. */
export function freshList(calendar: Calendar, window: SyncWindow, listParameters: string, now: Instant): Cursor {
  return {
    syncToken: null,
    pageToken: null,
    generation: calendar.cursor.generation + 1,
    parameters: listParameters,
    listedFrom: windowBounds(window, now, calendar.timeZone).startAt,
  }
}

/** How long a calendar whose tokens die again and again rests before its next full list. @param inARow full lists in a row. */
export function fullListHoldOffMs(inARow: number): number {
  return inARow <= 1 ? 0 : Math.min(HOLD_OFF_MAX_MS, HOLD_OFF_BASE_MS * 2 ** (inARow - 2))
}

const HOLD_OFF_BASE_MS = 60_000
const HOLD_OFF_MAX_MS = 6 * 60 * 60 * 1000
