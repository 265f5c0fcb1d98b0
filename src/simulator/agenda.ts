import type { DueWork, World } from './world.ts'

/** Puts `run` on the world's agenda at `at` (epoch ms). Work due at one time runs in the order it was added. */
export function schedule(world: World, at: number, run: DueWork['run']): void {
  const work = { at, n: ++world.counter, run }
  let low = 0
  let high = world.agenda.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = world.agenda[middle]
    if (other && other.at <= at) low = middle + 1
    else high = middle
  }
  world.agenda.splice(low, 0, work)
}

/** When the next work is due (epoch ms), or undefined when nothing waits. */
export const nextDueAt = (world: World): number | undefined => world.agenda[0]?.at

/** Runs all that is due by the world's clock, what that adds included. Resolves when every run has. */
export async function runDue(world: World): Promise<void> {
  const running: Promise<void>[] = []
  for (let next = world.agenda[0]; next && next.at <= world.now(); next = world.agenda[0]) {
    world.agenda.shift()
    const outcome = next.run()
    if (outcome) running.push(outcome)
  }
  await Promise.all(running)
}
