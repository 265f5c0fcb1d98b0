import { makeFleetStory } from '../simulation/fleet/story.ts'
import { liveFleet } from '../simulation/fleet/live.ts'
import { liveSchedule } from '../simulation/soak-schedule.ts'

/** One mutant's trial, in a process of its own: which laws it breaks within so many schedules, and at which seed first. Told to the parent. */
const [count = '200', from = '1'] = process.argv.slice(2)
const broken = new Map<string, { seed: number; times: number; text: string }>()
/** After so many schedules that noticed, which laws notice is known well enough. */
const KILLS_ENOUGH = 5
let kills = 0
/** Seeds known to break a law without any mutant prove nothing. */
const spared = new Set((process.env['SPARED'] ?? '').split(',').map(Number))

for (let seed = Number(from); seed < Number(from) + Number(count); seed += 1) {
  if (kills >= KILLS_ENOUGH) break
  if (spared.has(seed)) continue
  const { violations } = await (seed % 5 === 0
    ? liveSchedule(seed * 2 + (seed % 2 === 0 ? 7 : 3), new Set())
    : liveFleet(makeFleetStory(seed)))
  if (violations.length > 0) kills += 1
  for (const { check, text } of violations) {
    const known = broken.get(check)
    broken.set(
      check,
      known === undefined ? { seed, times: 1, text: text.slice(0, 200) } : { ...known, times: known.times + 1 },
    )
  }
}
process.send?.([...broken])
process.disconnect?.()
