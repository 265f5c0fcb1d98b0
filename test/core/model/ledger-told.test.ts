import { test } from 'vitest'
import {
  decideArchive,
  decideEdit,
  decideWithSeries,
  spanWords,
  type Edit,
} from '../../../src/core/model/appointment-edit.ts'
import type { Appointment } from '../../../src/core/model/appointment.ts'
import { connectionResource } from '../../../src/core/model/connection-resource.ts'
import type { Calendar, Connection } from '../../../src/core/model/connection.ts'
import { duplicateResource } from '../../../src/core/model/duplicate-resource.ts'
import { decideExceptions } from '../../../src/core/model/exception-edit.ts'
import type { Link } from '../../../src/core/model/link.ts'
import { proposalResource } from '../../../src/core/model/proposal-resource.ts'
import { appointmentResource } from '../../../src/core/model/resource.ts'
import { STATUSES } from '../../../src/core/model/status-moves.ts'
import { importedAppointment, withRemoteFields } from '../../../src/core/sync/content.ts'
import { project } from '../../../src/core/sync/projection.ts'
import { FIELDS } from '../../../src/core/model/projection.ts'
import { aDuplicate, anOutboxEntry, aProposal } from '../../contracts/store.fixtures.ts'
import {
  aCalendar,
  aConnection,
  aLink,
  aLiveEvent,
  anAppointment,
  aProjection,
  at,
  DAY,
  HOUR,
  NOW,
  onDay,
  policiesWith,
} from '../../support/builders.ts'
import { combine, expectLedger, short, type Line, type Named } from '../../support/ledger.ts'

/** What the platform is told, and how its own changes are told to a person. */

const ELSEWHERE = at(NOW + DAY, 90, 'Europe/Berlin')
const WEEKLY = ['RRULE:FREQ=WEEKLY;COUNT=8']
const SLOT = { kind: 'timed' as const, at: NOW + 8 * DAY }

test('an appointment as it is told', async () => {
  const appointments: Named<Partial<Appointment>>[] = [
    ['a booking', {}],
    [
      'everything',
      {
        kind: 'task',
        status: 'tentative',
        title: 'T',
        description: 'D',
        busy: false,
        colour: '5',
        metadata: { a: 1 },
        version: 7,
        updatedAt: NOW,
      },
    ],
    [
      'of two zones',
      { time: { kind: 'timed', startAt: NOW, endAt: NOW + HOUR, startZone: 'Europe/Berlin', endZone: 'UTC' } },
    ],
    ['whole days', { time: onDay('2026-12-01', '2026-12-03') }],
    ['a series', { recurrence: WEEKLY }],
    ['one of a series', { recurringId: 's', originalStart: SLOT }],
    [
      'one of a series of days',
      {
        time: onDay('2026-12-01', '2026-12-02'),
        recurringId: 's',
        originalStart: { kind: 'all-day', date: '2026-12-01' },
      },
    ],
    ['a day for an hour', { time: onDay('2026-12-01', '2026-12-02'), recurringId: 's', originalStart: SLOT }],
    ['made in Google, archived', { origin: 'google', archivedAt: NOW }],
  ]
  const error = { code: 'c', message: 'm' }
  const states: Named<[Link[], ReturnType<typeof anOutboxEntry> | null]>[] = [
    ['not in Google', [[], null]],
    ['in step', [[aLink()], null]],
    ['parked', [[aLink({ role: 'parked', error })], null]],
    ['parked, and another', [[aLink({ role: 'parked' }), aLink({ eventId: 'event2', error })], null]],
    ['waiting for its first write', [[], anOutboxEntry({ calendarId: 'cal_9' })]],
    ['waiting', [[aLink({ error: { code: 'old', message: 'o' } })], anOutboxEntry({ error })]],
    ['held', [[], anOutboxEntry({ state: 'held', error })]],
    ['failed', [[aLink()], anOutboxEntry({ state: 'failed', error })]],
  ]
  const [booking] = appointments
  const lines = [
    ...appointments.map(([name, fields]): Line => [name, short(appointmentResource(anAppointment(fields), [], null))]),
    ...states.map(([name, [links, outbox]]): Line => [
      name,
      short(appointmentResource(anAppointment(booking?.[1]), links, outbox).google),
    ]),
  ]
  await expectLedger('appointments', lines)
})

