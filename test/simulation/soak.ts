import { fork, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { FAULT_NAMES } from './fleet/faults.ts'
import { readChecks } from './fleet/shrink.ts'
import { liveSchedule, shortestOf } from './soak-schedule.ts'

/**
 * `npm run soak -- [--minutes N | --schedules N] [--seed S] [--workers N] [--without S3,S8] [--json FILE]`, or `--replay SEED`.
 * Random worlds for as long as asked, a line a minute; a failing seed is printed with its shortest story and the command that lives it
 * again. Exit 1 for a violation, a seed that went two ways, or a fault that never struck.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    schedules: { type: 'string' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    without: { type: 'string', default: '' },
    json: { type: 'string' },
    replay: { type: 'string' },
    part: { type: 'string' },
  },
})
const without = readChecks(values.without)
const firstSeed = Number(values.seed)
const workers = Number(values.workers)

/** Every so many schedules a worker reports; every so many seeds one is lived twice. */
const BATCH = 100
const TWICE_EVERY = 100
/** From so many schedules on, a fault that never struck, or a pair of them, is a hole in the harness. */
const FAULTS_FROM = 2_000
const PAIRS_FROM = 50_000
const VIOLATIONS_MAX = 5

type Batch = {
  lived: number
  twice: number
  astray: number[]
  struck: [string, number][]
  pairs: [string, number][]
  violations: { seed: number; check: string; text: string; story: string }[]
  rssMb: number
}

async function replay(seed: number): Promise<void> {
  const lived = await liveSchedule(seed, without)
  for (const { check, text } of lived.violations) console.log(`${check}: ${text}`)
  const [first] = lived.violations
  if (first !== undefined) console.log(await shortestOf(seed, first.check))
  console.log(`${lived.violations.length} violations, trace ${lived.hash ?? 'not kept'}`)
  process.exitCode = lived.violations.length === 0 ? 0 : 1
}

/** One worker: every `workers`-th seed, until it is told to stop. */
async function work(part: number): Promise<void> {
  const share = values.schedules === undefined ? Infinity : Math.ceil((Number(values.schedules) - part) / workers)
  const until = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000
  let isStopped = false
  process.once('disconnect', () => (isStopped = true))
  let batch = newBatch()
  for (let count = 0; count < share && Date.now() < until && !isStopped; count += 1) {
    await liveInto(batch, firstSeed + count * workers + part)
    if (batch.lived < BATCH && batch.violations.length === 0) continue
    report(batch)
    batch = newBatch()
    await new Promise(resolve => setImmediate(resolve))
  }
  report(batch)
  if (process.connected) process.disconnect()
}

const newBatch = (): Batch => ({ lived: 0, twice: 0, astray: [], struck: [], pairs: [], violations: [], rssMb: 0 })

function report(batch: Batch): void {
  if (!process.connected) return // nobody listens any more
  process.send?.({ ...batch, rssMb: Math.round(process.memoryUsage.rss() / 1e6) })
}

async function liveInto(batch: Batch, seed: number): Promise<void> {
  const lived = await liveSchedule(seed, without)
  batch.lived += 1
  const names = [...lived.struck].filter(([, times]) => times > 0).map(([name]) => name)
  for (const [name, times] of lived.struck) if (times > 0) batch.struck.push([name, times])
  for (const [index, name] of names.entries())
    for (const other of names.slice(index + 1)) batch.pairs.push([[name, other].sort().join(' + '), 1])
  if (seed % TWICE_EVERY === 0 && lived.hash !== null) {
    batch.twice += 1
    if ((await liveSchedule(seed, without)).hash !== lived.hash) batch.astray.push(seed)
  }
  const [first] = lived.violations
  if (first !== undefined) batch.violations.push({ seed, ...first, story: await shortestOf(seed, first.check) })
}

async function lead(): Promise<void> {
  const startedAt = Date.now()
  const total = { ...newBatch(), struck: new Map<string, number>(), pairs: new Map<string, number>() }
  const rss = new Map<number, number>()
  const line = (): void => {
    const seconds = (Date.now() - startedAt) / 1000
    const memory = [...rss.values()].join('+')
    console.log(
      `${new Date().toISOString()}  ${total.lived} schedules  ${(total.lived / seconds).toFixed(1)}/s  ` +
        `${total.violations.length} violations  ${memory} MB`,
    )
  }
  const timer = setInterval(line, 60_000)
  const children = Array.from({ length: workers }, (_, part) => start(part))
  await Promise.all(children.map((child, part) => collect(child, part)))
  clearInterval(timer)
  line()
  conclude(total, (Date.now() - startedAt) / 1000)

  async function collect(child: ChildProcess, part: number): Promise<void> {
    child.on('message', (batch: Batch) => {
      rss.set(part, batch.rssMb)
      total.lived += batch.lived
      total.twice += batch.twice
      total.astray.push(...batch.astray)
      for (const [name, times] of batch.struck) total.struck.set(name, (total.struck.get(name) ?? 0) + times)
      for (const [pair, times] of batch.pairs) total.pairs.set(pair, (total.pairs.get(pair) ?? 0) + times)
      for (const violation of batch.violations) tell(violation)
      total.violations.push(...batch.violations)
      if (total.violations.length >= VIOLATIONS_MAX) for (const each of children) if (each.connected) each.disconnect()
    })
    const code = await new Promise(resolve => child.once('exit', resolve))
    if (code !== 0)
      total.violations.push({ seed: -1, check: 'X', text: `worker ${part} ended with ${String(code)}`, story: '' })
  }
}

function start(part: number): ChildProcess {
  return fork(process.argv[1] ?? '', [...process.argv.slice(2), '--part', String(part)], { stdio: 'inherit' })
}

function tell({ seed, check, text, story }: Batch['violations'][number]): void {
  console.log(`\n${check} at seed ${seed}: ${text}\n${story}\nagain: npm run soak -- --replay ${seed}\n`)
}

type Total = Omit<Batch, 'struck' | 'pairs'> & { struck: Map<string, number>; pairs: Map<string, number> }

function conclude(total: Total, seconds: number): void {
  const isWhole = without.size === 0
  const never = isWhole && total.lived >= FAULTS_FROM ? FAULT_NAMES.filter(name => !total.struck.has(name)) : []
  const names = [...FAULT_NAMES].sort()
  const all = names.flatMap((name, index) => names.slice(index + 1).map(other => `${name} + ${other}`))
  const apart = all.filter(pair => !total.pairs.has(pair))
  const isFull = apart.length === 0 || total.lived < PAIRS_FROM
  console.log(`${total.twice} seeds lived twice, ${total.astray.length} went two ways: ${total.astray.join(', ')}`)
  console.log(
    `faults that never struck: ${never.join(', ') || 'none'}; pairs that never met: ${apart.length} of ${all.length}`,
  )
  if (apart.length < 40 && apart.length > 0) console.log(apart.join('; '))
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(asJson(total, seconds, all), null, 1)}\n`)
  const isSound = total.violations.length === 0 && total.astray.length === 0 && never.length === 0 && isFull
  process.exitCode = isSound ? 0 : 1
}

function asJson(total: Total, seconds: number, all: readonly string[]): object {
  const counts = all.map(pair => total.pairs.get(pair) ?? 0).sort((a, b) => a - b)
  return {
    seed: firstSeed,
    schedules: total.lived,
    seconds: Math.round(seconds),
    perSecond: Number((total.lived / seconds).toFixed(1)),
    violations: total.violations.length,
    livedTwice: total.twice,
    wentTwoWays: total.astray.length,
    faults: Object.fromEntries([...total.struck].sort(([a], [b]) => (a < b ? -1 : 1))),
    pairs: {
      all: all.length,
      met: counts.filter(count => count > 0).length,
      least: counts[0] ?? 0,
      median: counts[counts.length >> 1] ?? 0,
    },
  }
}

if (values.replay !== undefined) await replay(Number(values.replay))
else if (values.part !== undefined) await work(Number(values.part))
else await lead()
