import type { JournalEntry } from '../../core/model/journal.ts'
import { effectivePolicies } from '../../core/model/policies.ts'
import { proposalResource } from '../../core/model/proposal-resource.ts'
import type { Proposal } from '../../core/model/proposal.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { reviseProposals, type Concerned } from '../sync/revise-proposals.ts'

const OPEN_MAX = 10_000

type Superseded = { proposals: Proposal[]; journal: JournalEntry[] }
type Place = { tenantId: string; now: Instant }

/**
 * The platform wrote these appointments itself: what was asked about the same fields is answered by that, and so is whether to cancel.
 * One statement where nothing is asked.
 */
export async function supersedeProposals(
  deps: Pick<Deps, 'system'>,
  tx: Tx,
  place: Place,
  pairs: readonly Paired[],
): Promise<Superseded> {
  const appointmentIds = pairs.map(({ appointment }) => appointment.id)
  const open = await tx.openProposals(place.tenantId, { appointmentIds, afterId: null, limit: OPEN_MAX })
  const deletions = open.filter(each => each.kind === 'delete')
  const edits = open.filter(each => each.kind === 'edit')
  const revised = await reviseEdits(deps, tx, place, edits, pairs)
  return {
    proposals: [
      ...deletions.map((each): Proposal => ({ ...each, state: 'superseded', settledAt: place.now })),
      ...revised.proposals,
    ],
    journal: [
      ...deletions.map(each => ({ ...rowOf(each, place), ...WITHDRAWN, before: { proposalId: each.id } })),
      ...revised.journal,
    ],
  }
}

async function reviseEdits(
  deps: Pick<Deps, 'system'>,
  tx: Tx,
  place: Place,
  edits: readonly Proposal[],
  pairs: readonly Paired[],
): Promise<Superseded> {
  const all: Superseded = { proposals: [], journal: [] }
  const tenant = edits.length > 0 ? await tx.tenant(place.tenantId) : null
  for (const [connectionId, asked] of Map.groupBy(edits, each => each.connectionId)) {
    const connection = await tx.connection(place.tenantId, connectionId)
    const policies = effectivePolicies(tenant?.settings.policies ?? {}, connection?.policies ?? {})
    const concerned = asked.flatMap(each => concernedBy(each, pairs))
    const revised = await reviseProposals(deps, tx, { ...place, policies, side: 'platform' }, concerned)
    all.proposals.push(...revised.proposals)
    all.journal.push(...revised.journal, ...[...revised.opened.values()].map(each => openedEntry(each, place)))
  }
  return all
}

function concernedBy(proposal: Proposal, pairs: readonly Paired[]): Concerned[] {
  const pair = pairs.find(each => each.appointment.id === proposal.appointmentId)
  if (pair === undefined) return []
  const { connectionId, calendarId, eventId } = proposal
  const link = pair.links.find(each => each.role === 'ours') ?? null
  return [{ appointment: pair.appointment, link, event: { connectionId, calendarId, eventId }, asked: null }]
}

function rowOf({ appointmentId, connectionId }: Proposal, { now }: Place) {
  return { at: now, appointmentId, connectionId, side: 'platform' as const, after: null, change: null }
}

const WITHDRAWN = {
  action: 'withdrawn',
  rule: 'proposal-superseded',
  reason: 'The platform changed it by itself, which answers what it was asked.',
}

function openedEntry(proposal: Proposal, place: Place): JournalEntry {
  return {
    ...rowOf(proposal, place),
    action: 'proposed',
    rule: 'proposal-opened',
    reason: 'The platform is asked about what is left of the changes made in Google.',
    before: null,
    after: { proposalId: proposal.id },
    change: { type: 'proposal.created', data: proposalResource(proposal) },
  }
}
