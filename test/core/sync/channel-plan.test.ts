import { describe, expect, test } from 'vitest'
import type { Channel } from '../../../src/core/model/connection.ts'
import {
  isProven,
  notOpened,
  opened,
  planChannel,
  PROOF_WITHIN_MS,
  settled,
  stillStopping,
} from '../../../src/core/sync/channel-plan.ts'
import { calendarTrouble } from '../../../src/core/sync/calendar-trouble.ts'
import { aCalendar, DAY, HOUR, MINUTE, NOW } from '../../support/builders.ts'

const aChannel = (fields: Partial<Channel> = {}): Channel => ({
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
  dueAt: NOW,
  ...fields,
})
const plan = (channels: Channel[], now: number, isWatched = true, isList = false) =>
  planChannel({ isWatched, isList, channels, now })

test('a channel that has expired while no other may be opened stays to be looked at, or nobody would look again', () => {
  const silent = { lastNotifiedAt: null, expectedAt: NOW, expiresAt: NOW + 40 * MINUTE, createdAt: NOW }
  const earlier = ['a', 'b', 'c', 'd', 'e', 'f'].map(id => aChannel({ ...silent, id, state: 'retired' }))
  const { isOpenDue, retire, keep } = plan([...earlier, aChannel({ ...silent, id: 'last' })], NOW + 41 * MINUTE)
  expect({ isOpenDue, retired: retire.map(each => each.id) }).toEqual({ isOpenDue: false, retired: [] })
  expect(keep.map(each => [each.id, each.dueAt > NOW + 41 * MINUTE])).toEqual([['last', true]])
})

describe('a channel is', () => {
  const old = aChannel({ id: 'old', createdAt: NOW - DAY })
  const cases: [sentence: string, channels: Channel[], now: number, isOpenDue: boolean, stopped: string[]][] = [
    ['opened where there is none', [], NOW, true, []],
    ['kept while it delivers', [aChannel()], NOW + DAY, false, []],
    ['renewed in the last part of its life', [aChannel()], NOW + 5.7 * DAY, true, []],
    ['stopped when a newer one lives', [old, aChannel()], NOW, false, ['old']],
    [
      'stopped when another of the same moment has the later id, in whatever order they are read',
      [aChannel({ id: 'a' }), aChannel({ id: 'b' })],
      NOW,
      false,
      ['a'],
    ],
    ['so too the other way round', [aChannel({ id: 'b' }), aChannel({ id: 'a' })], NOW, false, ['a']],
    ['not opened while one is opening', [aChannel({ state: 'opening' })], NOW + MINUTE, false, []],
    ['opened when an answer never came', [aChannel({ state: 'opening' })], NOW + 2 * MINUTE, true, []],
    [
      'replaced when a message is owed too long',
      [aChannel({ expectedAt: NOW + 1 })],
      NOW + 1 + PROOF_WITHIN_MS,
      true,
      [],
    ],
    ['not replaced before that', [aChannel({ expectedAt: NOW + 1 })], NOW + PROOF_WITHIN_MS, false, []],
    ['not replaced where the message came', [aChannel({ expectedAt: NOW })], NOW + HOUR, false, []],
    ['not opened within a day of a refusal', [notOpened(aChannel(), true)], NOW + DAY - 1, false, []],
    ['opened after it', [notOpened(aChannel(), true)], NOW + 1.1 * DAY, true, []],
    [
      'not opened right after a failure',
      [notOpened(aChannel({ lastNotifiedAt: null }), false)],
      NOW + MINUTE,
      false,
      [],
    ],
    ['opened a little later', [notOpened(aChannel({ lastNotifiedAt: null }), false)], NOW + 2 * MINUTE, true, []],
    ['stopped again when Google could not be told', [stillStopping(old, NOW - HOUR), aChannel()], NOW, false, ['old']],
    ['not stopped again at once', [stillStopping(old, NOW), aChannel()], NOW + MINUTE, false, []],
  ]
  test.each(cases)('%s', (_sentence, channels, now, isOpenDue, stopped) => {
    const planned = plan(channels, now)
    expect(planned.isOpenDue).toBe(isOpenDue)
    expect(planned.stop.map(each => each.id)).toEqual(stopped)
  })

  test('stopped where nobody wants to know any more', () => {
    expect(plan([aChannel()], NOW, false)).toMatchObject({ isOpenDue: false, stop: [{ id: 'channel-1' }] })
  })

  test('retired when it has expired: nothing is left to stop', () => {
    const planned = plan([aChannel()], NOW + 7 * DAY)
    expect(planned).toMatchObject({ isOpenDue: true, stop: [], retire: [{ id: 'channel-1' }] })
  })

  test('forgotten a day after it would have ended', () => {
    const done = settled(aChannel({ id: 'done' }), NOW)
    expect(plan([done], NOW + 8 * DAY - 1).forget).toEqual([])
    expect(plan([done], NOW + 8 * DAY).forget).toEqual([done])
  })
})

