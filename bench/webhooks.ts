import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createNames } from '../src/adapters/db/names.ts'
import type { Load, Loaded } from './support/load-process.ts'
import { leastFigure, median, mostFigure, quantile, type Figure } from './support/measure.ts'
import { manyConnections } from './support/many.ts'
import { newPostgres, type Scratch } from './support/scratch.ts'
import { SECRET_KEY, startService } from './support/service.ts'

const CALENDARS = 1_000
const CONNECTIONS = 100
const ROUNDS = 3
const SECONDS = 1.5

/**
 * Google's notifications at the real service (intake, job engine, workers; the connections are paused, so that no pull asks Google),
 * beside one committed INSERT per request and an empty route, all loaded in turn by a client in a process of its own.
 */
export async function webhooks(): Promise<Figure[]> {
  const scratch = await newPostgres()
  const headers = await openChannels(scratch)
  const where = { DATABASE_URL: scratch.url ?? '' }
  const service = await startService(where)
  const floors = fork(new URL('./support/intake-floors.ts', import.meta.url), [scratch.url ?? ''], { execArgv: [] })
  const [floorPort] = (await once(floors, 'message')) as [number]
  const client = fork(new URL('./support/load-process.ts', import.meta.url), [], { execArgv: [] })
  const load = async (asked: Partial<Load>): Promise<Loaded> => {
    const usual: Load = {
      ports: [service.port],
      path: '/webhooks/google',
      headers,
      connections: CONNECTIONS,
      seconds: SECONDS,
      perSecond: null,
    }
    client.send({ ...usual, ...asked })
    const [loaded] = (await once(client, 'message')) as [Loaded]
    const others = Object.keys(loaded.statuses).filter(status => status !== '204')
    if (others.length > 0) throw new Error(`answered ${JSON.stringify(loaded.statuses)}`)
    return loaded
  }
  try {
    const ours: number[] = []
    const inserts: number[] = []
    const empties: number[] = []
    for (let round = 0; round < ROUNDS + 1; round += 1) {
      const empty = await load({ ports: [floorPort], path: '/empty' })
      const insert = await load({ ports: [floorPort], path: '/insert' })
      const own = await load({})
      if (round === 0) continue
      empties.push(empty.perSecond)
      inserts.push(insert.perSecond)
      ours.push(own.perSecond)
    }
    const calm = await load({ perSecond: median(empties) / 20, seconds: 4 })
    const calmInsert = await load({ ports: [floorPort], path: '/insert', perSecond: median(empties) / 20, seconds: 4 })
    const burst = await load({ headers, connections: 1_000, seconds: SECONDS })
    const more = [
      await startService(where, { isTenantMade: false }),
      await startService(where, { isTenantMade: false }),
    ]
    const three = await load({ ports: [service, ...more].map(each => each.port), connections: CONNECTIONS })
    for (const each of more) await each.stop()
    const against = (floors: readonly number[]): { ratio: number; noise: number } => {
      const ratios = ours.map((each, index) => each / (floors[index] ?? NaN))
      return { ratio: median(ratios), noise: (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / 2 }
    }
    const rate = (of: readonly number[]): string => `${Math.round(median(of)).toLocaleString('en')} /s`
    const common = { unit: '/s', samples: { ours, inserts, empties } }
    return [
      leastFigure('notifications, 204 once durable', median(ours), {
        ...common,
        ...against(inserts),
        min: 1,
        beside: `INSERT ${rate(inserts)}`,
      }),
      leastFigure('… beside an empty route (aim: 0.5 ×)', median(ours), {
        ...common,
        ...against(empties),
        min: null,
        beside: `empty ${rate(empties)}`,
      }),
      mostFigure('… p99 at a tenth of the aim', calm.p99, {
        max: 20,
        unit: 'ms',
        noise: calmInsert.p99,
        beside: `INSERT ${calmInsert.p99.toFixed(1)} ms`,
      }),
      mostFigure(`… ${CALENDARS} calendars at once, 1,000 connections: p99`, burst.p99, {
        max: null,
        unit: 'ms',
        beside: `${Math.round(burst.perSecond)} /s`,
      }),
      leastFigure('… three instances on the same two cores', three.perSecond, {
        min: null,
        unit: '/s',
        beside: `one: ${rate(ours)}`,
      }),
    ]
  } finally {
    client.disconnect()
    floors.disconnect()
    await service.stop()
    await scratch.drop()
  }
}

/** One live channel for each of many calendars. @returns what Google sends on each. */
async function openChannels(scratch: Scratch): Promise<Record<string, string>[]> {
  await manyConnections(scratch, CALENDARS, 'paused')
  const names = createNames([{ id: 'k1', key: SECRET_KEY }])
  return Array.from({ length: CALENDARS }, (_, place) => ({
    'x-goog-channel-id': `channel-${place}`,
    'x-goog-channel-token': names.channelToken(`channel-${place}`),
    'x-goog-resource-id': 'resource',
    'x-goog-resource-state': 'exists',
  }))
}
