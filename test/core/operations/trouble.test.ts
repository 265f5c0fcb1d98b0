import { expect, test } from 'vitest'
import {
  explain,
  isTrouble,
  labelOf,
  TROUBLES,
  troublesOf,
  type ConnectionFacts,
} from '../../../src/core/operations/trouble.ts'
import { NOW } from '../../support/builders.ts'
import { combine, expectLedger, short, type Line, type Named } from '../../support/ledger.ts'

const facts = (fields: Partial<ConnectionFacts> = {}): ConnectionFacts => ({
  tenantId: 'clinic',
  connectionId: 'con_1',
  userId: 'dr-lee',
  googleEmail: 'lee@example.com',
  mode: 'two_way',
  status: 'active',
  statusReason: null,
  missingScopes: [],
  writesPausedUntil: null,
  lastPulledAt: NOW,
  queued: 0,
  held: 0,
  failed: 0,
  oldestQueuedAt: null,
  targetRole: 'owner',
  isTargetGone: false,
  unwatched: 0,
  failing: 0,
  unreadable: 0,
  duplicates: 0,
  proposals: 0,
  ...fields,
})

const connections: Named<Partial<ConnectionFacts>>[] = [
  ['well', {}],
  ['needs reauth', { status: 'needs_reauth' }],
  ['a scope missing', { missingScopes: ['https://www.googleapis.com/auth/calendar.events', 'openid'] }],
  ['held', { status: 'held', statusReason: '26 of 40 events are gone.' }],
  ['held, nobody knows why', { status: 'held' }],
  ['the target a reader’s', { targetRole: 'reader' }],
  ['the target gone', { isTargetGone: true }],
  ['no target', { targetRole: null, isTargetGone: true }],
  ['one write parked', { failed: 1 }],
  ['two writes parked', { failed: 2 }],
  ['writes paused', { writesPausedUntil: NOW + 60_000, queued: 1 }],
  ['writes paused, many waiting', { writesPausedUntil: NOW + 1, queued: 2 }],
  ['writes paused until now', { writesPausedUntil: NOW }],
  ['one listing fails', { failing: 1 }],
  ['listings fail', { failing: 2 }],
  ['one calendar unwatched', { unwatched: 1 }],
  ['calendars unwatched', { unwatched: 3 }],
  ['one event unreadable', { unreadable: 1 }],
  ['events unreadable', { unreadable: 2 }],
  ['one duplicate', { duplicates: 1 }],
  ['duplicates', { duplicates: 2 }],
  ['one question', { proposals: 1 }],
  ['questions', { proposals: 2 }],
  [
    'everything at once',
    {
      missingScopes: ['x'],
      targetRole: 'freeBusyReader',
      failed: 1,
      writesPausedUntil: NOW + 1,
      failing: 1,
      unwatched: 1,
      unreadable: 1,
      duplicates: 1,
      proposals: 1,
    },
  ],
]

test('what is wrong with a connection, and what mends it, in the words of the console', async () => {
  const lines = connections.map(([name, fields]): Line => {
    const of = facts(fields)
    const told = troublesOf(of, NOW).map(trouble => `${trouble}: ${short(explain(trouble, of))}`)
    return [name, told.length === 0 ? 'nothing' : told.join('\n')]
  })
  const silent = explain('quota', facts())
  await expectLedger('troubles', [...lines, ['a pause whose end is not known', short(silent)]])
})

test('one that was ended, paused or switched off has the troubles that concern it still', async () => {
  const [, everything] = connections.at(-1) ?? ['', {}]
  const states: Named<Partial<ConnectionFacts>>[] = [
    ['active', {}],
    ['off', { mode: 'off' }],
    ['push only', { mode: 'push_only' }],
    ['paused', { status: 'paused' }],
    ['pending', { status: 'pending' }],
    ['held', { status: 'held' }],
    ['disconnected', { status: 'disconnected' }],
  ]
  const lines = combine(states, [['everything at once', everything]] as const).map(([name, [state, all]]): Line => [
    name,
    troublesOf(facts({ ...all, ...state }), NOW).join(', ') || 'nothing',
  ])
  await expectLedger('states', lines)
})

test('each trouble has a name that is known, and a label of its own', () => {
  expect(TROUBLES.every(isTrouble)).toBe(true)
  expect(isTrouble('boredom')).toBe(false)
  expect(new Set(TROUBLES.map(labelOf)).size).toBe(TROUBLES.length)
})
