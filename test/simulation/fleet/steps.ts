import { cancelAppointment } from '../../../src/usecases/appointments/cancel-appointment.ts'
import { patchAppointment } from '../../../src/usecases/appointments/patch-appointment.ts'
import { putAppointment } from '../../../src/usecases/appointments/put-appointment.ts'
import { disconnect } from '../../../src/usecases/connections/disconnect.ts'
import { pauseConnection, resumeConnection } from '../../../src/usecases/connections/pause-connection.ts'
import type { Deps } from '../../../src/usecases/deps.ts'
import { MINUTE } from '../../support/builders.ts'
import type { GoogleEvent } from '../../support/person.ts'
import { noteGoogle, notePlatform, type Ledger } from '../ledger.ts'
import { takeSeriesStep, type SeriesStep } from '../series-steps.ts'
import { memberOf, type Cast, type Member, type Place } from './cast.ts'
import type { Court } from './checks.ts'
import type { Endpoint } from './endpoint.ts'
import type { FaultKind } from './faults.ts'
import type { Fleet } from './fleet.ts'
import { markOf } from './judge.ts'
import { reconnect } from './reconnect.ts'
import type { Guise, Step } from './story.ts'
import { cause, control } from './trouble.ts'
import { daysOf, ruleOf, startOf, timesOf, word } from './words.ts'

export type Life = {
  fleet: Fleet
  court: Court
  cast: Cast
  ledgers: Map<Member, Ledger>
  /** How often each fault struck. */
  struck: Map<FaultKind, number>
  endpoint: Endpoint
  /** Faults that lie in wait, and the name under which they are counted. */
  laid: { rule: { remaining: number }; name: FaultKind }[]
  /** A person who edits an event whenever the engine is about to write it: so many more times. */
  adversary: { left: number }
}

export async function take(life: Life, step: Step): Promise<void> {
  const { fleet, cast } = life
  switch (step.do) {
    case 'work':
      return fleet.work()
    case 'some-work':
      return fleet.work(step.turns)
    case 'wait':
      return fleet.advance(step.minutes * MINUTE)
    case 'fault':
      return cause(life, step.fault)
    case 'book':
    case 'rename':
    case 'reschedule':
    case 'cancel':
    case 'stale-write':
      return atPlatform(life, step)
    case 'pause':
    case 'resume':
    case 'disconnect':
    case 'reconnect':
      return atConnection(life, step)
    case 'google-add':
      return addThere(life, step)
    case 'google-move':
    case 'google-rename':
    case 'google-delete':
    case 'google-guests':
    case 'google-colour':
      return editThere(life, step)
    case 'exception':
    case 'repeat':
    case 'split': {
      const member = memberOf(cast, step.id)
      ledgerOf(life, member).touched.add(`${step.id} all`)
      return fleet.request(member.tenantId, deps => series(life, member, deps, step))
    }
    default: {
      const [first] = cast.members
      if (first === undefined || isShut(life, first)) return
      for (const ledger of life.ledgers.values()) for (const id of BOOKINGS) ledger.touched.add(`${id} all`)
      return fleet.request(first.tenantId, deps => series(life, first, deps, step))
    }
  }
}

const BOOKINGS = Array.from({ length: 8 }, (_, index) => `apt_${index}`)

function series({ fleet, cast }: Life, member: Member, deps: Deps, step: SeriesStep): Promise<void> {
  const place = cast.places.find(each => each.calendarId === member.calendarId)
  if (place === undefined) throw new Error('no calendar to go to')
  return takeSeriesStep(
    {
      engine: { deps },
      connected: member,
      person: place.person,
      timesOf,
      control: (path, body) => Promise.resolve(control(fleet.simulator, 'POST', path, body)),
    },
    step,
  )
}

type PlatformStep = Extract<Step, { do: 'book' | 'rename' | 'reschedule' | 'cancel' | 'stale-write' }>

