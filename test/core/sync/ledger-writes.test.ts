import { test } from 'vitest'
import type { Appointment } from '../../../src/core/model/appointment.ts'
import type { Calendar, Connection } from '../../../src/core/model/connection.ts'
import type { RemoteFailure } from '../../../src/core/model/failures.ts'
import type { Link } from '../../../src/core/model/link.ts'
import type { Policies } from '../../../src/core/model/policies.ts'
import { decideQueue, isInWindow } from '../../../src/core/sync/admission.ts'
import {
  decideExceptionOfGone,
  decideGone,
  mustAsk,
  readGoneAnswer,
  type GoneInput,
} from '../../../src/core/sync/decide-gone.ts'
import { isMassDeletion } from '../../../src/core/sync/mass-change.ts'
import { fullListHoldOffMs, planPull } from '../../../src/core/sync/pull-plan.ts'
import { planPush, type PushInput } from '../../../src/core/sync/push-plan.ts'
import { reactToList, reactToWrite } from '../../../src/core/sync/reaction.ts'
import { verdict } from '../../../src/core/sync/verdict.ts'
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
  MINUTE,
  NOW,
  onDay,
  policiesWith,
} from '../../support/builders.ts'
import { combine, expectLedger, short, type Line, type Named } from '../../support/ledger.ts'
import { say } from './ledger.ts'

/** The other tables, in words: what is gone, what is written, what waits, what a refusal leads to, what is listed next. */

const WEEKLY = ['RRULE:FREQ=WEEKLY;COUNT=8']
const SLOT = { kind: 'timed' as const, at: NOW + 8 * DAY }
const exception = (fields: Partial<Appointment> = {}): Appointment =>
  anAppointment({ id: 'x', recurringId: 'apt_1', originalStart: SLOT, time: at(NOW + 9 * DAY), ...fields })
const series = (fields: Partial<Appointment> = {}): Appointment => anAppointment({ recurrence: WEEKLY, ...fields })
const seriesLink = (fields: Partial<Link> = {}): Link =>
  aLink({ eventId: 'series1', base: aBase(aProjection({ recurrence: WEEKLY })), ...fields })
const failures: Named<RemoteFailure>[] = [
  ['sync-token-expired', { kind: 'sync-token-expired' }],
  ['page-token-expired', { kind: 'page-token-expired' }],
  ['not-found', { kind: 'not-found' }],
  ['already-gone', { kind: 'already-gone' }],
  ['edited-meanwhile', { kind: 'edited-meanwhile' }],
  ['id-taken', { kind: 'id-taken' }],
  ['collided', { kind: 'collided' }],
  ['rate-limited', { kind: 'rate-limited', scope: 'user', retryAfterMs: 7_000 }],
  ['quota-exceeded', { kind: 'quota-exceeded' }],
  ['daily-limit', { kind: 'daily-limit' }],
  ['access-rejected', { kind: 'access-rejected' }],
  ['access-revoked', { kind: 'access-revoked' }],
  ['scope-missing', { kind: 'scope-missing' }],
  ['role-too-low', { kind: 'role-too-low' }],
  ['not-organizer', { kind: 'not-organizer' }],
  ['project-broken', { kind: 'project-broken', reason: 'accessNotConfigured' }],
  ['push-unsupported', { kind: 'push-unsupported' }],
  ['channel-id-taken', { kind: 'channel-id-taken' }],
  ['unavailable', { kind: 'unavailable', ambiguous: false, detail: 'http-503' }],
  ['unavailable, outcome unknown', { kind: 'unavailable', ambiguous: true, detail: 'no-answer' }],
  ['rejected', { kind: 'rejected', status: 400, reason: 'invalid', detail: 'events.insert: Invalid start time.' }],
]

test('what a refused write leads to, and a refused listing', async () => {
  const writes = combine(failures, [
    ['insert', 'insert'],
    ['update', 'update'],
    ['delete', 'delete'],
  ] as const).map(([name, [failure, call]]): Line => [name, short(reactToWrite(call, failure))])
  const lists = failures.map(([name, failure]): Line => [`${name}; list`, short(reactToList(failure))])
  await expectLedger('refusals', [...writes, ...lists])
})