test('proposals and duplicates as they are told', async () => {
  const values = aProjection({ recurrence: WEEKLY, description: 'D', colour: '5' })
  const proposals: Named<Parameters<typeof aProposal>[0]>[] = [
    ['an edit of everything', { values }],
    ['an edit to nothing', { values: { recurrence: [], title: '', description: '', location: '' } }],
    ['a deletion, settled', { kind: 'delete', values: {}, state: 'accepted', settledAt: NOW + HOUR }],
  ]
  const told = proposals.map(([name, fields]): Line => [name, short(proposalResource(aProposal(fields)))])
  const duplicates = [
    aDuplicate(),
    aDuplicate({ twinId: null, kind: 'feed-copy', state: 'kept', settledAt: NOW + HOUR }),
  ]
  await expectLedger('questions', [
    ...told,
    ...duplicates.map((each): Line => [`a duplicate, ${each.state}`, short(duplicateResource(each))]),
  ])
})

test('a connection as it is told', async () => {
  const used = (fields: Partial<Calendar>): Calendar => aCalendar({ isTarget: false, isSource: false, ...fields })
  const calendars = [
    used({ id: 'target', isTarget: true, lastPulledAt: NOW - HOUR }),
    used({ id: 'source', isSource: true, lastPulledAt: NOW, isPrimary: false, isGone: true }),
    used({ id: 'conflict', isConflict: true, accessRole: 'reader' }),
    used({ id: 'unused', lastPulledAt: NOW + DAY }),
  ]
  const connections: Named<[Partial<Connection>, Calendar[]]>[] = [
    ['active', [{ lastSyncedAt: NOW - DAY, policies: { imported: 'busy' } }, calendars]],
    ['synced later than any calendar', [{ lastSyncedAt: NOW + HOUR }, calendars]],
    ['never synced', [{}, []]],
    ['held', [{ status: 'held', statusReason: 'why', missingScopes: ['s'], mode: 'push_only' }, []]],
    ['disconnected', [{ status: 'disconnected', statusReason: 'closing' }, []]],
  ]
  const lines = connections.map(([name, [fields, of]]): Line => [
    name,
    short(
      connectionResource({
        connection: aConnection(fields),
        calendars: of,
        tenantPolicies: { imported: 'full', cancelled: 'mark' },
        counts: { linked: 3, missing: 1 },
      }),
    ),
  ])
  await expectLedger('connections', lines)
})

const sayEdit = ({ appointment, journal, change }: Edit, was: Appointment | null): string => {
  const before = new Map<string, unknown>(Object.entries(was ?? {}))
  const differs = Object.entries(appointment).filter(
    ([key, value]) => JSON.stringify(before.get(key)) !== JSON.stringify(value),
  )
  return `${journal.rule} (${journal.action}) "${journal.reason}" | ${change} | ${short(Object.fromEntries(differs))} | before ${short(journal.before)} | after ${short(journal.after)}`
}

test('what the platform writes over what is here', async () => {
  const before: Named<Appointment | null>[] = [
    ['nothing', null],
    ['a booking', anAppointment()],
    ['a series', anAppointment({ recurrence: WEEKLY })],
    ['one of a series', anAppointment({ recurringId: 's', originalStart: SLOT })],
    ['an archived one', anAppointment({ archivedAt: NOW - HOUR, version: 4 })],
    ['an archived no-show', anAppointment({ archivedAt: NOW - HOUR, status: 'no_show' })],
  ]
  const drafts: Named<Partial<Appointment>>[] = [
    ['the same', {}],
    ['moved', { time: ELSEWHERE }],
    ['moved to whole days', { time: onDay('2026-12-01', '2026-12-03') }],
    ['over midnight', { time: at(NOW + 12 * HOUR, 24 * 60) }],
    ['a title', { title: 'T' }],
    [
      'everything else',
      {
        kind: 'task',
        title: 'T',
        description: 'D',
        location: 'L',
        busy: false,
        colour: '5',
        metadata: { a: 1 },
        recurrence: ['RRULE:FREQ=DAILY'],
      },
    ],
    ['moved and renamed, tentative', { time: ELSEWHERE, title: 'T', status: 'tentative' }],
    ['cancelled and renamed', { status: 'cancelled', title: 'T' }],
    ['metadata in another order', { metadata: {} }],
    ["another user's", { userId: 'dr-wu', recurringId: 'x', originalStart: { kind: 'all-day', date: '2026-12-01' } }],
    ['one of a series', { recurringId: 's', originalStart: SLOT }],
  ]
  const lines = combine(drafts, before).map(([name, [over, existing]]): Line => {
    const draft = { ...(existing ?? anAppointment()), ...over }
    const outcome = decideEdit({
      tenantId: 'clinic',
      id: 'apt_1',
      now: NOW,
      how: 'put',
      existing,
      draft: draftOf(draft),
    })
    return [
      name,
      !outcome.ok
        ? `refused: ${short(outcome.error)}`
        : outcome.value === null
          ? 'nothing to do'
          : sayEdit(outcome.value, existing),
    ]
  })
  const moves = combine(
    combine(
      STATUSES.map(each => [`from ${each}`, each] as const),
      STATUSES.map(each => [`to ${each}`, each] as const),
    ),
    [
      ['PUT', 'put'],
      ['PATCH', 'patch'],
      ['cancel', 'cancel'],
    ] as const,
  ).map(([name, [[from, to], how]]): Line => {
    const existing = anAppointment({ status: from })
    const outcome = decideEdit({
      tenantId: 'clinic',
      id: 'apt_1',
      now: NOW,
      how,
      existing,
      draft: draftOf({ ...existing, status: to }),
    })
    return [
      name,
      !outcome.ok
        ? `refused: ${short(outcome.error)}`
        : outcome.value === null
          ? 'nothing to do'
          : sayEdit(outcome.value, existing),
    ]
  })
  const entered = STATUSES.map((status): Line => {
    const outcome = decideEdit({
      tenantId: 'clinic',
      id: 'apt_1',
      now: NOW,
      how: 'put',
      existing: null,
      draft: draftOf(anAppointment({ status })),
    })
    return [
      `entered as ${status}`,
      outcome.ok && outcome.value !== null ? `${outcome.value.journal.reason} ${outcome.value.change}` : 'nothing',
    ]
  })
  await expectLedger('edits', [...lines, ...moves, ...entered])
})

