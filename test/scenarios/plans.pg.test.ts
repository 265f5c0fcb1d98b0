import { afterAll, describe } from 'vitest'
import { createStore } from '../../src/adapters/db/store/store.ts'
import { createEngine } from '../support/engine.ts'
import { newPostgres, type TestDatabase } from '../support/databases.ts'
import { plansScenario } from './plans.scenario.ts'

/** What PostgreSQL itself answers to plans: parked writes, twins, copies, families of series. The other worlds live in memory. */
const isOfTheStore = (world: string): boolean => /not sent so far|copy that/.test(world)

describe('on PostgreSQL', () => {
  const opened: TestDatabase[] = []
  afterAll(() => Promise.all(opened.map(each => each.drop())))
  plansScenario(async () => {
    const test = await newPostgres()
    opened.push(test)
    return createEngine(wake =>
      createStore({ database: test.database, enqueue: (_executor, wakeUps) => Promise.resolve(wake(wakeUps)) }),
    )
  }, isOfTheStore)
})
