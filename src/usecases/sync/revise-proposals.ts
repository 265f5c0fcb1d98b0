import type { Appointment } from '../../core/model/appointment.ts'
import type { JournalEntry } from '../../core/model/journal.ts'
import type { Link } from '../../core/model/link.ts'
import type { Policies } from '../../core/model/policies.ts'
import type { Proposal } from '../../core/model/proposal.ts'
import type { Instant } from '../../core/model/time.ts'
import { isShown } from '../../core/sync/admission.ts'
import { project } from '../../core/sync/projection.ts'
import { reviseProposal, type Asked, type Revision } from '../../core/sync/revise-proposal.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'

/** How long the platform's answer to a proposal is waited for. */
const PROPOSAL_LIFE_MS = 30 * 24 * 60 * 60 * 1000
const OPEN_MAX = 10_000

/** One appointment as it stands after what was just decided. */
export type Concerned = {
  appointment: Appointment
  link: Link | null
  /** Where a new question would come from. */
  event: { connectionId: string; calendarId: string; eventId: string }
  asked: Asked | null
}

export type Revised = {
  proposals: Proposal[]
  /** The questions asked anew, by appointment. */
  opened: ReadonlyMap<string, Proposal>
  journal: JournalEntry[]
}

/**
 * Brings the open proposals of these appointments to what is left to ask. One statement for all, none for none.
 * @param side whose doing it is that a question went away.
 */
export async function reviseProposals(
  { system }: Pick<Deps, 'system'>,
  tx: Tx,
  place: { tenantId: string; policies: Policies; now: Instant; side: JournalEntry['side'] },
  concerned: readonly Concerned[],
): Promise<Revised> {
  if (concerned.length === 0) return { proposals: [], opened: new Map(), journal: [] }
  const { tenantId, policies, now } = place
  const appointmentIds = [...new Set(concerned.map(({ appointment }) => appointment.id))]
  const found = await tx.openProposals(tenantId, { appointmentIds, afterId: null, limit: OPEN_MAX })
  const open = new Map(found.map(each => [each.appointmentId, each]))
  const opened = new Map<string, Proposal>()
  const settled: Proposal[] = []
  const journal: JournalEntry[] = []
  for (const { appointment, link, event, asked } of concerned) {
    const revision = reviseProposal({
      open: open.get(appointment.id) ?? null,
      asked,
      link,
      isShown: isShown(appointment, policies),
      local: project(appointment, policies),
      presentation: policies.presentation,
    })
    const former = formerOf(revision)
    if (former !== null) {
      settled.push({ ...former, state: 'superseded', settledAt: now })
      open.delete(appointment.id)
    }
    if (revision.kind === 'withdrawn') journal.push(withdrawn(revision.open, place))
    if (revision.kind !== 'opened') continue
    const fresh = openedProposal(system.newId(), { tenantId, now }, appointment, event, revision.ask)
    open.set(appointment.id, fresh)
    opened.set(appointment.id, fresh)
  }
  return { proposals: [...settled, ...opened.values()], opened, journal }
}

function formerOf(revision: Revision): Proposal | null {
  switch (revision.kind) {
    case 'stands':
      return null
    case 'withdrawn':
      return revision.open
    case 'opened':
      return revision.supersedes
  }
}

function openedProposal(
  id: string,
  { tenantId, now }: { tenantId: string; now: Instant },
  appointment: Appointment,
  event: Concerned['event'],
  ask: Asked,
): Proposal {
  return {
    tenantId,
    id,
    appointmentId: appointment.id,
    ...event,
    ...ask,
    state: 'open',
    createdAt: now,
    expiresAt: now + PROPOSAL_LIFE_MS,
    settledAt: null,
  }
}

function withdrawn(
  { id, appointmentId, connectionId }: Proposal,
  { now, side }: { now: Instant; side: JournalEntry['side'] },
): JournalEntry {
  return {
    at: now,
    appointmentId,
    connectionId,
    side,
    action: 'withdrawn',
    rule: 'proposal-superseded',
    reason: 'What the platform was asked about it is settled by what came since.',
    before: { proposalId: id },
    after: null,
    change: null,
  }
}
