import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { accountsScenario } from './accounts.scenario.ts'

accountsScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))))
