import { describe, expect, test } from 'vitest'
import type { GoogleEvent } from '../../src/demo/google.ts'
import type { Appointment } from '../../src/demo/platform.ts'
import { timeOfWall, weekBounds, weekOf } from '../../src/demo/week.ts'

const ZONE = 'Europe/London'
const CALENDAR = 'clinic@group.calendar.google.com'

const anAppointment = (given: Partial<Appointment> = {}): Appointment => ({
  id: 'apt_1',
  userId: 'dr-okafor',
  kind: 'appointment',
  status: 'confirmed',
  title: 'Assessment, Jane Roe',
  description: null,
  location: null,
  start: { dateTime: '2026-11-23T09:00:00-05:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-11-23T10:00:00-05:00', timeZone: 'America/New_York' },
  recurrence: null,
  recurringId: null,
  originalStart: null,
  busy: true,
  colour: null,
  metadata: {},
  origin: 'platform',
  locked: false,
  version: 1,
  archived: false,
  createdAt: '2026-11-20T09:00:00.000Z',
  updatedAt: '2026-11-20T09:00:00.000Z',
  google: { calendarId: CALENDAR, eventId: 'ev1', htmlLink: 'http://127.0.0.1/ev1', state: 'synced', error: null },
  ...given,
})

const anEvent = (given: Partial<GoogleEvent> = {}): GoogleEvent => ({
  id: 'ev1',
  status: 'confirmed',
  summary: 'Assessment, Jane Roe',
  start: { dateTime: '2026-11-23T14:00:00Z', timeZone: ZONE },
  end: { dateTime: '2026-11-23T15:00:00Z', timeZone: ZONE },
  htmlLink: 'http://127.0.0.1/ev1',
  ...given,
})

const week = (appointments: Appointment[], events: GoogleEvent[]) =>
  weekOf({ appointments, calendars: [{ calendarId: CALENDAR, events }], timeZone: ZONE, monday: '2026-11-23' })

describe('one week of both sides', () => {
  test('tells times on the clock of the practitioner, wherever they were written', () => {
    const { platform, google } = week([anAppointment()], [anEvent()])
    expect(platform[0]).toMatchObject({ from: '2026-11-23T14:00', to: '2026-11-23T15:00', isAllDay: false })
    expect(google[0]).toMatchObject({ from: '2026-11-23T14:00', to: '2026-11-23T15:00' })
  })

  test('names an appointment and its event as one pair', () => {
    const { platform, google } = week([anAppointment()], [anEvent()])
    expect(platform[0]?.pair).toBe(`${CALENDAR}/ev1`)
    expect(google[0]).toMatchObject({ pair: platform[0]?.pair, origin: 'platform', isMasked: false })
  })

  test('pairs an occurrence of a series by its slot, also when it was moved and has an event of its own', () => {
    const slot = { dateTime: '2026-11-23T14:00:00Z', timeZone: ZONE }
    const google = { ...anAppointment().google, eventId: 'series' }
    const regular = anAppointment({ id: 's_20261123T140000Z', recurringId: 's', originalStart: slot, google })
    const moved = { ...regular, id: 'moved', google: { ...google, eventId: 'series_20261123T140000Z' } }
    const event = anEvent({ id: 'series_20261123T140000Z', recurringEventId: 'series', originalStartTime: slot })
    for (const appointment of [regular, moved]) {
      const drawn = week([appointment], [event])
      expect(drawn.platform[0]?.pair).toBe(`${CALENDAR}/series/20261123T1400`)
      expect(drawn.google[0]?.pair).toBe(drawn.platform[0]?.pair)
    }
  })

  test('pairs nothing with an event that is not shown, nor a cancelled appointment with anything', () => {
    expect(week([anAppointment()], []).platform[0]?.pair).toBeNull()
    expect(week([], [anEvent()]).google[0]).toMatchObject({ pair: null, origin: 'google' })
    expect(week([anAppointment({ status: 'cancelled' })], [anEvent()]).platform[0]?.pair).toBeNull()
  })

  test('says of an event whose title tells less that it is masked, never of one that Google made', () => {
    expect(week([anAppointment()], [anEvent({ summary: 'Appointment' })]).google[0]?.isMasked).toBe(true)
    const theirs = anAppointment({ origin: 'google', locked: true, title: 'Busy' })
    const { platform, google } = week([theirs], [anEvent({ summary: 'Dentist', visibility: 'private' })])
    expect(google[0]).toMatchObject({ isMasked: false, isPrivate: true, origin: 'google' })
    expect(platform[0]?.isLocked).toBe(true)
  })

  test('pairs an invitation to one occurrence alone', () => {
    const slot = { dateTime: '2026-11-23T14:00:00Z', timeZone: ZONE }
    const google = { ...anAppointment().google, eventId: 'series_20261123T140000Z' }
    const event = anEvent({ id: google.eventId, recurringEventId: 'series', originalStartTime: slot })
    const drawn = week([anAppointment({ google, origin: 'google', locked: true })], [event])
    expect(drawn.platform[0]?.pair).toBe(`${CALENDAR}/series/20261123T1400`)
    expect(drawn.google[0]?.pair).toBe(drawn.platform[0]?.pair)
  })

  test('leaves out whole days of the week after, which a listing by moments may bring', () => {
    const next = { start: { date: '2026-11-30' }, end: { date: '2026-12-05' } }
    const last = { start: { date: '2026-11-29' }, end: { date: '2026-12-01' } }
    expect(week([anAppointment(next), anAppointment(last)], [anEvent(next)])).toMatchObject({
      platform: [{ from: '2026-11-29' }],
      google: [],
    })
  })

  test('keeps whole days as days', () => {
    const days = { start: { date: '2026-11-23' }, end: { date: '2026-11-25' } }
    expect(week([], [anEvent(days)]).google[0]).toMatchObject({ isAllDay: true, from: '2026-11-23', to: '2026-11-25' })
  })
})

describe('times from the page', () => {
  test('are read on the clock of the practitioner, in summer and in winter', () => {
    expect(timeOfWall('2026-11-23T14:00', ZONE)).toEqual({ dateTime: '2026-11-23T14:00:00+00:00', timeZone: ZONE })
    expect(timeOfWall('2026-07-01T14:00', ZONE)).toEqual({ dateTime: '2026-07-01T14:00:00+01:00', timeZone: ZONE })
    expect(timeOfWall('2026-11-23', ZONE)).toEqual({ date: '2026-11-23' })
  })

  test.each(['', 'soon', '2026-13-01T10:00', '2026-11-23T25:00', '2026-02-30', '2026-11-23T14:00:00Z'])(
    'that are none are refused: "%s"',
    wall => {
      expect(timeOfWall(wall, ZONE)).toBeNull()
    },
  )

  test('a week with a change of clocks is an hour longer, and still ends on a Monday', () => {
    expect(weekBounds('2026-10-19', ZONE)).toEqual({
      from: '2026-10-19T00:00:00+01:00',
      to: '2026-10-26T00:00:00+00:00',
    })
    expect(weekBounds('2026-10-22', ZONE)).toEqual(weekBounds('2026-10-19', ZONE))
    expect(weekBounds('nonsense', ZONE)).toBeNull()
  })
})
