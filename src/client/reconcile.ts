import type { components } from './api.ts'
import type { Operations } from './client.ts'

type Page = components['schemas']['ReconcilePage']
type Answer = components['schemas']['Reconciliation']
export type Difference =
  | ({ kind: 'missing' } & Answer['missing'][number])
  | ({ kind: 'stale' } & Answer['stale'][number])
  | ({ kind: 'extra' } & Answer['extra'][number])

export type ReconcileOptions = Pick<Page, 'userId' | 'origin' | 'from' | 'to'> & {
  /** All that the platform has: ids and the versions that were answered last, in any order. */
  items: Iterable<Page['items'][number]>
}

const PAGE = 1_000

/** Sorts, cuts into pages, and tells each difference once. Nothing is changed on either side. */
export async function* reconcileAll(
  api: Pick<Operations, 'reconcile'>,
  { items, ...scope }: ReconcileOptions,
): AsyncGenerator<Difference> {
  const sorted = [...items].sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))
  let cursor: string | undefined
  for (let at = 0; at === 0 || cursor !== undefined;) {
    const page = { items: sorted.slice(at, at + PAGE), last: at + PAGE >= sorted.length }
    const answer = await api.reconcile({ body: { ...scope, ...page, ...(cursor === undefined ? {} : { cursor }) } })
    for (const each of answer.missing) yield { kind: 'missing', ...each }
    for (const each of answer.stale) yield { kind: 'stale', ...each }
    for (const each of answer.extra) yield { kind: 'extra', ...each }
    if (!answer.again) at += PAGE
    cursor = answer.cursor
  }
}
