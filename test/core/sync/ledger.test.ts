import { test } from 'vitest'
import type { Appointment } from '../../../src/core/model/appointment.ts'
import type { CalendarEvent, LiveEvent } from '../../../src/core/model/calendar-event.ts'
import { feedUid } from '../../../src/core/model/feed-uid.ts'
import type { Link } from '../../../src/core/model/link.ts'
import type { Policies } from '../../../src/core/model/policies.ts'
import { contentHash } from '../../../src/core/sync/fingerprint.ts'
import {
  aLink,
  aLiveEvent,
  anAppointment,
  aProjection,
  at,
  aTombstone,
  DAY,
  HOUR,
  NOW,
  onDay,
} from '../../support/builders.ts'
import { imported, MONDAYS, parked, SLOT, theirs, theirSeries } from './ledger.fixtures.ts'
import { combine, expectLedger, type Named } from '../../support/ledger.ts'
import { lineOf, type World } from './ledger.ts'

/**
 * Every cell of the tables by which a listed event is decided, in words. A rule that changes shows here line by line what it changes:
 * `npx vitest run test/core/sync/ledger.test.ts --update` writes the ledgers anew, and whoever commits them has read them.
 */

const MASKED = { title: 'busy', description: false, location: false, visibility: 'default' as const, colour: null }
const edits: Named<CalendarEvent>[] = [
  ['the etag that we know', aLiveEvent({ etag: '"1"' })],
  ['another etag alone', aLiveEvent()],
  ['moved', aLiveEvent({ content: aProjection({ time: at(NOW) }) })],
  ['a whole day by now', aLiveEvent({ content: aProjection({ time: onDay('2026-12-01', '2026-12-02') }) })],
  ['renamed and free', aLiveEvent({ content: aProjection({ title: 'Theirs', busy: false }) })],
  ['words added', aLiveEvent({ content: aProjection({ description: 'Theirs', location: '' }) })],
  ['repeating by now', aLiveEvent({ content: aProjection({ recurrence: MONDAYS }) })],
  ['tentative, coloured', aLiveEvent({ content: aProjection({ status: 'tentative', colour: '5' }) })],
  ['coloured', aLiveEvent({ content: aProjection({ colour: '5' }) })],
  ['deleted', aTombstone()],
  ['not to be read', { kind: 'unreadable', eventId: 'event1', etag: '"4"', reason: 'no start' }],
]

const here: Named<Appointment>[] = [
  ['here as agreed', anAppointment()],
  ['here moved', anAppointment({ time: at(NOW + 2 * DAY), version: 3, updatedAt: NOW - HOUR })],
  ['here renamed', anAppointment({ title: 'Ours', version: 3, updatedAt: NOW + HOUR })],
  ['here completed', anAppointment({ status: 'completed' })],
  ['here cancelled', anAppointment({ status: 'cancelled' })],
  ['here archived', anAppointment({ archivedAt: NOW - DAY })],
]

const policies: Named<Partial<Policies>>[] = [
  ['accept', {}],
  ['propose', { googleEdits: 'propose' }],
  ['revert', { googleEdits: 'revert' }],
  ['Google wins', { concurrentEdits: 'google' }],
  ['the latest wins', { concurrentEdits: 'latest' }],
  ['masked', { presentation: MASKED }],
  ['masked, revert', { presentation: MASKED, googleEdits: 'revert' }],
  ['cancelled are marked', { cancelled: 'mark' }],
]

test('an event of ours: what Google did, what was done here, under which policy', async () => {
  const lines = combine(combine(edits, here), policies).map(([name, [[event, appointment], under]]) =>
    lineOf(name, event, { links: [aLink()], appointments: [appointment], policies: under }),
  )
  await expectLedger('ours', lines)
})

