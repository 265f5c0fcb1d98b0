import { MINUTE } from '../support/builders.ts'
import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { faultsScenario } from './faults.scenario.ts'

faultsScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake), 1, MINUTE)))
