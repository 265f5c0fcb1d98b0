import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** `node test/simulation/report.ts`: writes the tables of `docs/proof.md` from what soak, zoo and crash points left in `docs/proof/`. */
type Soak = {
  commit?: string
  seed: number
  schedules: number
  seconds: number
  perSecond: number
  violations: number
  livedTwice: number
  wentTwoWays: number
  faults: Record<string, number>
  pairs: { all: number; met: number; least: number; median: number }
}
type Zoo = {
  schedules: number
  rows: { name: string; incident: string; broken: [string, { seed: number }][]; isKilledByTests: boolean | null }[]
}
type Points = { every: number; where: string; scenarios: Record<string, number> }

let page = readFileSync('docs/proof.md', 'utf8')
fill('soak', 'docs/proof/soak.json', (soak: Soak) => [
  `The last soak: **${soak.schedules} schedules** from seed ${soak.seed} at ${soak.commit ?? 'an unnamed commit'} in ${Math.round(soak.seconds / 60)} minutes (${soak.perSecond} a second, on a machine shared with others), **${soak.violations} violations**;`,
  `${soak.livedTwice} seeds lived twice, ${soak.wentTwoWays} went two ways; ${soak.pairs.met} of ${soak.pairs.all} pairs of faults met (median ${soak.pairs.median} times).`,
  '',
  '| fault | struck | fault | struck | fault | struck |',
  '| --- | ---: | --- | ---: | --- | ---: |',
  ...rowsOf(
    Object.entries(soak.faults).map(([name, times]) => `${name} | ${times}`),
    3,
  ),
])
fill('zoo', 'docs/proof/zoo.json', ({ schedules, rows }: Zoo) => [
  `Each in a process of its own, over up to ${schedules} schedules; the laws that noticed, and the seed at which each did first.`,
  '',
  '| mutant | the incident | noticed by |',
  '| --- | --- | --- |',
  ...rows.map(
    ({ name, incident, broken, isKilledByTests }) =>
      `| ${name} | ${incident} | ${broken.map(([law, { seed }]) => `${law} (${seed})`).join(', ') || (isKilledByTests === true ? 'tests' : 'not by these worlds')} |`,
  ),
])
fill('points', 'docs/proof/points.json', (all: Points[]) =>
  all.map(({ where, every, scenarios }) => {
    const total = Object.values(scenarios).reduce((sum, points) => sum + points, 0)
    const share = every === 1 ? 'every point' : `each ${every}th point`
    return `- ${where}: ${total} points of ${Object.keys(scenarios).length} scenarios (${share}), all passed.`
  }),
)
writeFileSync('docs/proof.md', page)

function fill<T>(name: string, file: string, linesOf: (found: T) => string[]): void {
  if (!existsSync(file)) return
  const lines = linesOf(JSON.parse(readFileSync(file, 'utf8')) as T) // written by our own tools
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  page = page.replace(new RegExp(`${open}[\\s\\S]*${close}`), () => [open, '', ...lines, '', close].join('\n'))
}

function rowsOf(cells: readonly string[], across: number): string[] {
  const rows: string[] = []
  for (let at = 0; at < cells.length; at += across)
    rows.push(`| ${Array.from({ length: across }, (_, place) => cells[at + place] ?? ' | ').join(' | ')} |`)
  return rows
}
