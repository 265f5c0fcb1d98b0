import { consolePage } from './console.ts'
import { fairness } from './fairness.ts'
import { firstSync } from './first-sync.ts'
import { idle } from './idle.ts'
import { increment } from './increment.ts'
import { latency } from './latency.ts'
import { load } from './load.ts'
import { outbound } from './outbound.ts'
import { start } from './start.ts'
import type { Figure } from './support/measure.ts'
import { webhooks } from './webhooks.ts'

/** In the order of the table. */
export const BENCHMARKS: Record<string, () => Promise<Figure[]>> = {
  'first-sync': firstSync,
  increment,
  latency,
  webhooks,
  outbound,
  fairness,
  load,
  start,
  idle,
  console: consolePage,
}
