import { test } from 'vitest'
import type { Calendar, Channel } from '../../../src/core/model/connection.ts'
import { calendarTrouble, isBlinded, isCalendarTrouble } from '../../../src/core/sync/calendar-trouble.ts'
import {
  isProven,
  notOpened,
  opened,
  planChannel,
  settled,
  stillStopping,
} from '../../../src/core/sync/channel-plan.ts'
import { aCalendar, DAY, HOUR, MINUTE, NOW } from '../../support/builders.ts'
import { combine, expectLedger, short, type Line, type Named } from '../../support/ledger.ts'

const channel = (fields: Partial<Channel> = {}): Channel => ({
  tenantId: 'clinic',
  id: 'channel-1',
  connectionId: 'con_1',
  calendarId: 'cal_1',
  resourceId: 'resource',
  state: 'live',
  expiresAt: NOW + 7 * DAY,
  createdAt: NOW,
  lastNotifiedAt: NOW,
  expectedAt: null,
  dueAt: NOW + HOUR,
  ...fields,
})
const older = (fields: Partial<Channel> = {}): Channel =>
  channel({ id: 'older', createdAt: NOW - DAY, expiresAt: NOW + 6 * DAY, ...fields })
const silent = { lastNotifiedAt: null }

/** What is planned, by id; when each that stays is looked at again, in minutes from now. */
function said(channels: readonly Channel[], now: number, isWatched: boolean, isList: boolean): string {
  const { isOpenDue, stop, retire, keep, forget, isPullDue } = planChannel({ isWatched, isList, channels, now })
  const ids = (of: readonly Channel[]): string => of.map(each => each.id).join(' ')
  const when = keep.map(each => `${each.id} in ${Math.round((each.dueAt - now) / MINUTE)}m`).join(', ')
  return [
    isOpenDue ? 'open' : 'open none',
    ...(stop.length > 0 ? [`stop ${ids(stop)}`] : []),
    ...(retire.length > 0 ? [`retire ${ids(retire)}`] : []),
    ...(when === '' ? [] : [`look at ${when}`]),
    ...(forget.length > 0 ? [`forget ${ids(forget)}`] : []),
    ...(isPullDue ? ['read'] : []),
  ].join(' | ')
}

const sets: Named<Channel[]>[] = [
  ['none', []],
  ['one that delivers', [channel()]],
  ['one that has not spoken yet', [channel({ ...silent, expectedAt: NOW })]],
  ['one that owes word of a write', [channel({ expectedAt: NOW + 1 })]],
  ['one that told of the write', [channel({ expectedAt: NOW, lastNotifiedAt: NOW })]],
  ['one looked at just now', [channel({ dueAt: NOW })]],
  ['two that live', [older(), channel()]],
  ['two, the older one dead', [older({ expectedAt: NOW - HOUR, lastNotifiedAt: NOW - 2 * HOUR }), channel()]],
  ['one that opens', [channel({ ...silent, state: 'opening' })]],
  ['one that opens beside one that lives', [older(), channel({ ...silent, state: 'opening' })]],
  ['one that failed', [channel({ ...silent, state: 'failed' })]],
  ['one that failed beside one that lives', [older(), channel({ ...silent, state: 'failed' })]],
  ['two that failed', [older({ ...silent, state: 'failed' }), channel({ ...silent, state: 'failed' })]],
  ['one that is not supported', [channel({ ...silent, state: 'unsupported', dueAt: NOW + DAY })]],
  ['one not supported, and one that lives', [older(), channel({ ...silent, state: 'unsupported', dueAt: NOW + DAY })]],
  ['one that is being stopped', [older({ state: 'stopping', dueAt: NOW }), channel()]],
  ['one done with', [older({ state: 'retired' }), channel()]],
  ['one done with long ago', [older({ state: 'retired', expiresAt: NOW - DAY }), channel()]],
  [
    'one that spoke before two that did not',
    [
      older(),
      channel({ ...silent, id: 'a', state: 'retired', createdAt: NOW - HOUR }),
      channel({ ...silent, id: 'b', state: 'retired', createdAt: NOW - HOUR / 2 }),
    ],
  ],
]
const moments: Named<number>[] = [
  ['now', NOW],
  ['a minute later', NOW + MINUTE],
  ['two minutes later', NOW + 2 * MINUTE],
  ['just short of five minutes later', NOW + 5 * MINUTE - 1],
  ['five minutes later', NOW + 5 * MINUTE],
  ['an hour later', NOW + HOUR],
  ['a day later', NOW + DAY],
  ['five and a half days later', NOW + 5.5 * DAY],
  ['when it has expired', NOW + 7 * DAY],
  ['a day after that', NOW + 8 * DAY],
]