test('an event that is known, by what its link says', async () => {
  const links: Named<Link>[] = [
    ['ours, never agreed on', aLink({ base: null })],
    [
      'ours, sent otherwise than it came back',
      aLink({ base: { sent: aProjection({ title: 'x' }), returned: aProjection() } }),
    ],
    ['ours, missing', aLink({ missing: { how: 'absent', since: 1 } })],
    ['ours, once unreadable', aLink({ error: { code: 'unreadable', message: 'no start' } })],
    ['ours, without its mark', aLink({ shownVersion: null })],
    ['ours, of an appointment that is not here', aLink({ appointmentId: 'apt_9' })],
    ['ours, of none', aLink({ appointmentId: null })],
    ['theirs', theirs({ contentHash: contentHash(aLiveEvent()) })],
    ['theirs, kept without its words', theirs({ contentHash: `busy ${contentHash(aLiveEvent())}` })],
    ['theirs, never read', theirs({ contentHash: null })],
    ['theirs, missing', theirs({ missing: { how: 'deleted', since: 1 } })],
    ['theirs, of an appointment that is not here', theirs({ appointmentId: 'g_9' })],
    ['theirs, of none', theirs({ appointmentId: null })],
    ['parked beside its twin', parked('same-meeting')],
    ['parked, missing', parked('same-meeting', { missing: { how: 'absent', since: 1 } })],
    ['parked as asked about', parked('occurrence-asked-about')],
    ['parked until its series comes', parked('waits-for-series')],
    ['parked as cancelled early', parked('cancelled-before-series')],
  ]
  const some = edits.filter(([name]) =>
    ['the etag that we know', 'another etag alone', 'moved', 'deleted', 'not to be read'].includes(name),
  )
  const calendars: Named<World>[] = [
    ['in a source', { calendar: {} }],
    ['in a conflict calendar', { calendar: { isSource: false, isConflict: true, isTarget: false } }],
    ['where only busy times are taken in', { policies: { imported: 'busy' } }],
  ]
  const appointments = [anAppointment(), imported({ title: 'Follow-up, Jane Roe' })]
  const lines = combine(combine(some, links), calendars).map(([name, [[event, link], world]]) =>
    lineOf(name, event, { links: [link], appointments, ...world }),
  )
  await expectLedger('known', lines)
})

test("an event of Google's own: what changes here", async () => {
  const events: Named<LiveEvent>[] = [
    ['declined', aLiveEvent({ selfResponse: 'declined' })],
    ['private', aLiveEvent({ isPrivate: true })],
    ['free', aLiveEvent({ content: aProjection({ busy: false }) })],
    ['without words', aLiveEvent({ content: aProjection({ title: '', description: '', location: '' }) })],
    ['tentative', aLiveEvent({ content: aProjection({ status: 'tentative' }) })],
    ['coloured', aLiveEvent({ content: aProjection({ colour: '5' }) })],
    ['with notes and colour', aLiveEvent({ content: aProjection({ description: 'Theirs', colour: '5' }) })],
    ['of a series that is known', aLiveEvent({ recurringEventId: 'series1', originalStart: SLOT })],
    ['of a series that is not known', aLiveEvent({ recurringEventId: 'series9', originalStart: SLOT })],
    ['of a series, without its slot', aLiveEvent({ recurringEventId: 'series1' })],
  ]
  const states: Named<Appointment>[] = [
    ['as before', imported()],
    ['cancelled here', imported({ status: 'cancelled' })],
    ['archived here', imported({ archivedAt: NOW - DAY })],
    ['of a series here', imported({ recurringId: 'g_series0', originalStart: SLOT })],
  ]
  const lines = combine(events, states).map(([name, [event, appointment]]) =>
    lineOf(name, event, {
      links: [
        theirs({ contentHash: contentHash(aLiveEvent()) }),
        theirs({ eventId: 'series1', appointmentId: 'g_series1' }),
      ],
      appointments: [appointment, imported({ id: 'g_series1', recurrence: MONDAYS })],
    }),
  )
  await expectLedger('theirs', lines)
})

