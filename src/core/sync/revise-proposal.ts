import type { Link } from '../model/link.ts'
import type { Presentation } from '../model/policies.ts'
import { FIELDS, type Field, type Projection } from '../model/projection.ts'
import type { Proposal } from '../model/proposal.ts'
import { sameField } from './fingerprint.ts'
import { flowsBack } from './ownership.ts'

/** What becomes of the question that is open about an appointment. */
export type Revision =
  | { kind: 'stands' }
  /** Nothing is left to ask: both sides say the same again, or the platform spoke for itself. */
  | { kind: 'withdrawn'; open: Proposal }
  | { kind: 'opened'; ask: Asked; supersedes: Proposal | null }

export type Asked = Pick<Proposal, 'kind' | 'values'>

export type RevisionInput = {
  open: Proposal | null
  /** What was decided to be asked just now; null: nothing new. */
  asked: Asked | null
  /** The event of ours as it stands now; null: there is none. */
  link: Pick<Link, 'base'> | null
  /** Whether Google is to show the appointment at all; once it is off there is nothing to ask. */
  isShown: boolean
  /** The appointment's present projection. */
  local: Projection
  presentation: Presentation
}

/**
 * A newer edit joins the open question; a field in which both sides say the same again, that the platform has changed since, or that is
 * masked by now, leaves it. The values are always Google's present ones.
 */
export function reviseProposal(input: RevisionInput): Revision {
  const { open, asked } = input
  if (!input.isShown) return open === null ? { kind: 'stands' } : { kind: 'withdrawn', open }
  if (asked?.kind === 'delete') {
    return open?.kind === 'delete' ? { kind: 'stands' } : { kind: 'opened', ask: asked, supersedes: open }
  }
  if (open?.kind === 'delete') return reviseDeletion(open, input)
  if (open === null && asked === null) return { kind: 'stands' }
  const values = openValues(input)
  if (Object.keys(values).length === 0) return open === null ? { kind: 'stands' } : { kind: 'withdrawn', open }
  if (open !== null && sameValues(open.values, values)) return { kind: 'stands' }
  return { kind: 'opened', ask: { kind: 'edit', values }, supersedes: open }
}

/** The event is back: what was asked about did not last. */
function reviseDeletion(open: Proposal, { link, asked }: RevisionInput): Revision {
  if (link === null) return { kind: 'stands' }
  return asked === null ? { kind: 'withdrawn', open } : { kind: 'opened', ask: asked, supersedes: open }
}

function openValues({ open, asked, link, local, presentation }: RevisionInput): Partial<Projection> {
  const base = link?.base ?? null
  if (base === null) return asked?.values ?? {}
  const isAsked = (field: Field): boolean =>
    ((open !== null && field in open.values) || (asked !== null && field in asked.values)) &&
    flowsBack(field, presentation)
  // What differs from what was sent last is on its way to Google: the platform has answered by its own edit.
  const fields = FIELDS.filter(
    field => isAsked(field) && sameField(field, base.sent, local) && !sameField(field, base.returned, local),
  )
  return Object.fromEntries(fields.map(field => [field, base.returned[field]]))
}

function sameValues(a: Partial<Projection>, b: Partial<Projection>): boolean {
  return FIELDS.every(field => JSON.stringify(a[field]) === JSON.stringify(b[field]))
}

/** The fields of an edit that may still be taken over. */
export function takenFields({ values }: Pick<Proposal, 'values'>, presentation: Presentation): Field[] {
  return FIELDS.filter(field => field in values && flowsBack(field, presentation))
}
