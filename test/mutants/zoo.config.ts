import { resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vitest/config'
import { MUTANTS } from './zoo.ts'

const name = process.env['MUTANT']
const mutant = MUTANTS.find(each => each.name === name)
if (mutant === undefined && name !== 'unharmed')
  throw new Error(`MUTANT=${name} names no mutant of test/mutants/zoo.ts`)

/** The tree as it is, but for the one place. */
const plugin: Plugin = {
  name: 'mutant',
  enforce: 'pre',
  transform(code, id) {
    if (mutant === undefined || id.split('?')[0] !== resolve(mutant.file)) return null
    if (!code.includes(mutant.find)) throw new Error(`the place of ${mutant.name} is not in ${mutant.file}`)
    return code.replace(mutant.find, () => mutant.put)
  },
}

export default defineConfig({
  plugins: [plugin],
  test: {
    include: [
      'test/core/**/*.test.ts',
      'test/scenarios/**/*.test.ts',
      'test/simulation/**/*.test.ts',
      'test/usecases/**/*.test.ts',
    ],
    exclude: ['test/**/*.pg.test.ts'],
    // What was kept of another run would be the tree with another mutant, or with none.
    fsModuleCache: false,
    bail: 1,
    reporters: ['dot'],
    testTimeout: 60_000,
  },
})
