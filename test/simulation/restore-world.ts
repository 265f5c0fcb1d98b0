import type { Appointment } from '../../src/core/model/appointment.ts'
import { appointmentResource } from '../../src/core/model/resource.ts'
import { isOff } from '../../src/core/model/status-moves.ts'
import { slotKey } from '../../src/core/model/time.ts'
import type { Store } from '../../src/ports/store/store.ts'
import { archiveAppointment } from '../../src/usecases/appointments/archive-appointment.ts'
import { cancelAppointment } from '../../src/usecases/appointments/cancel-appointment.ts'
import { patchAppointment } from '../../src/usecases/appointments/patch-appointment.ts'
import { putAppointment } from '../../src/usecases/appointments/put-appointment.ts'
import { settleProposal } from '../../src/usecases/proposals/settle-proposal.ts'
import { beginRecovery } from '../../src/usecases/sync/recover-calendars.ts'
import { HOUR } from '../support/builders.ts'
import { seeded, TENANT, type Engine } from '../support/engine.ts'
import type { MemoryStore } from '../support/memory-store.ts'
import { live, type Outcome, type Story } from './random-world.ts'

/** A backup is made at a call of the store, whatever is under way then, and put back when the story is over. */
export type RestorePoint = { atCall: number; isNoticedAtBoot: boolean }

export type Told = { calls: number; deleted: string[]; lostHere: string[] }

const PAGE = 10_000

/** Lives a story, goes back to the point, lets the engine recover, and lets the platform send what it has, as it was told to. */
export async function liveThroughRestore(story: Story, point: RestorePoint): Promise<Outcome & Told> {
  const told: Told = { calls: 0, deleted: [], lostHere: [] }
  const outcome = await live(story, engine => restoreAfter(engine, story, point, told))
  const extra = [
    ...told.deleted.map(id => `deleted in Google, against everybody's word: ${id}`),
    ...told.lostHere.map(id => `cancelled here, against everybody's word: ${id}`),
  ]
  return { ...outcome, ...told, problems: [...outcome.problems, ...extra] }
}

/** How many calls of the store a story makes: where its restore points can lie. */
export async function countCalls(story: Story): Promise<number> {
  const told: Told = { calls: 0, deleted: [], lostHere: [] }
  await live(story, engine => restoreAfter(engine, story, { atCall: 0, isNoticedAtBoot: true }, told, false))
  return told.calls
}

export function makePoint(seed: number, calls: number): RestorePoint {
  const random = seeded(seed * 7_919)
  return { atCall: 1 + Math.floor(random() * calls), isNoticedAtBoot: random() < 0.5 }
}

function restoreAfter(engine: Engine, story: Story, point: RestorePoint, told: Told, isRestored = true): () => void {
  const store = engine.deps.store as MemoryStore // what `live` makes its engine with
  let putBack = store.backUp()
  engine.deps.store = counting(store, () => {
    told.calls += 1
    if (told.calls === point.atCall) putBack = store.backUp()
  })
  return () => {
    engine.deps.store = store
    if (!isRestored) return
    const { advance } = engine
    engine.advance = async ms => {
      engine.advance = advance
      const mirror = await platformOf(store)
      putBack()
      const backup = await platformOf(store)
      const before = stateBefore(engine)
      await wakeAll(engine)
      if (point.isNoticedAtBoot) await noticeAtBoot(engine)
      await advance(HOUR)
      await sendAgain(engine, mirror, backup)
      await advance(ms)
      await judge(engine, story, { mirror, backup }, before, told)
    }
  }
}

function counting(store: MemoryStore, onCall: () => void): MemoryStore {
  return new Proxy(store, {
    get: (object, name) => {
      const member: unknown = Reflect.get(object, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        onCall()
        return Reflect.apply(member, object, args) as unknown
      }
    },
  })
}

/** What the platform has: all it wrote and was told of, archived ones too. */
async function platformOf(store: Store): Promise<Appointment[]> {
  const filter = { userId: null, from: null, to: null, origin: 'platform' as const, status: null, after: null }
  const pages = [
    await store.listAppointments(TENANT, { ...filter, isArchived: false, limit: PAGE }),
    await store.listAppointments(TENANT, { ...filter, isArchived: true, limit: PAGE }),
  ]
  return pages.flat().map(({ appointment }) => appointment)
}

/** The jobs lie in the same database: those that waited in the backup wait again. */
async function wakeAll({ deps }: Engine): Promise<void> {
  for (const { tenantId, id: connectionId } of await deps.store.connections(TENANT))
    await deps.jobs.wake([
      { kind: 'flush', tenantId, connectionId },
      { kind: 'settle-missing', tenantId, connectionId },
    ])
}

async function noticeAtBoot({ deps, clock }: Engine): Promise<void> {
  await deps.store.transaction(TENANT, async tx => {
    for (const connection of await tx.connections(TENANT)) await beginRecovery(tx, connection, clock.now)
  })
}

/**
 * The platform sends what it wrote since the backup, series before their exceptions, and answers what it is asked: what it holds alive is
 * to stand in Google.
 */
