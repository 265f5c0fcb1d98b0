import { expect, test } from 'vitest'
import { busyBlocks } from '../../../src/usecases/availability/busy-blocks.ts'
import { anAppointment, at, DAY, HOUR, NOW, onDay } from '../../support/builders.ts'

const WEEK = { startAt: NOW, endAt: NOW + 7 * DAY }

test('whole days block from midnight to midnight where the user is', () => {
  const day = anAppointment({ time: onDay('2026-12-01', '2026-12-02') })
  const [block] = busyBlocks([day], WEEK, 'America/New_York')
  expect(block).toMatchObject({
    startAt: Date.parse('2026-12-01T05:00:00Z'),
    endAt: Date.parse('2026-12-02T05:00:00Z'),
    source: { kind: 'appointment', id: 'apt_1' },
  })
})

test('a series blocks each of its occurrences in the window, and none beyond it', () => {
  const series = anAppointment({ time: at(NOW + HOUR), recurrence: ['RRULE:FREQ=DAILY'] })
  expect(busyBlocks([series], WEEK, 'UTC')).toHaveLength(7)
})

test('an exception takes its slot away from its series, also when it was called off or deleted', () => {
  const series = anAppointment({ id: 'm', time: at(NOW + HOUR), recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] })
  const slot = { kind: 'timed', at: NOW + HOUR + DAY } as const
  const exception = anAppointment({ id: 'e', recurringId: 'm', originalStart: slot, time: at(NOW + 5 * HOUR + DAY) })
  const starts = (of: Parameters<typeof busyBlocks>[0]): number[] =>
    busyBlocks(of, WEEK, 'UTC').map(each => each.startAt - NOW)
  expect(starts([series, exception]).sort((a, b) => a - b)).toEqual([HOUR, 5 * HOUR + DAY, HOUR + 2 * DAY])
  expect(starts([series, { ...exception, status: 'cancelled' }])).toEqual([HOUR, HOUR + 2 * DAY])
  expect(starts([series, { ...exception, archivedAt: NOW }])).toEqual([HOUR, HOUR + 2 * DAY])
})

test.each([
  ['free', { busy: false }],
  ['cancelled', { status: 'cancelled' as const }],
  ['missed', { status: 'no_show' as const }],
  ['archived', { archivedAt: NOW }],
  ['outside the window', { time: at(NOW - 2 * DAY) }],
])('what is %s blocks nothing', (_sentence, fields) =>
  expect(busyBlocks([anAppointment({ time: at(NOW + HOUR), ...fields })], WEEK, 'UTC')).toEqual([]),
)

test('what was made in Google is named as the calendar’s', () => {
  const [block] = busyBlocks([anAppointment({ origin: 'google', time: at(NOW + HOUR) })], WEEK, 'UTC')
  expect(block?.source.kind).toBe('calendar')
})
