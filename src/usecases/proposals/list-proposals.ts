import { succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { proposalResource, type ProposalResource } from '../../core/model/proposal-resource.ts'
import type { Deps } from '../deps.ts'

/** The edits and deletions made in Google that wait for the platform's word, oldest first. @param cursor the last id of the page before. */
export async function listProposals(
  { store }: Pick<Deps, 'store'>,
  { tenantId, cursor, limit }: { tenantId: string; cursor: string | null; limit: number },
): Promise<Result<{ items: ProposalResource[]; cursor: string | null }, DomainError>> {
  const found = await store.openProposals(tenantId, { appointmentIds: null, afterId: cursor, limit: limit + 1 })
  const shown = found.slice(0, limit)
  const isMore = found.length > limit
  return succeed({ items: shown.map(proposalResource), cursor: isMore ? (shown.at(-1)?.id ?? null) : null })
}
