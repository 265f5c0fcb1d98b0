import { liveFleet } from './live.ts'
import { CHECK_NAMES, type Check, type Violation } from './checks.ts'
import type { FleetStory } from './story.ts'

const LIVES_MAX = 400

/** The shortest story found that still breaks the same law: fewer steps, then fewer instances and people, then plainer knobs. */
export async function shrinkFleet(story: FleetStory, check: Check): Promise<FleetStory> {
  let lives = 0
  const breaks = async (shorter: FleetStory): Promise<boolean> => {
    lives += 1
    return lives <= LIVES_MAX && (await verdict(shorter)).some(each => each.check === check)
  }
  let best = story
  for (const plainer of plainerOf(story)) if (await breaks(plainer(best))) best = plainer(best)
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.steps.length;) {
      const shorter = { ...best, steps: best.steps.toSpliced(from, size) }
      if (await breaks(shorter)) best = shorter
      else from += size
    }
  }
  for (const plainer of plainerOf(best)) if (await breaks(plainer(best))) best = plainer(best)
  return best
}

const plainerOf = (story: FleetStory): ((story: FleetStory) => FleetStory)[] => [
  each => ({ ...each, cast: [] }),
  ...story.cast.map(further => (each: FleetStory) => ({ ...each, cast: each.cast.filter(other => other !== further) })),
  each => ({ ...each, knobs: { ...each.knobs, instances: 1 } }),
  each => ({ ...each, knobs: { ...each.knobs, grain: 0.05 } }),
  each => ({ ...each, knobs: { ...each.knobs, isEndpointThere: false } }),
  each => ({
    ...each,
    knobs: { ...each.knobs, pageSize: 2_500, channelTtlSeconds: 604_800, rotatesTokens: false, rewritesRules: false },
  }),
  each => ({ ...each, policies: { deletionGuard: { count: 1_000, share: 1 } } }),
]

/** What a life of this story breaks; a story that cannot be lived breaks X. */
async function verdict(story: FleetStory, without: ReadonlySet<Check> = new Set()): Promise<Violation[]> {
  return (await liveFleet(story, without)).violations
}

/** `S3,S8` → those checks. @throws Error for a name that is none. */
export function readChecks(text: string): Set<Check> {
  const named = text.split(',').filter(name => name !== '')
  return new Set(
    named.map(name => {
      const check = CHECK_NAMES.find(each => each === name)
      if (check === undefined) throw new Error(`no such check: ${name}`)
      return check
    }),
  )
}
