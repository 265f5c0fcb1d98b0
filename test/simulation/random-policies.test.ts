import { expect, test } from 'vitest'
import { livePolicyStory, makePolicyStory, type PolicyStory } from './random-policies.ts'

/** Another range: `STORIES=from-to`; a failing seed is shown as its shortest story. */
const [from, to] = (process.env['STORIES'] ?? '1-40').split('-').map(Number) as [number, number | undefined]

const problemsOf = (story: PolicyStory): Promise<string[]> =>
  livePolicyStory(story).catch((error: unknown) => [String(error instanceof Error ? error.stack : error)])

/** The shortest story that still fails, by leaving out ever smaller runs of steps. */
async function shrink(story: PolicyStory): Promise<PolicyStory> {
  let best = story
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.steps.length;) {
      const shorter = { ...best, steps: best.steps.toSpliced(at, size) }
      if ((await problemsOf(shorter)).length > 0) best = shorter
      else at += size
    }
  }
  return best
}

test(
  `stories ${from} to ${to ?? from} of questions, moves, twins and pauses end in agreement and at rest`,
  {
    timeout: 300_000,
  },
  async () => {
    const failed: string[] = []
    for (let seed = from; seed <= (to ?? from) && failed.length < 3; seed += 1) {
      const story = makePolicyStory(seed)
      if ((await problemsOf(story)).length === 0) continue
      const shortest = await shrink(story)
      const told = await problemsOf(shortest)
      failed.push(`seed ${seed}: ${JSON.stringify(shortest.steps)}\n${told.join('\n')}`)
    }
    expect(failed.join('\n\n')).toBe('')
  },
)
