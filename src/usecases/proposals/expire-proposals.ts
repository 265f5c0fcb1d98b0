import { settleProposal, type ProposalDeps } from './settle-proposal.ts'

/** Settles what nobody answered in time, as if it had been rejected; run by the schedule. @returns how many. */
export async function expireProposals(deps: ProposalDeps, limit: number): Promise<number> {
  const due = await deps.store.proposalsExpired(deps.system.now(), limit)
  for (const { tenantId, id } of due) await settleProposal(deps, { tenantId, id, answer: 'expire' })
  return due.length
}
