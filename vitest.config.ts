import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Each file's tests say here how much they looked at for planted words; `test/support/summary-reporter.ts` adds it up. */
const env = { CANARY_FILE: join(tmpdir(), `lockstep-canary-${process.pid}`) }
const watched = { setupFiles: ['test/support/canary.ts'], env }

/**
 * Three projects, by what they need:
 * `unit` needs nothing, `database` a PostgreSQL that `test/support/postgres.ts` finds or brings,
 * `browser` a Chromium.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/support/summary-reporter.ts'],
    projects: [
      {
        test: {
          ...watched,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.pg.test.ts', 'test/**/*.browser.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000, // a first embedded database is made in one
        },
      },
      {
        test: {
          ...watched,
          name: 'database',
          include: ['test/**/*.pg.test.ts'],
          globalSetup: ['test/support/postgres.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...watched,
          name: 'browser',
          include: ['test/**/*.browser.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
