import { fork, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CHECK_NAMES, type Check } from '../simulation/fleet/checks.ts'
import { MUTANTS, type Mutant } from './zoo.ts'

/**
 * `npm run zoo [-- name …] [--schedules N] [--without S3] [--json FILE] [--proof]`: sets each bug loose in a process of its own and says which
 * laws notice. An unharmed tree must break none. What random worlds do not notice is put before the tests (`--proof`). Exit 1 when one lives.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    schedules: { type: 'string', default: '150' },
    without: { type: 'string', default: '' },
    json: { type: 'string' },
    proof: { type: 'boolean', default: false },
    'at-once': { type: 'string', default: '2' },
  },
})
const UNHARMED = 'unharmed'
type Broken = [check: string, found: { seed: number; times: number; text: string }][]
type Row = { name: string; incident: string; broken: Broken; isKilledByTests: boolean | null }

const without = new Set(values.without.split(',').filter(name => name !== ''))
const chosen = positionals.length === 0 ? MUTANTS : MUTANTS.filter(each => positionals.includes(each.name))
const clean = await tried(UNHARMED, '')
const spared = clean.map(([, { seed }]) => seed).join(',')
if (clean.length > 0)
  console.log(`unharmed, ${clean.length} laws are broken at seeds ${spared}: those seeds tell nothing`)
if (values.proof && !testsPass(UNHARMED)) throw new Error('the tests fail without any mutant: they can tell nothing')
const rows: Row[] = []
const queue = [...chosen]
await Promise.all(Array.from({ length: Number(values['at-once']) }, takeTurns))
conclude(rows)

async function takeTurns(): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) await judge(next)
}

async function judge({ name, incident }: Mutant): Promise<void> {
  const broken = (await tried(name, spared)).filter(([check]) => !without.has(check))
  const isKilledByTests = broken.length === 0 && values.proof ? !testsPass(name) : null
  rows.push({ name, incident, broken, isKilledByTests })
  const laws = broken.map(([check, { seed }]) => `${check}@${seed}`).join(' ')
  console.log(
    `${isAlive({ broken, isKilledByTests }) ? 'ALIVE ' : 'killed'} ${name}: ${laws || (isKilledByTests ? 'tests' : '')}`,
  )
}

function isAlive({ broken, isKilledByTests }: Pick<Row, 'broken' | 'isKilledByTests'>): boolean {
  return broken.length === 0 && isKilledByTests !== true
}

function tried(mutant: string, spare: string): Promise<Broken> {
  return new Promise((resolve, reject) => {
    const child = fork('test/mutants/trial.ts', [values.schedules], {
      execArgv: ['--import', './test/mutants/loose.ts'],
      env: { ...process.env, MUTANT: mutant, SPARED: spare },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    let broken: Broken | null = null
    child.on('message', (message: Broken) => (broken = message))
    child.once('exit', code => {
      if (broken === null) reject(new Error(`the trial of ${mutant} ended with ${String(code)} and said nothing`))
      else resolve(broken)
    })
  })
}

function testsPass(mutant: string): boolean {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/mutants/zoo.config.ts']
  return spawnSync(process.execPath, args, { env: { ...process.env, MUTANT: mutant }, stdio: 'ignore' }).status === 0
}

/** A law that is the only one to notice some mutant is one that cannot be left out. */
function conclude(all: readonly Row[]): void {
  const alive = all.filter(isAlive)
  console.log(
    `${all.length - alive.length} of ${all.length} mutants killed; alive: ${alive.map(each => each.name).join(', ') || 'none'}`,
  )
  const only = (check: Check): string[] =>
    all.filter(({ broken }) => broken.length === 1 && broken[0]?.[0] === check).map(({ name }) => name)
  for (const check of CHECK_NAMES) console.log(`${check} alone notices: ${only(check).join(', ') || '-'}`)
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ schedules: Number(values.schedules), rows: all }, null, 1)}\n`)
  process.exitCode = alive.length === 0 ? 0 : 1
}
