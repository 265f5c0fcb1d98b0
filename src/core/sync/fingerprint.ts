import type { LiveEvent } from '../model/calendar-event.ts'
import { FIELDS, type Field, type Projection } from '../model/projection.ts'
import { sameSpan, slotKey } from '../model/time.ts'

/** Whether both sides say the same in this field. Times compare as instants and zones, texts to the letter. */
export function sameField(field: Field, a: Projection, b: Projection): boolean {
  if (field === 'time') return sameSpan(a.time, b.time)
  if (field === 'recurrence') return sameLines(a.recurrence, b.recurrence)
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

/** Two independent 53-bit hashes in one pass: not for secrets, only to see that something changed (cyrb53, public domain). */
function digest(text: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  let highToo = 0xdeadbeef ^ SECOND_SEED
  let lowToo = 0x41c6ce57 ^ SECOND_SEED
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
    highToo = Math.imul(highToo ^ code, 2654435761)
    lowToo = Math.imul(lowToo ^ code, 1597334677)
  }
  return `${mixed(high, low)}.${mixed(highToo, lowToo)}`
}
const SECOND_SEED = 0x9e3779b9

function mixed(highSum: number, lowSum: number): string {
  const high = Math.imul(highSum ^ (highSum >>> 16), 2246822507) ^ Math.imul(lowSum ^ (lowSum >>> 13), 3266489909)
  const low = Math.imul(lowSum ^ (lowSum >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36)
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index])
}
