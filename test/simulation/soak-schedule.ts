import { liveFleet } from './fleet/live.ts'
import type { Check, Violation } from './fleet/checks.ts'
import { shrinkFleet } from './fleet/shrink.ts'
import { makeFleetStory } from './fleet/story.ts'
import { livePolicyStory, makePolicyStory } from './random-policies.ts'
import { live, makeStory, shrink } from './random-world.ts'

/** One schedule of a soak, by its number alone. Most are of the fleet; some of the two older, narrower worlds, which look closer at what they show. */
export type Lived = { seed: number; violations: Violation[]; struck: Map<string, number>; hash: string | null }

const kindOf = (seed: number): 'fleet' | 'world' | 'policies' =>
  seed % 10 === 3 ? 'world' : seed % 10 === 7 ? 'policies' : 'fleet'

export async function liveSchedule(seed: number, without: ReadonlySet<Check>): Promise<Lived> {
  const kind = kindOf(seed)
  if (kind === 'fleet') return { seed, ...(await liveFleet(makeFleetStory(seed), without)) }
  const problems = await (
    kind === 'world' ? live(makeStory(seed)).then(each => each.problems) : livePolicyStory(makePolicyStory(seed))
  ).catch((error: unknown) => [error instanceof Error ? (error.stack ?? error.message) : String(error)])
  const found = problems.map((text): Violation => ({ check: /idle/.test(text) ? 'S6' : 'L1', text }))
  return { seed, violations: found.filter(each => !without.has(each.check)), struck: new Map(), hash: null }
}

/** The shortest story that still breaks what this one broke, as text. */
export async function shortestOf(seed: number, check: Check): Promise<string> {
  const kind = kindOf(seed)
  if (kind === 'policies') return JSON.stringify(makePolicyStory(seed).steps)
  if (kind === 'world') return JSON.stringify(await shrink(makeStory(seed)))
  const { knobs, cast, policies, steps } = await shrinkFleet(makeFleetStory(seed), check)
  return [JSON.stringify({ knobs, cast, policies }), ...steps.map(step => JSON.stringify(step))].join('\n')
}
