import { defineConfig } from 'vitest/config'

/**
 * What mutants of the core are killed with: its own case tables and laws, nothing slower. The first run counts what each test reaches, which
 * makes the laws slower than they are.
 */
export default defineConfig({ test: { include: ['test/core/**/*.test.ts'], testTimeout: 60_000 } })
