import type { Span } from './time.ts'

/**
 * What one side of a pair says, field by field: the part of an appointment that Google is shown,
 * and the part of a Google event that the engine reads. Time is one field (start, end, all-day and zone together).
 * Texts are '' where there is none. `recurrence` holds normalised RRULE, EXDATE and RDATE lines, sorted; empty for a single.
 */
export type Projection = {
  time: Span
  recurrence: readonly string[]
  title: string
  description: string
  location: string
  busy: boolean
  status: 'confirmed' | 'tentative'
  /** Google's colour key ('1'…'11'), null: the calendar's own. */
  colour: string | null
}

export type Field = keyof Projection

export const FIELDS: readonly Field[] = [
  'time',
  'recurrence',
  'title',
  'description',
  'location',
  'busy',
  'status',
  'colour',
]
