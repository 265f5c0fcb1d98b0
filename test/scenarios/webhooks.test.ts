import { expect, test } from 'vitest'
import { createMemoryStore } from '../support/memory-store.ts'
import { hostilePlatform } from './webhooks.scenario.ts'

const SEED = Number(process.env['SEED'] ?? 20_261_121)

test(`changes reach a platform that misbehaves, through kills (seed ${SEED})`, { timeout: 120_000 }, async () => {
  const store = createMemoryStore()
  const { kills, attempts, accepted } = await hostilePlatform({ store, changes: 1_500, appointments: 60, seed: SEED })
  expect(kills).toBeGreaterThan(3)
  expect(attempts).toBeGreaterThan(1_600)
  expect(accepted).toBeGreaterThan(1_500)
})
