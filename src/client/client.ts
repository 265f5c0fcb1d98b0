import { CALLS, type components, type operations } from './api.ts'
import { changesOf, type Change, type FollowOptions } from './changes.ts'
import { itemsOf } from './paging.ts'
import { reconcileAll, type Difference, type ReconcileOptions } from './reconcile.ts'
import { request, type ClientOptions } from './request.ts'
import { runOf, type Run } from './runs.ts'

export type { ClientOptions } from './request.ts'
export type { Change, FollowOptions } from './changes.ts'
export type { Difference, ReconcileOptions } from './reconcile.ts'
export { LockstepError } from './problem.ts'
export type { Problem } from './problem.ts'

/** The API's own shapes: `Schemas['Appointment']`, `Schemas['Connection']`… */
export type Schemas = components['schemas']

type Name = keyof typeof CALLS & keyof operations
type Group<P, K extends string> = P extends Record<K, infer V> ? V : P extends Partial<Record<K, infer V>> ? V : never
type Json<T> = T extends { content: { 'application/json': infer B } } ? B : never
type Given<K extends string, V> = [V] extends [never] ? object : object extends V ? { [N in K]?: V } : { [N in K]: V }

/** What an operation is asked with: `path`, `query`, `headers` and `body`, where it has them. */
export type Input<N extends Name> = Given<'path', Group<operations[N]['parameters'], 'path'>> &
  Given<'query', NonNullable<Group<operations[N]['parameters'], 'query'>>> &
  Given<'headers', NonNullable<Group<operations[N]['parameters'], 'header'>>> &
  (operations[N] extends { requestBody: infer B }
    ? { body: Json<B> }
    : operations[N] extends { requestBody?: infer B }
      ? { body?: Json<NonNullable<B>> }
      : object) & { signal?: AbortSignal }

/** What it answers; undefined where that is nothing. */
export type Output<N extends Name> = operations[N]['responses'][keyof operations[N]['responses']] extends infer R
  ? [Json<R>] extends [never]
    ? undefined
    : Json<R>
  : never

/** Each operation of the API by its name, such as `putAppointment({ path: { id }, body })`. */
export type Operations = {
  [N in Name]: object extends Input<N>
    ? (input?: Input<N>) => Promise<Output<N>>
    : (input: Input<N>) => Promise<Output<N>>
}

export type Lockstep = Operations & {
  /** Every appointment that a list finds, page by page. */
  appointments(
    query?: Omit<NonNullable<Input<'listAppointments'>['query']>, 'cursor'>,
  ): AsyncGenerator<Schemas['Appointment']>
  /** Changes in commit order from a cursor on (none: from the beginning), for ever, until the signal ends it. Keep the cursor of the last one that is dealt with. */
  changes(options?: FollowOptions): AsyncGenerator<Change>
  /** Follows a run to its end. @throws Error when it failed or was cancelled. */
  finished(
    started: { runId: string },
    options?: { signal?: AbortSignal; onProgress?: (run: Run) => void },
  ): Promise<Run>
  /** Compares everything the platform has with what the service has. */
  differences(options: ReconcileOptions): AsyncGenerator<Difference>
}

/**
 * A client of one tenant. Every method throws `LockstepError` for an answer that is no success; calls that failed on the way are repeated
 * where that is safe, a POST under the same Idempotency-Key.
 */
export function createLockstep(options: ClientOptions): Lockstep {
  const call = async (name: string, input: Partial<CallInput> = {}): Promise<unknown> => {
    const [method, template] = CALLS[name as Name] // only names of the table get here
    const path = template.replaceAll(/\{(\w+)\}/g, (_all, key: string) => encodeURIComponent(input.path?.[key] ?? ''))
    const { query, headers, body, signal } = input
    const timeoutMs = waitMs(query)
    const response = await request(options, { method, path, query, headers, body, signal, ...timeoutMs })
    const text = await response.text()
    return text === '' ? undefined : JSON.parse(text)
  }
  const entries = Object.keys(CALLS).map(name => [name, (input?: Partial<CallInput>) => call(name, input)] as const)
  // The table and the types were made from the same description.
  const api = Object.fromEntries(entries) as unknown as Operations
  return {
    ...api,
    appointments: query => itemsOf(page => api.listAppointments({ query: { ...query, ...page } })),
    changes: follow => changesOf(options, api, follow ?? {}),
    finished: ({ runId }, how) => runOf(options, api, runId, how ?? {}),
    differences: compare => reconcileAll(api, compare),
  }
}

type CallInput = {
  path: Record<string, string>
  query: Record<string, unknown>
  headers: Record<string, string>
  body: unknown
  signal: AbortSignal
}

/** A long poll answers when its time is over, and then the answer has to come back. */
function waitMs(query: Record<string, unknown> | undefined): { timeoutMs?: number } {
  const wait = query?.['wait']
  return typeof wait === 'number' && wait > 0 ? { timeoutMs: wait * 1_000 + 30_000 } : {}
}