function draftOf({
  userId,
  kind,
  status,
  title,
  description,
  location,
  time,
  recurrence,
  recurringId,
  originalStart,
  busy,
  colour,
  metadata,
}: Appointment) {
  return {
    userId,
    kind,
    status,
    title,
    description,
    location,
    time,
    recurrence,
    recurringId,
    originalStart,
    busy,
    colour,
    metadata,
  }
}

test('what goes with its series, and what is archived', async () => {
  const exceptions: Named<Appointment>[] = [
    ['one of it', anAppointment({ id: 'x' })],
    ['one cancelled', anAppointment({ id: 'x', status: 'cancelled' })],
    ['one archived', anAppointment({ id: 'x', archivedAt: NOW - HOUR })],
  ]
  const series: Named<Appointment>[] = [
    ['a series that goes on', anAppointment()],
    ['a cancelled series', anAppointment({ status: 'cancelled' })],
    ['a missed series', anAppointment({ status: 'no_show' })],
    ['an archived series', anAppointment({ archivedAt: NOW })],
  ]
  const lines = combine(exceptions, series).map(([name, [exception, of]]): Line => {
    const edit = decideWithSeries(exception, of, NOW)
    return [name, edit === null ? 'nothing to do' : sayEdit(edit, exception)]
  })
  const archived = exceptions.map(([name, one]): Line => [`${name}; archived`, sayEdit(decideArchive(one, NOW), one)])
  await expectLedger('with-series', [...lines, ...archived])
})

