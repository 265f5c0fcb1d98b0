import { effectivePolicies, type PolicyOverrides } from '../../src/core/model/policies.ts'
import { isShown } from '../../src/core/sync/admission.ts'
import { project } from '../../src/core/sync/projection.ts'
import type { Paired } from '../../src/ports/store/appointments.ts'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { patchConnection } from '../../src/usecases/connections/patch-connection.ts'
import { pauseConnection, resumeConnection } from '../../src/usecases/connections/pause-connection.ts'
import { settleProposal } from '../../src/usecases/proposals/settle-proposal.ts'
import { DAY, HOUR, MINUTE } from '../support/builders.ts'
import { deskOf, furtherCalendar, moveEvent } from '../support/clinic-desk.ts'
import { createEngine, seeded, type Connected, type Engine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { personAt, type GoogleEvent } from '../support/person.ts'

/** Stories about what is asked, moved, flagged, masked and paused, with two users on one calendar. */
type Step =
  | { do: 'book'; user: 0 | 1; id: string; slot: number; word: number }
  | { do: 'rename'; id: string; word: number }
  | { do: 'reschedule'; id: string; slot: number }
  | { do: 'cancel'; id: string }
  | { do: 'google-add'; slot: number; word: number }
  | { do: 'google-time'; pick: number; slot: number }
  | { do: 'google-rename'; pick: number; word: number }
  | { do: 'google-delete'; pick: number }
  | { do: 'google-elsewhere'; pick: number }
  | { do: 'answer'; pick: number; how: 'accept' | 'reject' }
  | { do: 'policy'; choice: number }
  | { do: 'pause' }
  | { do: 'resume' }
  | { do: 'lose-answer'; of: string }
  | { do: 'work' }
  | { do: 'wait'; minutes: number }

export type PolicyStory = { seed: number; steps: Step[] }

const GUARD = { deletionGuard: { count: 1_000, share: 1 } }
const CHOICES: PolicyOverrides[] = [
  { googleEdits: 'propose' },
  { googleEdits: 'accept' },
  { googleEdits: 'revert' },
  { googleDeletes: 'propose' },
  { googleDeletes: 'cancel' },
  { googleDeletes: 'restore' },
  { presentation: { title: 'busy', description: false, location: false, visibility: 'default', colour: null } },
  { presentation: { title: 'full', description: true, location: true, visibility: 'default', colour: null } },
  { imported: 'busy' },
  { imported: 'full' },
  { duplicates: 'flag' },
  { duplicates: 'link' },
]
const CALLS = ['events.insert', 'events.update', 'events.delete', 'events.get', 'events.list']

export function makePolicyStory(seed: number, length = 50): PolicyStory {
  const random = seeded(seed + 7_000_000)
  const whole = (below: number): number => Math.floor(random() * below)
  const of = <T>(choices: readonly T[]): T => choices[whole(choices.length)] as T
  const id = (): string => `apt_${whole(8)}`
  const makers: (() => Step)[] = [
    () => ({ do: 'book', user: of([0, 0, 1] as const), id: id(), slot: whole(20), word: whole(6) }),
    () => ({ do: 'book', user: of([0, 0, 1] as const), id: id(), slot: whole(20), word: whole(6) }),
    () => ({ do: 'rename', id: id(), word: whole(6) }),
    () => ({ do: 'reschedule', id: id(), slot: whole(20) }),
    () => ({ do: 'cancel', id: id() }),
    () => ({ do: 'google-add', slot: whole(20), word: whole(6) }),
    () => ({ do: 'google-time', pick: whole(50), slot: whole(20) }),
    () => ({ do: 'google-rename', pick: whole(50), word: whole(6) }),
    () => ({ do: 'google-delete', pick: whole(50) }),
    () => ({ do: 'google-elsewhere', pick: whole(50) }),
    () => ({ do: 'answer', pick: whole(50), how: of(['accept', 'reject'] as const) }),
    () => ({ do: 'policy', choice: whole(CHOICES.length) }),
    () => ({ do: random() < 0.4 ? 'pause' : 'resume' }),
    () => ({ do: 'lose-answer', of: of(CALLS) }),
    () => ({ do: 'work' }),
    () => ({ do: 'work' }),
    () => ({ do: 'wait', minutes: whole(40) }),
  ]
  return { seed, steps: Array.from({ length }, () => of(makers)()) }
}

type World = {
  engine: Engine
  users: readonly [Connected, Connected]
  desk: ReturnType<typeof deskOf>
  /** Where the first user's account has room for moved events. */
  further: string
}

export async function livePolicyStory(story: PolicyStory): Promise<string[]> {
  const engine = createEngine(wake => createMemoryStore(wake), story.seed)
  const lee = await engine.connect({ userId: 'dr-lee', policies: GUARD })
  const wu = await engine.connect({ userId: 'dr-wu', policies: GUARD })
  await shareCalendar(engine, lee, wu)
  const further = await furtherCalendar(engine, lee, { isSource: true })
  const world: World = { engine, users: [lee, wu], desk: deskOf(engine), further }
  for (const step of story.steps) await take(world, step)
  control(engine, 'DELETE', 'faults')
  await conclude(world)
  return [...(await disagreements(world)), ...(await restlessness(world))]
}

/** Both pauses end, every question is answered, and all has had its time. */
async function conclude({ engine, users, desk }: World): Promise<void> {
  for (const user of users) await resumeConnection(engine.deps, user)
  await engine.advance(3 * HOUR)
  for (let round = 0; round < 5; round += 1) {
    const open = await desk.proposals()
    for (const [index, { id, tenantId }] of open.entries())
      await settleProposal(engine.deps, { tenantId, id, answer: index % 2 === 0 ? 'accept' : 'reject' })
    await engine.advance(HOUR)
    if (open.length === 0) return
  }
}

async function shareCalendar(engine: Engine, lee: Connected, wu: Connected): Promise<void> {
  const path = `calendars/${encodeURIComponent(lee.calendarId)}/role`
  control(engine, 'POST', path, { email: wu.email, role: 'writer', inList: true })
  const { store } = engine.deps
  await store.transaction(wu.tenantId, async tx => {
    const [own] = await tx.calendarsOf(wu.tenantId, wu.connectionId)
    if (own === undefined) throw new Error('nothing to share')
    const fresh = { ...own.cursor, syncToken: null, pageToken: null, generation: 0, listedFrom: null }
    await tx.saveCalendars([
      { ...own, isTarget: false, isSource: false },
      { ...own, id: lee.calendarId, cursor: fresh, cursorVersion: 0, nextPollAt: engine.clock.now },
    ])
  })
  await engine.advance(20 * MINUTE)
}

function control(engine: Engine, method: string, path: string, body: object = {}): void {
  const answer = engine.simulator.handle({
    method,
    path: `/_control/${path}`,
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (answer.status >= 400) throw new Error(`control ${path}: ${answer.status} ${answer.body}`)
}

const WORDS = ['alder', 'birch', 'cedar', 'dogwood', 'elm', 'fir']
const timesOf = (slot: number): { start: object; end: object } => {
  const startAt = Date.parse('2026-12-01T14:00:00Z') + slot * 30 * MINUTE
  const dateTime = (at: number): object => ({ dateTime: new Date(at).toISOString(), timeZone: 'America/New_York' })
  return { start: dateTime(startAt), end: dateTime(startAt + 25 * MINUTE) }
}

async function take(world: World, step: Step): Promise<void> {
  const { engine, users, desk } = world
  const { deps } = engine
  const [lee] = users
  const { tenantId } = lee
  const change = (id: string, body: object) =>
    patchAppointment(deps, { tenantId, id, body, ifMatch: null, onConflict: 'allow' })
  switch (step.do) {
    case 'book': {
      const known = await desk.read(step.id)
      const userId = known?.appointment.userId ?? users[step.user].userId
      await desk.book(step.id, { userId, title: WORDS[step.word], ...timesOf(step.slot) })
      return
    }
    case 'rename':
      await change(step.id, { title: WORDS[step.word] })
      return
    case 'reschedule':
      await change(step.id, timesOf(step.slot))
      return
    case 'cancel':
      await cancelAppointment(deps, { tenantId, id: step.id, reason: 'cancelled', ifMatch: null })
      return
    case 'answer': {
      const open = await desk.proposals()
      const one = open[step.pick % Math.max(1, open.length)]
      if (one !== undefined) await settleProposal(deps, { tenantId, id: one.id, answer: step.how })
      return
    }
    case 'policy':
      await patchConnection(deps, { ...lee, ifMatch: null, policies: CHOICES[step.choice] })
      return
    case 'pause':
      await pauseConnection(deps, lee)
      return
    case 'resume':
      await resumeConnection(deps, lee)
      return
    case 'lose-answer':
      return control(engine, 'POST', 'faults', { match: { kind: step.of }, times: 1, cut: 'after' })
    case 'work':
      return engine.settle()
    case 'wait':
      return engine.advance(step.minutes * MINUTE)
    default:
      return atGoogle(world, step)
  }
}

type GoogleStep = Extract<Step, { do: `google-${string}` }>

async function atGoogle({ engine, users: [lee, wu], desk, further }: World, step: GoogleStep): Promise<void> {
  const person = personAt(engine, lee)
  if (step.do === 'google-add') {
    await person.insert({ summary: WORDS[step.word], ...timesOf(step.slot) })
    return
  }
  const events = (await person.events()).filter(event => event.status !== 'cancelled')
  const event = events[step.pick % Math.max(1, events.length)]
  if (event === undefined) return
  if (step.do === 'google-time') await person.patch(event.id, timesOf(step.slot))
  if (step.do === 'google-rename') await person.patch(event.id, { summary: WORDS[step.word] })
  if (step.do === 'google-delete') await person.remove(event.id)
  // Out of a colleague's sight it would be gone for her, and nobody's.
  const colleagues = (await desk.list(wu.userId, 'platform')).flatMap(each => each.links.map(link => link.eventId))
  const isColleagues = colleagues.includes(event.id) || !(await isKnown(desk, lee, event.id))
  if (step.do === 'google-elsewhere' && !isColleagues) await moveEvent(engine, lee, event.id, further)
}

async function isKnown(desk: World['desk'], { userId }: Connected, eventId: string): Promise<boolean> {
  const pairs = [...(await desk.list(userId, 'platform')), ...(await desk.list(userId, 'google'))]
  return pairs.some(pair => pair.links.some(link => link.eventId === eventId && link.role !== 'parked'))
}

/** Every appointment stands once where it should, every event is known to somebody, and both say the same. */
async function disagreements({ engine, users, desk, further }: World): Promise<string[]> {
  const problems: string[] = []
  const [lee, wu] = users
  const calendarIds = [lee.calendarId, further]
  const events = new Map<string, GoogleEvent>()
  for (const calendarId of calendarIds)
    for (const event of await personAt(engine, { ...lee, calendarId }).events())
      if (event.status !== 'cancelled') events.set(`${calendarId} ${event.id}`, event)
  const known = new Set<string>()
  for (const user of [lee, wu]) {
    const connection = await engine.deps.store.connection(user.tenantId, user.connectionId)
    const policies = effectivePolicies({}, connection?.policies ?? {})
    const pairs = [...(await desk.list(user.userId, 'platform')), ...(await desk.list(user.userId, 'google'))]
    for (const pair of pairs) problems.push(...problemsOf(pair, events, policies, known))
  }
  for (const [key, event] of events)
    if (!known.has(key)) problems.push(`Google's "${event.summary}" (${key}) is nobody's`)
  return problems
}

function problemsOf(
  { appointment, links, outbox }: Paired,
  events: ReadonlyMap<string, GoogleEvent>,
  policies: ReturnType<typeof effectivePolicies>,
  known: Set<string>,
): string[] {
  const { id, origin, status } = appointment
  const live = links.filter(link => link.role !== 'parked')
  const found = live.map(link => `${link.calendarId} ${link.eventId}`).filter(key => events.has(key))
  for (const key of found) known.add(key)
  const problems = outbox === null ? [] : [`${id} still waits: ${JSON.stringify(outbox)}`]
  if (live.some(link => link.missing !== null)) problems.push(`${id} is still missing`)
  const isWanted = origin === 'google' ? status !== 'cancelled' : isShown(appointment, policies)
  if (found.length !== (isWanted ? 1 : 0))
    return [...problems, `${id} (${status}) stands ${found.length} times in Google`]
  const event = events.get(found[0] ?? '')
  if (event === undefined) return problems
  const start = (event['start'] as { dateTime: string }).dateTime
  if (appointment.time.kind === 'timed' && appointment.time.startAt !== Date.parse(start))
    problems.push(`${id} starts ${new Date(appointment.time.startAt).toISOString()}, in Google ${start}`)
  const isTitleShown = origin === 'google' ? policies.imported === 'full' : policies.presentation.title === 'full'
  const title = origin === 'google' ? (appointment.title ?? '') : project(appointment, policies).title
  if (isTitleShown && title !== (event.summary ?? ''))
    problems.push(`${id} is "${title}", in Google "${event.summary}"`)
  if (origin === 'google' && policies.imported === 'busy' && appointment.title !== null)
    problems.push(`${id} keeps its title "${appointment.title}"`)
  return problems
}

async function restlessness({ engine, desk }: World): Promise<string[]> {
  const [mark, seq] = [engine.simulator.world.requestLog.length, await desk.lastSeq()]
  await engine.advance(DAY / 4)
  const writes = engine.simulator.world.requestLog
    .slice(mark)
    .filter(entry => entry.clientId === 'client' && /insert|update|patch|delete/.test(entry.kind))
  const changes = await desk.changesSince(seq)
  return [
    ...writes.map(entry => `wrote while idle: ${entry.kind} ${entry.status} ${entry.eventId}`),
    ...changes.map(row => `changed while idle: ${row.rule} ${row.appointmentId}`),
  ]
}
