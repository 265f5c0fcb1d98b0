import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { duplicatesScenario } from './duplicates.scenario.ts'

duplicatesScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))))
