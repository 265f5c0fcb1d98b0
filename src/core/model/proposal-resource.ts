import type { Projection } from './projection.ts'
import type { Proposal } from './proposal.ts'
import { resourceSpan, type ResourceTime } from './resource.ts'

/** A proposal as the platform sees it. `values`: what Google shows now in the fields that were changed there. */
export type ProposalResource = {
  id: string
  appointmentId: string
  connectionId: string
  calendarId: string
  kind: 'edit' | 'delete'
  values: ProposedValues
  state: string
  createdAt: string
  expiresAt: string
  settledAt: string | null
}

type ProposedValues = {
  start?: ResourceTime
  end?: ResourceTime
  recurrence?: readonly string[] | null
  title?: string | null
  description?: string | null
  location?: string | null
  busy?: boolean
  status?: string
}

export function proposalResource(proposal: Proposal): ProposalResource {
  const { id, appointmentId, connectionId, calendarId, kind, state, values, settledAt } = proposal
  return {
    id,
    appointmentId,
    connectionId,
    calendarId,
    kind,
    values: proposedValues(values),
    state,
    createdAt: new Date(proposal.createdAt).toISOString(),
    expiresAt: new Date(proposal.expiresAt).toISOString(),
    settledAt: settledAt === null ? null : new Date(settledAt).toISOString(),
  }
}

/** In the words of an appointment: an empty text is none. */
function proposedValues(values: Partial<Projection>): ProposedValues {
  const { time, recurrence, title, description, location, busy, status } = values
  return {
    ...(time === undefined ? {} : resourceSpan(time)),
    ...(recurrence === undefined ? {} : { recurrence: recurrence.length === 0 ? null : recurrence }),
    ...(title === undefined ? {} : { title: textOrNull(title) }),
    ...(description === undefined ? {} : { description: textOrNull(description) }),
    ...(location === undefined ? {} : { location: textOrNull(location) }),
    ...(busy === undefined ? {} : { busy }),
    ...(status === undefined ? {} : { status }),
  }
}

const textOrNull = (text: string): string | null => (text === '' ? null : text)
