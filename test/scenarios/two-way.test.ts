import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { twoWayScenario } from './two-way.scenario.ts'

twoWayScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))))
