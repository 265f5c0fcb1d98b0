import { expect, test } from 'vitest'
import { nextStatus, type ConnectionMove } from '../../../src/core/model/connection-status.ts'
import type { ConnectionStatus } from '../../../src/core/model/connection.ts'
import { missingScopes } from '../../../src/core/model/scopes.ts'

const STATUSES: ConnectionStatus[] = ['pending', 'active', 'needs_reauth', 'paused', 'held', 'disconnected']
const MOVES: ConnectionMove[] = ['connect', 'chosen', 'revoked', 'pause', 'resume', 'hold', 'release', 'disconnect']

const cases: [sentence: string, from: ConnectionStatus, move: ConnectionMove, to: ConnectionStatus | null][] = [
  ['a new connection becomes active with its first sync', 'pending', 'chosen', 'active'],
  ['a dead grant asks the user to connect again', 'active', 'revoked', 'needs_reauth'],
  ['connecting again mends', 'needs_reauth', 'connect', 'active'],
  ['a pause outlives a new grant', 'paused', 'connect', 'paused'],
  ['a dead grant does not end a pause', 'paused', 'revoked', 'paused'],
  ['a hold is let go by a person', 'held', 'release', 'active'],
  ['a hold is not ended by resuming', 'held', 'resume', null],
  ['what ended begins anew when the user connects', 'disconnected', 'connect', 'pending'],
  ['a late first sync does not bring back what ended', 'disconnected', 'chosen', null],
  ['a paused one is not made active by its first sync', 'paused', 'chosen', null],
]
test.each(cases)('%s', (_sentence, from, move, to) => expect(nextStatus(from, move, true)).toBe(to))

test.each(STATUSES)('from %s it can always be ended', from => {
  expect(nextStatus(from, 'disconnect', true)).toBe('disconnected')
})

test('without calendars nothing but the first sync makes a connection active', () => {
  const inactive = STATUSES.filter(status => status !== 'active')
  for (const from of inactive)
    for (const move of MOVES.filter(each => each !== 'chosen' && each !== 'release'))
      expect([from, move, nextStatus(from, move, false)]).not.toContain('active')
})

test('every move made twice ends where it ended the first time, or is not legal the second', () => {
  for (const from of STATUSES)
    for (const move of MOVES) {
      const once = nextStatus(from, move, true)
      if (once !== null) expect([once, null]).toContain(nextStatus(once, move, true))
    }
})

const AUTH = 'https://www.googleapis.com/auth/'
test.each([
  ['all granted', [`${AUTH}calendar.events`, 'email'], []],
  ['the long name of email', [`${AUTH}calendar.events`, `${AUTH}userinfo.email`], []],
  ['a wider grant', [`${AUTH}calendar`, 'email'], []],
  ['events unticked', ['email'], [`${AUTH}calendar.events`]],
  ['a narrower grant', [`${AUTH}calendar.events.readonly`, 'email'], [`${AUTH}calendar.events`]],
])('scopes, %s', (_sentence, granted, missing) =>
  expect(missingScopes([`${AUTH}calendar.events`, 'email'], granted)).toEqual(missing),
)
