import { ownQuota } from '../src/adapters/worker/own-quota.ts'
import { createQuota } from '../src/adapters/db/quota.ts'
import { realSystem } from '../src/adapters/system/system.ts'
import { createPacing, type Pacing } from '../src/adapters/worker/pacing.ts'
import { allowanceOf } from '../src/core/pacing/meter.ts'
import type { GoogleCalendar } from '../src/ports/google-calendar.ts'
import type { Deps } from '../src/usecases/deps.ts'
import { putBatch } from '../src/usecases/appointments/put-batch.ts'
import { flushConnection } from '../src/usecases/sync/flush-connection.ts'
import { createEngine, TENANT, type Engine } from '../test/support/engine.ts'
import { createMemoryStore } from '../test/support/memory-store.ts'
import { newPostgres } from './support/scratch.ts'
import { leastFigure, mostFigure, type Figure } from './support/measure.ts'

const BACKLOG = 10_000
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const USER_RPM = 600
const QUOTA_MINUTES = 1.2
const ENOUGH = new Error('enough')

/** Writes under Google's quota in virtual time: the real use cases and pacing over the store in memory; only the clock is ours. */
export async function outbound(): Promise<Figure[]> {
  const engine = createEngine(wake => createMemoryStore(wake))
  const { tenantId, connectionId } = await engine.connect()
  const inserted: { id: string; at: number }[] = []
  const deps = paced(engine, (id, at) => inserted.push({ id, at }))
  for (let from = 0; from < BACKLOG; from += 1_000) {
    const ids = Array.from({ length: 1_000 }, (_, place) => `backlog-${from + place}`)
    await book(deps, engine, ids)
  }
  await intoBackfill(deps, BACKLOG)
  while (inserted.length < QUOTA_MINUTES * USER_RPM) await flushConnection(deps, { tenantId, connectionId })
  const instants = inserted.map(each => each.at)
  // From when the burst that a rest allows is over.
  const steady = instants.slice(Math.ceil(USER_RPM * 0.05))
  const minutes = ((steady.at(-1) ?? NaN) - (steady.at(0) ?? NaN)) / MINUTE_MS
  const used = (steady.length - 1) / minutes / USER_RPM
  const fleet = await ofThree()
  const waits = await personsWaits(engine, deps, { tenantId, connectionId }, inserted)
  return [
    leastFigure('quota used while writes wait', used * 100, { min: 95, unit: '%' }),
    mostFigure('… most requests in any minute', busiestMinute(instants), { max: USER_RPM, unit: '' }),
    ...fleet,
    mostFigure(`a person's change behind ${BACKLOG} others`, Math.max(...waits), {
      max: 2_000,
      unit: 'ms',
      samples: waits,
    }),
  ]
}

const INSTANCES = 3
const FLEET_SECONDS = 15
/** Of each instance, all for one user: far more than the quota lets through. */
const CALLERS = 20

/** Three instances, each with as many requests as it can have waiting, over the meters in PostgreSQL; in real time, since theirs is the database's. */
async function ofThree(): Promise<Figure[]> {
  const scratch = await newPostgres()
  try {
    const system = realSystem()
    const limits = { projectPerMinute: 10_000, userPerMinute: USER_RPM }
    const projectOf = () => Promise.resolve('project')
    const passed: number[] = []
    const from = performance.now()
    const until = from + FLEET_SECONDS * 1_000
    const caller = async (pacing: Pacing): Promise<void> => {
      while (performance.now() < until) {
        await pacing.pace({ tenantId: TENANT, connectionId: 'con_1' }, 1, null)
        passed.push(performance.now() - from)
      }
    }
    const instances = Array.from({ length: INSTANCES }, () =>
      createPacing({ quota: createQuota(scratch.database), system, limits, projectOf }),
    )
    await Promise.all(instances.flatMap(pacing => Array.from({ length: CALLERS }, () => caller(pacing))))
    const inTime = passed.filter(at => at <= FLEET_SECONDS * 1_000).length
    const { perMinute, burst } = allowanceOf(USER_RPM)
    const allowed = burst + (perMinute * FLEET_SECONDS) / 60
    const used = `${INSTANCES} instances on one quota: of what it allows in ${FLEET_SECONDS} s`
    return [
      leastFigure(used, (inTime / allowed) * 100, { min: 95, unit: '%' }),
      mostFigure('… requests beyond it', Math.max(0, inTime - Math.ceil(allowed)), { max: 0, unit: '' }),
    ]
  } finally {
    await scratch.drop()
  }
}

