import type { JournalRow } from '../../core/model/journal.ts'
import type { Instant } from '../../core/model/time.ts'

/** One line of an appointment's history for a person. */
export type HistoryLine = {
  seq: number
  at: Instant
  /** Who moved: the platform, Google, or the engine itself. */
  side: JournalRow['side']
  step: 'seen' | 'decided' | 'written' | 'stopped'
  action: string
  reason: string
  rule: string
  /** Field by field; values only for those who may see content. */
  changes: readonly { field: string; before: string | null; after: string | null }[]
  /** The change that the platform was told of; null: none. */
  told: string | null
}

const STEPS: Readonly<Record<string, HistoryLine['step']>> = {
  sent: 'written',
  removed: 'written',
  parked: 'stopped',
  held: 'stopped',
  proposed: 'stopped',
}

/** Times, states and the like are no content; words are. */
const OPEN_FIELDS = [
  'status',
  'start',
  'end',
  'time',
  'recurrence',
  'busy',
  'colour',
  'recurringId',
  'archivedAt',
  'origin',
  'kind',
]

export function tellHistory(rows: readonly JournalRow[], showsContent: boolean): HistoryLine[] {
  return rows.map(row => ({
    seq: row.seq,
    at: row.at,
    side: row.side,
    step: STEPS[row.action] ?? (row.side === 'lockstep' ? 'decided' : 'seen'),
    action: row.action,
    reason: row.reason,
    rule: row.rule,
    changes: changesOf(row, showsContent),
    told: row.change?.type ?? null,
  }))
}

function changesOf({ before, after }: JournalRow, showsContent: boolean): HistoryLine['changes'] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return fields.flatMap(field => {
    const [was, is] = [spanOrText(before?.[field]), spanOrText(after?.[field])]
    if (was === null && is === null) return [] // nothing before and nothing after: nothing to tell
    const isTold = showsContent || OPEN_FIELDS.includes(field)
    return [{ field, before: isTold ? was : null, after: isTold ? is : null }]
  })
}

/** A value as a person reads it; null: there is none. */
export function spanOrText(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(String).join('; ')
  if (typeof value === 'object' && Object.keys(value).length === 0) return null
  return timeWords(value) ?? JSON.stringify(value)
}

/** A span or a moment, as the wall clock of its zone shows it. */
function timeWords(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  const fields = new Map<string, unknown>(Object.entries(value))
  const [startDate, endDate] = [fields.get('startDate'), fields.get('endDate')]
  if (typeof startDate === 'string' && typeof endDate === 'string') return `${startDate} to ${endDate}`
  const [dateTime, timeZone, date] = [fields.get('dateTime'), fields.get('timeZone'), fields.get('date')]
  if (typeof date === 'string') return date
  if (typeof dateTime === 'string') return `${dateTime.slice(0, 16).replace('T', ' ')} (${String(timeZone)})`
  const [startAt, endAt, zone] = [fields.get('startAt'), fields.get('endAt'), fields.get('startZone')]
  if (typeof startAt !== 'number' || typeof endAt !== 'number' || typeof zone !== 'string') return null
  return `${clock(startAt, zone)} – ${clock(endAt, zone).slice(-5)} (${zone})`
}

function clock(at: Instant, zone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  return format.format(at)
}
