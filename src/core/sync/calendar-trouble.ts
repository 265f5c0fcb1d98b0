import type { Calendar } from '../model/connection.ts'
import { holdReason } from './admission.ts'

/** What a connection says of itself while it runs and one of its calendars cannot be used as it was chosen to be. */
export type CalendarTrouble =
  'target_calendar_gone' | 'target_read_only' | 'source_calendar_gone' | 'source_details_hidden'

type Used = Pick<Calendar, 'isTarget' | 'isSource' | 'isConflict' | 'isGone' | 'accessRole'>

const TARGET: Readonly<Record<string, CalendarTrouble>> = {
  'calendar-gone': 'target_calendar_gone',
  'calendar-read-only': 'target_read_only',
}

/** The gravest one; null: every calendar can be used as it was chosen to be. */
export function calendarTrouble(calendars: readonly Calendar[]): CalendarTrouble | null {
  for (const target of calendars.filter(each => each.isTarget)) {
    const trouble = TARGET[holdReason(target)?.code ?? '']
    if (trouble !== undefined) return trouble
  }
  const read = calendars.filter(each => each.isSource || each.isConflict)
  if (read.some(each => each.isGone)) return 'source_calendar_gone'
  return read.some(each => isBlinded(each, each.accessRole)) ? 'source_details_hidden' : null
}

export const isCalendarTrouble = (reason: string | null): boolean => reason !== null && REASONS.has(reason)
const REASONS: ReadonlySet<string> = new Set<CalendarTrouble>([
  'target_calendar_gone',
  'target_read_only',
  'source_calendar_gone',
  'source_details_hidden',
])

/**
 * Whether what Google lists under this role cannot be read for what the calendar is used for: a free-busy reader is shown occurrences
 * without words in place of series and titles, which would look like a thousand edits and deletions.
 */
export function isBlinded(calendar: Used, role: Calendar['accessRole']): boolean {
  return role === 'freeBusyReader' && (calendar.isSource || calendar.isTarget)
}