test('renewals are spread over a tenth of a life, and the same at each look', () => {
  const ids = Array.from({ length: 500 }, (_, n) => `channel-${n}`)
  const renewals = ids.map(id => {
    const live = opened(aChannel({ id, lastNotifiedAt: null }), { resourceId: 'r', expiresAt: NOW + 10 * DAY })
    const [kept] = plan([{ ...live, lastNotifiedAt: NOW }], NOW + HOUR).keep
    expect(plan([kept!], NOW + 2 * HOUR).keep).toEqual([])
    return (kept!.dueAt - NOW) / (10 * DAY)
  })
  expect(Math.min(...renewals)).toBeGreaterThanOrEqual(0.7)
  expect(Math.max(...renewals)).toBeLessThan(0.8)
  expect(renewals.filter(each => each < 0.75).length).toBeGreaterThan(150)
  expect(renewals.filter(each => each >= 0.75).length).toBeGreaterThan(150)
})

test('the more channels never spoke, the longer the pause before the next, up to six hours', () => {
  const silent = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      aChannel({ id: `${n}`, state: 'failed', lastNotifiedAt: null, createdAt: NOW - n }),
    )
  const pauseMs = (count: number): number => {
    for (let ms = 0; ; ms += MINUTE) if (plan(silent(count), NOW + ms).isOpenDue) return ms
  }
  expect([1, 2, 3, 4, 20].map(pauseMs)).toEqual([2 * MINUTE, 4 * MINUTE, 8 * MINUTE, 16 * MINUTE, 6 * HOUR])
  const before = silent(9).map(each => ({ ...each, createdAt: each.createdAt - HOUR }))
  const heard = aChannel({ id: 'heard', state: 'retired', createdAt: NOW - 1 })
  expect(
    plan([aChannel({ state: 'failed', lastNotifiedAt: null }), heard, ...before], NOW + 2 * MINUTE).isOpenDue,
  ).toBe(true)
})

test('a person who asks for a channel gets one now, whatever failed before', () => {
  const failed = aChannel({ state: 'failed', lastNotifiedAt: null, createdAt: NOW - 1 })
  const asked = { isWatched: true, isList: false, channels: [failed], now: NOW }
  expect(planChannel(asked).isOpenDue).toBe(false)
  expect(planChannel({ ...asked, isAsked: true }).isOpenDue).toBe(true)
  expect(planChannel({ ...asked, channels: [aChannel({})], isAsked: true }).isOpenDue).toBe(false)
})

test('the list of calendars is read whenever its channel is looked at, daily at least', () => {
  const healthy = aChannel({ calendarId: null, dueAt: NOW + HOUR })
  expect(plan([healthy], NOW, true, true)).toMatchObject({ isPullDue: false, keep: [] })
  const looked = plan([healthy], NOW + HOUR, true, true)
  expect(looked).toMatchObject({ isPullDue: true, isOpenDue: false, keep: [{ dueAt: NOW + HOUR + DAY }] })
  expect(plan([aChannel({ calendarId: 'cal_1', dueAt: NOW })], NOW, true, false).isPullDue).toBe(false)
})

describe('a calendar counts as pushed', () => {
  test.each<[string, Partial<Channel>, number, boolean]>([
    ['while its channel has spoken and owes nothing', {}, NOW + DAY, true],
    ['not before it has spoken', { lastNotifiedAt: null }, NOW, false],
    ['not when it owes a message for long', { expectedAt: NOW + 1 }, NOW + HOUR, false],
    ['not when it has expired', {}, NOW + 7 * DAY, false],
    ['not when it is done with', { state: 'retired' }, NOW, false],
  ])('%s', (_sentence, fields, now, expected) => {
    expect(isProven([aChannel(fields)], now)).toBe(expected)
  })
})

describe('a connection says', () => {
  const target = aCalendar({ isSource: false })
  const source = aCalendar({ id: 'source', isTarget: false })
  test.each([
    ['nothing while all is well', [target, source], null],
    [
      'that its target is gone',
      [
        { ...target, isGone: true },
        { ...source, isGone: true },
      ],
      'target_calendar_gone',
    ],
    ['that its target cannot be written', [{ ...target, accessRole: 'reader' as const }, source], 'target_read_only'],
    ['that a source is gone', [target, { ...source, isGone: true }], 'source_calendar_gone'],
    [
      'that a source hides its details',
      [target, { ...source, accessRole: 'freeBusyReader' as const }],
      'source_details_hidden',
    ],
    ['nothing of calendars that are not used', [target, { ...source, isSource: false, isGone: true }], null],
  ])('%s', (_sentence, calendars, trouble) => expect(calendarTrouble(calendars)).toBe(trouble))
})
