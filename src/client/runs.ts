import type { components } from './api.ts'
import type { Operations } from './client.ts'
import { readEvents } from './events.ts'
import { request, type ClientOptions } from './request.ts'

export type Run = components['schemas']['Run']

const ROUNDS_MAX = 1_000

/** Listens to the run's events, and asks again where the stream ended before the run did. */
export async function runOf(
  options: ClientOptions,
  api: Operations,
  runId: string,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (run: Run) => void },
): Promise<Run> {
  const headers = { accept: 'text/event-stream' }
  const path = `/v1/runs/${encodeURIComponent(runId)}/events`
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const response = await request(options, { method: 'GET', path, headers, signal })
    if (response.body !== null)
      for await (const { data } of readEvents(response.body)) onProgress?.(JSON.parse(data) as Run) // by the description
    const run = await api.getRun({ path: { id: runId } })
    if (run.state === 'done') return run
    if (run.state !== 'queued' && run.state !== 'running')
      throw new Error(`run ${runId} ${run.state}${run.error === null ? '' : `: ${run.error}`}`)
  }
  throw new Error(`run ${runId} has not ended`)
}
