import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { plansScenario } from './plans.scenario.ts'

plansScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))))
