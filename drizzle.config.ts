import { defineConfig } from 'drizzle-kit'

/** `npx drizzle-kit generate --name what_changes` writes the next migration. */
export default defineConfig({ dialect: 'postgresql', schema: './src/adapters/db/schema.ts', out: './drizzle' })
