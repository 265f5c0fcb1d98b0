import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MUTANTS } from './zoo.ts'

/**
 * Preloaded into a plain Node process (`--import`): the tree as it is, but for the one place of the mutant in the environment. The text is
 * changed as the file is loaded, in this process alone, so nothing that was kept from another run can stand in for it.
 */
const name = process.env['MUTANT']
const mutant = MUTANTS.find(each => each.name === name)
if (mutant === undefined && name !== 'unharmed')
  throw new Error(`MUTANT=${name} names no mutant of test/mutants/zoo.ts`)

const url = mutant === undefined ? null : pathToFileURL(resolve(mutant.file)).href
registerHooks({
  load(asked, context, next) {
    const loaded = next(asked, context)
    if (mutant === undefined || asked !== url) return loaded
    const source = textOf(loaded.source)
    if (!source.includes(mutant.find)) throw new Error(`the place of ${mutant.name} is not in ${mutant.file}`)
    return { ...loaded, source: source.replace(mutant.find, () => mutant.put) }
  },
})

function textOf(source: unknown): string {
  if (typeof source === 'string') return source
  if (source instanceof Uint8Array) return Buffer.from(source).toString('utf8')
  throw new Error('a module without text')
}
