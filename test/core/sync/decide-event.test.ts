import { describe, expect, test } from 'vitest'
import type { Appointment } from '../../../src/core/model/appointment.ts'
import type { CalendarEvent } from '../../../src/core/model/calendar-event.ts'
import type { Calendar, Connection } from '../../../src/core/model/connection.ts'
import type { Link } from '../../../src/core/model/link.ts'
import type { Policies } from '../../../src/core/model/policies.ts'
import { slotKey, type Slot } from '../../../src/core/model/time.ts'
import { decideEvent } from '../../../src/core/sync/decide-event.ts'
import { decidePage } from '../../../src/core/sync/decide-page.ts'
import { contentHash } from '../../../src/core/sync/fingerprint.ts'
import { knownFrom, learn, type PullContext } from '../../../src/core/sync/pull-context.ts'
import type { Verdict } from '../../../src/core/sync/verdict.ts'
import {
  aBase,
  aCalendar,
  aConnection,
  aLink,
  aLiveEvent,
  anAppointment,
  aProjection,
  at,
  aTombstone,
  DAY,
  HOUR,
  NOW,
  policiesWith,
} from '../../support/builders.ts'

type World = {
  links?: Link[]
  elsewhere?: Link[]
  appointments?: Appointment[]
  markers?: Record<string, string>
  policies?: Partial<Policies>
  calendar?: Partial<Calendar>
  connection?: Partial<Connection>
  isAsked?: boolean
}

function contextOf(world: World): PullContext {
  return {
    now: NOW,
    calendar: aCalendar(world.calendar),
    connection: aConnection(world.connection),
    policies: policiesWith(world.policies ?? {}),
    importedId: eventId => `g_${eventId}`,
    isAsked: world.isAsked ?? false,
    known: knownFrom({
      links: world.links ?? [],
      elsewhere: world.elsewhere ?? [],
      appointments: world.appointments ?? [],
      markers: new Map(Object.entries(world.markers ?? {})),
    }),
  }
}

const MONDAYS = ['RRULE:FREQ=WEEKLY;COUNT=8']
const SLOT: Slot = { kind: 'timed', at: NOW + 8 * DAY }
const theirs = (fields: Partial<Link> = {}): Link =>
  aLink({ role: 'theirs', base: null, raw: null, appointmentId: 'g_event1', ...fields })
const imported = (fields: Partial<Appointment> = {}): Appointment =>
  anAppointment({ id: 'g_event1', origin: 'google', kind: 'event', ...fields })
const ourSeries = {
  links: [aLink({ eventId: 'series1', base: aBase(aProjection({ recurrence: MONDAYS })) })],
  appointments: [anAppointment({ recurrence: MONDAYS })],
}
const theirSeries = {
  links: [theirs({ eventId: 'series1', appointmentId: 'g_series1' })],
  appointments: [imported({ id: 'g_series1', recurrence: MONDAYS })],
}
const movedOccurrence = aLiveEvent({
  eventId: 'series1_slot',
  recurringEventId: 'series1',
  originalStart: SLOT,
  content: aProjection({ time: at(NOW + 8 * DAY + HOUR) }),
})
/** The fifth week: the series starts tomorrow. */
const TAIL_AT = NOW + 29 * DAY
const TAIL_SLOT = slotKey({ kind: 'timed', at: TAIL_AT })
const tailOfOurs = aLiveEvent({
  eventId: `series1_R${TAIL_SLOT.slice(0, -1)}`,
  iCalUID: `series1_R${TAIL_SLOT.slice(0, -1)}@google.com`,
  marker: { key: 'k', revision: 1 },
  content: aProjection({ time: at(TAIL_AT), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] }),
})
const cancelledOccurrence = aTombstone({ eventId: 'series1_slot', recurringEventId: 'series1', originalStart: SLOT })

