import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createStore } from '../../src/adapters/db/store/store.ts'
import { newPostgres, type TestDatabase } from '../support/databases.ts'
import { livePoints } from './crash-points.ts'
import { SCENARIOS } from './crash-scenarios.ts'
import type { Where } from './random-world.ts'

/** The same on PostgreSQL. `CRASH_POINTS=full`: all; else a few scenarios at each sixteenth of their points. */
const isFull = process.env['CRASH_POINTS'] === 'full'
const every = Number(process.env['CRASH_POINTS_EVERY'] ?? (isFull ? 1 : 16))
const FEW = ['a booking moved', 'a booking deleted in Google', 'a dead sync token']
const scenarios = Object.entries(SCENARIOS).filter(([name]) => isFull || FEW.includes(name))

describe('on PostgreSQL', () => {
  let opened: TestDatabase
  let tenants = 0
  const counted: Record<string, number> = {}
  beforeAll(async () => void (opened = await newPostgres()))
  afterAll(async () => {
    const file = process.env['CRASH_POINTS_JSON']
    if (file !== undefined) writeFileSync(file, `${JSON.stringify({ every, scenarios: counted }, null, 1)}\n`)
    await opened.drop()
  })

  /** A tenant of its own for each life, and the one before is gone with all it had. */
  const anew = async (): Promise<Where> => {
    const enqueue =
      (wake: Parameters<Where['makeStore']>[0]): Parameters<typeof createStore>[0]['enqueue'] =>
      (_executor, wakeUps) =>
        Promise.resolve(wake(wakeUps))
    const before = `clinic_${tenants}`
    if (tenants > 0)
      await createStore({ database: opened.database, enqueue: enqueue(() => undefined) }).transaction(before, tx =>
        tx.eraseTenant(before),
      )
    tenants += 1
    return {
      tenantId: `clinic_${tenants}`,
      makeStore: wake => createStore({ database: opened.database, enqueue: enqueue(wake) }),
    }
  }

  test.each(scenarios)('%s survives whatever goes wrong at its calls', { timeout: 3_600_000 }, async (name, steps) => {
    const { points, failed } = await livePoints(steps, anew, every)
    counted[name] = points
    expect(failed).toEqual([])
  })
})
