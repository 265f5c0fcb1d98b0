import { expect } from 'vitest'
import type { Plan } from '../../src/usecases/connections/plan.ts'
import { slotKey } from '../../src/core/model/time.ts'
import type { Paired } from '../../src/ports/store/appointments.ts'
import { deskOf } from './clinic-desk.ts'
import type { Connected, Engine } from './engine.ts'
import { markRequests } from './person.ts'

const GENERATIONS = 9
const WRITES: Readonly<Record<string, string>> = {
  'events.insert': 'insert',
  'events.update': 'update',
  'events.patch': 'update',
  'events.delete': 'delete',
  'events.move': 'move',
  'events.import': 'import',
}

/** Whose each event is: by the pairs as they stand, and by the ids that we choose. */
async function ownersOf(engine: Engine, { tenantId, userId, email }: Connected): Promise<Map<string, string>> {
  const desk = deskOf(engine, tenantId)
  const pairs = [...(await desk.list(userId, 'platform')), ...(await desk.list(userId, 'platform', true))]
  const owners = new Map<string, string>()
  const calendarIds = [...engine.simulator.world.calendars.values()].filter(each => each.dataOwner === email)
  for (const { appointment, links } of pairs) {
    for (const { eventId } of links) owners.set(eventId, appointment.id)
    for (const { id: calendarId } of calendarIds)
      for (let generation = 0; generation < GENERATIONS; generation++)
        for (const eventId of eventIdsOf(engine, pairs, appointment, { tenantId, calendarId, generation }))
          owners.set(eventId, appointment.id)
  }
  return owners
}

function eventIdsOf(
  engine: Engine,
  pairs: readonly Paired[],
  { id, recurringId, originalStart }: Paired['appointment'],
  at: { tenantId: string; calendarId: string; generation: number },
): string[] {
  if (recurringId === null || originalStart === null) return [engine.deps.names.eventId({ ...at, appointmentId: id })]
  const series = pairs.find(each => each.appointment.id === recurringId)
  const known = series?.links.map(link => link.eventId) ?? []
  return [engine.deps.names.eventId({ ...at, appointmentId: recurringId }), ...known].map(
    eventId => `${eventId}_${slotKey(originalStart)}`,
  )
}

/**
 * Does `act` and holds it against `plan`, line by line: the very writes that Google took, in the calendars and for the appointments
 * named, under the titles named; not one more, not one less.
 */
export async function expectAsPlanned(
  engine: Engine,
  connected: Connected,
  plan: Plan,
  act: () => Promise<void>,
): Promise<void> {
  const owners = await ownersOf(engine, connected)
  const known = new Set(engine.simulator.world.calendars.keys())
  const mark = markRequests(engine)
  const before = await hereOf(engine, connected)
  await act()
  await expectHere(engine, connected, plan, before)
  const made = [...engine.simulator.world.calendars.keys()].find(id => !known.has(id)) ?? 'none'
  for (const [eventId, owner] of await ownersOf(engine, connected)) owners.set(eventId, owner)
  const inCalendar = (id: string): string => (id === '(new calendar)' ? made : id)
  const planned = plan.google.map(({ action, appointmentId, eventId, calendarId }) => {
    const whose = appointmentId ?? owners.get(eventId ?? '') ?? eventId
    return `${action} ${whose} in ${inCalendar(calendarId)}`
  })
  const log = engine.simulator.world.requestLog
    .slice(mark)
    .filter(entry => entry.clientId === 'client' && WRITES[entry.kind] !== undefined && hasTaken(entry))
  const done = log.map(
    ({ kind, eventId, calendarId }) => `${WRITES[kind]} ${owners.get(eventId ?? '') ?? eventId} in ${calendarId}`,
  )
  expect(done.toSorted()).toEqual(planned.toSorted())
  for (const write of plan.google) {
    if (write.eventId !== null) expect(log.map(entry => entry.eventId)).toContain(write.eventId)
    if (write.action !== 'delete') expect(titlesOf(engine, inCalendar(write.calendarId))).toContain(write.summary)
  }
  expect(log.reduce((sum, entry) => sum + entry.mails, 0)).toBe(0)
}

type Here = { archived: Set<string>; roles: Map<string, string> }

async function hereOf(engine: Engine, { tenantId, userId, connectionId }: Connected): Promise<Here> {
  const desk = deskOf(engine, tenantId)
  const archived = [...(await desk.list(userId, 'platform', true)), ...(await desk.list(userId, 'google', true))]
  const all = [...(await desk.list(userId, 'platform')), ...(await desk.list(userId, 'google')), ...archived]
  const paired = all.flatMap(({ appointment, links }) =>
    links.flatMap(link =>
      link.connectionId === connectionId && link.role !== 'parked' ? [[appointment.id, link.role] as const] : [],
    ),
  )
  return { archived: new Set(archived.map(each => each.appointment.id)), roles: new Map(paired) }
}

const ROLE_AFTER: Readonly<Record<string, string>> = { pair_again: 'ours', take_in_again: 'theirs' }

/** What the plan says of this side: who is archived, and what becomes of each pair. */
async function expectHere(engine: Engine, connected: Connected, plan: Plan, before: Here): Promise<void> {
  const after = await hereOf(engine, connected)
  const archived = [...after.archived].filter(id => !before.archived.has(id))
  const named = (action: string) => plan.local.filter(each => each.action === action).map(each => each.appointmentId)
  expect(archived.toSorted()).toEqual(named('archive').toSorted())
  const pairs = plan.local.filter(({ action }) => action !== 'archive')
  const roles = pairs.map(({ appointmentId }) => [appointmentId, after.roles.get(appointmentId)])
  expect(roles).toEqual(pairs.map(({ action, appointmentId }) => [appointmentId, ROLE_AFTER[action]]))
}

/** A deletion of what is gone already has come to what it was asked for. */
const hasTaken = ({ kind, status }: { kind: string; status: number }): boolean =>
  status < 300 || (kind === 'events.delete' && status === 410)

function titlesOf(engine: Engine, calendarId: string): unknown[] {
  const calendar = engine.simulator.world.calendars.get(calendarId)
  return calendar === undefined ? [] : [...calendar.events.values()].map(event => event.fields['summary'])
}
