import { describe, expect, test } from 'vitest'
import { decideArchive, decideEdit, decideWithSeries, spanWords } from '../../../src/core/model/appointment-edit.ts'
import type { Appointment } from '../../../src/core/model/appointment.ts'
import { anAppointment, at, DAY, HOUR, NOW, onDay } from '../../support/builders.ts'

const LATER = NOW + HOUR

function edit(existing: Partial<Appointment> | null, over: Partial<Appointment>, how: 'put' | 'patch' = 'put') {
  const was = existing === null ? null : anAppointment(existing)
  const draft = { ...anAppointment(existing ?? {}), ...over }
  const decided = decideEdit({ tenantId: 'clinic', id: 'apt_1', now: LATER, how, existing: was, draft })
  if (!decided.ok) throw new Error(JSON.stringify(decided.error))
  return decided.value
}

const sentences: [
  name: string,
  existing: Partial<Appointment>,
  over: Partial<Appointment>,
  action: string,
  reason: string,
][] = [
  ['a new title', {}, { title: 'Other' }, 'edited', 'The platform changed its title.'],
  [
    'three fields',
    {},
    { title: 'x', location: null, busy: false },
    'edited',
    'The platform changed its title, its location and whether it blocks time.',
  ],
  [
    'a new day',
    { time: onDay('2026-12-01', '2026-12-02') },
    { time: onDay('2026-12-03', '2026-12-05') },
    'moved',
    'The platform moved it from 2026-12-01 to 2026-12-03 – 2026-12-04.',
  ],
  ['a confirmation', { status: 'tentative' }, { status: 'confirmed' }, 'confirmed', 'The platform confirmed it.'],
  [
    'a completion',
    {},
    { status: 'completed', metadata: { paid: true } },
    'completed',
    'The platform marked it as completed and changed its metadata.',
  ],
  ['a cancellation', {}, { status: 'cancelled' }, 'cancelled', 'The platform cancelled it.'],
  ['a no-show', {}, { status: 'no_show' }, 'missed', 'The platform marked it as a no-show.'],
  [
    'a mistaken no-show',
    { status: 'no_show' },
    { status: 'confirmed' },
    'edited',
    'The platform corrected its status.',
  ],
  [
    'a new booking of what was cancelled',
    { status: 'cancelled' },
    { status: 'confirmed' },
    'rebooked',
    'The platform booked it anew.',
  ],
  ['a new booking of what was archived', { archivedAt: NOW }, {}, 'rebooked', 'The platform booked it anew.'],
]
test.each(sentences)('%s is told as a person would', (_name, existing, over, action, reason) => {
  const decided = edit(existing, over)
  expect(decided?.journal).toMatchObject({ action, reason })
  expect(decided?.appointment).toMatchObject({ version: 2, updatedAt: LATER, createdAt: NOW - DAY, archivedAt: null })
})

test('only what changed is kept before and after', () => {
  const { journal } = edit({}, { title: 'Other', metadata: { a: 1 } })!
  expect(journal.before).toEqual({ title: 'Follow-up, Jane Roe', metadata: {} })
  expect(journal.after).toEqual({ title: 'Other', metadata: { a: 1 } })
  expect(journal.reason).not.toContain('Jane')
})

test('the same content in another order is no change', () => {
  expect(edit({ metadata: { a: 1, b: { c: 2, d: 3 } } }, { metadata: { b: { d: 3, c: 2 }, a: 1 } })).toBeNull()
  expect(edit({ metadata: { a: [1, 2] } }, { metadata: { a: [2, 1] } })).not.toBeNull()
})

test('the same hour in another zone is a change: the series and the writing follow the zone', () => {
  expect(edit({ time: at(NOW, 30, 'America/New_York') }, { time: at(NOW, 30, 'UTC') })).not.toBeNull()
})

test.each([
  ['confirmed', 'cancelled', 'appointment.cancelled'],
  ['confirmed', 'no_show', 'appointment.cancelled'],
  ['cancelled', 'no_show', 'appointment.updated'],
  ['cancelled', 'confirmed', 'appointment.updated'],
  ['tentative', 'confirmed', 'appointment.updated'],
] as const)('from %s to %s the feed says %s', (from, to, type) =>
  expect(edit({ status: from }, { status: to })?.change).toBe(type),
)

test('what is new starts at version one, and the feed says so', () => {
  const decided = edit(null, { recurrence: ['RRULE:FREQ=DAILY'] })
  expect(decided).toMatchObject({
    appointment: { id: 'apt_1', version: 1, origin: 'platform', createdAt: LATER },
    journal: {
      action: 'created',
      before: null,
      reason: expect.stringContaining('booked it as a series, from 2026-12-01'),
    },
    change: 'appointment.created',
  })
})

describe('what goes with a series', () => {
  const exception = anAppointment({ id: 'one', recurringId: 'm', originalStart: { kind: 'timed', at: NOW } })
  const master = anAppointment({ id: 'm', recurrence: ['RRULE:FREQ=DAILY'] })

  test('a series that stands leaves its exceptions alone', () => {
    expect(decideWithSeries(exception, master, LATER)).toBeNull()
  })
  test('one called off takes them along, once', () => {
    const off = { ...master, status: 'cancelled' as const }
    const decided = decideWithSeries(exception, off, LATER)
    expect(decided?.appointment).toMatchObject({ status: 'cancelled', version: 2 })
    expect(decided?.change).toBe('appointment.cancelled')
    expect(decideWithSeries(decided!.appointment, off, LATER)).toBeNull()
  })
  test('one archived takes them along, the cancelled ones too', () => {
    const archived = decideArchive(master, LATER).appointment
    const decided = decideWithSeries({ ...exception, status: 'cancelled' }, archived, LATER)
    expect(decided).toMatchObject({ appointment: { archivedAt: LATER }, journal: { rule: 'series-archived' } })
    expect(decideWithSeries(decided!.appointment, archived, LATER)).toBeNull()
  })
})

test('a span is told in its own zone, the end by its clock alone where the day is the same', () => {
  expect(spanWords(at(Date.parse('2026-12-01T14:00:00Z'), 90))).toBe('2026-12-01 09:00–10:30 (America/New_York)')
  expect(spanWords(at(Date.parse('2026-12-02T04:00:00Z'), 120))).toBe(
    '2026-12-01 23:00 – 2026-12-02 01:00 (America/New_York)',
  )
  expect(spanWords(onDay('2026-12-24', '2026-12-25'))).toBe('2026-12-24')
})
