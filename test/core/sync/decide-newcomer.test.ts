import { expect, test } from 'vitest'
import type { Appointment } from '../../../src/core/model/appointment.ts'
import type { CalendarEvent } from '../../../src/core/model/calendar-event.ts'
import type { Calendar, Connection } from '../../../src/core/model/connection.ts'
import { feedUid } from '../../../src/core/model/feed-uid.ts'
import type { Link } from '../../../src/core/model/link.ts'
import type { Policies } from '../../../src/core/model/policies.ts'
import { decideEvent } from '../../../src/core/sync/decide-event.ts'
import { contentHash } from '../../../src/core/sync/fingerprint.ts'
import { knownFrom } from '../../../src/core/sync/pull-context.ts'
import {
  aCalendar,
  aConnection,
  aLink,
  aLiveEvent,
  anAppointment,
  aProjection,
  at,
  NOW,
  policiesWith,
} from '../../support/builders.ts'

type World = {
  links?: Link[]
  elsewhere?: Link[]
  own?: Link[]
  appointments?: Appointment[]
  markers?: Record<string, string>
  policies?: Partial<Policies>
  calendar?: Partial<Calendar>
  connection?: Partial<Connection>
}

const theirs = (fields: Partial<Link> = {}): Link =>
  aLink({ role: 'theirs', base: null, raw: null, appointmentId: 'g_event1', ...fields })
const imported = (fields: Partial<Appointment> = {}): Appointment =>
  anAppointment({ id: 'g_event1', origin: 'google', kind: 'event', ...fields })

