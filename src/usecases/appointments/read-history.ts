import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { JournalRow } from '../../core/model/journal.ts'
import type { Deps } from '../deps.ts'

/** What happened to an appointment, in order; the latest `limit` entries. Archived ones keep theirs. */
export async function readHistory(
  { store }: Pick<Deps, 'store'>,
  input: { tenantId: string; id: string; limit: number },
): Promise<Result<JournalRow[], DomainError>> {
  const { tenantId, id, limit } = input
  if ((await store.appointment(tenantId, id)) === null) return fail({ kind: 'not-found' })
  return succeed(await store.history(tenantId, id, limit))
}
