import type { LiveEvent } from '../model/calendar-event.ts'
import { FIELDS, type Field, type Projection } from '../model/projection.ts'
import { sameSpan, slotKey } from '../model/time.ts'
import { digest } from './digest.ts'
import { sameText } from './veil.ts'

/** Whether both sides say the same in this field. Times compare as instants and zones, texts to the letter, hidden or not. */
export function sameField(field: Field, a: Projection, b: Projection): boolean {
  if (field === 'time') return sameSpan(a.time, b.time)
  if (field === 'recurrence') return sameLines(a.recurrence, b.recurrence)
  if (field === 'title' || field === 'description' || field === 'location') return sameText(a[field], b[field])
  return a[field] === b[field]
}

export function differingFields(a: Projection, b: Projection): Field[] {
  return FIELDS.filter(field => !sameField(field, a, b))
}

/**
 * What of a Google-origin event matters here. Left out on purpose: etag and `updated` (change on their own), sequence (undocumented
 * bumps), reminders, guests, conference, attachments (never shown here), colour (the viewer's own).
 */
export function contentHash(event: LiveEvent): string {
  const { content } = event
  const time = content.time
  return digest(
    [
      time.kind === 'timed'
        ? `${time.startAt}|${time.endAt}|${time.startZone}|${time.endZone}`
        : `${time.startDate}|${time.endDate}`,
      content.recurrence.join('\n'),
      content.title,
      content.description,
      content.location,
      content.busy ? 'busy' : 'free',
      content.status,
      event.selfResponse ?? '',
      event.isPrivate ? 'private' : '',
      event.recurringEventId ?? '',
      event.originalStart === null ? '' : slotKey(event.originalStart),
    ].join('\u0000'),
  )
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index])
}