type Expected = { rule: string; [field: string]: unknown } | null
const cases: [sentence: string, event: CalendarEvent, world: World, expected: Expected][] = [
  [
    'an event of ours that was moved to another calendar of the account keeps its pair there',
    aLiveEvent({ marker: { key: 'mark', revision: 1 } }),
    {
      elsewhere: [aLink({ calendarId: 'cal_2' })],
      appointments: [anAppointment()],
      markers: { mark: 'apt_1' },
    },
    {
      rule: 'moved-between-calendars',
      link: expect.objectContaining({ calendarId: 'cal_1', role: 'ours', appointmentId: 'apt_1', shownVersion: 1 }),
      forget: expect.objectContaining({ calendarId: 'cal_2' }),
      appointment: null,
      isQueued: false,
    },
  ],
  [
    'moved and edited at once, the edit is decided like any other',
    aLiveEvent({ marker: { key: 'mark', revision: 1 }, content: aProjection({ time: at(NOW) }) }),
    {
      elsewhere: [aLink({ calendarId: 'cal_2' })],
      appointments: [anAppointment()],
      markers: { mark: 'apt_1' },
    },
    { rule: 'google-edit-accepted', forget: expect.objectContaining({ calendarId: 'cal_2' }) },
  ],
  [
    "a guest's copy of a meeting of ours, which has no mark, moves nothing",
    aLiveEvent(),
    { elsewhere: [aLink({ calendarId: 'cal_2' })], appointments: [anAppointment()] },
    { rule: 'moved-or-copied-between-calendars', link: expect.objectContaining({ role: 'parked' }), forget: null },
  ],
  [
    'the same event seen through another account moves nothing',
    aLiveEvent({ marker: { key: 'mark', revision: 1 } }),
    {
      elsewhere: [aLink({ connectionId: 'con_2' })],
      own: [aLink({ connectionId: 'con_2' })],
      appointments: [anAppointment()],
      markers: { mark: 'apt_1' },
    },
    { rule: 'moved-or-copied-between-calendars', forget: null, isQueued: false },
  ],
  [
    'a copy that was taken in for itself stays that when pairs are found anew',
    aLiveEvent({ marker: { key: 'mark', revision: 1 } }),
    { appointments: [anAppointment(), imported()], markers: { mark: 'apt_1' } },
    { rule: 'taken-in-again', link: expect.objectContaining({ role: 'theirs', appointmentId: 'g_event1' }) },
  ],
  [
    'what was merged into an appointment and archived is its event again',
    aLiveEvent({ marker: { key: 'mark', revision: 1 } }),
    { appointments: [anAppointment(), imported({ archivedAt: NOW })], markers: { mark: 'apt_1' } },
    { rule: 'recognised-by-mark', link: expect.objectContaining({ role: 'ours', appointmentId: 'apt_1' }) },
  ],
  [
    'a copy is known for one although its original is not listed',
    aLiveEvent({ eventId: 'copy', iCalUID: 'copy@google.com', marker: { key: 'mark', revision: 1 } }),
    { own: [aLink()], appointments: [anAppointment()], markers: { mark: 'apt_1' } },
    { rule: 'new-in-google' },
  ],
  [
    'an event imported from our feed becomes the event of its appointment',
    aLiveEvent({ eventId: 'imported', iCalUID: feedUid('mark') }),
    { appointments: [anAppointment()], markers: { mark: 'apt_1' } },
    {
      rule: 'recognised-by-feed-uid',
      link: expect.objectContaining({ role: 'ours', appointmentId: 'apt_1', shownVersion: null }),
      isQueued: true,
    },
  ],
  [
    'an event imported from our feed beside the one that it has is told of, not taken in',
    aLiveEvent({ eventId: 'imported', iCalUID: feedUid('mark') }),
    { own: [aLink()], appointments: [anAppointment()], markers: { mark: 'apt_1' } },
    {
      rule: 'came-from-our-feed',
      appointment: null,
      duplicate: { kind: 'feed-copy', appointmentId: 'apt_1' },
    },
  ],
  [
    'a calendar that subscribes to our feed brings nothing back',
    aLiveEvent({ eventId: 'imported', iCalUID: feedUid('mark') }),
    {
      appointments: [anAppointment()],
      markers: { mark: 'apt_1' },
      calendar: { isTarget: false, isSource: true, accessRole: 'reader' },
    },
    { rule: 'came-from-our-feed', appointment: null, duplicate: null, isQueued: false },
  ],
  [
    'nor does one that only blocks time',
    aLiveEvent({ eventId: 'imported', iCalUID: feedUid('mark') }),
    {
      appointments: [anAppointment()],
      markers: { mark: 'apt_1' },
      calendar: { isTarget: false, isSource: false, isConflict: true },
    },
    { rule: 'came-from-our-feed', appointment: null, duplicate: null, isQueued: false },
  ],
  [
    'imported into a source that may be written, it is the event of its appointment there',
    aLiveEvent({ eventId: 'imported', iCalUID: feedUid('mark') }),
    { appointments: [anAppointment()], markers: { mark: 'apt_1' }, calendar: { isTarget: false, isSource: true } },
    { rule: 'recognised-by-feed-uid', link: expect.objectContaining({ role: 'ours' }), isQueued: true },
  ],
  [
    'an imported exception before its series waits for it',
    aLiveEvent({ eventId: 'imported_1', recurringEventId: 'imported', iCalUID: feedUid('mark') }),
    { appointments: [anAppointment()], markers: { mark: 'apt_1' } },
    { rule: 'waits-for-its-series', appointment: null, duplicate: null, isQueued: false },
  ],
  [
    "an event of somebody else's feed is left alone",
    aLiveEvent({ eventId: 'imported', iCalUID: feedUid('unknown') }),
    {},
    { rule: 'came-from-our-feed', appointment: null, duplicate: null },
  ],
  [
    'push only: what is made in Google is not taken in',
    aLiveEvent({ eventId: 'new' }),
    { connection: { mode: 'push_only' } },
    null,
  ],
  [
    'an event of Google that comes back unchanged is read anew when less of it is to be kept',
    aLiveEvent({ etag: '"1"' }),
    { links: [theirs()], appointments: [imported()], policies: { imported: 'busy' } },
    { rule: 'google-owns-it', appointment: expect.objectContaining({ title: null, location: null }) },
  ],
  [
    'and again when more of it is to be kept',
    aLiveEvent({ etag: '"1"' }),
    {
      links: [theirs({ contentHash: `busy ${contentHash(aLiveEvent())}` })],
      appointments: [imported({ title: null, location: null })],
    },
    { rule: 'google-owns-it', appointment: expect.objectContaining({ title: 'Follow-up, Jane Roe' }) },
  ],
  [
    'an event of Google that was moved between two calendars brings its changes along',
    aLiveEvent({ content: aProjection({ time: at(NOW) }) }),
    { elsewhere: [theirs({ calendarId: 'cal_2' })], appointments: [imported()] },
    { rule: 'google-owns-it', appointment: expect.objectContaining({ id: 'g_event1', time: at(NOW) }) },
  ],
]

test.each(cases)('%s', (_sentence, event, world, expected) => {
  const { links = [], elsewhere = [], own = [], appointments = [], markers = {} } = world
  const decided = decideEvent(event, {
    now: NOW,
    calendar: aCalendar(world.calendar),
    connection: aConnection(world.connection),
    policies: policiesWith(world.policies ?? {}),
    importedId: eventId => `g_${eventId}`,
    known: knownFrom({ links, elsewhere, own, appointments, markers: new Map(Object.entries(markers)) }),
  })
  if (expected === null) expect(decided).toBeNull()
  else expect(decided).toMatchObject(expected)
})
