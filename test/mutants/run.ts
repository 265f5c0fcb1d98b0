import { spawnSync } from 'node:child_process'
import { MUTANTS } from './zoo.ts'

/** `npm run zoo [-- name …]`: sets each bug loose in turn and expects the fast proof to notice. Exit 1 when one lives. */
const UNHARMED = 'unharmed'

const wanted = process.argv.slice(2)
const chosen = wanted.length === 0 ? MUTANTS : MUTANTS.filter(each => wanted.includes(each.name))
const alive: string[] = []
if (!proofPasses(UNHARMED)) throw new Error('the proof fails without any mutant: it can tell nothing')
for (const { name, incident } of chosen) {
  const startedAt = performance.now()
  const isAlive = proofPasses(name)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  if (isAlive) alive.push(name)
  console.log(`${isAlive ? 'ALIVE ' : 'killed'} ${seconds.padStart(4)} s  ${name}: ${incident}`)
}
console.log(`${chosen.length - alive.length} of ${chosen.length} mutants killed`)
process.exitCode = alive.length === 0 ? 0 : 1

function proofPasses(mutant: string): boolean {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/mutants/zoo.config.ts']
  return spawnSync(process.execPath, args, { env: { ...process.env, MUTANT: mutant }, stdio: 'ignore' }).status === 0
}
