import { readFileSync } from 'node:fs'
import { createEngine } from '../test/support/engine.ts'
import { createMemoryStore } from '../test/support/memory-store.ts'
import { residentOf } from './load.ts'
import { manyConnections } from './support/many.ts'
import { mostFigure, type Figure } from './support/measure.ts'
import { newPostgres } from './support/scratch.ts'
import { startService } from './support/service.ts'

const CONNECTIONS = 100
const HOURS = 4
const HOUR_MS = 3_600_000
const POLLS_AN_HOUR = 4

const MANY = 10_000
const WATCHED_MS = 10_000
const SETTLED_MS = 5_000

export async function idle(): Promise<Figure[]> {
  return [...(await asking()), ...(await many())]
}

/** The service with ten thousand connections that all are at rest, beside the same service with none. */
async function many(): Promise<Figure[]> {
  const none = await atRest(0)
  const all = await atRest(MANY)
  return [
    mostFigure(`${MANY} idle connections: memory of an instance`, all.memory - none.memory, {
      max: 30,
      unit: 'MB',
      noise: 10,
      beside: `none: ${Math.round(none.memory)} MB`,
    }),
    mostFigure('… processor time', all.processor - none.processor, {
      max: 1,
      unit: '% of a core',
      noise: 1,
      beside: `none: ${none.processor.toFixed(1)} %`,
    }),
    mostFigure('… transactions a second', all.transactions, {
      max: null,
      unit: '',
      beside: `none: ${none.transactions.toFixed(1)}`,
    }),
  ]
}

async function atRest(connections: number): Promise<{ memory: number; processor: number; transactions: number }> {
  const scratch = await newPostgres()
  if (connections > 0) await manyConnections(scratch, connections, 'active')
  const service = await startService({ DATABASE_URL: scratch.url ?? '' }, { isTenantMade: false })
  const transactions = async (): Promise<number> => {
    const found = await scratch.sql?.unsafe(
      'select xact_commit::float8 as n from pg_stat_database where datname = current_database()',
    )
    return Number(found?.[0]?.['n'])
  }
  try {
    await new Promise(resolve => setTimeout(resolve, SETTLED_MS))
    const [begun, used] = [await transactions(), processorMs(service.pid)]
    await new Promise(resolve => setTimeout(resolve, WATCHED_MS))
    return {
      memory: residentOf(service.pid),
      processor: ((processorMs(service.pid) - used) / WATCHED_MS) * 100,
      transactions: ((await transactions()) - begun) / (WATCHED_MS / 1_000),
    }
  } finally {
    await service.stop()
    await scratch.drop()
  }
}

const TICK_MS = 10
const processorMs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Nothing happens anywhere: what connections ask of Google, in virtual time. */
async function asking(): Promise<Figure[]> {
  const engine = createEngine(wake => createMemoryStore(wake))
  for (let place = 0; place < CONNECTIONS; place += 1) await engine.connect({ userId: `user-${place}` })
  await engine.advance(HOUR_MS)
  const { requestLog } = engine.simulator.world
  const before = requestLog.length
  const timersBefore = process.getActiveResourcesInfo().filter(each => each === 'Timeout').length
  await engine.advance(HOURS * HOUR_MS)
  const timers = process.getActiveResourcesInfo().filter(each => each === 'Timeout').length - timersBefore
  const kinds = Map.groupBy(requestLog.slice(before), entry => entry.kind)
  const perHour = (kind: string): number => (kinds.get(kind)?.length ?? 0) / HOURS / CONNECTIONS
  const others = [...kinds.keys()]
    .filter(kind => kind !== 'events.list')
    .map(kind => `${kind} ${perHour(kind).toFixed(2)}`)
  return [
    mostFigure('idle connection: lists an hour', perHour('events.list'), {
      max: POLLS_AN_HOUR * 1.1,
      unit: '',
      beside: others.join(', '),
    }),
    mostFigure(`… timers of ${CONNECTIONS} of them`, timers, { max: 0, unit: '' }),
  ]
}
