import { DateTime } from 'luxon'
import { describe, expect, test } from 'vitest'
import { firstWeek, sampleClinic, WEEKS_AHEAD, WEEKS_BACK } from '../../src/demo/clinic.ts'
import type { Clinic, SampleAppointment } from '../../src/demo/sample.ts'
import type { Time } from '../../src/demo/wall-clock.ts'

const SEED = 7
const DAYS_OF_A_YEAR = Array.from({ length: 24 }, (_, step) =>
  DateTime.fromISO('2026-01-03')
    .plus({ days: step * 16 })
    .toFormat('yyyy-MM-dd'),
)

const clinicOn = (today: string): Clinic => sampleClinic({ seed: SEED, today })
const at = (time: Time): number =>
  ('date' in time ? DateTime.fromISO(time.date) : DateTime.fromISO(time.dateTime)).toMillis()
const dateOf = (time: Time): string => ('date' in time ? time.date : time.dateTime.slice(0, 10))
const singles = (appointments: SampleAppointment[]): SampleAppointment[] =>
  appointments.filter(each => each.recurrence === null)

describe('the sample clinic', () => {
  test('is the same for the same seed and day, and another for another seed', () => {
    expect(clinicOn('2026-11-21')).toEqual(clinicOn('2026-11-21'))
    expect(sampleClinic({ seed: SEED + 1, today: '2026-11-21' })).not.toEqual(clinicOn('2026-11-21'))
  })

  test('reaches six weeks back and eight ahead for each of three people', () => {
    const clinic = clinicOn('2026-11-18')
    const monday = DateTime.fromISO('2026-11-16')
    expect(clinic.members.map(each => each.userId)).toEqual(['dr-lee', 'dr-okafor', 'm-reyes'])
    for (const { appointments } of clinic.members) {
      const dates = singles(appointments)
        .map(each => dateOf(each.start))
        .toSorted()
      expect(DateTime.fromISO(dates.at(0) ?? '') < monday.minus({ weeks: WEEKS_BACK - 1 })).toBe(true)
      expect(DateTime.fromISO(dates.at(-1) ?? '') >= monday.plus({ weeks: WEEKS_AHEAD })).toBe(true)
    }
  })

  test.each(DAYS_OF_A_YEAR)('books nobody twice and gives no id twice (%s)', today => {
    const clinic = clinicOn(today)
    const ids = clinic.members.flatMap(each => [...each.appointments, ...each.events].map(one => one.id))
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id } of clinic.members.flatMap(each => each.events)) expect(id).toMatch(/^[a-v0-9]{5,1024}$/)
    for (const { appointments, events } of clinic.members) {
      const booked = [...singles(appointments), ...events]
        .filter(each => 'dateTime' in each.start)
        .toSorted((a, b) => at(a.start) - at(b.start))
      expect(booked.length).toBeGreaterThan(100)
      const overlapping = booked.filter((each, index) => index > 0 && at(each.start) < at(booked[index - 1]!.end))
      expect(overlapping).toEqual([])
    }
  })

  test.each(DAYS_OF_A_YEAR)('carries the team meeting across a change of clocks (%s)', today => {
    const clinic = clinicOn(today)
    const { event, organizer } = clinic.meeting
    const zone = clinic.members.find(each => each.email === organizer)!.timeZone
    const count = Number(/COUNT=(\d+)/.exec(event.recurrence?.[0] ?? '')?.[1])
    const start = DateTime.fromISO('dateTime' in event.start ? event.start.dateTime : '', { zone })
    const change = clinic.clockChanges[0]!
    expect(start.toFormat('yyyy-MM-dd') < change.date).toBe(true)
    expect(start.plus({ weeks: count - 1 }).toFormat('yyyy-MM-dd') > change.date).toBe(true)
  })

  test('has the past attended, missed or called off, and the future still to come', () => {
    const past = clinicOn('2026-11-18')
      .members.flatMap(each => singles(each.appointments))
      .filter(each => dateOf(each.start) < '2026-11-18' && each.kind === 'appointment' && each.recurringId === null)
    const future = clinicOn('2026-11-18')
      .members.flatMap(each => singles(each.appointments))
      .filter(each => dateOf(each.start) >= '2026-11-18')
    expect(new Set(past.map(each => each.status))).toEqual(new Set(['completed', 'no_show', 'cancelled']))
    expect(new Set(future.map(each => each.status))).toEqual(new Set(['confirmed', 'tentative', 'cancelled']))
  })

  test('books no visit on a day of leave, also not by the course', () => {
    for (const { appointments, events } of clinicOn('2026-11-18').members) {
      const leave = events.filter(each => 'date' in each.start)
      expect(leave.length).toBeGreaterThan(0)
      const isOff = (date: string): boolean => leave.some(each => dateOf(each.start) <= date && date < dateOf(each.end))
      expect(singles(appointments).filter(each => isOff(dateOf(each.start)) && each.recurringId === null)).toEqual([])
    }
    const martin = clinicOn('2026-11-18').members[2]!
    const course = martin.appointments.find(each => each.recurrence !== null)!
    expect(course.recurrence?.[1]).toBe('EXDATE;TZID=America/New_York:20261216T150000')
  })

  test('moves one meeting and calls off another, in two different weeks', () => {
    const { moved, cancelled, event } = clinicOn('2026-11-18').meeting
    expect(event.start).toEqual({ dateTime: '2026-10-06T08:15:00-04:00', timeZone: 'America/New_York' })
    expect(moved.originalStart).toBe('20261117T131500Z')
    expect(moved.start).toEqual({ dateTime: '2026-11-18T08:30:00-05:00', timeZone: 'America/New_York' })
    expect(cancelled.originalStart).toBe('20261124T131500Z')
  })

  test('opens with this week, at the weekend with the coming one', () => {
    expect(firstWeek('2026-11-16')).toBe('2026-11-16')
    expect(firstWeek('2026-11-20')).toBe('2026-11-16')
    expect(firstWeek('2026-11-21')).toBe('2026-11-23')
    expect(firstWeek('2026-11-22')).toBe('2026-11-23')
  })
})