test('what Google says when it is asked about an event', async () => {
  const answers: Named<Parameters<typeof readGoneAnswer>[0]>[] = [
    ['alive', { ok: true, value: aLiveEvent() }],
    ['a tombstone', { ok: true, value: aTombstone() }],
    ['not to be read', { ok: true, value: { kind: 'unreadable', eventId: 'event1', etag: null, reason: 'no start' } }],
    ...failures.map(([name, error]) => [name, { ok: false, error }] as const),
  ]
  const read = answers.map(([name, answer]): Line => [name, readGoneAnswer(answer).kind])
  const asked: Line[] = combine(
    [
      ['ours', 'ours'],
      ['theirs', 'theirs'],
      ['parked', 'parked'],
    ] as const,
    [
      ['deleted', 'deleted'],
      ['absent', 'absent'],
    ] as const,
  ).map(([name, [role, how]]) => [name, `ask: ${mustAsk(aLink({ role, missing: { how, since: 1 } }))}`])
  const present: Line = ['theirs; present', `ask: ${mustAsk(aLink({ role: 'theirs' }))}`]
  await expectLedger('answers', [...read, ...asked, present])
})

test('what a confirmed deletion leads to', async () => {
  const links: Named<Link>[] = [
    ['ours', aLink()],
    ['theirs', aLink({ role: 'theirs', base: null })],
  ]
  const appointments: Named<Pick<GoneInput, 'appointment' | 'series'>>[] = [
    ['a booking', { appointment: anAppointment() }],
    ['nothing is here', { appointment: null }],
    ['cancelled here', { appointment: anAppointment({ status: 'cancelled' }) }],
    ['a no-show here', { appointment: anAppointment({ status: 'no_show' }) }],
    ['archived here', { appointment: anAppointment({ archivedAt: NOW }) }],
    ['of a kind not included', { appointment: anAppointment({ kind: 'task' }) }],
    ['an exception', { appointment: exception(), series: { appointment: series(), link: seriesLink() } }],
    ['an exception of no series', { appointment: exception(), series: null }],
    [
      'an exception whose series is off',
      { appointment: exception(), series: { appointment: series({ status: 'cancelled' }), link: null } },
    ],
    [
      'an exception whose slot is gone here',
      {
        appointment: exception(),
        series: { appointment: series({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=1'] }), link: seriesLink() },
      },
    ],
    [
      'an exception whose slot is gone here, cancelled before',
      {
        appointment: exception({ status: 'no_show' }),
        series: { appointment: series({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=1'] }), link: null },
      },
    ],
    [
      'an exception whose slot is gone in Google',
      {
        appointment: exception(),
        series: {
          appointment: series(),
          link: seriesLink({ base: aBase(aProjection({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=1'] })) }),
        },
      },
    ],
    [
      'an exception of a series never written',
      { appointment: exception(), series: { appointment: series(), link: null } },
    ],
    [
      'an exception of a series never agreed on',
      { appointment: exception(), series: { appointment: series(), link: seriesLink({ base: null }) } },
    ],
    [
      'an exception without a slot',
      { appointment: exception({ originalStart: null }), series: { appointment: series(), link: seriesLink() } },
    ],
  ]
  const policies: Named<Partial<Policies>>[] = [
    ['cancel', {}],
    ['propose', { googleDeletes: 'propose' }],
    ['restore', { googleDeletes: 'restore' }],
  ]
  const include = { kinds: ['appointment' as const], statuses: ['confirmed' as const] }
  const gone = (elsewhere: boolean) =>
    combine(combine(links, appointments), policies).map(([name, [[link, about], under]]): Line => {
      const input = {
        link,
        ...about,
        isShownElsewhere: elsewhere,
        policies: policiesWith({ include, ...under }),
        now: NOW,
      }
      const known = about.appointment === null ? [] : [about.appointment]
      return [
        `${name}${elsewhere ? '; shown elsewhere too' : ''}`,
        say(decideGone(input), { appointments: known, links: [link] }),
      ]
    })
  await expectLedger('gone', [...gone(false), ...gone(true).filter(([name]) => /booking.*cancel/.test(name))])
})

test('what becomes of the exceptions of a series that is gone', async () => {
  const fates: Named<ReturnType<typeof verdict>>[] = [
    ['restored', verdict('series1', 'google-delete-restored', { isQueued: true })],
    ['cancelled', verdict('series1', 'google-delete-cancels', { appointment: series({ status: 'cancelled' }) })],
    ['asked about', verdict('series1', 'google-delete-proposed', {})],
    ['still on', verdict('series1', 'other', { appointment: series() })],
  ]
  const exceptions: Named<{ appointment: Appointment; link: Link | null }>[] = [
    ['with an event', { appointment: exception(), link: aLink({ eventId: 'series1_x', appointmentId: 'x' }) }],
    ['without one', { appointment: exception(), link: null }],
    [
      'cancelled, with an event',
      { appointment: exception({ status: 'cancelled' }), link: aLink({ eventId: 'series1_x' }) },
    ],
    ['cancelled, without one', { appointment: exception({ status: 'cancelled' }), link: null }],
  ]
  const lines = combine(fates, exceptions).map(([name, [fate, one]]): Line => {
    const decided = decideExceptionOfGone(fate, one, NOW)
    return [
      name,
      decided === null ? 'nothing' : `${decided.eventId}: ${say(decided, { appointments: [one.appointment] })}`,
    ]
  })
  await expectLedger('exceptions-of-gone', lines)
})

test('which call brings Google to it', async () => {
  const agreed = aBase(aProjection())
  const links: Named<Link | null>[] = [
    ['no event yet', null],
    ['an event', aLink()],
    ['an event, never agreed on', aLink({ base: null })],
    ['an event without its mark', aLink({ shownVersion: null })],
    [
      'an event with a colour and a title of theirs',
      aLink({ base: { sent: agreed.sent, returned: aProjection({ title: 'Theirs', colour: '5' }) } }),
    ],
  ]
  const appointments: Named<Pick<PushInput, 'appointment' | 'master' | 'masterLink'>>[] = [
    ...(
      [
        ['as agreed', anAppointment()],
        ['renamed', anAppointment({ title: 'Ours' })],
        ['cancelled', anAppointment({ status: 'cancelled' })],
        ['archived', anAppointment({ archivedAt: NOW })],
        ['of a kind not included', anAppointment({ kind: 'task' })],
      ] as const
    ).map(([name, appointment]) => [name, { appointment, master: null, masterLink: null }] as const),
    ...(
      [
        ['its series stands', series(), seriesLink()],
        ['its series never agreed on', series(), seriesLink({ base: null })],
        ['its series is not written yet', series(), null],
        ['its series is cancelled', series({ status: 'cancelled' }), seriesLink()],
        ['its series lost the slot here', series({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=1'] }), seriesLink()],
        [
          "Google's series has not the slot",
          series(),
          seriesLink({ base: aBase(aProjection({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=1'] })) }),
        ],
        ['its series is not here', null, null],
      ] as const
    ).flatMap(([name, master, masterLink]) => [
      [`an exception; ${name}`, { appointment: exception(), master, masterLink }] as const,
      [
        `a cancelled exception; ${name}`,
        { appointment: exception({ status: 'cancelled' }), master, masterLink },
      ] as const,
      [
        `an exception without a slot; ${name}`,
        { appointment: exception({ originalStart: null }), master, masterLink },
      ] as const,
    ]),
  ]
  const policies: Named<Partial<Policies>>[] = [
    ['deleted', {}],
    ['marked', { cancelled: 'mark' }],
  ]
  const include = { kinds: ['appointment' as const], statuses: ['confirmed' as const] }
  const lines = combine(combine(links, appointments), policies).map(([name, [[link, about], under]]): Line => {
    const plan = planPush({ ...about, link, policies: policiesWith({ include, ...under }) })
    const content = 'content' in plan ? ` ${plan.content.title}, ${plan.content.colour ?? 'no colour'}` : ''
    const local = 'local' in plan ? ` | ours ${plan.local.title}` : ''
    const over = 'master' in plan ? ` of ${plan.master.eventId}` : 'link' in plan ? ` over ${plan.link.eventId}` : ''
    return [name, `${plan.call}${over}${content}${local}`]
  })
  await expectLedger('writes', lines)
})

test('which change is queued, and where', async () => {
  const target = aCalendar()
  const links: Named<Link[]>[] = [
    ['not in Google', []],
    ['in the target', [aLink()]],
    ['in the former target', [aLink({ calendarId: 'cal_0' })]],
    ['in both', [aLink({ calendarId: 'cal_0' }), aLink()]],
    ['taken in', [aLink({ role: 'theirs' })]],
  ]
  const appointments: Named<Appointment>[] = [
    ['a booking', anAppointment()],
    ['cancelled', anAppointment({ status: 'cancelled' })],
    ['archived', anAppointment({ archivedAt: NOW })],
    ['not included', anAppointment({ kind: 'task' })],
    ['far ahead', anAppointment({ time: at(NOW + 400 * DAY) })],
    ['an exception far ahead', exception({ time: at(NOW + 400 * DAY) })],
    ['made in Google', anAppointment({ origin: 'google' })],
  ]
  const worlds: Named<{
    connection?: Partial<Connection>
    calendar?: Partial<Calendar>
    policies?: Partial<Policies>
  }>[] = [
    ['active', {}],
    ['marked', { policies: { cancelled: 'mark' } }],
    ['off', { connection: { mode: 'off' } }],
    ['push only', { connection: { mode: 'push_only' } }],
    ['pending', { connection: { status: 'pending' } }],
    ['disconnected', { connection: { status: 'disconnected' } }],
    ['paused', { connection: { status: 'paused' } }],
    ['needs reauth', { connection: { status: 'needs_reauth' } }],
    ['target gone', { calendar: { isGone: true } }],
    ['target read only', { calendar: { accessRole: 'reader' } }],
    ['target free-busy only', { calendar: { accessRole: 'freeBusyReader' } }],
    ['target writable but for private events', { calendar: { accessRole: 'writerWithoutPrivateAccess' } }],
    ['target writable', { calendar: { accessRole: 'writer' } }],
  ]
  const include = { kinds: ['appointment' as const], statuses: ['confirmed' as const] }
  const lines = combine(combine(links, appointments), worlds).map(([name, [[shown, appointment], world]]): Line => {
    const queued = decideQueue({
      appointment,
      links: shown,
      connection: aConnection(world.connection),
      calendar: { ...target, ...world.calendar },
      policies: policiesWith({ include, ...world.policies }),
      lane: 'backfill',
      now: NOW,
    })
    return [name, queued === null ? 'nothing' : short(queued)]
  })
  await expectLedger('queue', lines)
})

test('what lies in the window', async () => {
  const window = { daysBack: 1, daysAhead: 7 }
  const zone = 'America/New_York'
  const start = Date.parse('2026-11-29T05:00:00Z')
  const end = Date.parse('2026-12-08T05:00:00Z')
  const spans: Named<Pick<Appointment, 'time' | 'recurrence'>>[] = [
    ['ends where it begins', { time: at(start - HOUR, 60), recurrence: [] }],
    ['ends a minute after', { time: at(start - HOUR, 61), recurrence: [] }],
    ['begins a minute before it ends', { time: at(end - MINUTE), recurrence: [] }],
    ['begins where it ends', { time: at(end), recurrence: [] }],
    ['an old series that goes on', { time: at(NOW - 90 * DAY), recurrence: ['RRULE:FREQ=WEEKLY'] }],
    ['an old series that is over', { time: at(NOW - 90 * DAY), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] }],
    ['the day before', { time: onDay('2026-11-28', '2026-11-29'), recurrence: [] }],
    ['the first day', { time: onDay('2026-11-29', '2026-11-30'), recurrence: [] }],
  ]
  const lines = spans.map(([name, one]): Line => [name, isInWindow(one, window, NOW, zone) ? 'in' : 'out'])
  await expectLedger('window', lines)
})

test('what is asked for next', async () => {
  const cursor = { ...aCalendar().cursor, listedFrom: Date.parse('2026-10-31T04:00:00Z') }
  const calendars: Named<Partial<Calendar>>[] = [
    ['with a token', { cursor }],
    ['in the middle of a list', { cursor: { ...cursor, syncToken: null, pageToken: 'page' } }],
    ['in the middle of an increment', { cursor: { ...cursor, pageToken: 'page' } }],
    ['without a token', { cursor: { ...cursor, syncToken: null } }],
    ['with other parameters', { cursor: { ...cursor, parameters: 'q' } }],
    ['with other parameters, in the middle', { cursor: { ...cursor, parameters: 'q', pageToken: 'page' } }],
    ['listed from later on', { cursor: { ...cursor, listedFrom: NOW } }],
    [
      'listed from the very beginning of the window',
      { cursor: { ...cursor, listedFrom: Date.parse('2026-10-31T04:00:00Z') } },
    ],
    ['listed from a moment later', { cursor: { ...cursor, listedFrom: cursor.listedFrom + 1 } }],
    ['never listed from anywhere', { cursor: { ...cursor, listedFrom: null } }],
    ['resting', { cursor, holdOffUntil: NOW + 1 }],
    ['done with its rest', { cursor, holdOffUntil: NOW }],
  ]
  const plans = calendars.map(([name, calendar]): Line => [
    name,
    short(planPull(aCalendar(calendar), { daysBack: 30, daysAhead: 365 }, 'p', NOW)),
  ])
  const rests = [0, 1, 2, 3, 10, 11, 20].map((inARow): Line => [
    `full list number ${inARow} in a row`,
    `rests ${fullListHoldOffMs(inARow) / MINUTE} minutes`,
  ])
  const masses = [
    [25, 25, 25, 0.5],
    [26, 52, 25, 0.5],
    [26, 51, 25, 0.5],
    [26, 0, 25, 0.5],
    [1, 1, 0, 1],
    [1, 1, 0, 0.5],
  ].map(([gone = 0, linked = 0, count = 0, share = 0]): Line => [
    `${gone} gone of ${linked}, more than ${count} and ${share} of all are too many`,
    isMassDeletion(gone, linked, { count, share }) ? 'held' : 'settled',
  ])
  await expectLedger('lists', [...plans, ...rests, ...masses])
})
