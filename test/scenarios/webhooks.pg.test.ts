import { expect, test } from 'vitest'
import { createStore } from '../../src/adapters/db/store/store.ts'
import { newPostgres } from '../support/databases.ts'
import { hostilePlatform } from './webhooks.scenario.ts'

const SEED = Number(process.env['SEED'] ?? 20_261_121)

test(
  `ten thousand changes reach a platform that misbehaves, through kills, from PostgreSQL (seed ${SEED})`,
  { timeout: 300_000 },
  async () => {
    const { database, drop } = await newPostgres()
    try {
      const store = createStore({ database, enqueue: async () => undefined })
      const run = await hostilePlatform({ store, changes: 10_000, appointments: 300, seed: SEED })
      expect(run.kills).toBeGreaterThan(10)
      expect(run.attempts).toBeGreaterThan(10_500)
      expect(run.accepted).toBeGreaterThan(10_000)
    } finally {
      await drop()
    }
  },
)