type Expected = { rule: string; [field: string]: unknown } | null
const cases: [sentence: string, event: CalendarEvent, world: World, expected: Expected][] = [
  [
    'our own write coming back is an echo',
    aLiveEvent({ etag: '"1"' }),
    { links: [aLink()], appointments: [anAppointment()] },
    { rule: 'echo', link: null, appointment: null, isQueued: false, change: null, isQuiet: true },
  ],
  [
    'a new etag with nothing of ours changed is no change',
    aLiveEvent(),
    { links: [aLink()], appointments: [anAppointment()] },
    { rule: 'nothing-we-own-changed', appointment: null, isQueued: false, change: null, isQuiet: true },
  ],
  [
    "Google's move of our event is taken over",
    aLiveEvent({ content: aProjection({ time: at(NOW) }) }),
    { links: [aLink()], appointments: [anAppointment()] },
    { rule: 'google-edit-accepted', change: 'appointment.updated', isQueued: false },
  ],
  [
    "Google's move is written over under revert",
    aLiveEvent({ content: aProjection({ time: at(NOW) }) }),
    { links: [aLink()], appointments: [anAppointment()], policies: { googleEdits: 'revert' } },
    { rule: 'google-edit-reverted', appointment: null, change: null, isQueued: true },
  ],
  [
    "Google's move waits under propose and Google keeps it",
    aLiveEvent({ content: aProjection({ time: at(NOW) }) }),
    { links: [aLink()], appointments: [anAppointment()], policies: { googleEdits: 'propose' } },
    {
      rule: 'google-edit-proposed',
      appointment: null,
      isQueued: false,
      proposal: { kind: 'edit', values: { time: at(NOW) } },
    },
  ],
  [
    'a title edited on a masked event is left and never stored',
    aLiveEvent({ content: aProjection({ title: 'Secret' }) }),
    {
      links: [aLink({ base: aBase(aProjection({ title: 'Busy' })) })],
      appointments: [anAppointment()],
      policies: {
        presentation: { title: 'busy', description: false, location: true, visibility: 'default', colour: null },
      },
    },
    { rule: 'google-edit-left', appointment: null, isQueued: false, change: null, isQuiet: true },
  ],
  [
    'an edit that comes after our cancellation does not bring it back',
    aLiveEvent({ content: aProjection({ title: 'Edited' }) }),
    { links: [aLink()], appointments: [anAppointment({ status: 'cancelled' })] },
    { rule: 'edit-against-cancel', appointment: null, isQueued: true },
  ],
  [
    'an event that came back is no longer missing',
    aLiveEvent({ etag: '"1"' }),
    { links: [aLink({ missing: { how: 'absent', since: 1 } })], appointments: [anAppointment()] },
    { rule: 'nothing-we-own-changed', isQuiet: true },
  ],
  [
    'the deletion of our event is asked about, not believed',
    aTombstone(),
    { links: [aLink()], appointments: [anAppointment()] },
    { rule: 'absence-is-asked-about', appointment: null, change: null, forget: null },
  ],
  [
    'the deletion of an event we cancelled too is forgotten',
    aTombstone(),
    { links: [aLink()], appointments: [anAppointment({ status: 'no_show' })] },
    { rule: 'gone-on-both-sides', appointment: null, change: null },
  ],
  [
    "the deletion of Google's own event is flagged for settling",
    aTombstone(),
    { links: [theirs()], appointments: [imported()] },
    { rule: 'deleted-in-google', appointment: null, forget: null },
  ],
  [
    'an exception that went over to the later part of a split series and was cancelled there is cancelled there',
    aTombstone({ eventId: 'series1_slot', recurringEventId: 'series1_R20261201T100000', originalStart: SLOT }),
    {
      links: [
        theirs({ eventId: 'series1_R20261201T100000', appointmentId: 'g_tail' }),
        theirs({ eventId: 'series1_slot', appointmentId: 'g_slot', recurringEventId: 'series1', originalStart: SLOT }),
      ],
      appointments: [
        imported({ id: 'g_tail', recurrence: MONDAYS }),
        imported({ id: 'g_slot', recurringId: 'g_series1', originalStart: SLOT }),
      ],
    },
    {
      rule: 'occurrence-cancelled-in-google',
      appointment: { recurringId: 'g_tail', status: 'cancelled' },
      forget: { eventId: 'series1_slot' },
    },
  ],
  ['a deletion of what we never knew is nothing', aTombstone(), {}, null],
  [
    'a newcomer in a source calendar is taken in, locked',
    aLiveEvent(),
    {},
    { rule: 'new-in-google', change: 'appointment.created', isQueued: false },
  ],
  [
    'a newcomer in a calendar that is no source does not concern us',
    aLiveEvent(),
    { calendar: { isSource: false } },
    null,
  ],
  [
    'a newcomer that ended before the window is not taken in',
    aLiveEvent({ content: aProjection({ time: at(NOW - 90 * DAY) }) }),
    {},
    null,
  ],
  [
    "a change of Google's own event is Google's to make",
    aLiveEvent({ content: aProjection({ title: 'New' }) }),
    { links: [theirs()], appointments: [imported()] },
    { rule: 'google-owns-it', change: 'appointment.updated', isQueued: false },
  ],
  [
    'a new etag on an unchanged Google event is no change',
    aLiveEvent(),
    { links: [theirs()], appointments: [imported()] },
    { rule: 'unchanged', appointment: null, change: null, isQuiet: true },
  ],
  [
    'an event with our mark and no link is paired again, not doubled',
    aLiveEvent({ marker: { key: 'k', revision: 1 } }),
    { appointments: [anAppointment()], markers: { k: 'apt_1' } },
    { rule: 'recognised-by-mark', appointment: null, isQueued: true, change: null },
  ],
  [
    "another user's appointment in a shared calendar does not come back",
    aLiveEvent({ marker: { key: 'k', revision: 1 } }),
    { appointments: [anAppointment({ userId: 'dr-okafor' })], markers: { k: 'apt_1' } },
    { rule: 'not-ours-to-show', appointment: null, change: null },
  ],
  [
    "another service's mark does not come in",
    aLiveEvent({ marker: { key: 'stranger', revision: 1 } }),
    {},
    { rule: 'not-ours-to-show', appointment: null },
  ],
  [
    'a copy made in Google of our event is a new event of Google',
    aLiveEvent({ eventId: 'copy', marker: { key: 'k', revision: 1 } }),
    { links: [aLink()], appointments: [anAppointment()], markers: { k: 'apt_1' } },
    { rule: 'new-in-google', change: 'appointment.created' },
  ],
  [
    'the same meeting in a second calendar is one appointment',
    aLiveEvent(),
    { elsewhere: [theirs({ calendarId: 'cal_2', eventId: 'event1' })], appointments: [imported()] },
    { rule: 'same-meeting-elsewhere', appointment: null, change: null },
  ],
  [
    'a moved occurrence of our series becomes its exception',
    movedOccurrence,
    ourSeries,
    { rule: 'google-edit-accepted', change: 'appointment.created', isQueued: false },
  ],
  [
    'a cancelled occurrence of our series is asked about, not believed',
    cancelledOccurrence,
    ourSeries,
    {
      rule: 'absence-is-asked-about',
      appointment: null,
      change: null,
      isQueued: false,
      link: { role: 'parked', appointmentId: null, missing: { how: 'absent' } },
    },
  ],
  [
    'a cancelled occurrence of our series cancels only that one, once Google has said so',
    cancelledOccurrence,
    { ...ourSeries, isAsked: true },
    { rule: 'occurrence-cancelled-in-google', change: 'appointment.cancelled', isQueued: false },
  ],
  [
    'a cancelled occurrence known as such is nothing',
    cancelledOccurrence,
    {
      ...ourSeries,
      appointments: [
        ...ourSeries.appointments,
        anAppointment({ id: 'x', recurringId: 'apt_1', originalStart: SLOT, status: 'cancelled' }),
      ],
    },
    { rule: 'known-cancellation', appointment: null, isQuiet: true },
  ],
  [
    "a moved occurrence of Google's series joins it, locked",
    movedOccurrence,
    theirSeries,
    { rule: 'new-in-google', change: 'appointment.created' },
  ],
  [
    "a cancelled occurrence of Google's series is cancelled here",
    cancelledOccurrence,
    theirSeries,
    { rule: 'occurrence-cancelled-in-google', change: 'appointment.cancelled' },
  ],
  [
    'a cancelled occurrence of a series that is not known waits for it',
    cancelledOccurrence,
    {},
    { rule: 'waits-for-its-series', appointment: null, change: null, link: { role: 'parked', originalStart: SLOT } },
  ],
  [
    'an exception with our mark waits for its series: it is not taken for an event of Google',
    { ...movedOccurrence, marker: { key: 'k', revision: 1 } },
    { appointments: ourSeries.appointments, markers: { k: 'apt_1' } },
    { rule: 'waits-for-its-series', appointment: null, change: null },
  ],
  [
    'an occurrence in a slot that our series gave up, and Google is about to, is passed over',
    { ...movedOccurrence, originalStart: { kind: 'timed', at: NOW + 50 * DAY } },
    { ...ourSeries, appointments: [anAppointment({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] })] },
    null,
  ],
  [
    'a cancellation in a slot that our series no longer has means nothing',
    { ...cancelledOccurrence, originalStart: { kind: 'timed', at: NOW + 50 * DAY } },
    { ...ourSeries, appointments: [anAppointment({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] })] },
    null,
  ],
  [
    'a series of ours split in Google goes on as an appointment of its own and gets its own mark',
    tailOfOurs,
    { ...ourSeries, markers: { k: 'apt_1' } },
    {
      rule: 'series-split-in-google',
      change: 'appointment.created',
      isQueued: true,
      appointment: { id: `apt_1~R${TAIL_SLOT}`, version: 1, recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] },
      link: { role: 'ours', shownVersion: null },
    },
  ],
  [
    'the later part is known by its id alone, whatever became of the mark',
    { ...tailOfOurs, marker: null },
    ourSeries,
    { rule: 'series-split-in-google', appointment: { origin: 'platform' } },
  ],
  [
    'under revert the later part is taken away again, unseen by the platform',
    tailOfOurs,
    { ...ourSeries, markers: { k: 'apt_1' }, policies: { googleEdits: 'revert' } },
    {
      rule: 'google-split-reverted',
      change: null,
      isQueued: true,
      appointment: { status: 'cancelled', archivedAt: NOW },
    },
  ],
  [
    'a split with a new time gets a new id from Google and is known by where the series ends',
    { ...tailOfOurs, eventId: 'brandnew' },
    {
      ...ourSeries,
      links: [aLink({ eventId: 'series1', base: aBase(aProjection({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] })) })],
      markers: { k: 'apt_1' },
    },
    { rule: 'series-split-in-google', change: 'appointment.created' },
  ],
  [
    'a copy that a person makes of a whole series beside it is a new event of Google',
    { ...tailOfOurs, eventId: 'copy' },
    { ...ourSeries, markers: { k: 'apt_1' } },
    { rule: 'new-in-google', change: 'appointment.created' },
  ],
  [
    "the later part of Google's own series is a series of its own, locked",
    { ...tailOfOurs, marker: null },
    theirSeries,
    { rule: 'new-in-google', appointment: { id: `g_series1_R${TAIL_SLOT.slice(0, -1)}`, origin: 'google' } },
  ],
  ['an orphaned exception stands alone', movedOccurrence, {}, { rule: 'new-in-google', change: 'appointment.created' }],
  [
    'an event that cannot be read is parked, not skipped',
    { kind: 'unreadable', eventId: 'bad', etag: null, reason: 'no start' },
    {},
    { rule: 'unreadable', action: 'parked', appointment: null },
  ],
]

