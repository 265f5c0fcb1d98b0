import { readFileSync, writeFileSync } from 'node:fs'
import type { Figure, Report } from './measure.ts'

const HEADS = ['work', 'ours', 'floor or peer', 'ratio', 'budget', '']

/** One table for a person. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(cells)
  const widths = HEADS.map((head, column) => Math.max(...[HEADS, ...rows].map(row => (row[column] ?? head).length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return [line(HEADS), widths.map(width => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

const cells = ({ work, ours, beside, ratio, budget, verdict }: Figure): string[] => [
  work,
  ours,
  beside,
  ratio === null ? '' : `${ratio.toFixed(2)} ×`,
  budget,
  verdict === 'shown' ? '' : verdict,
]

const BEGIN = '<!-- figures: written by `npm run bench -- --write-docs` -->'
const END = '<!-- /figures -->'

/** The same table in a page, between its two marks, with the machine and the days it is of. */
export function writeFigures(page: string, { machine, benchmarks }: Report, figures: readonly Figure[]): void {
  const runs = Object.values(benchmarks)
  const days = [...new Set(runs.map(({ at }) => at.slice(0, 10)))].sort()
  const loads = runs.map(({ load }) => load)
  const heads = ['work', 'ours', 'floor or peer', 'ratio', 'budget', 'verdict']
  const rows = [heads, heads.map(() => '---'), ...figures.map(cells)]
  const said =
    `${days.join(', ')}; ${machine.cpus} × ${machine.model}, Node ${machine.node}; ` +
    `load of the machine ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}, the benchmark itself included.`
  const text = readFileSync(page, 'utf8')
  const [before, after] = [text.split(BEGIN)[0], text.split(END)[1]]
  if (before === undefined || after === undefined) throw new Error(`${page} lacks the marks of its figures`)
  const lines = rows.map(row => `| ${row.join(' | ')} |`)
  writeFileSync(
    page,
    `${before}${BEGIN}\n<!-- prettier-ignore-start -->\n\n${said}\n\n${lines.join('\n')}\n\n<!-- prettier-ignore-end -->\n${END}${after}`,
  )
}
