/** What a benchmark found. `limit` null: shown, not judged. */
export type Figure = {
  work: string
  ours: string
  /** What it is beside: a floor or a peer, measured in the same run. */
  beside: string
  ratio: number | null
  budget: string
  verdict: 'kept' | 'within noise' | 'exceeded' | 'shown'
  /** Of the budget, this share is used up: 1 is the limit. Null: there is none. */
  share: number | null
  /** The numbers behind the texts, for the JSON. */
  samples: Record<string, readonly number[]>
}

/** All that was ever measured here, by benchmark. `load`: of the machine when it was done. */
export type Report = {
  machine: { node: string; cpus: number; model: string }
  benchmarks: Record<string, { at: string; seconds: number; load: number; figures: Figure[] }>
}

export type Pair = { ours: number; floor: number }

/** Both sides in turn, ours first in every other pair, so that what else the machine does falls on both. Milliseconds. */
export async function pairs(
  count: number,
  sides: { ours: (round: number) => Promise<unknown>; floor: (round: number) => Promise<unknown> },
  warmUps = 1,
): Promise<Pair[]> {
  const measured: Pair[] = []
  for (let round = 0; round < count + warmUps; round += 1) {
    const pair: Pair = { ours: 0, floor: 0 }
    const order = round % 2 === 0 ? (['ours', 'floor'] as const) : (['floor', 'ours'] as const)
    for (const side of order) pair[side] = await timed(() => sides[side](round))
    if (round >= warmUps) measured.push(pair)
  }
  return measured
}

/** @returns milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? NaN
  const above = sorted[Math.ceil(place)] ?? NaN
  return below + (above - below) * (place - Math.floor(place))
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** A ratio of times is judged by its median; what the middle half of the pairs spreads is this machine's noise. */
export function ratioFigure(work: string, measured: readonly Pair[], max: number | null): Figure {
  const ratios = measured.map(pair => pair.ours / pair.floor)
  const ratio = median(ratios)
  const noise = (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / 2
  const ours = measured.map(pair => pair.ours)
  const floor = measured.map(pair => pair.floor)
  return {
    work,
    ours: ms(median(ours)),
    beside: ms(median(floor)),
    ratio,
    budget: max === null ? '' : `≤ ${max} ×`,
    verdict: max === null ? 'shown' : judged(ratio, max, noise),
    share: max === null ? null : ratio / max,
    samples: { ours, floor, ratios },
  }
}

/** At most so much, of milliseconds or anything else. `noise` 0: counted exactly. */
export function mostFigure(
  work: string,
  value: number,
  of: { max: number | null; unit: string; noise?: number; beside?: string; samples?: readonly number[] },
): Figure {
  const { max, unit, noise = 0, beside = '', samples = [value] } = of
  return {
    work,
    ours: amount(value, unit),
    beside,
    ratio: null,
    budget: max === null ? '' : `≤ ${amount(max, unit)}`,
    verdict: max === null ? 'shown' : judged(value, max, noise),
    share: max === null || max === 0 ? null : value / max,
    samples: { ours: samples },
  }
}

/** At least so much. */
export function leastFigure(
  work: string,
  value: number,
  of: {
    min: number | null
    unit: string
    noise?: number
    beside?: string
    samples?: Figure['samples']
    ratio?: number
  },
): Figure {
  const { min, unit, noise = 0, beside = '', samples = { ours: [value] }, ratio = null } = of
  const judge = ratio ?? value
  return {
    work,
    ours: amount(value, unit),
    beside,
    ratio,
    budget: min === null ? '' : `≥ ${ratio === null ? amount(min, unit) : `${min} ×`}`,
    verdict: min === null ? 'shown' : judged(min, judge, noise),
    share: min === null || judge <= 0 ? null : min / judge,
    samples,
  }
}

function judged(value: number, max: number, noise: number): Figure['verdict'] {
  if (value <= max) return 'kept'
  return value - noise <= max ? 'within noise' : 'exceeded'
}

const ms = (value: number): string => amount(value, 'ms')

function amount(value: number, unit: string): string {
  const digits = Number.isInteger(value) || value >= 100 ? 0 : value >= 10 ? 1 : 2
  const text = value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
  return unit === '' ? text : `${text} ${unit}`
}
