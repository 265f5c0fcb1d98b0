import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { proposalsScenario } from './proposals.scenario.ts'

proposalsScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))))