/** Requests wait their turn by moving the clock: nothing else happens meanwhile, as with one connection. */
function paced(engine: Engine, onInsert: (appointmentId: string, at: number) => void): Deps {
  const system = { ...engine.deps.system, sleep: async (ms: number) => void (engine.clock.now += ms) }
  const limits = { projectPerMinute: 10_000, userPerMinute: USER_RPM }
  const pacing = createPacing({ quota: ownQuota(system), system, limits, projectOf: () => Promise.resolve('project') })
  const { google } = engine.deps
  const insertEvent: GoogleCalendar['insertEvent'] = async (who, event, write) => {
    await pacing.pace(who, 1, event.calendarId)
    onInsert(write.content.title ?? '', engine.clock.now)
    return google.insertEvent(who, event, write)
  }
  return { ...engine.deps, system, google: { ...google, insertEvent } }
}

async function book(deps: Deps, { clock }: Engine, ids: readonly string[]): Promise<void> {
  const time = (place: number, minutes: number) => ({
    dateTime: new Date(clock.now + DAY_MS + (place % 500) * 1_800_000 + minutes * MINUTE_MS).toISOString(),
    timeZone: 'UTC',
  })
  const items = ids.map((id, place) => {
    const what = { id, userId: 'dr-lee', kind: 'appointment', status: 'confirmed', title: id }
    return { ...what, start: time(place, 0), end: time(place, 30) }
  })
  const answers = await putBatch(deps, { tenantId: TENANT, items, onConflict: 'allow' })
  if (!answers.every(each => each.result.ok)) throw new Error('a booking was refused')
}

/** As if a connection with a long past had just been made. */
async function intoBackfill({ store, system }: Deps, count: number): Promise<void> {
  const due = await store.outboxDue(TENANT, 'con_dr-lee', system.now(), count)
  const outbox = due.flatMap(({ outbox: entry }) => (entry === null ? [] : [{ ...entry, lane: 'backfill' as const }]))
  await store.transaction(TENANT, tx => tx.apply(TENANT, { outbox }))
}

/** Booked at some instant of a flush that is under way; the flush has read its batch already. */
async function personsWaits(
  engine: Engine,
  deps: Deps,
  key: { tenantId: string; connectionId: string },
  inserted: { id: string; at: number }[],
): Promise<number[]> {
  const waits: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const id = `person-${round}`
    let bookedAt = 0
    let seen = 0
    const { google } = deps
    const insertEvent: GoogleCalendar['insertEvent'] = async (...asked) => {
      const answer = await google.insertEvent(...asked)
      if (inserted.at(-1)?.id === id) throw ENOUGH
      seen += 1
      if (seen === 7 * (round + 1)) {
        await book(deps, engine, [id])
        bookedAt = engine.clock.now
      }
      return answer
    }
    // What comes after it does not matter here.
    await flushConnection({ ...deps, google: { ...google, insertEvent } }, key).catch((error: unknown) => {
      if (error !== ENOUGH) throw error
    })
    const sent = inserted.find(each => each.id === id)
    waits.push((sent?.at ?? Infinity) - bookedAt)
  }
  return waits
}

function busiestMinute(instants: readonly number[]): number {
  let most = 0
  let first = 0
  for (const [last, at] of instants.entries()) {
    while ((instants[first] ?? at) <= at - MINUTE_MS) first += 1
    most = Math.max(most, last - first + 1)
  }
  return most
}
