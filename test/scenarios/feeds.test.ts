import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { feedsScenario } from './feeds.scenario.ts'

feedsScenario(() => Promise.resolve(createEngine(wake => createMemoryStore(wake))))
