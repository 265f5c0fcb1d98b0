import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median, type Figure } from './measure.ts'

const WIDTH = 760
const FONT = 'font-family="system-ui, sans-serif" font-size="12"'
const INK = '#57606a'
const COLOURS = { ours: '#0969da', floor: '#8c959f', kept: '#1a7f37', over: '#cf222e' }

/** The pictures of the page, made of the figures alone. */
export function writePictures(folder: string, figures: readonly Figure[]): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'limits.svg'), limits(figures))
  writeFileSync(
    join(folder, 'increment.svg'),
    growth(figures, /changes in a calendar of ([\d,]+)/, '10 changes, by the size of the calendar (ms)'),
  )
  writeFileSync(
    join(folder, 'first-sync.svg'),
    growth(figures, /^first sync of ([\d,]+) events, PostgreSQL/, 'first sync, by its events (ms)'),
  )
  writeFileSync(
    join(folder, 'memory.svg'),
    growth(
      figures,
      /memory above idle, first sync of ([\d,]+)/,
      'memory above idle, by the events of a first sync (MB)',
    ),
  )
}

const ROW = 22
const LABELS = 400
const LIMIT = LABELS + 200

/** How much of each budget is used: the line is the limit. */
function limits(figures: readonly Figure[]): string {
  let work = ''
  const rows = figures.flatMap(figure => {
    if (!figure.work.startsWith('…')) work = figure.work
    if (figure.share === null) return []
    return [
      {
        ...figure,
        share: figure.share,
        label: figure.work.startsWith('…') ? `${short(work)} ${figure.work}` : figure.work,
      },
    ]
  })
  const bars = rows.map(({ label, share, ours, budget }, place) => {
    const y = place * ROW + 6
    const width = Math.min(share, 1.7) * (LIMIT - LABELS)
    const colour = share <= 1 ? COLOURS.kept : COLOURS.over
    const end = LABELS + width + 5
    return (
      `<text x="${LABELS - 8}" y="${y + 12}" text-anchor="end">${escaped(label.slice(0, 62))}</text>` +
      `<rect x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="15" fill="${colour}" opacity="0.75"/>` +
      `<title>${escaped(`${label}: ${ours}, ${budget}`)}</title>` +
      `<text x="${end.toFixed(1)}" y="${y + 12}">${Math.round(share * 100)} %</text>`
    )
  })
  const height = rows.length * ROW + 12
  const line = `<line x1="${LIMIT}" x2="${LIMIT}" y1="0" y2="${height}" stroke="${INK}" stroke-dasharray="4 3"/>`
  return svg(height, [...bars, line])
}

const short = (work: string): string => (work.length > 34 ? `${work.slice(0, 33)}…` : work)

const PLOT = { left: 90, right: WIDTH - 40, top: 40, bottom: 220, height: 260 }

/** Sizes to the right on a logarithmic scale, cost upwards from nothing: what is flat here does not grow. */
function growth(figures: readonly Figure[], of: RegExp, title: string): string {
  const points = figures.flatMap(({ work, samples }) => {
    const size = Number(of.exec(work)?.[1]?.replaceAll(',', '') ?? NaN)
    const { ours = [], floor = [] } = samples
    return Number.isNaN(size) || ours.length === 0
      ? []
      : [{ size, ours: median(ours), floor: floor.length > 0 ? median(floor) : null }]
  })
  const most = Math.max(...points.flatMap(({ ours, floor }) => [ours, floor ?? 0]), 1)
  const [least, largest] = [Math.min(...points.map(each => each.size)), Math.max(...points.map(each => each.size))]
  const xOf = (size: number): number => {
    const share = largest === least ? 0.5 : Math.log(size / least) / Math.log(largest / least)
    return PLOT.left + share * (PLOT.right - PLOT.left)
  }
  const yOf = (value: number): number => PLOT.bottom - (value / most) * (PLOT.bottom - PLOT.top)
  const curve = (name: 'ours' | 'floor'): string => {
    const known = points.flatMap(point =>
      point[name] === null ? [] : [{ x: xOf(point.size), y: yOf(point[name]), value: point[name] }],
    )
    const path = known.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
    const dots = known.map(
      ({ x, y, value }) =>
        `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4" fill="${COLOURS[name]}"/>` +
        `<text x="${x.toFixed(1)}" y="${(y - 9).toFixed(1)}" text-anchor="middle">${value.toFixed(value < 10 ? 1 : 0)}</text>`,
    )
    return `<polyline points="${path}" fill="none" stroke="${COLOURS[name]}" stroke-width="2"/>${dots.join('')}`
  }
  const marks = points.map(
    ({ size }) =>
      `<text x="${xOf(size).toFixed(1)}" y="${PLOT.bottom + 22}" text-anchor="middle">${size.toLocaleString('en')}</text>`,
  )
  const axis = `<line x1="${PLOT.left - 30}" x2="${PLOT.right + 20}" y1="${PLOT.bottom}" y2="${PLOT.bottom}" stroke="${INK}"/>`
  const names = `<text x="${PLOT.left - 30}" y="18">${escaped(title)}: <tspan fill="${COLOURS.ours}">ours</tspan>, <tspan fill="${COLOURS.floor}">the floor</tspan></text>`
  return svg(PLOT.height, [names, axis, ...marks, curve('floor'), curve('ours')])
}

const svg = (height: number, parts: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ${FONT} fill="${INK}">\n${parts.join('\n')}\n</svg>\n`

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
