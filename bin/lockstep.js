#!/usr/bin/env node
// In the tree the sources run as they are; an installed package has only what was built of them.
import { existsSync } from 'node:fs'

const source = new URL('../src/cli.ts', import.meta.url)
await import(existsSync(source) ? source.href : new URL('../dist/cli.js', import.meta.url).href)
