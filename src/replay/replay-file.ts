import { readFileSync, writeFileSync } from 'node:fs'
import { differences, replay, say, withDecisions } from './replay.ts'

/**
 * Decides a recording anew and says each decision with its rule and reason. @param isStored keep them in the recording, to be compared with.
 * `isSame`: every request was in the recording, and each decision is the one stored with it, where one is.
 */
export async function replayFile(file: string, isStored: boolean): Promise<{ lines: string[]; isSame: boolean }> {
  const text = readFileSync(file, 'utf8')
  const outcome = await replay(text)
  const lines = outcome.steps.flatMap(({ method, path, decisions }) => [
    `${method} ${path}`,
    ...decisions.map(each => `  ${say(each)}${each.reason === '' ? '' : `: ${each.reason}`}`),
  ])
  const unrecorded = outcome.unrecorded.map(each => `NOT IN THE RECORDING  ${each}`)
  const different = isStored ? [] : differences(outcome).map(each => `DIFFERENT  ${each}`)
  if (isStored && unrecorded.length === 0) writeFileSync(file, withDecisions(text, outcome))
  return { lines: [...lines, ...unrecorded, ...different], isSame: unrecorded.length + different.length === 0 }
}
