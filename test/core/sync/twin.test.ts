import { describe, expect, test } from 'vitest'
import type { Appointment } from '../../../src/core/model/appointment.ts'
import type { Link } from '../../../src/core/model/link.ts'
import { baseOfTwin, findTwin, isStillTwin, normalisedTitle } from '../../../src/core/sync/twin.ts'
import {
  aLink,
  aLiveEvent,
  anAppointment,
  aProjection,
  at,
  DAY,
  NOW,
  onDay,
  policiesWith,
} from '../../support/builders.ts'

const policies = policiesWith({})
const appointment = anAppointment()
const twin = (fields: Partial<Appointment> = {}, link: Partial<Link> = {}) => ({
  appointment: anAppointment({ id: 'g_1', origin: 'google', kind: 'event', ...fields }),
  links: [aLink({ role: 'theirs', appointmentId: 'g_1', ...link })],
})
const find = (candidate: ReturnType<typeof twin>, of: Appointment = appointment, under = policies) =>
  findTwin(of, [candidate], 'cal_1', under)?.appointment.id ?? null

describe('an exact twin', () => {
  test.each<[string, ReturnType<typeof twin>]>([
    ['says the same, in the same calendar', twin()],
    ['may be written in other letters and spaces', twin({ title: '  FOLLOW-UP,   jane roe ' })],
    ['may name another zone for the same time', twin({ time: at(NOW + DAY, 30, 'Europe/Berlin') })],
  ])('%s', (_name, candidate) => expect(find(candidate)).toBe('g_1'))

  test.each<[string, ReturnType<typeof twin>]>([
    ['starts at another time', twin({ time: at(NOW + DAY + 1) })],
    ['ends at another time', twin({ time: at(NOW + DAY, 31) })],
    ['is a whole day', twin({ time: onDay('2026-12-01', '2026-12-02') })],
    ['has another title', twin({ title: 'Jane Roe' })],
    ['has no words', twin({ title: null })],
    ['lies in another calendar', twin({}, { calendarId: 'cal_2' })],
    ['is being asked about', twin({}, { missing: { how: 'deleted', since: NOW } })],
    ['is paired otherwise', twin({}, { role: 'parked' })],
    ["is the platform's", twin({ origin: 'platform' })],
    ["is another user's", twin({ userId: 'dr-wu' })],
    ['is cancelled', twin({ status: 'cancelled' })],
    ['is archived', twin({ archivedAt: NOW })],
    ['repeats', twin({ recurrence: ['RRULE:FREQ=DAILY'] })],
    ['is one of a series', twin({ recurringId: 'g_series' })],
  ])('is none that %s', (_name, candidate) => expect(find(candidate)).toBeNull())

  test('is none of a series or an exception of ours', () => {
    expect(find(twin(), anAppointment({ recurrence: ['RRULE:FREQ=DAILY'] }))).toBeNull()
    expect(find(twin(), anAppointment({ recurringId: 'apt_0' }))).toBeNull()
  })

  test('is recognised by what Google would be shown, too', () => {
    const kind = policiesWith({ presentation: { ...policies.presentation, title: 'kind' } })
    expect(find(twin({ title: 'appointment' }), appointment, kind)).toBe('g_1')
    expect(find(twin(), appointment, kind)).toBe('g_1')
  })

  test('of whole days compares the days', () => {
    const days = anAppointment({ time: onDay('2026-12-01', '2026-12-03') })
    expect(find(twin({ time: onDay('2026-12-01', '2026-12-03') }), days)).toBe('g_1')
    expect(find(twin({ time: onDay('2026-12-01', '2026-12-02') }), days)).toBeNull()
    expect(find(twin({ time: onDay('2026-12-02', '2026-12-03') }), days)).toBeNull()
  })
})

describe('the last look', () => {
  const event = aLiveEvent({ content: aProjection() })
  test('finds it as it was', () => expect(isStillTwin(event, appointment, policies)).toBe(true))
  test.each([
    ['guests were invited', { ...event, hasGuests: true }],
    ['it is of a special type', { ...event, eventType: 'focusTime' }],
    ['it carries a mark', { ...event, marker: { key: 'k', revision: 1 } }],
    ['it is one of a series', { ...event, recurringEventId: 'series' }],
    ['it repeats by now', { ...event, content: aProjection({ recurrence: ['RRULE:FREQ=DAILY'] }) }],
    ['it was moved', { ...event, content: aProjection({ time: at(NOW) }) }],
    ['it was renamed', { ...event, content: aProjection({ title: 'Other' }) }],
  ])('lets it be when %s', (_name, changed) => expect(isStillTwin(changed, appointment, policies)).toBe(false))
})

test('titles compare without case, width and spaces', () => {
  expect(normalisedTitle(' Ｊane\u00a0 ROE\n')).toBe('jane roe')
})

describe('what is agreed with a twin', () => {
  const event = aLiveEvent({
    content: aProjection({ description: 'notes', location: 'Elsewhere', colour: '7', busy: false }),
  })
  test('ours is written where we have something, and their notes and colour stay', () => {
    const local = aProjection({ description: '', location: 'Room 2' })
    const { sent, returned } = baseOfTwin(event, local, policies.presentation)
    expect(returned).toEqual(event.content)
    expect(sent).toMatchObject({ description: '', colour: null, location: 'Elsewhere', busy: false })
  })
  test('what Google is not shown stays as the person wrote it', () => {
    const masked = { ...policies.presentation, location: false, description: false, title: 'busy' as const }
    const { sent } = baseOfTwin(event, aProjection({ title: 'Busy', location: 'x' }), masked)
    expect(sent).toMatchObject({ location: 'x', title: event.content.title })
  })
})
