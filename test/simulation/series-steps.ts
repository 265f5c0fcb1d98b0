import { slotKey, type Slot } from '../../src/core/model/time.ts'
import { expandSeries } from '../../src/core/recurrence/expand.ts'
import type { Paired } from '../../src/ports/store/appointments.ts'
import { putAppointment } from '../../src/usecases/appointments/put-appointment.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { splitSeries } from '../../src/usecases/appointments/split-series.ts'
import { DAY, NOW } from '../support/builders.ts'
import type { Connected, Engine } from '../support/engine.ts'
import type { Glimpse, GoogleEvent, personAt } from '../support/person.ts'

/** What people on both sides do to series beyond what they do to any appointment. */
export type SeriesStep =
  | { do: 'exception'; id: string; nth: number; slot: number | null }
  | { do: 'repeat'; id: string; rule: number }
  | { do: 'split'; id: string; nth: number; slot: number | null }
  | { do: 'google-split'; pick: number; nth: number; slot: number | null }
  | { do: 'google-end'; pick: number; nth: number }
  | { do: 'google-repeat'; pick: number; rule: number }
  | { do: 'google-occurrence'; pick: number; nth: number; slot: number | null }
  | { do: 'google-occurrence-rename'; pick: number; nth: number; word: number }

/** The last: no series any more. */
export const RULES: readonly (readonly string[])[] = [
  ['RRULE:FREQ=WEEKLY;COUNT=6'],
  ['RRULE:FREQ=DAILY;COUNT=5'],
  ['RRULE:FREQ=WEEKLY;COUNT=3'],
  ['RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20270401T000000Z'],
  ['RRULE:FREQ=DAILY'],
  ['RRULE:FREQ=MONTHLY;COUNT=4'],
  [],
]

export type SeriesWorld = {
  engine: Pick<Engine, 'deps'>
  connected: Connected
  person: ReturnType<typeof personAt>
  timesOf: (slot: number) => { start: object; end: object }
  control: (path: string, body: object) => Promise<void>
}

export async function takeSeriesStep(world: SeriesWorld, step: SeriesStep): Promise<void> {
  switch (step.do) {
    case 'exception':
    case 'split':
      return changeHere(world, step)
    case 'repeat':
      return repeatHere(world, step)
    default:
      return changeThere(world, step)
  }
}

const SPAN = { startAt: NOW - 30 * DAY, endAt: NOW + 200 * DAY }

/** The occurrence that a person here would click on; null: no such series (any more). */
async function occurrenceHere(
  { engine, connected }: SeriesWorld,
  id: string,
  nth: number,
): Promise<{ series: Paired; slot: Slot; exception: Paired | null } | null> {
  const pairs = await engine.deps.store.seriesWithExceptions(connected.tenantId, [id])
  const series = pairs.find(each => each.appointment.id === id)
  if (series === undefined || series.appointment.recurrence.length === 0) return null
  const exceptions = pairs.flatMap(pair =>
    pair.appointment.originalStart === null
      ? []
      : [{ pair, originalStart: pair.appointment.originalStart, time: pair.appointment.time }],
  )
  const { occurrences } = expandSeries(series.appointment, exceptions, SPAN, 'America/New_York')
  const chosen = occurrences[nth % Math.max(1, Math.min(occurrences.length, 12))]
  return chosen === undefined ? null : { series, slot: chosen.slot, exception: chosen.exception?.pair ?? null }
}

const slotBody = (slot: Slot): object =>
  slot.kind === 'all-day' ? { date: slot.date } : { dateTime: new Date(slot.at).toISOString() }