async function sendAgain(
  { deps }: Engine,
  mirror: readonly Appointment[],
  backup: readonly Appointment[],
): Promise<void> {
  const old = new Map(backup.map(each => [each.id, each]))
  const told = await splitsToldOf(deps, mirror)
  const inTurn = [...mirror].sort((a, b) => Number(a.recurringId !== null) - Number(b.recurringId !== null))
  for (const appointment of inTurn) {
    const slot = told.get(rootOf(appointment.recurringId ?? appointment.id)) ?? null
    await sendOne(deps, appointment, old.get(appointment.id), slot)
  }
  const asked = await deps.store.openProposals(TENANT, { appointmentIds: null, afterId: null, limit: PAGE })
  for (const { id, kind, appointmentId } of asked) {
    const own = mirror.find(each => each.id === appointmentId)
    if (kind === 'delete' && own !== undefined && !isOver(own))
      await settleProposal(deps, { tenantId: TENANT, id, answer: 'reject' })
  }
}

/**
 * Series that people split in Google without the platform having heard of it before: the change feed tells, and a rule from before the
 * split would have everything after it take place twice. By series, from which slot on.
 */
async function splitsToldOf({ store }: Engine['deps'], mirror: readonly Appointment[]): Promise<Map<string, string>> {
  const heard = new Set(mirror.map(({ id }) => id))
  const tails = (await platformOf(store)).filter(({ id }) => rootOf(id) !== id && !heard.has(id))
  const alive = tails.filter(tail => !isOver(tail))
  return new Map(alive.map(({ id }) => [rootOf(id), id.slice(rootOf(id).length + 2)]))
}

async function sendOne(
  deps: Engine['deps'],
  appointment: Appointment,
  old: Appointment | undefined,
  splitAt: string | null,
): Promise<void> {
  const { id, status, originalStart } = appointment
  const of = { tenantId: TENANT, id, ifMatch: null }
  const known = await deps.store.appointment(TENANT, id)
  if (known === null && splitAt !== null && originalStart !== null && slotKey(originalStart) >= splitAt) return
  if (known === null) {
    await putAppointment(deps, { ...of, body: bodyOf(appointment), onConflict: 'allow' })
    if (appointment.archivedAt !== null) await archiveAppointment(deps, of)
    return
  }
  if (appointment.archivedAt !== null) {
    if (known.appointment.archivedAt === null) await archiveAppointment(deps, of)
    return
  }
  if (isOver(known.appointment) && !isOver(appointment)) {
    await putAppointment(deps, { ...of, body: bodyOf(appointment), onConflict: 'allow' })
    return
  }
  if (isOver(appointment) && !isOver(known.appointment)) await cancelAppointment(deps, { ...of, reason: status })
  const said = old === undefined ? wordsOf(appointment) : newWords(wordsOf(appointment), wordsOf(old))
  if (splitAt !== null) delete said['recurrence']
  if (Object.keys(said).length > 0) await patchAppointment(deps, { ...of, body: said, onConflict: 'allow' })
}

const isOver = (each: Appointment): boolean => isOff(each.status) || each.archivedAt !== null

function newWords(now: Record<string, unknown>, old: Record<string, unknown>): Record<string, unknown> {
  const changed = Object.keys(now).filter(key => JSON.stringify(now[key]) !== JSON.stringify(old[key]))
  const isMoved = changed.includes('start') || changed.includes('end')
  const keys = isMoved ? [...new Set([...changed, 'start', 'end'])] : changed
  return Object.fromEntries(keys.map(key => [key, now[key]]))
}

/** What it says of itself whatever its status. */
function wordsOf(appointment: Appointment): Record<string, unknown> {
  const { title, description, location, start, end, recurrence } = bodyOf(appointment)
  return { title, description, location, start, end, recurrence }
}

function bodyOf(appointment: Appointment): Record<string, unknown> {
  const { userId, kind, status, title, description, location, start, end, recurrence, recurringId, originalStart } =
    appointmentResource(appointment, [], null) as unknown as Record<string, unknown>
  const { busy, colour, metadata } = appointment
  const body = { userId, kind, status, title, description, location, start, end, recurrence, busy, colour, metadata }
  return recurringId === null ? body : { ...body, recurringId, originalStart }
}

