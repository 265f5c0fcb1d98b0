import { changeItem } from '../model/change-item.ts'
import type { JournalRow } from '../model/journal.ts'

/** Source: Standard Webhooks 1.0.0, "Payload size". */
const BODY_BYTES_MAX = 20_000
/** What a resource can do without, the bulkiest first; the platform reads it again by its id. */
const DISPENSABLE = ['metadata', 'description', 'recurrence', 'calendars', 'policies', 'location', 'title']

/**
 * The body of a message: the change as the feed has it. One that would be too large leaves members of `data` out and names them in
 * `truncated`.
 */
export function messageBody(row: JournalRow): string {
  const { id, cursor, type, at, data } = changeItem(row)
  const bodyOf = (shown: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({ type, timestamp: at, id, cursor, data: shown })
  let shown: Readonly<Record<string, unknown>> = data
  const truncated: string[] = []
  for (const name of DISPENSABLE) {
    if (bytesOf(bodyOf(shown)) < BODY_BYTES_MAX) return bodyOf(shown)
    if (!(name in data)) continue
    truncated.push(name)
    const rest = Object.entries(data).filter(([member]) => !truncated.includes(member))
    shown = { ...Object.fromEntries(rest), truncated }
  }
  return bytesOf(bodyOf(shown)) < BODY_BYTES_MAX
    ? bodyOf(shown)
    : bodyOf({ id: data['id'], truncated: Object.keys(data) })
}

export function testBody(at: string): string {
  return JSON.stringify({ type: 'webhook.test', timestamp: at, data: { message: 'A test, sent on request.' } })
}

/** In UTF-8; counted here because the core has no Buffer. */
function bytesOf(text: string): number {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
