import { duplicateResource, type DuplicateResource } from '../../core/model/duplicate-resource.ts'
import { succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Deps } from '../deps.ts'

/** Open duplicates, oldest first. @param cursor the last id of the page before. */
export async function listDuplicates(
  { store }: Pick<Deps, 'store'>,
  { tenantId, cursor, limit }: { tenantId: string; cursor: string | null; limit: number },
): Promise<Result<{ items: DuplicateResource[]; cursor: string | null }, DomainError>> {
  const found = await store.duplicates(tenantId, { appointmentIds: null, afterId: cursor, limit: limit + 1 })
  const shown = found.slice(0, limit)
  const isMore = found.length > limit
  return succeed({ items: shown.map(duplicateResource), cursor: isMore ? (shown.at(-1)?.id ?? null) : null })
}
