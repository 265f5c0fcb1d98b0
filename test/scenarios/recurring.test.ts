import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { recurringScenario } from './recurring.scenario.ts'

recurringScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))))
