import { fail, type DomainError, type Result } from '../../core/model/failures.ts'
import { idFault, isFields, own } from '../../core/model/input.ts'
import type { Write } from './decide-write.ts'
import { writeAppointments, type OnConflict, type WriteDeps, type Written } from './write-appointments.ts'

export const BATCH_ITEMS_MAX = 1_000

/** `id` as it was sent; null where it was none. */
export type BatchItem = { id: string | null; result: Result<Written, DomainError> }

/** Puts many appointments as if one after another, in one transaction. A bad one is refused by itself and spoils no other. */
export async function putBatch(
  deps: WriteDeps,
  input: { tenantId: string; items: readonly unknown[]; onConflict: OnConflict },
): Promise<BatchItem[]> {
  const { tenantId, items, onConflict } = input
  const read = items.map(readItem)
  const writes = read.flatMap(each => (each.ok ? [each.value] : []))
  return deps.store.transaction(tenantId, async tx => {
    const results = (await writeAppointments(deps, tx, { tenantId, writes, onConflict })).values()
    return read.map((each, index): BatchItem => {
      if (!each.ok) return { id: sentId(items[index]), result: each }
      const result = results.next().value
      if (result === undefined) throw new Error('a write of a batch was not answered')
      return { id: each.value.id, result }
    })
  })
}

function readItem(item: unknown): Result<Write, DomainError> {
  const id = isFields(item) ? own(item, 'id') : undefined
  const message = isFields(item) ? (id === undefined ? 'is required' : idFault(id)) : 'must be a JSON object'
  if (message !== null || typeof id !== 'string')
    return fail({
      kind: 'invalid',
      problems: [{ path: isFields(item) ? 'id' : '', message: message ?? 'must be text' }],
    })
  return { ok: true, value: { how: 'put', id, body: item, ifMatch: null } }
}

function sentId(item: unknown): string | null {
  const id = isFields(item) ? own(item, 'id') : null
  return typeof id === 'string' ? id : null
}