test('what is done about the channels of a calendar, and of the list of calendars, as time goes by', async () => {
  const whose: Named<{ isWatched: boolean; isList: boolean }>[] = [
    ['a calendar in use', { isWatched: true, isList: false }],
    ['one that nobody asks about', { isWatched: false, isList: false }],
    ['the list', { isWatched: true, isList: true }],
  ]
  const lines = combine(combine(whose, sets), moments).map(([name, [[{ isWatched, isList }, channels], now]]): Line => [
    name,
    said(channels, now, isWatched, isList),
  ])
  await expectLedger('channels', lines)
})

test('whether changes are told to us as far as anybody can know', async () => {
  const lines = combine(sets, moments).map(([name, [channels, now]]): Line => [
    name,
    isProven(channels, now) ? 'told' : 'polled for',
  ])
  await expectLedger('proven', lines)
})

test('what a channel is after Google has answered', async () => {
  const asked = channel({ ...silent, state: 'opening', resourceId: null })
  const { createdAt } = asked
  const lines: Line[] = [
    ['opened', short(opened(asked, { resourceId: 'r', expiresAt: createdAt + 10 * DAY }))],
    ['opened for a moment', short(opened(asked, { resourceId: 'r', expiresAt: createdAt + MINUTE }))],
    ['not opened', short(notOpened(asked, false))],
    ['not to be watched', short(notOpened(asked, true))],
    ['not stopped', short(stillStopping(channel(), NOW))],
    ['not stopped, and expired meanwhile', short(stillStopping(channel(), NOW + 7 * DAY))],
    ['stopped', short(settled(channel(), NOW + 1))],
  ]
  await expectLedger('answered', lines)
})

test('what a connection says of calendars that cannot be used as they were chosen', async () => {
  const roles = ['freeBusyReader', 'reader', 'writerWithoutPrivateAccess', 'writer', 'owner'] as const
  const uses: Named<Pick<Calendar, 'isTarget' | 'isSource' | 'isConflict'>>[] = [
    ['target', { isTarget: true, isSource: false, isConflict: false }],
    ['source', { isTarget: false, isSource: true, isConflict: false }],
    ['conflict', { isTarget: false, isSource: false, isConflict: true }],
    ['unused', { isTarget: false, isSource: false, isConflict: false }],
  ]
  const there = [
    ['there', false],
    ['gone', true],
  ] as const
  const lines = combine(
    combine(
      uses,
      roles.map(role => [role, role] as const),
    ),
    there,
  ).map(([name, [[use, accessRole], isGone]]): Line => {
    const calendar = aCalendar({ ...use, accessRole, isGone })
    const trouble = calendarTrouble([calendar])
    return [
      name,
      `${trouble ?? 'nothing'}${isBlinded(calendar, accessRole) ? ', not to be read' : ''}${isCalendarTrouble(trouble) === (trouble !== null) ? '' : ' unknown'}`,
    ]
  })
  const others = ['scopes_missing', null].map((reason): Line => [
    `the reason ${reason ?? 'none'}`,
    String(isCalendarTrouble(reason)),
  ])
  await expectLedger('calendars', [...lines, ...others])
})
