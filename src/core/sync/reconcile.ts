import { unreachable } from '../model/failures.ts'

export type Action =
  | 'nothing'
  | 'export'
  | 'import'
  | 'match'
  | 'push'
  | 'pull'
  | 'merge'
  | 'settle-by-owner'
  | 'delete-remote'
  | 'ask-remote'
  | 'forget'

export type Presence = 'absent' | 'present'
export type Change = 'same' | 'edited' | 'gone'

/** Rows: here, columns: in Google. A missing cell does not compile. */
type Table<Key extends string> = Record<Key, Record<Key, Action>>

/** Without a base: the two have never agreed on anything. */
const FIRST_SIGHT: Table<Presence> = {
  absent: { absent: 'nothing', present: 'import' },
  present: { absent: 'export', present: 'match' }, // → duplicates.ts
}

/** Since the base: what each side did to what both had agreed on. */
const SINCE_BASE: Table<Change> = {
  same: { same: 'nothing', edited: 'pull', gone: 'ask-remote' }, // absence is a question → gone.ts
  edited: { same: 'push', edited: 'merge', gone: 'ask-remote' }, // → merge.ts
  gone: { same: 'delete-remote', edited: 'settle-by-owner', gone: 'forget' }, // → ownership.ts
}

export type Pair = { base: false; local: Presence; remote: Presence } | { base: true; local: Change; remote: Change }

/**
 * What one pair of an appointment and a Google event needs next. "Gone" here means that Google shall not show it: cancelled, archived,
 * or not included. Source: the present/changed matrix of OfflineIMAP.
 */
export function reconcile(pair: Pair): Action {
  switch (pair.base) {
    case false:
      return FIRST_SIGHT[pair.local][pair.remote]
    case true:
      return SINCE_BASE[pair.local][pair.remote]
    default:
      return unreachable(pair)
  }
}
