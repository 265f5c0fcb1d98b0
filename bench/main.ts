import { fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { BENCHMARKS } from './benchmarks.ts'
import type { Figure } from './support/measure.ts'
import { table } from './support/print.ts'

const PROFILES = 'reports/profiles'
const REPORT = 'reports/bench.json'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { profile: { type: 'string' }, json: { type: 'string', default: REPORT } },
})
const names = values.profile !== undefined ? [values.profile] : positionals
const unknown = names.filter(name => !(name in BENCHMARKS))
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}`)
  process.exit(2)
}

const startedAt = Date.now()
const figures: Figure[] = []
for (const name of names.length > 0 ? names : Object.keys(BENCHMARKS)) {
  process.stderr.write(`${name} …`)
  const from = Date.now()
  figures.push(...(await inOwnProcess(name)))
  process.stderr.write(` ${Math.round((Date.now() - from) / 1_000)} s\n`)
}
console.log(`\n${table(figures)}\n`)
mkdirSync('reports', { recursive: true })
const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model }
writeFileSync(
  values.json,
  `${JSON.stringify({ startedAt: new Date(startedAt).toISOString(), machine, figures }, null, 2)}\n`,
)
if (values.profile !== undefined) console.log(`profile in ${PROFILES}: open it in Chrome's or VS Code's profiler\n`)
const exceeded = figures.filter(each => each.verdict === 'exceeded')
console.log(
  `${figures.length} figures in ${Math.round((Date.now() - startedAt) / 1_000)} s, ${exceeded.length} over budget; ${values.json}`,
)
process.exit(exceeded.length > 0 ? 1 : 0)

/** Each benchmark begins with a fresh heap and unoptimised code. */
function inOwnProcess(name: string): Promise<Figure[]> {
  const profiling = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`]
  const child = fork(new URL('./run.ts', import.meta.url), [name], { execArgv: ['--expose-gc', ...profiling] })
  return new Promise((resolve, reject) => {
    let found: Figure[] | null = null
    child.on('message', (message: Figure[]) => (found = message))
    child.on('exit', code => (found === null ? reject(new Error(`${name} ended with ${code}`)) : resolve(found)))
  })
}
