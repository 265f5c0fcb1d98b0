import type { Figure } from './measure.ts'

const HEADS = ['work', 'ours', 'floor or peer', 'ratio', 'budget', '']

/** One table for a person. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ work, ours, beside, ratio, budget, verdict }) => [
    work,
    ours,
    beside,
    ratio === null ? '' : `${ratio.toFixed(2)} ×`,
    budget,
    verdict === 'shown' ? '' : verdict,
  ])
  const widths = HEADS.map((head, column) => Math.max(...[HEADS, ...rows].map(row => (row[column] ?? head).length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return [line(HEADS), widths.map(width => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}
