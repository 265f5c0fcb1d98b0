import type { Appointment } from '../model/appointment.ts'
import type { Duplicate } from '../model/duplicate.ts'
import type { ChangeType } from '../model/journal.ts'
import type { Link } from '../model/link.ts'
import type { Proposal } from '../model/proposal.ts'

/**
 * What was decided about one event, as the new state itself: what is null stays as it is. `rule` names the line in
 * `docs/sync-rules.md`, `reason` says the same to a person and carries no personal data.
 */
export type Verdict = {
  eventId: string
  rule: string
  action: string
  reason: string
  appointment: Appointment | null
  link: Link | null
  forget: Link | null
  /** The appointment it is about, where neither the new state nor a link says so. */
  about: string | null
  /** Google is to be brought to the appointment's state (again). */
  isQueued: boolean
  /** Item of the change feed; null: history only. */
  change: ChangeType | null
  before: Readonly<Record<string, unknown>> | null
  after: Readonly<Record<string, unknown>> | null
  proposal: Pick<Proposal, 'kind' | 'values'> | null
  /** The event says the same as this appointment, which has an event of its own. */
  duplicate: Pick<Duplicate, 'kind' | 'appointmentId'> | null
  /** Nothing for a person to read: no history row. */
  isQuiet: boolean
}

/** A verdict that changes nothing, to be filled in. */
export function verdict(eventId: string, rule: string, fields: Partial<Verdict>): Verdict {
  return {
    eventId,
    rule,
    action: 'seen',
    reason: '',
    appointment: null,
    link: null,
    forget: null,
    about: null,
    isQueued: false,
    change: null,
    before: null,
    after: null,
    proposal: null,
    duplicate: null,
    isQuiet: false,
    ...fields,
  }
}
