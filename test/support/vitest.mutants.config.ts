import { defineConfig } from 'vitest/config'

/** What mutants of the core are killed with: its own case tables and laws, nothing slower. */
export default defineConfig({ test: { include: ['test/core/**/*.test.ts'] } })
