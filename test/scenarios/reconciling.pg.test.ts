import { afterAll, describe } from 'vitest'
import { createStore } from '../../src/adapters/db/store/store.ts'
import { createEngine, TENANT, type Engine } from '../support/engine.ts'
import { newEmbedded, newPostgres, type TestDatabase } from '../support/databases.ts'
import { duplicatesScenario } from './duplicates.scenario.ts'
import { guardScenario } from './guard.scenario.ts'
import { movesScenario } from './moves.scenario.ts'
import { policiesScenario } from './policies.scenario.ts'
import { proposalsScenario } from './proposals.scenario.ts'
import { sharingScenario } from './sharing.scenario.ts'
import { trapsScenario } from './traps.scenario.ts'

describe.each([
  ['PostgreSQL', newPostgres],
  ['the embedded database', newEmbedded],
])('on %s', (_name, open) => {
  let opened: Promise<TestDatabase> | null = null
  afterAll(async () => (await opened)?.drop())
  /** One database for all: a scenario begins with what the one before left erased. */
  const newEngine = async (): Promise<Engine> => {
    opened ??= open()
    const { database } = await opened
    const engine = createEngine(wake =>
      createStore({ database, enqueue: (_executor, wakeUps) => Promise.resolve(wake(wakeUps)) }),
    )
    await engine.deps.store.transaction(TENANT, tx => tx.eraseTenant(TENANT))
    return engine
  }
  describe('proposals', () => proposalsScenario(newEngine))
  describe('the deletion guard', () => guardScenario(newEngine))
  describe('moves', () => movesScenario(newEngine))
  describe('duplicates', () => duplicatesScenario(newEngine))
  describe('sharing', () => sharingScenario(newEngine))
  describe('policies', () => policiesScenario(newEngine))
  describe('traps', () => trapsScenario(newEngine))
})