/** Nothing was deleted in Google but what was called off, and nothing was called off here but by people. */
async function judge(
  engine: Engine,
  story: Story,
  { mirror, backup }: Record<'mirror' | 'backup', readonly Appointment[]>,
  before: Before,
  told: Told,
): Promise<void> {
  const { deps, simulator } = engine
  const keyOf = (each: Appointment): string => markOf(engine, each.id)
  const present = await platformOf(deps.store)
  const alive = new Map(mirror.filter(each => !isOver(each)).map(each => [each.id, each]))
  // Called off in the backup and booked anew since: where Google shows that later word, the older one warrants nothing.
  const isRevoked = (each: Appointment): boolean =>
    alive.has(each.id) && (before.revisions.get(keyOf(each)) ?? 0) > each.version
  const over = [...mirror, ...backup.filter(each => !isRevoked(each))].filter(isOver)
  const overKeys = new Set(over.map(keyOf))
  const overIds = new Set(over.flatMap(each => idsOf(engine, each)))
  const keys = new Map([...before.keys, ...keysOf(engine)])
  const roots = new Map([...mirror, ...backup, ...present].map(each => [keyOf(each), rootOf(each.id)]))
  const calledOff = [...over, ...(await calledOffInGoogle(engine, present))]
  const overSlots = new Set(calledOff.flatMap(slotsOf))
  const isOverSlot = (eventId: string): boolean => {
    const [series, slot] = eventId.split(/_(?=\d{8}(?:T\d{6}Z)?$)/)
    return slot !== undefined && overSlots.has(`${roots.get(keys.get(series ?? '') ?? '')} ${slot}`)
  }
  const isReverting = story.policies.googleEdits === 'revert'
  for (const entry of simulator.world.requestLog.slice(before.requests)) {
    if (entry.clientId !== 'client' || entry.kind !== 'events.delete' || entry.status >= 300) continue
    const eventId = String(entry.eventId)
    const isCalledOff = overIds.has(eventId) || overKeys.has(keys.get(eventId) ?? '') || isOverSlot(eventId)
    // A split that a person made in Google is taken away again where edits are reverted; of our series only.
    const isRevertedSplit = isReverting && /_R\d{8}(T\d{6})?$/.test(eventId) && roots.has(keys.get(eventId) ?? '')
    if (!isCalledOff && !isRevertedSplit) told.deleted.push(eventId)
  }
  const now = new Map(present.map(each => [each.id, each]))
  // What belongs to a series lives and dies with it; its occurrences are compared one by one elsewhere.
  for (const each of alive.values()) {
    const is = now.get(each.id)
    if (each.recurringId !== null) continue
    if (is === undefined || (isOver(is) && before.alive.has(keyOf(each)))) told.lostHere.push(each.id)
  }
}

/**
 * What a person cancelled in Google after the backup, and the engine heard of only after the restore: when the platform then moves the
 * series, as anywhere, the cancellation goes along to the new slot. Only what a person's own deletion stands behind.
 */
async function calledOffInGoogle(
  { deps, simulator }: Engine,
  present: readonly Appointment[],
): Promise<readonly Appointment[]> {
  const byPeople = simulator.world.requestLog.filter(
    ({ clientId, kind, status }) => clientId !== 'client' && kind === 'events.delete' && status < 300,
  )
  const slots = new Set(byPeople.map(({ eventId }) => String(eventId).split('_').at(-1)))
  const rows = await deps.store.changes(TENANT, 0, PAGE)
  const taken = new Set(rows.filter(row => row.rule === 'occurrence-cancelled-in-google').map(row => row.appointmentId))
  return present.filter(each => taken.has(each.id) && isOver(each) && slots.has(each.id.split('~').at(-1)))
}

/** Of a series and what was split off it: its exceptions keep their slots whichever part they belong to. */
const rootOf = (id: string): string => id.replace(/~R\d{8}(T\d{6}Z)?$/, '')

const slotsOf = ({ originalStart, recurringId }: Appointment): string[] =>
  originalStart === null || recurringId === null ? [] : [`${rootOf(recurringId)} ${slotKey(originalStart)}`]

const markOf = ({ deps }: Engine, appointmentId: string): string =>
  deps.names.markerKey({ tenantId: TENANT, appointmentId })

/** The ids that its events may have had, in any calendar. */
function idsOf({ deps, simulator }: Engine, { id: appointmentId }: Appointment): string[] {
  const ids = (calendarId: string): string[] =>
    [0, 1, 2, 3, 4, 5, 6, 7].map(generation =>
      deps.names.eventId({ tenantId: TENANT, calendarId, appointmentId, generation }),
    )
  return [...simulator.world.calendars.keys()].flatMap(ids)
}

/** What stood in Google when the backup was put back. */
type Before = {
  requests: number
  keys: ReadonlyMap<string, string>
  alive: ReadonlySet<string>
  revisions: ReadonlyMap<string, number>
}

function stateBefore(engine: Engine): Before {
  const marks = marksOf(engine)
  const keys = keysOf(engine)
  const revisions = new Map(marks.map(({ key, revision }) => [key, revision]))
  return { requests: engine.simulator.world.requestLog.length, keys, alive: new Set(keys.values()), revisions }
}

/** The marks of the events that are alive, by event id. */
const keysOf = (engine: Engine): Map<string, string> =>
  new Map(marksOf(engine).map(({ eventId, key }) => [eventId, key]))

function marksOf({ simulator }: Engine): { eventId: string; key: string; revision: number }[] {
  return [...simulator.world.calendars.values()].flatMap(({ events }) =>
    [...events.values()].flatMap(({ id: eventId, status, fields }) => {
      const of = fields['extendedProperties'] as { private?: Record<string, string> } | undefined // as it was sent
      const key = of?.private?.['lockstepKey']
      const revision = Number(of?.private?.['lockstepRevision'] ?? 0)
      return key === undefined || status === 'cancelled' ? [] : [{ eventId, key, revision }]
    }),
  )
}