describe('what a listed event means', () => {
  test.each(cases)('%s', (_sentence, event, world, expected) => {
    const decided = decideEvent(event, contextOf(world))
    if (expected === null) expect(decided).toBeNull()
    else expect(decided).toMatchObject(expected)
  })

  test("an accepted move keeps the platform's words and raises the version by one", () => {
    const decided = decideEvent(
      aLiveEvent({ content: aProjection({ time: at(NOW) }) }),
      contextOf({ links: [aLink()], appointments: [anAppointment()] }),
    )
    expect(decided?.appointment).toEqual({ ...anAppointment(), time: at(NOW), version: 2, updatedAt: NOW })
    expect(decided?.link?.shownVersion).toBe(2)
  })

  test('a private or masked event keeps its words in Google', () => {
    for (const world of [
      { policies: { imported: 'busy' as const } },
      { calendar: { isSource: false, isConflict: true } },
    ]) {
      const decided = decideEvent(
        aLiveEvent({ content: aProjection({ title: 'Secret', description: 'Secret', location: 'Secret' }) }),
        contextOf(world),
      )
      expect(JSON.stringify([decided?.appointment, decided?.link, decided?.after])).not.toContain('Secret')
    }
    const decided = decideEvent(
      aLiveEvent({ isPrivate: true, content: aProjection({ title: 'Secret' }) }),
      contextOf({}),
    )
    expect(JSON.stringify(decided)).not.toContain('Secret')
  })

  test('an invitation that was declined does not block time', () => {
    expect(decideEvent(aLiveEvent({ selfResponse: 'declined' }), contextOf({}))?.appointment?.busy).toBe(false)
  })
})

