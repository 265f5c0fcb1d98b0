import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { sharingScenario } from './sharing.scenario.ts'

sharingScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))))
