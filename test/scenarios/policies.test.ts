import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { policiesScenario } from './policies.scenario.ts'

policiesScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))))
