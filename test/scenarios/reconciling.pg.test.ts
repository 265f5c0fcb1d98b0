import { afterAll, describe } from 'vitest'
import { createStore } from '../../src/adapters/db/store/store.ts'
import { createEngine, type Engine } from '../support/engine.ts'
import { newEmbedded, newPostgres, type TestDatabase } from '../support/databases.ts'
import { duplicatesScenario } from './duplicates.scenario.ts'
import { guardScenario } from './guard.scenario.ts'
import { movesScenario } from './moves.scenario.ts'
import { policiesScenario } from './policies.scenario.ts'
import { proposalsScenario } from './proposals.scenario.ts'
import { sharingScenario } from './sharing.scenario.ts'

describe.each([
  ['PostgreSQL', newPostgres],
  ['the embedded database', newEmbedded],
])('on %s', (_name, open) => {
  const opened: TestDatabase[] = []
  afterAll(() => Promise.all(opened.map(each => each.drop())))
  const newEngine = async (): Promise<Engine> => {
    const test = await open()
    opened.push(test)
    return createEngine(wake =>
      createStore({ database: test.database, enqueue: (_executor, wakeUps) => Promise.resolve(wake(wakeUps)) }),
    )
  }
  describe('proposals', () => proposalsScenario(newEngine))
  describe('the deletion guard', () => guardScenario(newEngine))
  describe('moves', () => movesScenario(newEngine))
  describe('duplicates', () => duplicatesScenario(newEngine))
  describe('sharing', () => sharingScenario(newEngine))
  describe('policies', () => policiesScenario(newEngine))
})
