import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What V8 writes with `--cpu-prof`. */
type Profile = {
  nodes: { id: number; children?: number[]; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  timeDeltas: number[]
}
type Frame = { name: string; place: string; ms: number; callees: Map<string, Frame> }

const WIDTH = 1_600
const ROW = 17
/** Narrower ones are left out, with what they call. */
const NARROWEST = 1
const CHARACTER = 6.6
const COLOURS = { ours: '#e8833a', packages: '#d9b44a', node: '#9db4c0', idle: '#e6e6e6' }

/** A flame graph beside each profile in a folder: width is time, what lies above is called by what lies below. @returns the files. */
export function flameGraphs(folder: string): string[] {
  const profiles = readdirSync(folder).filter(name => name.endsWith('.cpuprofile'))
  return profiles.map(name => {
    const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile // of V8's own making
    const file = join(folder, name.replace('.cpuprofile', '.svg'))
    writeFileSync(file, draw(framesOf(profile)))
    return file
  })
}

/** Stacks that are alike are laid together. */
function framesOf({ nodes, samples, timeDeltas }: Profile): Frame {
  const byId = new Map(nodes.map(node => [node.id, node]))
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map(child => [child, id] as const)))
  const root: Frame = { name: 'all', place: '', ms: 0, callees: new Map() }
  for (const [index, sample] of samples.entries()) {
    const ms = (timeDeltas[index] ?? 0) / 1_000
    const stack: Profile['nodes'] = []
    for (let id: number | undefined = sample; id !== undefined; id = callers.get(id)) {
      const node = byId.get(id)
      if (node !== undefined && callers.has(id)) stack.unshift(node)
    }
    root.ms += ms
    let frame = root
    for (const { callFrame } of stack) {
      const name = callFrame.functionName === '' ? '(anonymous)' : callFrame.functionName
      const place = `${callFrame.url.replace(/^file:\/\//, '')}:${callFrame.lineNumber + 1}`
      const known = frame.callees.get(`${name} ${place}`) ?? { name, place, ms: 0, callees: new Map<string, Frame>() }
      frame.callees.set(`${name} ${place}`, known)
      known.ms += ms
      frame = known
    }
  }
  return root
}

function draw(root: Frame): string {
  const boxes: string[] = []
  let deepest = 0
  const put = (frame: Frame, left: number, depth: number): void => {
    const width = (frame.ms / root.ms) * WIDTH
    if (width < NARROWEST) return
    deepest = Math.max(deepest, depth)
    const title = `${frame.name} ${frame.place} ${frame.ms.toFixed(1)} ms, ${((100 * frame.ms) / root.ms).toFixed(1)} %`
    const letters = Math.floor((width - 4) / CHARACTER)
    const label =
      letters < 3 ? '' : `<text x="${left + 3}" y="${depth * ROW + 12}">${escaped(frame.name.slice(0, letters))}</text>`
    boxes.push(
      `<g><title>${escaped(title)}</title><rect x="${left.toFixed(1)}" y="${depth * ROW}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colourOf(frame)}"/>${label}</g>`,
    )
    let next = left
    for (const callee of [...frame.callees.values()].sort((a, b) => b.ms - a.ms)) {
      put(callee, next, depth + 1)
      next += (callee.ms / root.ms) * WIDTH
    }
  }
  put(root, 0, 0)
  const height = (deepest + 1) * ROW
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="monospace" font-size="11">\n${boxes.join('\n')}\n</svg>\n`
}

function colourOf({ name, place }: Frame): string {
  if (name === '(idle)' || name === 'all') return COLOURS.idle
  if (place.includes('node_modules')) return COLOURS.packages
  return place.startsWith('/') ? COLOURS.ours : COLOURS.node
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
