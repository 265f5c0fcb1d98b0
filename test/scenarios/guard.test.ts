import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { guardScenario } from './guard.scenario.ts'

guardScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))))
