import type { Appointment } from '../../src/core/model/appointment.ts'
import { effectivePolicies } from '../../src/core/model/policies.ts'
import type { PolicyOverrides } from '../../src/core/model/policies.ts'
import { isShown } from '../../src/core/sync/admission.ts'
import { project } from '../../src/core/sync/projection.ts'
import type { Paired } from '../../src/ports/store/appointments.ts'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { putAppointment } from '../../src/usecases/appointments/put-appointment.ts'
import { DAY, HOUR, MINUTE } from '../support/builders.ts'
import { Crash, createEngine, seeded, TENANT, type Connected, type Engine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { personAt, type GoogleEvent } from '../support/person.ts'
import { lostWrites, newLedger, noteGoogle, notePlatform, type Ledger } from './ledger.ts'
import { compareOccurrences } from './occurrences.ts'
import { RULES, takeSeriesStep, type SeriesStep } from './series-steps.ts'

/** One step of a story; a story is a list of them, so that it can be shortened while it still fails. */
export type Step =
  | { do: 'book'; id: string; slot: number; series: boolean; rule?: number; isDay?: boolean }
  | { do: 'rename'; id: string; word: number }
  | { do: 'reschedule'; id: string; slot: number }
  | { do: 'cancel'; id: string }
  | { do: 'google-add'; word: number; slot: number; series: boolean; rule?: number; isDay?: boolean }
  | { do: 'google-move'; pick: number; slot: number }
  | { do: 'google-rename'; pick: number; word: number }
  | { do: 'google-delete'; pick: number }
  | SeriesStep
  | { do: 'work' }
  | { do: 'wait'; minutes: number }
  | { do: 'trouble'; trouble: Trouble }

export type Trouble =
  | { kind: 'status'; reason: string; of: string }
  | { kind: 'cut'; when: 'before' | 'after'; of: string }
  | { kind: 'html' }
  | { kind: 'kill-sync-tokens' }
  | { kind: 'expire-tokens' }
  | { kind: 'short-page' }
  | { kind: 'notifications'; dropShare: number; doubleShare: number; lateMs: number }

export type Story = { seed: number; policies: PolicyOverrides; steps: Step[] }

const REASONS = ['rateLimitExceeded', 'backendError', 'internalError', 'conflict', 'userRateLimitExceeded']
const CALLS = ['events.list', 'events.insert', 'events.update', 'events.delete', 'events.get']
const KEEP: PolicyOverrides = { deletionGuard: { count: 1_000, share: 1 } }
const POLICIES: PolicyOverrides[] = [
  KEEP,
  { ...KEEP, concurrentEdits: 'google' },
  { ...KEEP, googleEdits: 'revert' },
  { ...KEEP, googleDeletes: 'restore' },
  {
    ...KEEP,
    presentation: { title: 'busy', description: false, location: false, visibility: 'private', colour: null },
  },
]

/** Most stories are short, for what goes wrong goes wrong early; a few are long enough for trouble to pile up. */
const STEPS_MIN = 20
const STEPS_MAX = 120
const lengthOf = (chance: number): number => STEPS_MIN + Math.floor((STEPS_MAX - STEPS_MIN) * chance ** 5)

/** A story from a seed: who does what, and what goes wrong meanwhile. */
export function makeStory(seed: number, length = lengthOf(seeded(seed + 1_000_003)())): Story {
  const random = seeded(seed)
  const whole = (below: number): number => Math.floor(random() * below)
  const of = <T>(choices: readonly T[]): T => choices[whole(choices.length)] as T
  const id = (): string => `apt_${whole(8)}`
  const makers: (() => Step)[] = [
    () => ({ do: 'book', id: id(), slot: whole(200), series: random() < 0.25 }),
    () => ({ do: 'book', id: id(), slot: whole(200), series: false }),
    () => ({ do: 'rename', id: id(), word: whole(50) }),
    () => ({ do: 'reschedule', id: id(), slot: whole(200) }),
    () => ({ do: 'cancel', id: id() }),
    () => ({ do: 'google-add', word: whole(50), slot: whole(200), series: random() < 0.3 }),
    () => ({ do: 'google-move', pick: whole(100), slot: whole(200) }),
    () => ({ do: 'google-rename', pick: whole(100), word: whole(50) }),
    () => ({ do: 'google-delete', pick: whole(100) }),
    () => ({ do: 'google-occurrence', pick: whole(100), nth: whole(6), slot: random() < 0.4 ? null : whole(200) }),
    () => makeSeriesStep(random, id()),
    () => makeSeriesStep(random, id()),
    () => ({ do: 'book', id: id(), slot: whole(200), series: true, rule: whole(6), isDay: random() < 0.3 }),
    () => ({
      do: 'google-add',
      word: whole(50),
      slot: whole(200),
      series: true,
      rule: whole(6),
      isDay: random() < 0.3,
    }),
    () => ({ do: 'work' }),
    () => ({ do: 'work' }),
    () => ({ do: 'wait', minutes: whole(40) }),
    () => ({ do: 'trouble', trouble: makeTrouble(random, of) }),
  ]
  return { seed, policies: of(POLICIES), steps: Array.from({ length }, () => of(makers)()) }
}

function makeSeriesStep(random: () => number, id: string): SeriesStep {
  const whole = (below: number): number => Math.floor(random() * below)
  const slotOrNot = (): number | null => (random() < 0.35 ? null : whole(200))
  const makers: (() => SeriesStep)[] = [
    () => ({ do: 'exception', id, nth: whole(6), slot: slotOrNot() }),
    () => ({ do: 'exception', id, nth: whole(6), slot: slotOrNot() }),
    () => ({ do: 'repeat', id, rule: whole(RULES.length) }),
    () => ({ do: 'split', id, nth: whole(6), slot: slotOrNot() }),
    () => ({ do: 'google-split', pick: whole(100), nth: whole(6), slot: slotOrNot() }),
    () => ({ do: 'google-end', pick: whole(100), nth: whole(6) }),
    () => ({ do: 'google-repeat', pick: whole(100), rule: whole(RULES.length) }),
    () => ({ do: 'google-occurrence-rename', pick: whole(100), nth: whole(6), word: whole(50) }),
  ]
  return (makers[whole(makers.length)] as () => SeriesStep)()
}

function makeTrouble(random: () => number, of: <T>(choices: readonly T[]) => T): Trouble {
  return of<() => Trouble>([
    () => ({ kind: 'status', reason: of(REASONS), of: of(CALLS) }),
    () => ({ kind: 'cut', when: of(['before', 'after'] as const), of: of(CALLS) }),
    () => ({ kind: 'html' }),
    () => ({ kind: 'kill-sync-tokens' }),
    () => ({ kind: 'expire-tokens' }),
    () => ({ kind: 'short-page' }),
    () => ({
      kind: 'notifications',
      dropShare: random(),
      doubleShare: random() / 2,
      lateMs: Math.floor(random() * HOUR),
    }),
  ])()
}

/** On which store, and as which tenant of it. */
export type Where = { makeStore: Parameters<typeof createEngine>[0]; tenantId: string }

export type Outcome = { problems: string[]; requests: number; log: string[] }

/**
 * Lives a story through, lets all trouble end, and says what does not hold.
 * @param meddle is called with the engine before the first step; what it returns, after the last.
 * @param wrap makes requests take the client library's whole way.
 */
export async function live(
  story: Story,
  meddle: (engine: Engine) => () => void = () => () => undefined,
  wrap?: (inner: typeof fetch) => typeof fetch,
  where: Where = { makeStore: wake => createMemoryStore(wake), tenantId: TENANT },
): Promise<Outcome> {
  const engine = createEngine(where.makeStore, story.seed, undefined, wrap)
  const connected = await engine.connect({ policies: story.policies, tenantId: where.tenantId })
  const world: World = { engine, connected, person: personAt(engine, connected), log: [], ledger: newLedger() }
  const leave = meddle(engine)
  for (const step of story.steps) {
    world.log.push(JSON.stringify(step))
    await take(world, step).catch((error: unknown) => {
      if (error instanceof Crash) return take(world, step) // who got no answer asks again
      throw error
    })
  }
  leave()
  await control(engine, 'DELETE', 'faults')
  await engine.advance(CALM_MS)
  const problems = [...(await disagreements(world, story)), ...(await restlessness(world))]
  return { problems, requests: engine.simulator.world.requestLog.length, log: world.log }
}

type World = {
  engine: Engine
  connected: Connected
  person: ReturnType<typeof personAt>
  log: string[]
  ledger: Ledger
}

const WORDS = 'alder birch cedar dogwood elm fir ginkgo hazel ivy juniper'.split(' ')
const word = (number: number): string => `${WORDS[number % WORDS.length] ?? ''} ${number}`

/** Whole days, a night or two long. */
function daysOf(slot: number): { start: object; end: object } {
  const day = (days: number): string =>
    new Date(Date.parse('2026-12-01T00:00:00Z') + days * DAY).toISOString().slice(0, 10)
  const first = Math.floor(slot / 8)
  return { start: { date: day(first) }, end: { date: day(first + 1 + (slot % 2)) } }
}

/** A rule for days ends on a day. */
const ruleOf = (step: { rule?: number; isDay?: boolean }, otherwise: string): readonly string[] =>
  (step.rule === undefined ? [otherwise] : (RULES[step.rule] ?? [])).map(line =>
    step.isDay === true ? line.replace(/UNTIL=(\d{8})T\d{6}Z/, 'UNTIL=$1') : line,
  )

/** Slots are half hours from the first of December on. */
const startOf = (slot: number): number => Date.parse('2026-12-01T14:00:00Z') + slot * 30 * MINUTE

function timesOf(slot: number): { start: object; end: object } {
  const startAt = startOf(slot)
  const iso = (at: number): string => new Date(at).toISOString()
  return {
    start: { dateTime: iso(startAt), timeZone: 'America/New_York' },
    end: { dateTime: iso(startAt + 25 * MINUTE), timeZone: 'America/New_York' },
  }
}

async function take(world: World, step: Step): Promise<void> {
  const { engine, connected, person } = world
  const { deps } = engine
  const tenantId = connected.tenantId
  switch (step.do) {
    case 'book': {
      const body = {
        userId: connected.userId,
        title: `${word(step.slot)} of ${step.id}`,
        location: 'Room 2',
        ...(step.isDay === true ? daysOf(step.slot) : timesOf(step.slot)),
        ...(step.series ? { recurrence: ruleOf(step, 'RRULE:FREQ=WEEKLY;COUNT=6') } : {}),
      }
      const booked = await putAppointment(deps, { tenantId, id: step.id, body, ifMatch: null, onConflict: 'allow' })
      if (booked.ok)
        notePlatform(world.ledger, step.id, {
          title: body.title,
          startAt: step.isDay === true ? null : startOf(step.slot),
          isOff: false,
        })
      return
    }
    case 'rename':
    case 'reschedule': {
      const body = step.do === 'rename' ? { title: word(step.word) } : timesOf(step.slot)
      const changed = await patchAppointment(deps, { tenantId, id: step.id, body, ifMatch: null, onConflict: 'allow' })
      if (!changed.ok) return
      notePlatform(
        world.ledger,
        step.id,
        step.do === 'rename' ? { title: word(step.word) } : { startAt: startOf(step.slot) },
      )
      return
    }
    case 'cancel': {
      const called = await cancelAppointment(deps, { tenantId, id: step.id, reason: 'cancelled', ifMatch: null })
      if (called.ok) notePlatform(world.ledger, step.id, { isOff: true })
      return
    }
    case 'google-add': {
      const added = await person.insert({
        summary: word(step.word),
        ...(step.isDay === true ? daysOf(step.slot) : timesOf(step.slot)),
        ...(step.series ? { recurrence: ruleOf(step, 'RRULE:FREQ=DAILY;COUNT=5') } : {}),
      })
      noteGoogle(world.ledger, added, null, ['all'])
      return
    }
    case 'work':
      return engine.settle()
    case 'wait':
      return engine.advance(step.minutes * MINUTE)
    case 'trouble':
      return cause(world, step.trouble)
    case 'google-move':
    case 'google-rename':
    case 'google-delete':
      return edit(world, step)
    default:
      noteSeriesStep(world, step)
      return takeSeriesStep({ ...world, timesOf, control: (path, body) => control(engine, 'POST', path, body) }, step)
  }
}

/** What is done to a series in Google may touch any of them; here only the one it names. */
function noteSeriesStep({ ledger }: World, step: SeriesStep): void {
  const named = 'id' in step ? [] : BOOKINGS
  for (const id of named) ledger.touched.add(`${id} all`)
}

async function edit(
  world: World,
  step: Extract<Step, { do: 'google-move' | 'google-rename' | 'google-delete' }>,
): Promise<void> {
  const { person, ledger } = world
  const events = (await person.events()).filter(event => event.status !== 'cancelled')
  const event = events[step.pick % Math.max(1, events.length)]
  if (event === undefined) return
  const ours = appointmentShownBy(world, event)
  if (step.do === 'google-delete') {
    await person.remove(event.id)
    noteGoogle(ledger, { ...event, status: 'cancelled' }, ours, ['all'])
  } else {
    const isMove = step.do === 'google-move'
    const edited = await person.patch(event.id, isMove ? moveOf(event, step.slot) : { summary: word(step.word) })
    noteGoogle(ledger, edited, ours, [isMove ? 'time' : 'title'])
  }
}

/** Which booking of the story this event (or its series) shows. */
function appointmentShownBy({ engine, connected }: World, event: GoogleEvent): string | null {
  const key = (event['extendedProperties'] as { private?: Record<string, string> } | undefined)?.private?.[
    'lockstepKey'
  ]
  const { tenantId } = connected
  const named = BOOKINGS.find(appointmentId => engine.deps.names.markerKey({ tenantId, appointmentId }) === key)
  return named ?? (key === undefined ? null : 'the later part of a booking')
}
const BOOKINGS = Array.from({ length: 8 }, (_, index) => `apt_${index}`)

/** A day is moved to another day. */
function moveOf(event: GoogleEvent, slot: number): { start: object; end: object } {
  return (event['start'] as { date?: string }).date === undefined ? timesOf(slot) : daysOf(slot)
}

async function cause({ engine, connected }: World, trouble: Trouble): Promise<void> {
  const mine = (of: string) => ({ match: { kind: of }, times: 1 })
  switch (trouble.kind) {
    case 'status':
      return control(engine, 'POST', 'faults', { ...mine(trouble.of), reason: trouble.reason })
    case 'cut':
      return control(engine, 'POST', 'faults', { ...mine(trouble.of), cut: trouble.when })
    case 'html':
      return control(engine, 'POST', 'faults', { html: 502, times: 1 })
    case 'short-page':
      return control(engine, 'POST', 'faults', { ...mine('events.list'), shortPage: 1 })
    case 'kill-sync-tokens':
      return control(engine, 'POST', `calendars/${encodeURIComponent(connected.calendarId)}/kill-sync-tokens`, {})
    case 'expire-tokens':
      return control(engine, 'POST', `accounts/${encodeURIComponent(connected.email)}/expire-tokens`, {})
    case 'notifications': {
      const { dropShare, doubleShare, lateMs } = trouble
      return control(engine, 'POST', 'notifications', { dropShare, doubleShare, lateMs })
    }
  }
}

function control(engine: Engine, method: string, path: string, body: object = {}): Promise<void> {
  const answer = engine.simulator.handle({
    method,
    path: `/_control/${path}`,
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (answer.status >= 400) throw new Error(`control ${path}: ${answer.status} ${answer.body}`)
  return Promise.resolve()
}

/** L1: under the projection both sides say the same; S1–S4: nothing lost, nothing doubled, nothing that should be gone. */
async function disagreements({ engine, connected, person, ledger }: World, story: Story): Promise<string[]> {
  const problems: string[] = []
  const pairs = await engine.deps.store.listAppointments(connected.tenantId, {
    userId: connected.userId,
    from: null,
    to: null,
    origin: null,
    status: null,
    isArchived: false,
    after: null,
    limit: 10_000,
  })
  const policies = effectivePolicies({}, story.policies)
  const events = new Map((await person.events()).map(event => [event.id, event]))
  const shownBy = new Map<string, Paired>()
  for (const pair of pairs) {
    if (pair.outbox !== null) problems.push(`${pair.appointment.id} still waits: ${JSON.stringify(pair.outbox)}`)
    for (const link of pair.links) {
      if (link.missing !== null) problems.push(`${pair.appointment.id} is still missing`)
      shownBy.set(link.eventId, pair)
    }
    if (pair.links.length > 1) problems.push(`${pair.appointment.id} is shown ${pair.links.length} times`)
    problems.push(...compare(pair, await withOccurrence(pair, events, person), policies))
  }
  problems.push(...doubles([...events.values()]), ...lostWrites(ledger, pairs, events))
  problems.push(...compareOccurrences(pairs, person))
  for (const [id, event] of events) {
    if (event.status === 'cancelled' || shownBy.has(id) || isWordOnly(event, shownBy)) continue
    // A series moved past its own end takes place never, and a full list does not show it.
    if (event['recurrence'] === undefined || person.glance(id, engine.clock.now + 800 * DAY).length > 0)
      problems.push(`Google's ${id} "${event.summary}" is not known here`)
  }
  return problems
}

/** S3: nobody in a story copies an event, so a mark that stands on two is an appointment written twice. */
function doubles(events: readonly GoogleEvent[]): string[] {
  const marked = events.filter(event => event.status !== 'cancelled' && event['recurringEventId'] === undefined)
  const keyOf = (event: GoogleEvent): string | undefined =>
    (event['extendedProperties'] as { private?: Record<string, string> } | undefined)?.private?.['lockstepKey']
  return [...Map.groupBy(marked, keyOf)]
    .filter(([key, shown]) => key !== undefined && shown.length > 1)
    .map(([, shown]) => `written twice: ${shown.map(event => event.summary).join(', ')}`)
}

/** An exception that came to say what its series says again exists in Google without being listed. */
async function withOccurrence(
  { appointment, links }: Paired,
  events: Map<string, GoogleEvent>,
  person: World['person'],
): Promise<Map<string, GoogleEvent>> {
  const eventId = links[0]?.eventId
  if (appointment.recurringId === null || eventId === undefined || events.has(eventId)) return events
  const found = await person.get(eventId).catch(() => null)
  return found === null || found.status === 'cancelled' ? events : new Map([...events, [eventId, found]])
}

/** An occurrence of a series of ours that was changed in masked words alone is left to Google. */
function isWordOnly(event: GoogleEvent, shownBy: ReadonlyMap<string, Paired>): boolean {
  const series = shownBy.get(String(event['recurringEventId']))
  const isOurs = series?.appointment.origin === 'platform'
  return isOurs && JSON.stringify(event['start']) === JSON.stringify(event['originalStartTime'])
}

function compare(
  pair: Paired,
  events: Map<string, GoogleEvent>,
  policies: ReturnType<typeof effectivePolicies>,
): string[] {
  const { appointment, links } = pair
  const isWanted = appointment.origin === 'google' ? appointment.status !== 'cancelled' : isShown(appointment, policies)
  const event = events.get(links[0]?.eventId ?? '')
  const isThere = event !== undefined && event.status !== 'cancelled'
  if (appointment.recurringId !== null && !isWanted)
    return isThere ? [`${appointment.id} is cancelled and still in Google`] : []
  if (isWanted !== isThere)
    return [`${appointment.id} (${appointment.status}) ${isThere ? 'is still' : 'is not'} in Google`]
  if (event === undefined || !isThere) return []
  return sameAs(appointment, event, policies)
}

function sameAs(
  appointment: Appointment,
  event: GoogleEvent,
  policies: ReturnType<typeof effectivePolicies>,
): string[] {
  const problems: string[] = []
  const shown = appointment.origin === 'google' ? (appointment.title ?? '') : project(appointment, policies).title
  const isTitleOurs = appointment.origin === 'google' || policies.presentation.title === 'full'
  if (isTitleOurs && shown !== (event.summary ?? ''))
    problems.push(`${appointment.id} is "${shown}", in Google "${event.summary}"`)
  const start = event['start'] as { date?: string; dateTime: string }
  if (
    (start.date === undefined ? 'timed' : 'all-day') !== appointment.time.kind ||
    (appointment.time.kind === 'all-day' && appointment.time.startDate !== start.date)
  )
    problems.push(`${appointment.id} is ${JSON.stringify(appointment.time)}, in Google ${JSON.stringify(start)}`)
  if (appointment.time.kind === 'timed' && appointment.time.startAt !== Date.parse(start.dateTime))
    problems.push(
      `${appointment.id} starts ${new Date(appointment.time.startAt).toISOString()}, in Google ${start.dateTime}`,
    )
  const rule = (event['recurrence'] as string[] | undefined) ?? []
  if (JSON.stringify(rule) !== JSON.stringify(appointment.recurrence))
    problems.push(`${appointment.id} repeats ${appointment.recurrence.join()}, in Google ${rule.join()}`)
  return problems
}

/** After the last trouble: longer than any pause that trouble of these stories can lead to. */
const CALM_MS = 2 * HOUR
/** Ten polls. */
const IDLE_MS = 150 * MINUTE

/** S6: once all is settled, ten polls write nothing anywhere. */
async function restlessness({ engine, connected }: World): Promise<string[]> {
  const { store } = engine.deps
  const mark = engine.simulator.world.requestLog.length
  const seq = (await store.changes(connected.tenantId, 0, 100_000)).at(-1)?.seq ?? 0
  await engine.advance(IDLE_MS)
  const writes = engine.simulator.world.requestLog
    .slice(mark)
    .filter(entry => entry.clientId === 'client' && /insert|update|patch|delete/.test(entry.kind))
  const changes = await store.changes(connected.tenantId, seq, 1_000)
  return [
    ...writes.map(entry => `wrote while idle: ${entry.kind} ${entry.status} ${entry.eventId}`),
    ...changes.map(row => `changed while idle: ${row.rule} ${row.appointmentId}`),
  ]
}

/** The shortest story that still fails, by leaving out ever smaller runs of steps. */
export async function shrink(story: Story): Promise<Story> {
  let best = story
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.steps.length;) {
      const shorter = { ...best, steps: best.steps.toSpliced(from, size) }
      if (await fails(shorter)) best = shorter
      else from += size
    }
  }
  return best
}

async function fails(story: Story): Promise<boolean> {
  try {
    return (await live(story)).problems.length > 0
  } catch {
    return true
  }
}
