import { setTimeout as sleep } from 'node:timers/promises'
import type { components } from './api.ts'
import type { Operations } from './client.ts'
import { readEvents } from './events.ts'
import { LockstepError } from './problem.ts'
import { request, type ClientOptions } from './request.ts'

export type Change = components['schemas']['Change']

export type FollowOptions = {
  /** The cursor of the last change that is dealt with; left out: from the beginning. */
  after?: string
  /** `stream`: server-sent events, taken up again where they break off. `poll`: long polls, which pass every proxy. */
  by?: 'stream' | 'poll'
  signal?: AbortSignal
}

const WAIT_SECONDS = 25
const AGAIN_MS = 1_000

/** Ends when the signal does; goes on after whatever else ends a stream. */
export async function* changesOf(
  options: ClientOptions,
  api: Operations,
  follow: FollowOptions,
): AsyncGenerator<Change> {
  const { by = 'poll', signal } = follow
  let { after } = follow
  const isOver = (): boolean => signal?.aborted ?? false
  while (!isOver()) {
    try {
      const found = by === 'stream' ? streamed(options, after, signal) : polled(api, after, signal)
      for await (const { cursor, change } of found) {
        if (change !== null) yield change
        after = cursor
      }
    } catch (error) {
      if (isOver()) return
      if (error instanceof LockstepError && error.status < 500 && error.status !== 429) throw error
      await sleep(AGAIN_MS)
    }
  }
}

type Step = { cursor: string; change: Change | null }

async function* polled(api: Operations, after: string | undefined, signal?: AbortSignal): AsyncGenerator<Step> {
  const query = { wait: WAIT_SECONDS, ...(after === undefined ? {} : { after }) }
  const page = await api.listChanges({ query, ...(signal === undefined ? {} : { signal }) })
  for (const change of page.items) yield { cursor: change.cursor, change }
  yield { cursor: page.cursor, change: null }
}

async function* streamed(
  options: ClientOptions,
  after: string | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Step> {
  const headers = { accept: 'text/event-stream', ...(after === undefined ? {} : { 'last-event-id': after }) }
  const response = await request(options, { method: 'GET', path: '/v1/changes', headers, signal })
  if (response.body === null) return
  for await (const { id, data } of readEvents(response.body)) yield { cursor: id, change: JSON.parse(data) as Change } // by the description
}
