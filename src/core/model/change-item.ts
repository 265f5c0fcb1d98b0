import type { ChangeType, JournalRow } from './journal.ts'

/** An entry of the change feed as the platform gets it: by `GET /v1/changes`, as an event stream and by webhook alike. */
export type ChangeItem = {
  cursor: string
  /** The same for each delivery of the same change. */
  id: string
  type: ChangeType
  at: string
  data: Readonly<Record<string, unknown>>
}

/** @throws Error for a row that is history only: a caller's bug. */
export function changeItem(row: JournalRow): ChangeItem {
  if (row.change === null) throw new Error(`row ${row.seq} is not an item of the change feed`)
  const { type, data } = row.change
  return { cursor: changeCursor(row.seq), id: `chg_${row.seq}`, type, at: new Date(row.at).toISOString(), data }
}

/** Opaque to the platform; the place of a row in its tenant's feed. */
export const changeCursor = (seq: number): string => `c${seq.toString(36)}`

/** Null for anything that `changeCursor` did not make. */
export function parseChangeCursor(text: string): number | null {
  if (!/^c(?:0|[1-9a-z][0-9a-z]{0,10})$/.test(text)) return null
  const seq = Number.parseInt(text.slice(1), 36)
  return Number.isSafeInteger(seq) ? seq : null
}
