import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { JournalEntry } from '../../core/model/journal.ts'
import { effectivePolicies, type Policies } from '../../core/model/policies.ts'
import { proposalResource, type ProposalResource } from '../../core/model/proposal-resource.ts'
import type { Proposal } from '../../core/model/proposal.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Tx } from '../../ports/store/store.ts'
import { writeAppointments } from '../appointments/write-appointments.ts'
import type { Deps } from '../deps.ts'
import { restoreEvent, revertEdit, takeEdit } from './carry-out.ts'

export type ProposalDeps = Pick<Deps, 'store' | 'system' | 'names'>
export type Answer = 'accept' | 'reject' | 'expire'

/** The platform answers: Google's values are taken over (or it is cancelled), or Google is brought back to ours. */
export function settleProposal(
  deps: ProposalDeps,
  { tenantId, id, answer }: { tenantId: string; id: string; answer: Answer },
): Promise<Result<ProposalResource, DomainError>> {
  return deps.store.transaction(tenantId, async tx => {
    const proposal = await tx.proposal(tenantId, id)
    if (proposal === null) return fail({ kind: 'not-found' })
    if (proposal.state !== 'open') return fail(settledBefore(proposal))
    const now = deps.system.now()
    const settled: Proposal = { ...proposal, state: STATES[answer], settledAt: now }
    await tx.apply(tenantId, { proposals: [settled], journal: [entryOf(settled, answer, now)] })
    const policies = await policiesOf(tx, proposal)
    await carryOut(deps, tx, { proposal, policies, now }, answer)
    return succeed(proposalResource(settled))
  })
}

const STATES = { accept: 'accepted', reject: 'rejected', expire: 'expired' } as const

function settledBefore({ state }: Proposal): DomainError {
  return {
    kind: 'conflict',
    slug: 'proposal-settled',
    detail: `This proposal is ${state}; what Google shows or the appointment has changed since, or it was answered.`,
  }
}

async function policiesOf(tx: Tx, { tenantId, connectionId }: Proposal): Promise<Policies> {
  const tenant = await tx.tenant(tenantId)
  const connection = await tx.connection(tenantId, connectionId)
  return effectivePolicies(tenant?.settings.policies ?? {}, connection?.policies ?? {})
}

export type Answering = { proposal: Proposal; policies: Policies; now: Instant }

async function carryOut(deps: ProposalDeps, tx: Tx, answering: Answering, answer: Answer): Promise<void> {
  const { proposal } = answering
  if (proposal.kind === 'edit') {
    await (answer === 'accept' ? takeEdit(deps, tx, answering) : revertEdit(tx, answering))
    return
  }
  if (answer !== 'accept') {
    await restoreEvent(tx, answering)
    return
  }
  const { tenantId, appointmentId } = proposal
  const cancel = { id: appointmentId, how: 'cancel' as const, reason: 'deleted_in_google', ifMatch: null }
  await writeAppointments(deps, tx, { tenantId, writes: [cancel], onConflict: 'allow' })
}

const WORDS: Record<Answer, Pick<JournalEntry, 'side' | 'action' | 'rule' | 'reason'>> = {
  accept: {
    side: 'platform',
    action: 'accepted',
    rule: 'proposal-accepted',
    reason: 'The platform accepted what was done in Google.',
  },
  reject: {
    side: 'platform',
    action: 'rejected',
    rule: 'proposal-rejected',
    reason: 'The platform rejected what was done in Google; it is undone there.',
  },
  expire: {
    side: 'lockstep',
    action: 'expired',
    rule: 'proposal-expired',
    reason: 'Nobody answered in time; what was done in Google is undone there.',
  },
}

function entryOf({ id, appointmentId, connectionId }: Proposal, answer: Answer, now: Instant): JournalEntry {
  return {
    at: now,
    appointmentId,
    connectionId,
    ...WORDS[answer],
    before: null,
    after: { proposalId: id },
    change: null,
  }
}
