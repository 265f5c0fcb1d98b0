import { setTimeout as sleep } from 'node:timers/promises'
import { errorOf, LockstepError } from './problem.ts'

export type ClientOptions = {
  /** Where the service is reached, such as `https://sync.example.org`. */
  baseUrl: string
  /** A tenant's API key, or the operator's token for tenants. */
  apiKey: string
  /** The global one, unless another is given. */
  fetch?: typeof fetch
  /** How often a call is repeated that failed on the way or was asked to come again; 0: never. */
  retries?: number
  /** For an answer to begin. */
  timeoutMs?: number
}

export type Call = {
  method: string
  path: string
  query?: Readonly<Record<string, unknown>> | undefined
  headers?: Readonly<Record<string, string>> | undefined
  body?: unknown
  signal?: AbortSignal | undefined
  /** Longer than usual, for a long poll. */
  timeoutMs?: number
}

const RETRIES = 3
const TIMEOUT_MS = 30_000
const BASE_DELAY_MS = 250
const DELAY_MS_MAX = 20_000
/** What another try can mend. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504])

/**
 * One call, repeated while that is safe and may help. A POST carries one Idempotency-Key through all its tries, so it is done once.
 * @throws LockstepError for an answer that is no success; TypeError of `fetch` where no answer came.
 */
export async function request(options: ClientOptions, call: Call): Promise<Response> {
  const headers: Record<string, string> = { ...call.headers }
  if (call.method === 'POST') headers['idempotency-key'] ??= globalThis.crypto.randomUUID()
  const retries = options.retries ?? RETRIES
  for (let attempt = 0; ; attempt++) {
    const outcome = await attemptOf(options, { ...call, headers })
    if (outcome instanceof Response) return outcome
    if (attempt >= retries || call.signal?.aborted === true || !isPassing(outcome)) throw outcome
    await sleep(delayMs(attempt, outcome), undefined, call.signal === undefined ? {} : { signal: call.signal })
  }
}

async function attemptOf(options: ClientOptions, call: Call): Promise<Response | Error> {
  const { baseUrl, apiKey } = options
  const { method, body } = call
  const timeout = AbortSignal.timeout(call.timeoutMs ?? options.timeoutMs ?? TIMEOUT_MS)
  const isStream = call.headers?.['accept'] === 'text/event-stream'
  const signals = [...(isStream ? [] : [timeout]), ...(call.signal === undefined ? [] : [call.signal])]
  try {
    const response = await (options.fetch ?? fetch)(`${baseUrl.replace(/\/$/, '')}${call.path}${queryOf(call.query)}`, {
      method,
      redirect: 'error',
      signal: AbortSignal.any(signals),
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return response.ok ? response : errorOf(`${method} ${call.path}`, response, await response.text())
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}

function isPassing(error: Error): boolean {
  if (!(error instanceof LockstepError)) return true
  return PASSING.has(error.status) || error.type === 'idempotency-in-progress'
}

/** Full jitter, and never sooner than the answer asked for. */
function delayMs(attempt: number, error: Error): number {
  const asked = error instanceof LockstepError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0
  return Math.max(asked, Math.random() * Math.min(DELAY_MS_MAX, BASE_DELAY_MS * 2 ** attempt))
}

function queryOf(query: Call['query']): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null)
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`
}
