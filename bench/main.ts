import { fork } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { BENCHMARKS } from './benchmarks.ts'
import { flameGraphs } from './support/flame.ts'
import type { Figure, Report } from './support/measure.ts'
import { writePictures } from './support/pictures.ts'
import { table, writeFigures } from './support/print.ts'

const PROFILES = 'reports/profiles'
const REPORT = 'reports/bench.json'
const PAGE = 'docs/performance.md'
const PICTURES = 'docs/performance'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string' },
    json: { type: 'string', default: REPORT },
    /** The figures and pictures of docs/performance.md are made anew. */
    'write-docs': { type: 'boolean', default: false },
  },
})
const names = values.profile !== undefined ? [values.profile] : positionals
const unknown = names.filter(name => !(name in BENCHMARKS))
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}`)
  process.exit(2)
}

const startedAt = Date.now()
const report = earlier(values.json)
const fresh: Figure[] = []
for (const name of names.length > 0 ? names : Object.keys(BENCHMARKS)) {
  process.stderr.write(`${name} …`)
  const from = Date.now()
  const figures = await inOwnProcess(name)
  fresh.push(...figures)
  const seconds = Math.round((Date.now() - from) / 1_000)
  report.benchmarks[name] = { at: new Date(from).toISOString(), seconds, load: loadavg()[0] ?? 0, figures }
  process.stderr.write(` ${seconds} s\n`)
}
console.log(`\n${table(fresh)}\n`)
if (values.profile === undefined) keep()
else for (const file of flameGraphs(PROFILES)) console.log(`flame graph: ${file}`)
const exceeded = fresh.filter(each => each.verdict === 'exceeded')
const seconds = Math.round((Date.now() - startedAt) / 1_000)
console.log(`${fresh.length} figures in ${seconds} s, ${exceeded.length} over budget; ${values.json}`)
process.exit(exceeded.length > 0 ? 1 : 0)

function keep(): void {
  mkdirSync('reports', { recursive: true })
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
  if (!values['write-docs']) return
  const inOrder = Object.keys(BENCHMARKS).flatMap(name => report.benchmarks[name]?.figures ?? [])
  writeFigures(PAGE, report, inOrder)
  writePictures(PICTURES, inOrder)
}

/** A run of some benchmarks leaves the others' figures as they were. */
function earlier(file: string): Report {
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model ?? 'unknown' }
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Partial<Report> // written by this program
    return { machine, benchmarks: found.benchmarks ?? {} }
  } catch {
    return { machine, benchmarks: {} }
  }
}

/** Each benchmark begins with a fresh heap and unoptimised code. */
function inOwnProcess(name: string): Promise<Figure[]> {
  const isProfiled = values.profile !== undefined
  const profiling = isProfiled ? ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`] : []
  const child = fork(new URL('./run.ts', import.meta.url), [name], {
    execArgv: ['--expose-gc', ...profiling],
    env: { ...process.env, BENCH_PROFILES: isProfiled ? PROFILES : '' },
  })
  return new Promise((resolve, reject) => {
    let found: Figure[] | null = null
    child.on('message', (message: Figure[]) => (found = message))
    child.on('exit', code => (found === null ? reject(new Error(`${name} ended with ${code}`)) : resolve(found)))
  })
}
