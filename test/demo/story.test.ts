import { expect, test } from 'vitest'
import type { HistoryItem } from '../../src/demo/platform.ts'
import { storyLine } from '../../src/demo/story.ts'

const anItem = (given: Partial<HistoryItem>): HistoryItem => ({
  at: '2026-11-21T10:00:00.000Z',
  side: 'platform',
  action: 'updated',
  reason: 'The platform changed it.',
  rule: 'platform-edits',
  ...given,
})
const told = (given: Partial<HistoryItem>) => {
  const of = { appointmentId: 'apt_1', userId: 'dr-okafor', title: 'Assessment', zone: 'Europe/London' }
  const { headline, detail } = storyLine({ item: anItem(given), place: 0, ...of })
  return [headline, detail]
}
const at = (dateTime: string) => ({ dateTime, timeZone: 'America/New_York' })

const cases: [sentence: string, given: Partial<HistoryItem>, line: [headline: string, detail: string | null]][] = [
  [
    'a move by the platform, on the practitioner’s clock',
    { before: { start: at('2026-11-23T09:00:00-05:00') }, after: { start: at('2026-11-24T11:00:00-05:00') } },
    ['Moved on the platform', 'Mon 23 Nov, 14:00 → Tue 24 Nov, 16:00'],
  ],
  [
    'a move in Google, where the history writes the time as one span',
    {
      side: 'google',
      action: 'accepted',
      before: { time: { kind: 'timed', startAt: Date.UTC(2026, 10, 23, 14), endAt: Date.UTC(2026, 10, 23, 15) } },
      after: { time: { kind: 'timed', startAt: Date.UTC(2026, 10, 23, 15), endAt: Date.UTC(2026, 10, 23, 16) } },
    },
    ['Moved in Google', 'Mon 23 Nov, 14:00 → Mon 23 Nov, 15:00'],
  ],
  [
    'a whole day that was moved',
    { before: { start: { date: '2026-11-23' } }, after: { start: { date: '2026-11-25' } } },
    ['Moved on the platform', 'Mon 23 Nov → Wed 25 Nov'],
  ],
  [
    'a new name',
    { side: 'google', before: { title: 'Assessment' }, after: { title: 'Long assessment' } },
    ['Renamed in Google', 'Assessment → Long assessment'],
  ],
  [
    'a cancellation',
    { side: 'google', before: { status: 'confirmed' }, after: { status: 'cancelled' } },
    ['Cancelled in Google', 'confirmed → cancelled'],
  ],
  ['a booking', { action: 'created' }, ['Booked on the platform', null]],
  ['an event of Google’s own', { side: 'google', action: 'imported' }, ['Made in Google', null]],
  ['a write to Google', { side: 'lockstep', action: 'sent' }, ['Written to Google', null]],
  ['a removal from Google', { side: 'lockstep', action: 'removed' }, ['Removed from Google', null]],
  ['anything else, by its own verb', { side: 'lockstep', action: 'held_back' }, ['Held back by Lockstep', null]],
]

test.each(cases)('tells %s', (_sentence, given, line) => {
  expect(told(given)).toEqual(line)
})
