import { afterAll, describe } from 'vitest'
import { createStore } from '../../src/adapters/db/store/store.ts'
import { createEngine } from '../support/engine.ts'
import { newEmbedded, newPostgres, type TestDatabase } from '../support/databases.ts'
import { accountsScenario } from './accounts.scenario.ts'

describe.each([
  ['PostgreSQL', newPostgres],
  ['the embedded database', newEmbedded],
])('on %s', (_name, open) => {
  const opened: TestDatabase[] = []
  afterAll(() => Promise.all(opened.map(each => each.drop())))
  accountsScenario(async () => {
    const test = await open()
    opened.push(test)
    return createEngine(wake =>
      createStore({ database: test.database, enqueue: (_executor, wakeUps) => Promise.resolve(wake(wakeUps)) }),
    )
  })
})
