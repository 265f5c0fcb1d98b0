import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { movesScenario } from './moves.scenario.ts'

movesScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))))
