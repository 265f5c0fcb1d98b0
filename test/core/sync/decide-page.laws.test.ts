import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Appointment } from '../../../src/core/model/appointment.ts'
import type { CalendarEvent } from '../../../src/core/model/calendar-event.ts'
import type { Link } from '../../../src/core/model/link.ts'
import type { Policies } from '../../../src/core/model/policies.ts'
import { FIELDS, type Projection } from '../../../src/core/model/projection.ts'
import { decidePage } from '../../../src/core/sync/decide-page.ts'
import { sameField } from '../../../src/core/sync/fingerprint.ts'
import { flowsBack } from '../../../src/core/sync/ownership.ts'
import { knownFrom, type PullContext } from '../../../src/core/sync/pull-context.ts'
import { planPush } from '../../../src/core/sync/push-plan.ts'
import {
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

/** Laws over worlds made at random: pairs in any state on either side, newcomers, series with exceptions, under any policy. */

const words = fc.constantFrom('', 'Ours', 'Theirs', 'PLANTED')
const content = fc
  .record({
    title: words,
    description: words,
    location: words,
    hours: fc.nat(3),
    busy: fc.boolean(),
    isTentative: fc.boolean(),
    colour: fc.constantFrom(null, '5'),
  })
  .map(({ hours, isTentative, ...rest }): Projection =>
    aProjection({ ...rest, time: at(NOW + DAY + hours * HOUR), status: isTentative ? 'tentative' : 'confirmed' }),
  )
const policies = fc.record({
  googleEdits: fc.constantFrom('accept' as const, 'propose' as const, 'revert' as const),
  googleDeletes: fc.constantFrom('cancel' as const, 'propose' as const, 'restore' as const),
  concurrentEdits: fc.constantFrom('platform' as const, 'google' as const, 'latest' as const),
  cancelled: fc.constantFrom('delete' as const, 'mark' as const),
  imported: fc.constantFrom('full' as const, 'busy' as const),
  presentation: fc.record({
    title: fc.constantFrom('full', 'kind', 'busy'),
    description: fc.boolean(),
    location: fc.boolean(),
    visibility: fc.constant('default' as const),
    colour: fc.constant(null),
  }),
})
const status = fc.constantFrom('confirmed' as const, 'completed' as const, 'cancelled' as const, 'no_show' as const)

type Pair = { appointment: Appointment; link: Link; event: CalendarEvent }
const pairOf = (n: number) =>
  fc
    .record({
      ours: fc.boolean(),
      sent: content,
      returned: content,
      listed: content,
      status,
      isGone: fc.boolean(),
      isPrivate: fc.boolean(),
      hasNewEtag: fc.boolean(),
    })
    .map(({ ours, sent, returned, listed, status: is, isGone, isPrivate, hasNewEtag }): Pair => {
      const eventId = `event${n}`
      const id = ours ? `apt_${n}` : `g_${eventId}`
      const appointment = anAppointment({
        id,
        status: is,
        ...(ours ? {} : { origin: 'google' as const, kind: 'event' as const }),
      })
      const etag = hasNewEtag ? '"2"' : '"1"'
      const link = ours
        ? aLink({ eventId, appointmentId: id, iCalUID: `${eventId}@google.com`, base: { sent, returned } })
        : aLink({ eventId, appointmentId: id, iCalUID: `${eventId}@google.com`, role: 'theirs', base: null, raw: null })
      const live = aLiveEvent({
        eventId,
        etag,
        iCalUID: `${eventId}@google.com`,
        content: listed,
        isPrivate,
        raw: { summary: listed.title },
      })
      return { appointment, link, event: isGone ? aTombstone({ eventId }) : live }
    })
const newcomer = (n: number) =>
  fc
    .record({ listed: content, isPrivate: fc.boolean(), isSeries: fc.boolean() })
    .map(({ listed, isPrivate, isSeries }) =>
      aLiveEvent({
        eventId: `new${n}`,
        iCalUID: `new${n}@google.com`,
        content: { ...listed, recurrence: isSeries ? ['RRULE:FREQ=DAILY;COUNT=5'] : [] },
        isPrivate,
        raw: { summary: listed.title },
      }),
    )
const world = fc.record({
  pairs: fc.tuple(pairOf(1), pairOf(2), pairOf(3)),
  newcomers: fc.tuple(newcomer(1), newcomer(2)),
  isConflict: fc.boolean(),
  under: policies,
})
type World = {
  pairs: readonly Pair[]
  newcomers: readonly CalendarEvent[]
  isConflict: boolean
  under: Partial<Policies>
}

const contextOf = ({ pairs, isConflict, under }: World): PullContext => ({
  now: NOW,
  calendar: aCalendar(isConflict ? { isConflict: true, isSource: false } : {}),
  connection: aConnection(),
  policies: policiesWith(under),
  importedId: eventId => `g_${eventId}`,
  known: knownFrom({
    links: pairs.map(each => each.link),
    elsewhere: [],
    appointments: pairs.map(each => each.appointment),
    markers: new Map(),
  }),
})
const pageOf = ({ pairs, newcomers }: World): CalendarEvent[] => [...pairs.map(each => each.event), ...newcomers]

describe('laws of a page', () => {
  test('applied twice, it changes nothing the second time', () => {
    fc.assert(
      fc.property(world, made => {
        const context = contextOf(made)
        // Another etag each time: no echo, all is decided anew.
        const listed = (etag: string) => pageOf(made).map(each => (each.kind === 'live' ? { ...each, etag } : each))
        decidePage(listed('"8"'), context)
        const again = decidePage(listed('"9"'), context)
        expect(
          again
            .filter(each => each.appointment !== null || each.change !== null || each.proposal !== null)
            .map(each => each.rule),
        ).toEqual([])
      }),
    )
  })

  test('decided, written and listed as written, there is nothing left to do', () => {
    fc.assert(
      fc.property(world, made => {
        const context = contextOf(made)
        decidePage(pageOf(made), context)
        for (const link of [...context.known.links.values()].filter(each => each.role === 'ours')) {
          const appointment = context.known.appointments.get(link.appointmentId ?? '')
          if (appointment === undefined || link.missing !== null) continue
          const plan = planPush({ appointment, link, masterLink: null, master: null, policies: context.policies })
          if (plan.call !== 'update') continue
          const returned = { sent: plan.local, returned: plan.content }
          const written = { ...link, base: returned, shownVersion: appointment.version }
          expect(
            planPush({ appointment, link: written, masterLink: null, master: null, policies: context.policies }).call,
          ).toBe('nothing')
        }
      }),
    )
  })

  test('no field is written that a person changed and we did not, but where it is ours to write over', () => {
    fc.assert(
      fc.property(content, content, content, policies, (sent, returned, local, under) => {
        const appointment = anAppointment({
          title: local.title,
          description: local.description,
          location: local.location,
          time: local.time,
          busy: local.busy,
        })
        const link = aLink({ base: { sent, returned } })
        const plan = planPush({ appointment, link, masterLink: null, master: null, policies: policiesWith(under) })
        if (plan.call !== 'update') return
        for (const field of FIELDS)
          if (sameField(field, sent, plan.local)) expect(sameField(field, plan.content, returned)).toBe(true)
      }),
    )
  })

  test('a masked value never enters: not into an appointment, a link, a question or a history', () => {
    fc.assert(
      fc.property(world, made => {
        const context = contextOf(made)
        const { presentation, imported } = context.policies
        const hidden = (['title', 'description', 'location'] as const).filter(field => !flowsBack(field, presentation))
        for (const decided of decidePage(pageOf(made), context)) {
          const event = pageOf(made).find(each => each.eventId === decided.eventId)
          if (event?.kind !== 'live') continue
          const isOurs = decided.link?.role === 'ours'
          const isBusy = !isOurs && (imported === 'busy' || event.isPrivate || made.isConflict)
          const planted = isOurs ? hidden.filter(field => event.content[field] === 'PLANTED') : isBusy ? ['title'] : []
          const isAllPlanted = isOurs ? planted.length > 0 && hidden.length === 3 : isBusy
          if (isAllPlanted && decided.link?.role !== 'parked')
            expect(
              JSON.stringify([decided.link?.base?.returned, decided.link?.raw, decided.proposal, decided.after]),
            ).not.toContain('PLANTED')
        }
      }),
    )
  })
})
