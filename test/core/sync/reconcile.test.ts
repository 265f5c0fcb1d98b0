import { describe, expect, test } from 'vitest'
import { reconcile, type Action, type Pair } from '../../../src/core/sync/reconcile.ts'

const cases: [sentence: string, pair: Pair, action: Action][] = [
  ['nothing on either side is nothing', { base: false, local: 'absent', remote: 'absent' }, 'nothing'],
  ['a newcomer in Google is taken in', { base: false, local: 'absent', remote: 'present' }, 'import'],
  ['a newcomer here is written to Google', { base: false, local: 'present', remote: 'absent' }, 'export'],
  ['two newcomers are matched, not doubled', { base: false, local: 'present', remote: 'present' }, 'match'],
  ['no change is no work', { base: true, local: 'same', remote: 'same' }, 'nothing'],
  ["Google's edit is pulled", { base: true, local: 'same', remote: 'edited' }, 'pull'],
  ['absence in Google is a question', { base: true, local: 'same', remote: 'gone' }, 'ask-remote'],
  ['our edit is pushed', { base: true, local: 'edited', remote: 'same' }, 'push'],
  ['edits on both sides are merged', { base: true, local: 'edited', remote: 'edited' }, 'merge'],
  ['absence against our edit is a question too', { base: true, local: 'edited', remote: 'gone' }, 'ask-remote'],
  ['cancel means delete', { base: true, local: 'gone', remote: 'same' }, 'delete-remote'],
  [
    'our cancellation against their edit asks the owner',
    { base: true, local: 'gone', remote: 'edited' },
    'settle-by-owner',
  ],
  ['gone on both sides is forgotten', { base: true, local: 'gone', remote: 'gone' }, 'forget'],
]

describe('what a pair needs next', () => {
  test.each(cases)('%s', (_sentence, pair, action) => {
    expect(reconcile(pair)).toBe(action)
  })

  test('each of the thirteen cells has its own case', () => {
    expect(new Set(cases.map(([, pair]) => JSON.stringify(pair))).size).toBe(13)
  })
})
