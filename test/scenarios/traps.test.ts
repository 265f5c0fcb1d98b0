import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { trapsScenario } from './traps.scenario.ts'

trapsScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))))