test('what a change of a series means for its exceptions', async () => {
  const was = anAppointment({ recurrence: WEEKLY })
  const exception = (id: string, week: number, fields: Partial<Appointment> = {}): Appointment =>
    anAppointment({
      id,
      recurringId: 'apt_1',
      originalStart: { kind: 'timed', at: NOW + (1 + 7 * week) * DAY },
      time: at(NOW + (1 + 7 * week) * DAY),
      ...fields,
    })
  const exceptions = [
    exception('unmoved', 1, { title: 'T' }),
    exception('moved', 2, { time: at(NOW + 17 * DAY) }),
    exception('last', 7),
    exception('off', 6, { status: 'no_show' }),
    exception('nowhere', 3, { originalStart: null }),
  ]
  const changes: Named<[Partial<Appointment>, Partial<Appointment>]>[] = [
    ['nothing changed', [{}, {}]],
    ['a title', [{}, { title: 'T' }]],
    ['an hour later', [{}, { time: at(NOW + DAY + HOUR) }]],
    ['whole days', [{}, { time: onDay('2026-12-01', '2026-12-02') }]],
    ['shorter', [{}, { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=3'] }]],
    ['no series any more', [{}, { recurrence: [] }]],
    ['cancelled', [{}, { status: 'cancelled', recurrence: [] }]],
    ['archived', [{}, { archivedAt: NOW, recurrence: [] }]],
    ['booked anew', [{ status: 'cancelled' }, {}]],
    ['taken out of the archive', [{ archivedAt: NOW }, {}]],
    ['never a series', [{ recurrence: [] }, { recurrence: WEEKLY }]],
    ['longer by an hour', [{}, { time: at(NOW + DAY, 90) }]],
  ]
  const lines = changes.map(([name, [before, after]]): Line => {
    const edits = decideExceptions({ ...was, ...before }, { ...was, ...after }, exceptions, NOW)
    const told = edits.map(
      edit =>
        `${edit.appointment.id}: ${sayEdit(edit, exceptions.find(each => each.id === edit.appointment.id) ?? null)}`,
    )
    return [name, told.length === 0 ? 'all stay' : told.join('\n')]
  })
  await expectLedger('exceptions', lines)
})

test('what Google is shown of an appointment', async () => {
  const titles = [
    'full',
    'kind',
    'busy',
    '{{kind}} · {{initials}}',
    '{{ title }} ({{location}}, {{status}}, {{id}}, {{nothing}})',
    ' {{initials}} ',
  ]
  const appointments: Named<Partial<Appointment>>[] = [
    ['a name after a comma', { description: 'D' }],
    ['two names', { title: 'Ana-María O’Brien Ødegård' }],
    ['no title', { title: null, kind: 'block', location: null, busy: false }],
    ['a meeting', { kind: 'meeting', title: 'x,' }],
    ['a task', { kind: 'task', title: null }],
    ['an event', { kind: 'event', title: '123 456', colour: '5' }],
    ['tentative', { status: 'tentative', recurrence: WEEKLY }],
    ['completed', { status: 'completed' }],
    ['cancelled', { status: 'cancelled' }],
  ]
  const lines = combine(
    appointments,
    titles.map(title => [title, title] as const),
  ).map(([name, [fields, title]]): Line => {
    const presentation = {
      title,
      description: title === 'full',
      location: title !== 'busy',
      visibility: 'default' as const,
      colour: '2',
    }
    const content = project(anAppointment(fields), { presentation, cancelled: 'mark' })
    return [name, short({ ...content, time: undefined })]
  })
  const deleted = project(anAppointment({ status: 'cancelled' }), policiesWith({}))
  await expectLedger('shown', [...lines, ['cancelled, to be deleted', `${deleted.title} ${deleted.busy}`]])
})

test('what is taken over from Google, and what is taken in', async () => {
  const remote = {
    time: ELSEWHERE,
    recurrence: WEEKLY,
    title: 'Theirs',
    description: '',
    location: 'There',
    busy: false,
    status: 'tentative' as const,
    colour: '5',
  }
  const existing = anAppointment({ description: 'D' })
  const taken = combine(
    FIELDS.map(field => [field, field] as const),
    STATUSES.map(status => [status, status] as const),
  ).map(([name, [field, status]]): Line => {
    const was = { ...existing, status }
    const is = withRemoteFields(was, [field], remote, NOW)
    const differs = Object.entries(is).filter(
      ([key, value]) => JSON.stringify(was[key as keyof Appointment]) !== JSON.stringify(value),
    )
    return [name, short(Object.fromEntries(differs))]
  })
  const place = {
    tenantId: 't',
    id: 'g',
    userId: 'u',
    recurringId: null,
    detail: 'full' as const,
    kind: 'event' as const,
    now: NOW,
  }
  const event = aLiveEvent({ content: { ...remote, description: 'D' }, originalStart: SLOT })
  const imports: Line[] = [
    ['in full', short(importedAppointment(event, place))],
    ['its time only', short(importedAppointment(event, { ...place, detail: 'busy', kind: 'block' }))],
    ['private', short(importedAppointment({ ...event, isPrivate: true }, place))],
    ['one of a series', short(importedAppointment(event, { ...place, recurringId: 's' }))],
    [
      'declined',
      short(
        importedAppointment({ ...event, content: { ...event.content, busy: true }, selfResponse: 'declined' }, place)
          .busy,
      ),
    ],
  ]
  await expectLedger('taken', [...taken, ...imports])
})

test('times in words', async () => {
  const spans: Named<Appointment['time']>[] = [
    ['half an hour', at(NOW)],
    ['over midnight', at(NOW + 12 * HOUR, 24 * 60)],
    ['in Berlin', ELSEWHERE],
    ['one day', onDay('2026-12-01', '2026-12-02')],
    ['three days', onDay('2026-12-30', '2027-01-02')],
  ]
  await expectLedger(
    'times',
    spans.map(([name, span]): Line => [name, spanWords(span)]),
  )
})
