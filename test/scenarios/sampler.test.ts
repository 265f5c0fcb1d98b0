import { createEngine } from '../support/engine.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { samplerScenario } from './sampler.scenario.ts'

samplerScenario(async () => createEngine(createMemoryStore))
