import { DateTime } from 'luxon'
import type { HistoryItem } from './platform.ts'

/** One line of the panel: what happened, in words for a person, and why. */
export type StoryLine = {
  id: string
  at: string
  userId: string
  appointmentId: string
  title: string
  side: HistoryItem['side']
  headline: string
  detail: string | null
  reason: string
  rule: string
}

const SIDE: Record<HistoryItem['side'], string> = {
  platform: 'on the platform',
  google: 'in Google',
  lockstep: 'by Lockstep',
}

/** A history row told in one line. @param zone in which times are told. */
export function storyLine(of: {
  item: HistoryItem
  place: number
  appointmentId: string
  userId: string
  title: string
  zone: string
}): StoryLine {
  const { item, place, appointmentId, userId, title, zone } = of
  const { at, side, reason, rule } = item
  return {
    id: `${appointmentId}/${place}/${at}`,
    at,
    userId,
    appointmentId,
    title,
    side,
    headline: headline(item),
    detail: detail(item, zone),
    reason,
    rule,
  }
}

/** What moved, in a person's words: the field says more than the verb of the history. */
function headline({ action, side, before, after }: HistoryItem): string {
  const isSent = side === 'lockstep' && ['sent', 'removed'].includes(action)
  if (isSent) return action === 'sent' ? 'Written to Google' : 'Removed from Google'
  const where = SIDE[side]
  const changed = new Set(Object.keys({ ...before, ...after }))
  if (action === 'imported') return 'Made in Google'
  if (action === 'created' && side === 'platform') return 'Booked on the platform'
  if (before === undefined) return `${capitalised(action)} ${where}`
  if (changed.has('status') && after?.['status'] === 'cancelled') return `Cancelled ${where}`
  if (changed.has('start') || changed.has('time') || changed.has('end')) return `Moved ${where}`
  if (changed.has('title')) return `Renamed ${where}`
  return `${capitalised(action)} ${where}`
}

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1).replaceAll('_', ' ')}`

function detail({ before, after }: HistoryItem, zone: string): string | null {
  if (before === undefined || after === undefined) return null
  const told = ['title', 'time', 'start', 'end', 'location', 'status'].flatMap(field => {
    const was = tell(before[field], zone)
    const is = tell(after[field], zone)
    return was === null || is === null || was === is ? [] : [`${was} → ${is}`]
  })
  return told[0] ?? null
}

const MOMENT = 'ccc d LLL, HH:mm'

/** A text, or when a time begins: histories write it as the API does, or as one span. Null: nothing to tell. */
function tell(value: unknown, zone: string): string | null {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return null
  const fields = new Map(Object.entries(value))
  const [date, dateTime, startAt] = [
    fields.get('date') ?? fields.get('startDate'),
    fields.get('dateTime'),
    fields.get('startAt'),
  ]
  if (typeof date === 'string') return DateTime.fromISO(date).toFormat('ccc d LLL')
  if (typeof dateTime === 'string') return DateTime.fromISO(dateTime).setZone(zone).toFormat(MOMENT)
  return typeof startAt === 'number' ? DateTime.fromMillis(startAt).setZone(zone).toFormat(MOMENT) : null
}