async function atPlatform(life: Life, step: PlatformStep): Promise<void> {
  const member = memberOf(life.cast, step.id)
  const ledger = ledgerOf(life, member)
  const { tenantId, userId } = member
  const { id } = step
  const ask = <T>(make: (deps: Deps) => Promise<T>): Promise<T> => life.fleet.request(tenantId, make)
  if (step.do === 'book') {
    const body = {
      userId,
      title: `${word(step.slot)} of ${id}`,
      location: 'Room 2',
      ...(step.isDay === true ? daysOf(step.slot) : timesOf(step.slot)),
      ...(step.series ? { recurrence: ruleOf(step, 'RRULE:FREQ=WEEKLY;COUNT=6') } : {}),
    }
    const booked = await ask(deps => putAppointment(deps, { tenantId, id, body, ifMatch: null, onConflict: 'allow' }))
    if (!booked.ok) return
    const startAt = step.isDay === true ? null : startOf(step.slot)
    return notePlatform(ledger, id, { title: body.title, startAt, isOff: false })
  }
  if (step.do === 'cancel') {
    const off = await ask(deps => cancelAppointment(deps, { tenantId, id, reason: 'cancelled', ifMatch: null }))
    return off.ok ? notePlatform(ledger, id, { isOff: true }) : undefined
  }
  if (step.do === 'stale-write') return writeStale(life, member, id, step.word)
  const body = step.do === 'rename' ? { title: word(step.word) } : timesOf(step.slot)
  const changed = await ask(deps => patchAppointment(deps, { tenantId, id, body, ifMatch: null, onConflict: 'allow' }))
  if (!changed.ok) return
  notePlatform(ledger, id, step.do === 'rename' ? { title: word(step.word) } : { startAt: startOf(step.slot) })
}

/** The platform sends an older state after a newer one: refused by its version, and nothing is lost by it. */
async function writeStale({ fleet, court }: Life, { tenantId }: Member, id: string, number: number): Promise<void> {
  const known = await fleet.world.store.appointment(tenantId, id)
  if (known === null || known.appointment.version < 2) return
  const call = {
    tenantId,
    id,
    body: { title: word(number) },
    ifMatch: [known.appointment.version - 1],
    onConflict: 'allow' as const,
  }
  const answer = await fleet.request(tenantId, deps => patchAppointment(deps, call))
  if (answer.ok) court.accuse('S1', `an older state of ${id} was taken over a newer one`)
}

async function atConnection(life: Life, step: Extract<Step, { who: number }>): Promise<void> {
  const { fleet, cast } = life
  const member = cast.members[step.who % cast.members.length]
  if (member === undefined) return
  const { tenantId, connectionId } = member
  if (step.do === 'reconnect') return reconnect(fleet, member)
  await fleet.request(tenantId, async deps => {
    if (step.do === 'pause') await pauseConnection(deps, { tenantId, connectionId })
    if (step.do === 'resume') await resumeConnection(deps, { tenantId, connectionId, deletions: 'accept' })
    if (step.do === 'disconnect') await disconnect(deps, { tenantId, connectionId, googleEvents: 'keep' })
  })
}

export function ledgerOf({ ledgers }: Life, member: Member): Ledger {
  const ledger = ledgers.get(member)
  if (ledger === undefined) throw new Error('nobody keeps the books')
  return ledger
}

const placeAt = ({ places }: Cast, where: number): Place | undefined => places[where % places.length]

async function addThere(life: Life, step: Extract<Step, { do: 'google-add' }>): Promise<void> {
  const place = placeAt(life.cast, step.where)
  if (place === undefined || isShut(life, place)) return
  const body = {
    summary: `${word(step.word)} there`,
    ...(step.isDay === true ? daysOf(step.slot) : timesOf(step.slot)),
    ...(step.series ? { recurrence: ruleOf(step, 'RRULE:FREQ=DAILY;COUNT=5') } : {}),
    ...(step.guise === undefined ? {} : GUISES[step.guise](place.email)),
  }
  const added = await place.person.insert(body).catch(() => null) // Google would not have it either
  if (added !== null) noteOwn(life, place, added)
}

