import { expect, test } from 'vitest'
import type { Appointment } from '../../../src/core/model/appointment.ts'
import type { Slot } from '../../../src/core/model/time.ts'
import { knownFrom } from '../../../src/core/sync/pull-context.ts'
import {
  endedBefore,
  exceptionAt,
  familyOf,
  isUnder,
  partsOf,
  tailId,
  underMaster,
} from '../../../src/core/sync/series-parts.ts'
import { aLink, anAppointment, at, DAY, NOW, onDay } from '../../support/builders.ts'

const SLOT: Slot = { kind: 'timed', at: NOW + 8 * DAY }
const WEEKLY = ['RRULE:FREQ=WEEKLY;COUNT=2']
const TAIL = 'series1_R20261208T130000'

test.each<[string, string]>([
  ['apt_1', 'apt_1~R20261208T130000Z'],
  ['apt_1~R20261201T130000Z', 'apt_1~R20261208T130000Z'],
  ['apt_1~R20261201', 'apt_1~R20261208T130000Z'],
  ['apt_1~R2026', 'apt_1~R2026~R20261208T130000Z'],
  ['apt_1~R20261201T130000Z~20261208', 'apt_1~R20261201T130000Z~20261208~R20261208T130000Z'],
  ['apt_1~R2026120x', 'apt_1~R2026120x~R20261208T130000Z'],
  ['apt_1~R20261201T13Z', 'apt_1~R20261201T13Z~R20261208T130000Z'],
  ['apt_1~R20261201T13000xZ', 'apt_1~R20261201T13000xZ~R20261208T130000Z'],
])('what continues %s is %s: tails of tails name the first series', (id, tail) => expect(tailId(id, SLOT)).toBe(tail))

test('the parts of a series share the id of the first', () => {
  expect(familyOf('series1')).toBe('series1')
  expect(familyOf(TAIL)).toBe('series1')
})

test('an exception is under a series in its slot, and nowhere else', () => {
  const master = anAppointment()
  const exception = underMaster(anAppointment({ id: 'x' }), master, SLOT)
  expect(exception).toMatchObject({ id: 'x', recurringId: 'apt_1', originalStart: SLOT })
  expect(isUnder(exception, master, SLOT)).toBe(true)
  expect(isUnder(exception, master, { kind: 'timed', at: NOW })).toBe(false)
  expect(isUnder(exception, anAppointment({ id: 'other' }), SLOT)).toBe(false)
  expect(isUnder({ ...exception, originalStart: null }, master, SLOT)).toBe(false)
})

const series = (id: string, fields: Partial<Appointment> = {}): Appointment =>
  anAppointment({ id, recurrence: WEEKLY, ...fields })
const knownOf = (links: Parameters<typeof aLink>[0][], appointments: Appointment[]) =>
  knownFrom({ links: links.map(aLink), elsewhere: [], appointments, markers: new Map() })

test('parts are the series of the family, whole ones and halves, and nothing else', () => {
  const known = knownOf(
    [
      { eventId: 'series1', appointmentId: 'head' },
      { eventId: TAIL, appointmentId: 'tail' },
      { eventId: 'other', appointmentId: 'other' },
      { eventId: 'series1_x', appointmentId: 'x', recurringEventId: 'series1' },
      { eventId: 'series1_R20261215T130000', appointmentId: 'parked', role: 'parked' },
      { eventId: 'series1_R20261222T130000', appointmentId: null },
      { eventId: 'series1_R20261229T130000', appointmentId: 'missing' },
      { eventId: 'series1_R20270105T130000', appointmentId: 'single' },
    ],
    [series('head'), series('tail'), series('other'), series('x'), series('parked'), anAppointment({ id: 'single' })],
  )
  expect(partsOf(known, 'series1').map(each => each.id)).toEqual(['head', 'tail'])
  expect(partsOf(known, 'other').map(each => each.id)).toEqual(['other'])
})

test('an exception that still stands under an earlier part is found, where that part has no such slot any more', () => {
  const late: Slot = { kind: 'timed', at: NOW + 29 * DAY }
  const under = (id: string, recurringId: string, slot: Slot) => anAppointment({ id, recurringId, originalStart: slot })
  const links = [
    { eventId: 'series1', appointmentId: 'head' },
    { eventId: TAIL, appointmentId: 'tail' },
  ]
  const tail = series('tail', { time: at(NOW + 29 * DAY) })
  const known = (...exceptions: Appointment[]) => knownOf(links, [series('head'), tail, ...exceptions])
  expect(exceptionAt(known(under('x', 'head', late)), tail, late, TAIL)?.id).toBe('x')
  expect(exceptionAt(known(under('x', 'tail', late), under('y', 'head', late)), tail, late, TAIL)?.id).toBe('x')
  expect(exceptionAt(known(under('x', 'head', late)), tail, late, 'series1')).toBeUndefined()
  expect(
    exceptionAt(
      known(under('x', 'head', { kind: 'timed', at: NOW + DAY })),
      tail,
      { kind: 'timed', at: NOW + DAY },
      TAIL,
    ),
  ).toBeUndefined()
  expect(exceptionAt(known(), tail, late, TAIL)).toBeUndefined()
})

test.each<[string, Partial<Appointment>, Slot, string, string[]]>([
  [
    'on the evening before, in the calendar’s zone',
    {},
    SLOT,
    'America/New_York',
    ['RRULE:FREQ=WEEKLY;UNTIL=20261208T045959Z'],
  ],
  ['on the evening before, elsewhere', {}, SLOT, 'Europe/Berlin', ['RRULE:FREQ=WEEKLY;UNTIL=20261207T225959Z']],
  [
    'on the day before, where it is of whole days',
    { time: onDay('2026-12-01', '2026-12-02') },
    { kind: 'all-day', date: '2026-12-08' },
    'America/New_York',
    ['RRULE:FREQ=WEEKLY;UNTIL=20261207'],
  ],
  [
    'and loses the extra dates from there on',
    {
      recurrence: [
        'RRULE:FREQ=WEEKLY;COUNT=8',
        'RDATE;TZID=America/New_York:20261202T080000,20261208T080000,20261209T080000',
      ],
    },
    SLOT,
    'America/New_York',
    ['RDATE:20261202T130000Z', 'RRULE:FREQ=WEEKLY;UNTIL=20261208T045959Z'],
  ],
])('a series that was split ends %s', (_sentence, fields, slot, zone, recurrence) => {
  expect(endedBefore(series('apt_1', fields), slot, zone).recurrence).toEqual(recurrence)
})
