import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Instant } from '../../core/model/time.ts'
import { createScrubber, UnscrubbableError } from './scrub.ts'

/** One request and its answer, in the form that nock defines; `recordedAt` is ours. */
export type Definition = {
  scope: string
  method: string
  path: string
  body?: unknown
  status: number
  response: unknown
  recordedAt: string
}

const SCOPE = 'https://www.googleapis.com:443'
const API = '/calendar/v3/'
/** A recording is for looking at: what comes after so many requests is not kept. */
const DEFINITIONS_MAX = 5_000

/**
 * The same fetch, which writes each conversation with the Calendar API into one file of the folder: scrubbed of tokens, addresses and
 * titles. What cannot be scrubbed is not written, and said. Tokens are never asked for through here, headers never kept.
 */
export function recordingFetch(
  inner: typeof fetch,
  { folder, now, say }: { folder: string; now: () => Instant; say: (line: string) => void },
): typeof fetch {
  const scrubber = createScrubber()
  const definitions: Definition[] = []
  const file = join(folder, `run-${new Date(now()).toISOString().replaceAll(/[:.]/g, '-')}.json`)
  mkdirSync(folder, { recursive: true })

  return async (input, init) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    const sent = url.pathname.includes(API) ? await request.clone().text() : ''
    const answer = await inner(request)
    if (!url.pathname.includes(API) || definitions.length >= DEFINITIONS_MAX) return answer
    const received = await answer.clone().text()
    try {
      const path = url.pathname.slice(url.pathname.indexOf(API)) + url.search
      definitions.push({
        scope: SCOPE,
        method: request.method,
        path: scrubber.path(path),
        ...(sent === '' ? {} : { body: scrubber.body(parsed(sent)) }),
        status: answer.status,
        response: scrubber.body(parsed(received)),
        recordedAt: new Date(now()).toISOString(),
      })
      writeFileSync(file, `${JSON.stringify(definitions, null, 2)}\n`)
    } catch (error) {
      if (!(error instanceof UnscrubbableError)) throw error
      say(`a request was not recorded: ${error.message}`)
    }
    return answer
  }
}

/** Pages of a proxy and half answers are recorded as what they are: no JSON. */
function parsed(text: string): unknown {
  if (text === '') return ''
  try {
    return JSON.parse(text)
  } catch {
    return '<html></html>' // whatever it said was not Google's API speaking
  }
}
