import { describe, expect, test } from 'vitest'
import type { LiveEvent } from '../../../src/core/model/calendar-event.ts'
import { isAhead, showsLostTime } from '../../../src/core/sync/after-restore.ts'
import { decideEvent } from '../../../src/core/sync/decide-event.ts'
import { decideGone } from '../../../src/core/sync/decide-gone.ts'
import { byPart, isLaterPart } from '../../../src/core/sync/decide-orphan.ts'
import { knownFrom, type PullContext } from '../../../src/core/sync/pull-context.ts'
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

const marked = (revision: number, fields: Partial<LiveEvent> = {}): LiveEvent =>
  aLiveEvent({ marker: { key: 'mark', revision }, ...fields })

function contextOf(
  fields: Partial<PullContext> = {},
  rows: Partial<Parameters<typeof knownFrom>[0]> = {},
): PullContext {
  return {
    now: NOW,
    calendar: aCalendar(),
    connection: aConnection(),
    policies: policiesWith({}),
    importedId: eventId => `g_${eventId}`,
    isOwnMark: mark => mark.startsWith('mark'),
    generationOf: (_appointmentId, eventId) => Number(/^gen(\d)$/.exec(eventId)?.[1] ?? NaN) || null,
    known: knownFrom({
      links: [aLink()],
      elsewhere: [],
      appointments: [anAppointment()],
      markers: new Map([['mark', 'apt_1']]),
      ...rows,
    }),
    ...fields,
  }
}
const recovery = { since: NOW }

test('a revision is from the future when it is further than the database, and not absurdly so', () => {
  expect([isAhead(2, 1), isAhead(1, 1), isAhead(1, 2), isAhead(2_000_000_000, 1)]).toEqual([true, false, false, false])
})

describe('that the database went back in time is seen by', () => {
  const cases: [sentence: string, event: LiveEvent, isSeen: boolean, context?: PullContext][] = [
    ['a revision that it has not come to', marked(2), true],
    [
      'a mark of ours that names nothing',
      marked(1, { eventId: 'x', marker: { key: 'mark of old', revision: 1 } }),
      true,
    ],
    [
      'a later event of an appointment than the one it remembers',
      marked(1, { eventId: 'gen3' }),
      true,
      contextOf({}, { links: [aLink({ eventId: 'gen2' })] }),
    ],
    ['not by what it knows', marked(1), false],
    ['not by a mark of others', marked(9, { eventId: 'x', marker: { key: 'foreign', revision: 9 } }), false],
    ['not by a copy that a person made', marked(1, { eventId: 'copy' }), false],
    [
      'not by what was looked at before',
      marked(9, { marker: { key: 'mark of old', revision: 9 } }),
      false,
      contextOf({}, { links: [aLink({ role: 'parked', appointmentId: null })] }),
    ],
    ['not once it is known', marked(2), false, contextOf({ recovery })],
  ]
  test.each(cases)('%s', (_sentence, event, isSeen, context = contextOf()) =>
    expect(showsLostTime([event], context)).toBe(isSeen),
  )
})

describe('while a calendar is matched', () => {
  const moved = aProjection({ time: at(NOW + 2 * DAY), title: 'Newer' })

  test('Google’s newer revision is adopted, whatever is done with edits made there', () => {
    const context = contextOf({ recovery, policies: policiesWith({ googleEdits: 'revert' }) })
    const decided = decideEvent(marked(5, { content: moved }), context)
    expect(decided).toMatchObject({
      rule: 'lost-write-recovered',
      appointment: { version: 5, title: 'Newer', time: moved.time },
      link: { shownVersion: 5, base: { returned: moved } },
    })
  })

  test('what the platform has changed since stands, and goes on from there', () => {
    const said = anAppointment({ title: 'Newest', version: 2, updatedAt: NOW + HOUR })
    const context = contextOf({ recovery, now: NOW + 2 * HOUR }, { appointments: [said] })
    const decided = decideEvent(marked(5, { content: moved }), context)
    expect(decided).toMatchObject({
      appointment: { version: 6, title: 'Newest', time: moved.time },
      link: { shownVersion: 5 },
      isQueued: true,
    })
  })

  test('what was called off here and stands in Google anew is booked', () => {
    const context = contextOf({ recovery }, { appointments: [anAppointment({ status: 'cancelled' })] })
    expect(decideEvent(marked(5), context)).toMatchObject({ appointment: { status: 'confirmed', version: 5 } })
  })

  test('an event of ours whose appointment is lost is parked with its mark, and not deleted', () => {
    const lost = marked(4, { eventId: 'x', marker: { key: 'mark of old', revision: 4 } })
    expect(decideEvent(lost, contextOf({ recovery }))).toMatchObject({
      appointment: null,
      isQueued: false,
      link: { role: 'parked', contentHash: 'mark mark of old', shownVersion: 4, error: { code: 'orphan' } },
    })
  })

  test('the later event of an appointment takes the place of the remembered one', () => {
    const remembered = aLink({ eventId: 'gen2' })
    const context = contextOf({ recovery }, { links: [remembered] })
    expect(decideEvent(marked(3, { eventId: 'gen3' }), context)).toMatchObject({
      forget: remembered,
      link: { eventId: 'gen3', role: 'ours', appointmentId: 'apt_1' },
      appointment: { version: 3 },
    })
  })

  test('a deletion may have been our own: under `restore` the platform is asked before anything is written again', () => {
    const context = contextOf({ recovery, policies: policiesWith({ googleDeletes: 'restore' }) })
    const decided = decideEvent(aTombstone(), context)
    expect(decided?.link?.missing).toEqual({ how: 'unclear', since: NOW })
    const gone = {
      link: aLink({ missing: { how: 'unclear', since: NOW }, base: aBase() }),
      appointment: anAppointment(),
      isShownElsewhere: false,
      now: NOW,
    }
    const under = (googleDeletes: 'restore' | 'cancel') =>
      decideGone({ ...gone, policies: policiesWith({ googleDeletes }) })
    expect(under('restore').rule).toBe('google-delete-proposed')
    expect(under('cancel').rule).toBe('google-delete-cancels')
  })
})

test('of a series split in Google whose appointment comes back, the part that keeps the event’s id is its own', () => {
  const parts = ['x_R20261210T083000', 'x', 'x_R20261217'].map(eventId => aLink({ eventId, role: 'parked' }))
  expect(parts.toSorted(byPart).map(({ eventId }) => eventId)).toEqual(['x', 'x_R20261210T083000', 'x_R20261217'])
  expect(parts.map(isLaterPart)).toEqual([true, false, true])
})