const GUISES: Record<Guise, (email: string) => object> = {
  declined: email => ({
    attendees: [
      { email, responseStatus: 'declined' },
      { email: 'guest@example.net', responseStatus: 'accepted' },
    ],
  }),
  private: () => ({ visibility: 'private' }),
  long: () => ({ summary: 'alder there '.repeat(1_000) }),
  half: () => ({ summary: `there \ud83d` }),
  far: () => ({
    start: { dateTime: '9999-12-30T10:00:00Z', timeZone: 'UTC' },
    end: { dateTime: '9999-12-30T11:00:00Z', timeZone: 'UTC' },
  }),
  'odd-rule': () => ({ recurrence: ['RRULE:FREQ=DAILY;INTERVAL=3;WKST=SU;COUNT=3', 'EXDATE:20990101T000000Z'] }),
  free: () => ({ transparency: 'transparent' }),
  'cancelled-style': () => ({ status: 'tentative', colorId: '3' }),
}

const isShut = ({ fleet }: Life, { calendarId }: { calendarId: string }): boolean =>
  fleet.simulator.world.calendars.get(calendarId)?.isDeleted === true

type EditStep = Extract<
  Step,
  { do: 'google-move' | 'google-rename' | 'google-delete' | 'google-guests' | 'google-colour' }
>

async function editThere(life: Life, step: EditStep): Promise<void> {
  const place = placeAt(life.cast, step.where)
  if (place === undefined || isShut(life, place)) return
  const { person } = place
  const events = (await person.events()).filter(event => event.status !== 'cancelled')
  const event = events[step.pick % Math.max(1, events.length)]
  if (event === undefined) return
  switch (step.do) {
    case 'google-delete':
      await person.remove(event.id)
      return noteEdit(life, place, { ...event, status: 'cancelled' }, 'all')
    case 'google-move':
      if (event['recurrence'] !== undefined) return // of a series only occurrences: see `docs/proof.md`
      return noteEdit(life, place, await person.patch(event.id, moveOf(event, step.slot)), 'time')
    case 'google-rename':
      return noteEdit(life, place, await person.patch(event.id, { summary: `${word(step.word)} now` }), 'title')
    case 'google-guests':
      await person.patch(event.id, { attendees: [{ email: 'guest@example.net' }, { email: 'friend@example.net' }] })
      return
    case 'google-colour':
      await person.patch(event.id, { colorId: String(step.colour) })
  }
}

/** A day is moved to another day. */
function moveOf(event: GoogleEvent, slot: number): { start: object; end: object } {
  return (event['start'] as { date?: string }).date === undefined ? timesOf(slot) : daysOf(slot)
}

/** An edit of an event of ours opens that field to the rules of merging; one of a person's own is final. */
export function noteEdit(life: Life, place: Place, event: GoogleEvent, field: 'title' | 'time' | 'all'): void {
  const mark = markOf(event)
  if (mark === undefined) return noteOwn(life, place, event)
  const { names } = life.fleet.instances[0]?.deps ?? {}
  for (const member of life.cast.members)
    for (const appointmentId of BOOKINGS)
      if (names?.markerKey({ tenantId: member.tenantId, appointmentId }) === mark)
        ledgerOf(life, member).touched.add(`${appointmentId} ${field}`)
}

function noteOwn(life: Life, place: Place, event: GoogleEvent): void {
  for (const member of life.cast.members)
    if (member.calendarId === place.calendarId || member.read.includes(place.calendarId)) {
      noteGoogle(ledgerOf(life, member), { ...event, id: `${place.calendarId} ${event.id}` }, null, ['all'])
      return
    }
}
