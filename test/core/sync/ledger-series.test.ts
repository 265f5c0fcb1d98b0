import { test } from 'vitest'
import type { Appointment } from '../../../src/core/model/appointment.ts'
import type { CalendarEvent, LiveEvent } from '../../../src/core/model/calendar-event.ts'
import type { Link } from '../../../src/core/model/link.ts'
import { DEFAULT_POLICIES, type Policies } from '../../../src/core/model/policies.ts'
import { slotKey, type Slot } from '../../../src/core/model/time.ts'
import {
  aBase,
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
import { lineOf, pageLine, type World } from './ledger.ts'

/** What is decided about series, their occurrences and their parts; see `ledger.test.ts`. */

const ourMaster = anAppointment({ recurrence: MONDAYS, version: 2 })
const ourMasterLink = aLink({ eventId: 'series1', base: aBase(aProjection({ recurrence: MONDAYS })) })
const TAIL_AT = NOW + 29 * DAY
const TAIL_ID = `series1_R${slotKey({ kind: 'timed', at: TAIL_AT }).slice(0, -1)}`
const LATE: Slot = { kind: 'timed', at: TAIL_AT + 7 * DAY }
const BEYOND: Slot = { kind: 'timed', at: NOW + 300 * DAY }
const FOUR = ['RRULE:FREQ=WEEKLY;COUNT=4']
const headLink = aLink({ eventId: 'series1', base: aBase(aProjection({ recurrence: FOUR })) })
const tailLink = aLink({
  eventId: TAIL_ID,
  appointmentId: 'tail',
  base: aBase(aProjection({ time: at(TAIL_AT), recurrence: FOUR })),
})
const tail = anAppointment({ id: 'tail', time: at(TAIL_AT), recurrence: FOUR })
const except = (fields: Partial<Appointment> = {}): Appointment =>
  anAppointment({ id: 'x', recurringId: 'apt_1', originalStart: SLOT, time: at(NOW + 9 * DAY), version: 5, ...fields })
const exceptLink = (fields: Partial<Link> = {}): Link =>
  aLink({
    eventId: 'series1_x',
    appointmentId: 'x',
    recurringEventId: 'series1',
    originalStart: SLOT,
    base: aBase(aProjection({ time: at(NOW + 9 * DAY) })),
    ...fields,
  })

const series: Named<World>[] = [
  ['of ours', { links: [ourMasterLink], appointments: [ourMaster] }],
  [
    'of ours, shorter here by now',
    { links: [ourMasterLink], appointments: [{ ...ourMaster, recurrence: ['RRULE:FREQ=WEEKLY;COUNT=1'] }] },
  ],
  [
    'of ours, longer here by now',
    {
      links: [aLink({ eventId: 'series1', base: aBase(aProjection({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=1'] })) })],
      appointments: [ourMaster],
    },
  ],
  ['of ours, never agreed on', { links: [aLink({ eventId: 'series1', base: null })], appointments: [ourMaster] }],
  ['of ours, cancelled', { links: [ourMasterLink], appointments: [{ ...ourMaster, status: 'cancelled' }] }],
  ['of ours, archived', { links: [ourMasterLink], appointments: [{ ...ourMaster, archivedAt: NOW }] }],
  ['of ours, which is not here', { links: [aLink({ eventId: 'series1', appointmentId: 'apt_9' })] }],
  ['of ours, of none', { links: [aLink({ eventId: 'series1', appointmentId: null })] }],
  ['of Google', theirSeries],
  ['parked', { links: [parked('x', { eventId: 'series1', appointmentId: 'apt_1' })], appointments: [ourMaster] }],
  ['unknown', {}],
]
const known: Named<World>[] = [
  ['nothing known of it', {}],
  ['an exception known', { appointments: [except()], links: [exceptLink()] }],
  [
    'an exception known under another id',
    { appointments: [except()], links: [exceptLink({ eventId: 'series1_was' })] },
  ],
  ['cancelled here', { appointments: [except({ status: 'cancelled' })] }],
]
const within = (world: World, more: World): World => ({
  ...world,
  ...more,
  links: [...(world.links ?? []), ...(more.links ?? [])],
  appointments: [
    ...(world.appointments ?? []),
    ...(more.appointments ?? []).map(each => (world === theirSeries ? { ...each, recurringId: 'g_series1' } : each)),
  ],
})

/** Left out: what is known of an occurrence whose series is none, and questions about what is alive. */
const isTold = (event: CalendarEvent, world: World, more: World, how: World): boolean =>
  (more.appointments === undefined || world.appointments !== undefined) &&
  (event.kind === 'tombstone'
    ? how.policies === undefined || world.links !== undefined
    : how.isAsked !== true || how.policies !== undefined)

test('an occurrence of a series: what was done to it, whose series it is, what is known of it', async () => {
  const occurrence = (fields: Partial<LiveEvent> = {}): LiveEvent =>
    aLiveEvent({
      eventId: 'series1_x',
      recurringEventId: 'series1',
      originalStart: SLOT,
      content: aProjection({ time: at(NOW + 8 * DAY) }),
      ...fields,
    })
  const events: Named<CalendarEvent>[] = [
    ['moved', occurrence({ content: aProjection({ time: at(NOW + 8 * DAY + HOUR) }) })],
    ['as its series has it', occurrence()],
    ['with our mark', occurrence({ marker: { key: 'k', revision: 1 } })],
    ['without its slot', occurrence({ originalStart: null })],
    ['cancelled', aTombstone({ eventId: 'series1_x', recurringEventId: 'series1', originalStart: SLOT })],
    ['cancelled without its slot', aTombstone({ eventId: 'series1_x', recurringEventId: 'series1' })],
    ['cancelled without its series', aTombstone({ eventId: 'series1_x', originalStart: SLOT })],
  ]
  const asked: Named<World>[] = [
    ['listed', {}],
    ['asked about', { isAsked: true }],
    [
      'asked about, restore and revert',
      { isAsked: true, policies: { googleDeletes: 'restore', googleEdits: 'revert' } },
    ],
    ['asked about, propose', { isAsked: true, policies: { googleDeletes: 'propose', googleEdits: 'propose' } }],
  ]
  const lines = combine(combine(combine(events, series), known), asked)
    .filter(([, [[[event, world], more], how]]) => isTold(event, world, more, how))
    .map(([name, [[[event, world], more], how]]) =>
      lineOf(name, event, { ...within(world, more), ...how, markers: { k: 'apt_1' } }),
    )
  await expectLedger('occurrences', lines)
})

test('what continues a series of ours, and what becomes of its parts', async () => {
  const tailOf = (fields: Partial<LiveEvent> = {}): LiveEvent =>
    aLiveEvent({
      eventId: TAIL_ID,
      iCalUID: `${TAIL_ID}@google.com`,
      marker: { key: 'k', revision: 1 },
      content: aProjection({ time: at(TAIL_AT), recurrence: FOUR }),
      ...fields,
    })
  const pages: Named<CalendarEvent[]>[] = [
    ['the later part alone', [tailOf()]],
    [
      'the later part, renamed and moved',
      [tailOf({ content: aProjection({ time: at(TAIL_AT + HOUR), recurrence: FOUR, title: 'Theirs' }) })],
    ],
    ['the later part without a mark', [tailOf({ marker: null })]],
    ['the later part under a new id', [tailOf({ eventId: 'brandnew' })]],
    [
      'a later part that repeats no more',
      [tailOf({ eventId: 'brandnew', content: aProjection({ time: at(TAIL_AT) }) })],
    ],
    [
      'a later part of whole days',
      [tailOf({ content: aProjection({ time: onDay('2026-12-29', '2026-12-30'), recurrence: FOUR }) })],
    ],
    ['both parts', [tailOf(), aLiveEvent({ eventId: 'series1', content: aProjection({ recurrence: FOUR }) })]],
    [
      'the later part and one of its occurrences',
      [
        aLiveEvent({
          eventId: `${TAIL_ID}_x`,
          recurringEventId: TAIL_ID,
          originalStart: LATE,
          content: aProjection({ time: at(TAIL_AT + 8 * DAY) }),
        }),
        tailOf(),
      ],
    ],
    ['the earlier part alone', [aLiveEvent({ eventId: 'series1', content: aProjection({ recurrence: FOUR }) })]],
    [
      'the series at another hour',
      [aLiveEvent({ eventId: 'series1', content: aProjection({ time: at(NOW + DAY + HOUR), recurrence: MONDAYS }) })],
    ],
    ['the series as a single', [aLiveEvent({ eventId: 'series1' })]],
    [
      'the exception under the later part',
      [
        aLiveEvent({
          eventId: 'series1_x',
          recurringEventId: TAIL_ID,
          originalStart: LATE,
          content: aProjection({ time: at(NOW + 9 * DAY) }),
        }),
      ],
    ],
    [
      'the exception under the later part, moved',
      [
        aLiveEvent({
          eventId: 'series1_x',
          recurringEventId: TAIL_ID,
          originalStart: LATE,
          content: aProjection({ time: at(NOW + 10 * DAY) }),
        }),
      ],
    ],
    ['the later part deleted', [aTombstone({ eventId: TAIL_ID })]],
    [
      'an occurrence of the later part cancelled',
      [aTombstone({ eventId: `${TAIL_ID}_x`, recurringEventId: TAIL_ID, originalStart: LATE })],
    ],
  ]
  const worlds: Named<World>[] = [
    ['the series is whole', { links: [ourMasterLink], appointments: [ourMaster] }],
    ['the series ended there', { links: [headLink], appointments: [{ ...ourMaster, recurrence: FOUR }] }],
    ['both parts are known', { links: [headLink, tailLink], appointments: [{ ...ourMaster, recurrence: FOUR }, tail] }],
    [
      'both, with an exception under the first',
      {
        links: [headLink, tailLink, exceptLink({ originalStart: LATE })],
        appointments: [{ ...ourMaster, recurrence: FOUR }, tail, except({ originalStart: LATE })],
      },
    ],
    [
      'both, with exceptions under each',
      {
        links: [headLink, tailLink, exceptLink({ originalStart: LATE })],
        appointments: [
          { ...ourMaster, recurrence: FOUR },
          tail,
          except({ originalStart: LATE }),
          except({ id: 'y', recurringId: 'tail', originalStart: LATE }),
        ],
      },
    ],
    [
      'the series with exceptions, one cancelled, one far out',
      {
        links: [ourMasterLink, exceptLink()],
        appointments: [
          ourMaster,
          except(),
          except({ id: 'off', originalStart: LATE, status: 'cancelled' }),
          except({ id: 'far', originalStart: BEYOND }),
        ],
      },
    ],
    [
      'the later part was known before',
      {
        links: [ourMasterLink],
        appointments: [
          ourMaster,
          anAppointment({ id: `apt_1~R${slotKey({ kind: 'timed', at: TAIL_AT })}`, version: 7, archivedAt: NOW }),
        ],
      },
    ],
    [
      'the later part is archived here',
      {
        links: [headLink, tailLink, exceptLink({ originalStart: LATE })],
        appointments: [
          { ...ourMaster, recurrence: FOUR },
          { ...tail, archivedAt: NOW },
          except({ originalStart: LATE }),
        ],
      },
    ],
    ['the series is archived', { links: [ourMasterLink], appointments: [{ ...ourMaster, archivedAt: NOW }] }],
    ['the series starts later', { links: [ourMasterLink], appointments: [{ ...ourMaster, time: at(TAIL_AT + DAY) }] }],
    ['the series is no series', { links: [aLink({ eventId: 'series1' })], appointments: [anAppointment()] }],
    ['the series is Google’s', theirSeries],
    ['the series is unknown in Google', { appointments: [ourMaster] }],
    ['nothing is known', {}],
  ]
  const under: Named<Partial<Policies>>[] = [
    ['accept', {}],
    ['revert', { googleEdits: 'revert' }],
    ['masked', { presentation: { ...DEFAULT_POLICIES.presentation, title: 'kind' } }],
  ]
  const isTold = (under: Partial<Policies>, events: CalendarEvent[]): boolean =>
    under.presentation === undefined || events.length > 1
  const lines = combine(combine(pages, worlds), under)
    .filter(([, [[events], how]]) => isTold(how, events))
    .map(([name, [[events, world], how]]) =>
      pageLine(name, events, { ...world, markers: { k: 'apt_1' }, policies: how }),
    )
  await expectLedger('splits', lines)
})

test('what waited for a series, or stood alone, when it comes', async () => {
  const masters: Named<LiveEvent>[] = [
    ['a series', aLiveEvent({ eventId: 'series1', content: aProjection({ recurrence: MONDAYS }) })],
    [
      'a series with our mark',
      aLiveEvent({
        eventId: 'series1',
        marker: { key: 'k', revision: 1 },
        content: aProjection({ recurrence: MONDAYS }),
      }),
    ],
    [
      'a series that ended',
      aLiveEvent({
        eventId: 'series1',
        content: aProjection({ time: at(NOW - 300 * DAY), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] }),
      }),
    ],
  ]
  const of = { eventId: 'series1_x', recurringEventId: 'series1', originalStart: SLOT }
  const waiting: Named<World>[] = [
    ['a cancellation waits', { links: [parked('cancelled-before-series', of)] }],
    ['an exception waits', { links: [parked('waits-for-series', of)] }],
    [
      'an exception waits that is asked about',
      { links: [parked('waits-for-series', { ...of, missing: { how: 'absent', since: 1 } })] },
    ],
    ['an occurrence is asked about', { links: [parked('occurrence-asked-about', of)] }],
    ['something else is parked', { links: [parked('unreadable', of)] }],
    [
      'an exception stands alone',
      { links: [theirs({ ...of, appointmentId: 'g_x' })], appointments: [imported({ id: 'g_x' })] },
    ],
    [
      'a cancelled one stands alone',
      {
        links: [theirs({ ...of, appointmentId: 'g_x' })],
        appointments: [imported({ id: 'g_x', status: 'cancelled' })],
      },
    ],
    [
      'one stands alone without a slot',
      {
        links: [theirs({ ...of, originalStart: null, appointmentId: 'g_x' })],
        appointments: [imported({ id: 'g_x' })],
      },
    ],
    [
      'one stands under another part',
      {
        links: [theirs({ ...of, appointmentId: 'g_x' })],
        appointments: [imported({ id: 'g_x', recurringId: 'g_other', originalStart: SLOT })],
      },
    ],
    [
      'one stands there already',
      {
        links: [theirs({ ...of, appointmentId: 'g_x' })],
        appointments: [imported({ id: 'g_x', recurringId: 'g_series1', originalStart: SLOT })],
      },
    ],
    [
      'one of ours stands alone',
      { links: [exceptLink()], appointments: [except({ recurringId: null, originalStart: null })] },
    ],
    [
      'one of ours stands under another part',
      { links: [exceptLink()], appointments: [except({ recurringId: 'apt_0' })] },
    ],
    ['one whose appointment is not here', { links: [theirs({ ...of, appointmentId: 'g_9' })] }],
    ['one of none', { links: [theirs({ ...of, appointmentId: null })] }],
  ]
  const lines = combine(masters, waiting).map(([name, [master, world]]) =>
    pageLine(name, [master], {
      ...world,
      markers: { k: 'apt_1' },
      appointments: [...(world.appointments ?? []), ourMaster],
    }),
  )
  const edited = aLiveEvent({
    ...of,
    eventId: 'series1_x',
    content: aProjection({ time: at(NOW + 8 * DAY), title: 'Theirs' }),
  })
  const together = waiting.map(([name, world]) =>
    pageLine(`both listed at once; ${name}`, [edited, masters[0]![1]], {
      ...world,
      appointments: world.appointments ?? [],
    }),
  )
  await expectLedger('waiting', [...lines, ...together])
})