test('a newcomer: what it is, and where it lies', async () => {
  const marked = (fields: Partial<LiveEvent> = {}) => aLiveEvent({ marker: { key: 'k', revision: 2 }, ...fields })
  const newcomers: Named<[LiveEvent, World]>[] = [
    ['unknown', [aLiveEvent(), {}]],
    ['private', [aLiveEvent({ isPrivate: true }), {}]],
    ['ended long ago', [aLiveEvent({ content: aProjection({ time: at(NOW - 90 * DAY) }) }), {}]],
    ['ended when the window begins', [aLiveEvent({ content: aProjection({ time: at(WINDOW_START - HOUR, 60) }) }), {}]],
    ['ends a moment later', [aLiveEvent({ content: aProjection({ time: at(WINDOW_START - HOUR, 61) }) }), {}]],
    [
      'a series that goes on',
      [aLiveEvent({ content: aProjection({ time: at(NOW - 90 * DAY), recurrence: ['RRULE:FREQ=WEEKLY'] }) }), {}],
    ],
    [
      'a series that is over',
      [
        aLiveEvent({ content: aProjection({ time: at(NOW - 90 * DAY), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] }) }),
        {},
      ],
    ],
    ['known here from before, as it was', [aLiveEvent(), { appointments: [imported()] }]],
    [
      'known here from before, archived',
      [aLiveEvent(), { appointments: [imported({ archivedAt: NOW, version: 4, metadata: { a: 1 } })] }],
    ],
    ['known here from before, as a block', [aLiveEvent(), { appointments: [imported({ kind: 'block' })] }]],
    [
      'known here from before, otherwise',
      [aLiveEvent(), { appointments: [imported({ title: 'Former', version: 4 })] }],
    ],
    ['our mark', [marked(), { appointments: [anAppointment()], markers: { k: 'apt_1' } }]],
    [
      'our mark, whose appointment is shown here',
      [marked({ eventId: 'copy' }), { links: [aLink()], appointments: [anAppointment()], markers: { k: 'apt_1' } }],
    ],
    [
      'our mark, whose appointment is shown elsewhere',
      [
        marked({ eventId: 'copy' }),
        { own: [aLink({ calendarId: 'cal_2' })], appointments: [anAppointment()], markers: { k: 'apt_1' } },
      ],
    ],
    [
      "another user's mark",
      [marked(), { appointments: [anAppointment({ userId: 'dr-wu' })], markers: { k: 'apt_1' } }],
    ],
    ['a mark that nobody knows', [marked(), {}]],
    ['a mark of an appointment that is not here', [marked(), { markers: { k: 'apt_1' } }]],
    [
      'our mark, of a series that is not known',
      [
        marked({ recurringEventId: 'series1', originalStart: SLOT }),
        { appointments: [anAppointment()], markers: { k: 'apt_1' } },
      ],
    ],
    [
      'our mark, of a series that is parked',
      [
        marked({ recurringEventId: 'series1', originalStart: SLOT }),
        {
          links: [parked('marked-by-another', { eventId: 'series1' })],
          appointments: [anAppointment()],
          markers: { k: 'apt_1' },
        },
      ],
    ],
    [
      "our mark, of a series of Google's",
      [marked({ recurringEventId: 'series1', originalStart: SLOT }), { ...theirSeries, markers: { k: 'g_series1' } }],
    ],
    [
      'moved here',
      [
        marked(),
        { elsewhere: [aLink({ calendarId: 'cal_2' })], appointments: [anAppointment()], markers: { k: 'apt_1' } },
      ],
    ],
    [
      'moved here and edited',
      [
        marked({ content: aProjection({ time: at(NOW) }) }),
        { elsewhere: [aLink({ calendarId: 'cal_2' })], appointments: [anAppointment()] },
      ],
    ],
    [
      'moved here, cancelled',
      [
        marked(),
        { elsewhere: [aLink({ calendarId: 'cal_2' })], appointments: [anAppointment({ status: 'cancelled' })] },
      ],
    ],
    ['moved here, of an appointment that is not here', [marked(), { elsewhere: [aLink({ calendarId: 'cal_2' })] }]],
    [
      'moved here, of none',
      [marked(), { elsewhere: [aLink({ calendarId: 'cal_2', appointmentId: null })], appointments: [anAppointment()] }],
    ],
    [
      'moved here, under another id',
      [
        marked(),
        {
          elsewhere: [aLink({ calendarId: 'cal_2', eventId: 'event2' })],
          appointments: [anAppointment()],
          markers: { k: 'apt_1' },
        },
      ],
    ],
    [
      'moved here, where theirs stood',
      [
        marked(),
        {
          elsewhere: [theirs({ calendarId: 'cal_2' })],
          appointments: [imported(), anAppointment()],
          markers: { k: 'apt_1' },
        },
      ],
    ],
    [
      'moved here with its series',
      [
        aLiveEvent({ recurringEventId: 'series1', originalStart: SLOT, eventId: 'x' }),
        {
          links: [aLink({ eventId: 'series1' })],
          elsewhere: [aLink({ calendarId: 'cal_2', eventId: 'x', appointmentId: 'apt_2' })],
          appointments: [anAppointment({ recurrence: MONDAYS }), anAppointment({ id: 'apt_2' })],
        },
      ],
    ],
    [
      "one of a series of Google's, in two calendars",
      [
        aLiveEvent({ recurringEventId: 'series1', originalStart: SLOT, eventId: 'x' }),
        {
          links: [theirs({ eventId: 'series1', appointmentId: 'g_series1' })],
          elsewhere: [aLink({ calendarId: 'cal_2', eventId: 'x', appointmentId: 'apt_2' })],
          appointments: [imported({ id: 'g_series1', recurrence: MONDAYS }), anAppointment({ id: 'apt_2' })],
        },
      ],
    ],
    [
      "a guest's copy of ours",
      [aLiveEvent(), { elsewhere: [aLink({ calendarId: 'cal_2' })], appointments: [anAppointment()] }],
    ],
    [
      'the same meeting elsewhere, theirs',
      [aLiveEvent({ eventId: 'event2' }), { elsewhere: [theirs({ calendarId: 'cal_2' })], appointments: [imported()] }],
    ],
    [
      'the same event elsewhere, theirs',
      [
        aLiveEvent(),
        {
          elsewhere: [theirs({ calendarId: 'cal_2', contentHash: contentHash(aLiveEvent()) })],
          appointments: [imported()],
        },
      ],
    ],
    [
      'the same event elsewhere, edited on the way',
      [
        aLiveEvent({ content: aProjection({ title: 'Theirs' }) }),
        { elsewhere: [theirs({ calendarId: 'cal_2' })], appointments: [imported()] },
      ],
    ],
    [
      'the same event in this calendar of another account',
      [
        aLiveEvent({ content: aProjection({ title: 'Theirs' }) }),
        { elsewhere: [theirs({ connectionId: 'con_2' })], appointments: [imported()] },
      ],
    ],
    [
      'another event of that meeting, edited',
      [
        aLiveEvent({ eventId: 'event2', content: aProjection({ title: 'Theirs' }) }),
        { elsewhere: [theirs({ calendarId: 'cal_2' })], appointments: [imported()] },
      ],
    ],
    ['the same meeting elsewhere, parked', [aLiveEvent(), { elsewhere: [parked('x', { calendarId: 'cal_2' })] }]],
    [
      'the same meeting elsewhere, of none',
      [aLiveEvent(), { elsewhere: [theirs({ calendarId: 'cal_2', appointmentId: null })] }],
    ],
    [
      'the same meeting elsewhere, one occurrence',
      [
        aLiveEvent(),
        { elsewhere: [theirs({ calendarId: 'cal_2', recurringEventId: 's' })], appointments: [imported()] },
      ],
    ],
    [
      'one occurrence of a meeting elsewhere',
      [
        aLiveEvent({ recurringEventId: 's', originalStart: SLOT }),
        { elsewhere: [theirs({ calendarId: 'cal_2' })], appointments: [imported()] },
      ],
    ],
    [
      'of our feed',
      [aLiveEvent({ iCalUID: feedUid('k') }), { appointments: [anAppointment()], markers: { k: 'apt_1' } }],
    ],
    [
      'of our feed, beside its event',
      [
        aLiveEvent({ iCalUID: feedUid('k') }),
        { own: [aLink({ eventId: 'other' })], appointments: [anAppointment()], markers: { k: 'apt_1' } },
      ],
    ],
    [
      'of our feed, one occurrence',
      [
        aLiveEvent({ iCalUID: feedUid('k'), recurringEventId: 's', originalStart: SLOT }),
        { appointments: [anAppointment()], markers: { k: 'apt_1' } },
      ],
    ],
    [
      "of another user's feed",
      [
        aLiveEvent({ iCalUID: feedUid('k') }),
        { appointments: [anAppointment({ userId: 'dr-wu' })], markers: { k: 'apt_1' } },
      ],
    ],
    ['of a feed whose appointment is not here', [aLiveEvent({ iCalUID: feedUid('k') }), { markers: { k: 'apt_1' } }]],
    ['of a feed that nobody knows', [aLiveEvent({ iCalUID: feedUid('x') }), {}]],
  ]
  const places: Named<World>[] = [
    ['in target and source', {}],
    ['in a conflict calendar', { calendar: { isSource: false, isConflict: true, isTarget: false } }],
    ['in a calendar not in use', { calendar: { isSource: false, isTarget: false } }],
    ['in a target that takes no writes', { calendar: { accessRole: 'reader' } }],
    ['push only', { connection: { mode: 'push_only' } }],
    ['busy only', { policies: { imported: 'busy' } }],
  ]
  const lines = combine(newcomers, places).map(([name, [[event, world], place]]) =>
    lineOf(name, event, { ...world, ...place }),
  )
  await expectLedger('newcomers', lines)
})
const WINDOW_START = Date.parse('2026-10-31T04:00:00Z')