async function changeHere(world: SeriesWorld, step: Extract<SeriesStep, { do: 'exception' | 'split' }>): Promise<void> {
  const { engine, connected, timesOf } = world
  const { tenantId, userId } = connected
  const found = await occurrenceHere(world, step.id, step.nth)
  if (found === null) return
  const originalStart = slotBody(found.slot)
  if (step.do === 'split') {
    const body =
      step.slot === null
        ? { originalStart, cancel: true }
        : {
            originalStart,
            changes: { title: `split ${step.slot}`, ...(step.slot % 3 === 0 ? timesOf(step.slot) : {}) },
          }
    await splitSeries(engine.deps, { tenantId, id: step.id, body, ifMatch: null })
    return
  }
  const id = found.exception?.appointment.id ?? `${step.id}.${slotKey(found.slot)}`
  const body = {
    userId,
    recurringId: step.id,
    originalStart,
    title: `exception ${step.slot}`,
    location: 'Room 3',
    ...timesOf(step.slot ?? 1),
    ...(step.slot === null ? { status: 'cancelled' } : {}),
  }
  await putAppointment(engine.deps, { tenantId, id, body, ifMatch: null, onConflict: 'allow' })
}

async function repeatHere(
  { engine, connected }: SeriesWorld,
  step: Extract<SeriesStep, { do: 'repeat' }>,
): Promise<void> {
  const body = { recurrence: RULES[step.rule % RULES.length] }
  const { tenantId } = connected
  await patchAppointment(engine.deps, { tenantId, id: step.id, body, ifMatch: null, onConflict: 'allow' })
}

async function changeThere(world: SeriesWorld, step: Extract<SeriesStep, { pick: number }>): Promise<void> {
  const { person, control, timesOf, connected } = world
  const events = (await person.events()).filter(event => event.status !== 'cancelled' && !('recurringEventId' in event))
  const series = events.filter(event => event['recurrence'] !== undefined)
  if (step.do === 'google-repeat') {
    const event = events[step.pick % Math.max(1, events.length)]
    const rule = RULES[step.rule % RULES.length] ?? []
    if (event !== undefined)
      await person.patch(event.id, { recurrence: rule.length === 0 ? null : withDates(rule, event) })
    return
  }
  const master = series[step.pick % Math.max(1, series.length)]
  if (master === undefined) return
  const instances = person.glance(master.id, SPAN.endAt).slice(0, 12)
  const occurrence = instances[step.nth % Math.max(1, instances.length)]
  if (occurrence === undefined) return
  const calendar = `calendars/${encodeURIComponent(connected.calendarId)}`
  switch (step.do) {
    case 'google-split': {
      if (isFirst(master, occurrence)) return
      const changes = step.slot === null ? {} : { summary: `split there ${step.slot}` }
      return control(`${calendar}/split`, { instanceId: occurrence.id, changes })
    }
    case 'google-end':
      return isFirst(master, occurrence) ? undefined : control(`${calendar}/end-series`, { instanceId: occurrence.id })
    case 'google-occurrence':
      await (step.slot === null
        ? person.remove(occurrence.id)
        : person.patch(occurrence.id, timesAs(occurrence, timesOf(step.slot))))
      return
    case 'google-occurrence-rename':
      await person.patch(occurrence.id, { summary: `renamed ${step.word}` })
  }
}

type When = { date?: string; dateTime?: string }
const keyOf = (when: unknown): string => {
  const { date, dateTime } = when as When
  return date ?? new Date(dateTime ?? '').toISOString()
}

const isFirst = (master: GoogleEvent, occurrence: Glimpse): boolean =>
  keyOf(occurrence.originalStartTime) <= keyOf(master['start'])

/** An occurrence may become a timed one in place of a day; Google wants the other form cleared. */
function timesAs(event: Glimpse, times: { start: object; end: object }): { start: object; end: object } {
  const isDay = 'date' in event.start
  return isDay ? { start: { date: null, ...times.start }, end: { date: null, ...times.end } } : times
}

/** A rule for days ends on a day. */
function withDates(rule: readonly string[], event: GoogleEvent): string[] {
  const isDay = (event['start'] as When).date !== undefined
  return rule.map(line => (isDay ? line.replace(/UNTIL=(\d{8})T\d{6}Z/, 'UNTIL=$1') : line))
}
