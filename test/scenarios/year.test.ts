import { expect, test } from 'vitest'
import { seedEvents } from '../../src/simulator/testing.ts'
import type { Paired } from '../../src/ports/store/appointments.ts'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { putAppointment } from '../../src/usecases/appointments/put-appointment.ts'
import { putBatch } from '../../src/usecases/appointments/put-batch.ts'
import { compareOccurrences } from '../simulation/occurrences.ts'
import { takeSeriesStep, type SeriesStep } from '../simulation/series-steps.ts'
import { DAY, HOUR, MINUTE, NOW } from '../support/builders.ts'
import { createEngine, seeded, type Connected, type Engine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { personAt } from '../support/person.ts'

/** A year of a practitioner: `STEPS=5000 SEED=…` lives it longer, or again. */
const STEPS = Number(process.env['STEPS'] ?? '120')
const SEED = Number(process.env['SEED'] ?? '7')
const SINGLES = 2_000
const SERIES = 60
const EXCEPTIONS = 300
const ZONES = ['America/New_York', 'Europe/Berlin', 'Australia/Sydney']

type Year = {
  engine: Engine
  connected: Connected
  person: ReturnType<typeof personAt>
  whole: (below: number) => number
}

const timesAt = (startAt: number, timeZone: string): { start: object; end: object } => ({
  start: { dateTime: new Date(startAt).toISOString(), timeZone },
  end: { dateTime: new Date(startAt + 50 * MINUTE).toISOString(), timeZone },
})

/** Half hours of the coming year. */
const timesOf = (slot: number): { start: object; end: object } =>
  timesAt(NOW + (slot % 300) * DAY + (slot % 18) * 30 * MINUTE, ZONES[slot % ZONES.length] ?? 'UTC')

async function fill({ engine, connected, whole }: Year): Promise<void> {
  const { tenantId, userId } = connected
  const singles = Array.from({ length: SINGLES / 2 }, (_, index) => ({
    id: `single_${index}`,
    userId,
    title: `Visit ${index}`,
    ...timesOf(whole(5_000)),
  }))
  const series = Array.from({ length: SERIES / 2 }, (_, index) => ({
    id: `series_${index}`,
    userId,
    title: `Course ${index}`,
    ...timesOf(whole(200)),
    recurrence: [index % 3 === 0 ? 'RRULE:FREQ=WEEKLY' : `RRULE:FREQ=WEEKLY;COUNT=${10 + whole(30)}`],
  }))
  const items = await putBatch(engine.deps, {
    tenantId,
    items: [...series, ...singles].slice(0, 1_000),
    onConflict: 'allow',
  })
  const rest = await putBatch(engine.deps, {
    tenantId,
    items: [...series, ...singles].slice(1_000),
    onConflict: 'allow',
  })
  expect([...items, ...rest].filter(({ result }) => !result.ok)).toEqual([])
  await engine.advance(HOUR)
}

async function disturb(year: Year): Promise<void> {
  const { person, whole } = year
  for (let count = 0; count < EXCEPTIONS / 2; count += 1)
    await step(year, {
      do: 'exception',
      id: `series_${whole(SERIES / 2)}`,
      nth: whole(12),
      slot: whole(3) === 0 ? null : whole(900),
    })
  const masters = (await person.events()).filter(event => 'recurrence' in event)
  for (let count = 0; count < EXCEPTIONS / 2; count += 1) {
    const master = masters[whole(masters.length)]
    const occurrence = master === undefined ? undefined : (await person.instances(master.id))[whole(12)]
    if (occurrence === undefined || occurrence.status === 'cancelled') continue
    await (count % 3 === 0 ? person.remove(occurrence.id) : person.patch(occurrence.id, timesOf(whole(900))))
  }
  await year.engine.advance(HOUR)
}

function step({ engine, connected, person }: Year, taken: SeriesStep): Promise<void> {
  const control = (path: string, body: object): Promise<void> => {
    const request = { method: 'POST', path: `/_control/${path}`, query: new URLSearchParams() }
    const headers = { 'content-type': 'application/json' }
    const answer = engine.simulator.handle({ ...request, headers, body: JSON.stringify(body) })
    if (answer.status >= 400) throw new Error(`control ${path}: ${answer.status} ${answer.body}`)
    return Promise.resolve()
  }
  return takeSeriesStep({ engine, connected, person, timesOf, control }, taken)
}

async function live(year: Year): Promise<void> {
  const { engine, connected, person, whole } = year
  const { tenantId } = connected
  const ours = (): string => (whole(3) === 0 ? `series_${whole(SERIES / 2)}` : `single_${whole(SINGLES / 2)}`)
  const ids = (await person.events()).filter(event => event.status !== 'cancelled').map(event => event.id)
  const quietly = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined) // it was deleted meanwhile
  const there = (): string => ids[whole(ids.length)] ?? ''
  const acts: (() => Promise<unknown>)[] = [
    () =>
      patchAppointment(engine.deps, {
        tenantId,
        id: ours(),
        body: { title: `Renamed ${whole(99)}` },
        ifMatch: null,
        onConflict: 'allow',
      }),
    () =>
      patchAppointment(engine.deps, {
        tenantId,
        id: ours(),
        body: timesOf(whole(900)),
        ifMatch: null,
        onConflict: 'allow',
      }),
    () => cancelAppointment(engine.deps, { tenantId, id: ours(), reason: 'cancelled', ifMatch: null }),
    () =>
      putAppointment(engine.deps, {
        tenantId,
        id: ours(),
        body: { userId: connected.userId, title: 'Anew', ...timesOf(whole(900)) },
        ifMatch: null,
        onConflict: 'allow',
      }),
    () => quietly(person.patch(there(), { summary: `Theirs ${whole(99)}` })),
    () => quietly(person.patch(there(), timesOf(whole(900)))),
    () => quietly(person.remove(there())),
    () => step(year, { do: 'exception', id: `series_${whole(SERIES / 2)}`, nth: whole(12), slot: whole(900) }),
    () =>
      step(year, {
        do: 'split',
        id: `series_${whole(SERIES / 2)}`,
        nth: 1 + whole(9),
        slot: whole(2) === 0 ? null : whole(900),
      }),
    () => step(year, { do: 'repeat', id: `series_${whole(SERIES / 2)}`, rule: whole(7) }),
    () => step(year, { do: 'google-split', pick: whole(99), nth: 1 + whole(9), slot: whole(900) }),
    () => step(year, { do: 'google-end', pick: whole(99), nth: 1 + whole(9) }),
    () =>
      step(year, { do: 'google-occurrence', pick: whole(99), nth: whole(9), slot: whole(2) === 0 ? null : whole(900) }),
    () => engine.advance(whole(30) * MINUTE),
  ]
  for (let done = 0; done < STEPS; done += 1) await acts[whole(acts.length)]?.()
  await engine.advance(3 * HOUR)
}

