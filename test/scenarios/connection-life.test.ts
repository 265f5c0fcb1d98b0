import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { connectionLifeScenario } from './connection-life.scenario.ts'

connectionLifeScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))), 3)
