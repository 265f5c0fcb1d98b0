import { describe } from 'vitest'
import type { WakeUp } from '../../src/ports/jobs.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { storeContract } from './store.contract.ts'

describe('the store in memory', () => {
  storeContract(async () => {
    const woken: WakeUp[] = []
    return {
      store: createMemoryStore(wakeUps => woken.push(...wakeUps)),
      woken,
      counted: async work => {
        await work()
        return null
      },
      rowsOf: async () => null,
      close: async () => undefined,
    }
  })
})