function seedTheirs(engine: Engine, calendarId: string, whole: (below: number) => number): void {
  const calendar = engine.simulator.world.calendars.get(calendarId)
  if (calendar === undefined) throw new Error('no calendar')
  const events = Array.from({ length: SINGLES / 2 + SERIES / 2 }, (_, index) => ({
    summary: `Theirs ${index}`,
    ...timesOf(whole(5_000)),
    ...(index < SERIES / 2 ? { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=20'] } : {}),
  }))
  expect(seedEvents(engine.simulator.world, calendar, JSON.parse(JSON.stringify(events)))).toMatchObject({
    inserted: events.length,
  })
}

async function everything({ engine, connected }: Year): Promise<Paired[]> {
  const { tenantId, userId } = connected
  const filter = {
    userId,
    from: null,
    to: null,
    origin: null,
    status: null,
    isArchived: false,
    after: null,
    limit: 100_000,
  }
  return engine.deps.store.listAppointments(tenantId, filter)
}

test(
  `a year of a practitioner ends equal on both sides (SEED=${SEED} STEPS=${STEPS})`,
  { timeout: 3_600_000 },
  async () => {
    const random = seeded(SEED)
    const whole = (below: number): number => Math.floor(random() * below)
    const engine = createEngine(wake => createMemoryStore(wake), SEED)
    const policies = { deletionGuard: { count: 100_000, share: 1 } }
    const connected = await engine.connect({ policies, before: calendarId => seedTheirs(engine, calendarId, whole) })
    const year: Year = { engine, connected, person: personAt(engine, connected), whole }
    await fill(year)
    await disturb(year)
    await live(year)

    const pairs = await everything(year)
    expect(compareOccurrences(pairs, year.person)).toEqual([])
    expect(pairs.filter(each => each.outbox !== null).map(each => [each.appointment.id, each.outbox?.error])).toEqual(
      [],
    )
    const shown = pairs.flatMap(each => each.links.map(link => link.eventId))
    expect(new Set(shown).size).toBe(shown.length)
    const events = await allEvents(year)
    const known = new Set(shown)
    expect([...events.values()].filter(event => event.status !== 'cancelled' && !known.has(event.id))).toEqual([])
    const wrong = pairs.filter(({ appointment, links: [link] }) => {
      const event = link === undefined ? undefined : events.get(link.eventId)
      const isOff = ['cancelled', 'no_show'].includes(appointment.status)
      if (appointment.recurringId !== null) return false // compared by its occurrence
      return isOff
        ? event !== undefined && event.status !== 'cancelled'
        : event?.summary !== (appointment.title ?? undefined)
    })
    expect(wrong.map(each => each.appointment.id)).toEqual([])
  },
)

/** All of them: a year is more than a page. */
async function allEvents({
  engine,
  connected,
}: Year): Promise<Map<string, { id: string; status: string; summary?: string }>> {
  const calendar = engine.simulator.world.calendars.get(connected.calendarId)
  const stored = [...(calendar?.events.values() ?? [])].filter(event => !event.isPurged)
  return new Map(
    stored.map(event => {
      const summary = event.fields['summary']
      return [
        event.id,
        {
          id: event.id,
          status: event.isTombstone ? 'cancelled' : event.status,
          ...(typeof summary === 'string' ? { summary } : {}),
        },
      ]
    }),
  )
}
