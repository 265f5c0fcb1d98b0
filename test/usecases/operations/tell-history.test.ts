import { expect, test } from 'vitest'
import type { JournalRow } from '../../../src/core/model/journal.ts'
import { tellHistory } from '../../../src/usecases/operations/tell-history.ts'
import { mondayOf } from '../../../src/usecases/operations/read-week.ts'
import { at, NOW } from '../../support/builders.ts'

const row = (fields: Partial<JournalRow>): JournalRow => ({
  seq: 1,
  at: NOW,
  appointmentId: 'apt_1',
  connectionId: null,
  side: 'google',
  action: 'accepted',
  rule: 'google-edit-accepted',
  reason: 'Its title was changed in Google and taken over.',
  before: { title: 'Jane Roe', time: at(NOW) },
  after: { title: 'Jane R.', time: at(NOW + 3_600_000) },
  change: null,
  ...fields,
})

test('who may see content reads what changed, times as clocks show them', () => {
  const [line] = tellHistory([row({})], true)
  expect(line?.changes).toEqual([
    { field: 'title', before: 'Jane Roe', after: 'Jane R.' },
    {
      field: 'time',
      before: '2026-11-30 08:00 – 08:30 (America/New_York)',
      after: '2026-11-30 09:00 – 09:30 (America/New_York)',
    },
  ])
})

test('who may not sees which fields changed, and times, but no words', () => {
  const lines = tellHistory([row({})], false)
  expect(JSON.stringify(lines)).not.toContain('Jane')
  expect(lines[0]?.changes[0]).toEqual({ field: 'title', before: null, after: null })
  expect(lines[0]?.changes[1]?.after).toContain('09:00')
})

test('what was empty and stays empty is not told', () => {
  const [line] = tellHistory([row({ before: null, after: { title: null, metadata: {}, recurrence: [] } })], true)
  expect(line?.changes).toEqual([])
})

test.each([
  [{ side: 'google', action: 'accepted' }, 'seen'],
  [{ side: 'lockstep', action: 'sent' }, 'written'],
  [{ side: 'lockstep', action: 'parked' }, 'stopped'],
  [{ side: 'lockstep', action: 'retried' }, 'decided'],
] as const)('%o reads as %s', (fields, step) => {
  expect(tellHistory([row(fields)], true)[0]?.step).toBe(step)
})

test.each([
  ['2026-11-30', '2026-11-30'],
  ['2026-12-06', '2026-11-30'],
  ['2026-12-07', '2026-12-07'],
])('the week of %s begins on %s', (day, monday) => {
  expect(mondayOf(day)).toBe(monday)
})
