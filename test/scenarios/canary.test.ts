import { createMemoryStore } from '../support/memory-store.ts'
import { createWorld, TABLES } from '../support/memory-world.ts'
import { canaryScenario } from './canary.scenario.ts'

canaryScenario(() => {
  const world = createWorld()
  return Promise.resolve({
    makeStore: wake => createMemoryStore(wake, world),
    rows: () =>
      Promise.resolve(
        TABLES.flatMap(table => world.committed.across(table).map(row => ({ table, row: JSON.stringify(row) }))),
      ),
  })
})