describe('a page', () => {
  const master = aLiveEvent({ eventId: 'series1', content: aProjection({ recurrence: MONDAYS }) })

  test('is decided masters first, whatever the order', () => {
    for (const page of [
      [master, movedOccurrence],
      [movedOccurrence, master],
    ]) {
      const decided = decidePage(page, contextOf({}))
      expect(decided.map(each => [each.eventId, each.appointment?.recurringId ?? null])).toEqual([
        ['series1', null],
        ['series1_slot', 'g_series1'],
      ])
    }
  })

  test('brings home the exceptions that came before their series', () => {
    const context = contextOf({})
    const first = decidePage([movedOccurrence], context)
    expect(first[0]?.appointment?.recurringId).toBeNull()
    const second = decidePage([master], context)
    expect(second.find(each => each.eventId === 'series1_slot')?.appointment).toMatchObject({
      recurringId: 'g_series1',
      originalStart: SLOT,
    })
  })

  test('ends a series of ours before the later part that came first, as Google ends it', () => {
    const context = contextOf({ ...ourSeries, markers: { k: 'apt_1' } })
    const decided = decidePage([tailOfOurs], context)
    const head = decided.find(each => each.eventId === 'series1')
    expect(head).toMatchObject({ rule: 'series-split-in-google', isQueued: true, change: 'appointment.updated' })
    expect(head?.appointment?.recurrence).toEqual(['RRULE:FREQ=WEEKLY;UNTIL=20261229T045959Z'])
    const ended = aLiveEvent({
      eventId: 'series1',
      content: aProjection({ recurrence: head?.appointment?.recurrence ?? [] }),
    })
    expect(decidePage([ended], context)).toMatchObject([
      { rule: 'google-edit-left', appointment: null, isQueued: false },
    ])
  })

  test('asks about the exceptions of a series that Google shortened, and detaches cancelled ones', () => {
    const [first, second]: Slot[] = [35, 42].map(days => ({ kind: 'timed', at: NOW + (days + 1) * DAY }))
    const live = anAppointment({ id: 'moved', recurringId: 'apt_1', originalStart: first ?? SLOT })
    const off = anAppointment({ id: 'off', recurringId: 'apt_1', originalStart: second ?? SLOT, status: 'cancelled' })
    const link = aLink({
      eventId: 'series1_x',
      appointmentId: 'moved',
      recurringEventId: 'series1',
      originalStart: first ?? SLOT,
    })
    const context = contextOf({
      links: [...ourSeries.links, link],
      appointments: [...ourSeries.appointments, live, off],
    })
    const shorter = aLiveEvent({
      eventId: 'series1',
      content: aProjection({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] }),
    })
    expect(decidePage([shorter], context)).toMatchObject([
      { rule: 'google-edit-accepted' },
      { rule: 'absence-is-asked-about', link: { eventId: 'series1_x', missing: { how: 'absent' } }, appointment: null },
      { rule: 'slot-left-series', appointment: { id: 'off', recurringId: null, status: 'cancelled' } },
    ])
  })

  test("brings a waiting cancellation home when its series comes: Google's at once, ours after a question", () => {
    const context = contextOf({})
    decidePage([cancelledOccurrence], context)
    const decided = decidePage([master], context)
    expect(decided.at(-1)).toMatchObject({
      rule: 'occurrence-cancelled-in-google',
      appointment: { recurringId: 'g_series1', originalStart: SLOT, status: 'cancelled' },
      forget: { eventId: 'series1_slot' },
    })
  })

  test('knows an occurrence again under the id that a split gave it', () => {
    const tailId = tailOfOurs.eventId
    const slot: Slot = { kind: 'timed', at: TAIL_AT + 7 * DAY }
    const context = contextOf({ ...theirSeries })
    decidePage(
      [
        { ...tailOfOurs, marker: null },
        { ...movedOccurrence, eventId: 'series1_t', recurringEventId: tailId, originalStart: slot },
      ],
      context,
    )
    const again = decidePage(
      [{ ...movedOccurrence, etag: '"9"', eventId: `${tailId}_t`, recurringEventId: tailId, originalStart: slot }],
      context,
    )
    expect(again).toMatchObject([{ appointment: { id: 'g_series1_t' }, forget: { eventId: 'series1_t' } }])
    expect(context.known.links.has('series1_t')).toBe(false)
  })

  test('lets one exception stand for an occurrence when another comes under its series', () => {
    const slot: Slot = { kind: 'timed', at: TAIL_AT + 7 * DAY }
    const tail = tailOfOurs.eventId
    const under = (id: string, recurringId: string) => anAppointment({ id, recurringId, originalStart: slot })
    const context = contextOf({
      links: [
        ...ourSeries.links,
        aLink({ eventId: tail, appointmentId: 'tail' }),
        aLink({ eventId: 'series1_x', appointmentId: 'came', recurringEventId: 'series1', originalStart: slot }),
      ],
      appointments: [
        ...ourSeries.appointments,
        anAppointment({ id: 'tail', time: at(TAIL_AT), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] }),
        under('was', 'tail'),
        under('came', 'apt_1'),
      ],
    })
    const named = { ...movedOccurrence, eventId: 'series1_x', recurringEventId: tail, originalStart: slot }
    const decided = decidePage([named], context)
    expect(decided.map(each => [each.appointment?.id, each.appointment?.recurringId])).toEqual([
      ['came', 'tail'],
      ['was', null],
    ])
    expect(decided[1]).toMatchObject({ rule: 'exception-yields-its-slot', change: 'appointment.cancelled' })
  })

  test('applied a second time changes nothing', () => {
    const events: CalendarEvent[] = [master, movedOccurrence, aLiveEvent({ eventId: 'single' }), cancelledOccurrence]
    const context = contextOf({})
    const isWork = (each: Verdict): boolean => each.appointment !== null || each.isQueued || each.change !== null
    expect(decidePage(events.slice(0, 3), context).every(isWork)).toBe(true)
    expect(decidePage(events.slice(0, 3), context).filter(isWork)).toEqual([])
  })

  test('an increment that repeats what is known writes nothing', () => {
    const event = aLiveEvent()
    const context = contextOf({
      links: [theirs({ etag: event.etag, contentHash: contentHash(event) })],
      appointments: [imported()],
    })
    learn(context.known, { appointment: null, link: null })
    expect(decidePage([event], context)).toEqual([
      expect.objectContaining({ rule: 'echo', link: null, appointment: null }),
    ])
  })
})
