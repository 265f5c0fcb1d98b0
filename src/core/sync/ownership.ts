import type { Appointment } from '../model/appointment.ts'
import type { Policies, Presentation } from '../model/policies.ts'
import type { Field } from '../model/projection.ts'

/**
 * Whether a change that a person made to this field in Google may change the appointment. A field that is masked on the way out is
 * never read back in; the colour belongs to whoever looks at the calendar.
 */
export function flowsBack(field: Field, presentation: Presentation): boolean {
  switch (field) {
    case 'time':
    case 'recurrence':
    case 'busy':
    case 'status':
      return true
    case 'title':
      return presentation.title === 'full'
    case 'description':
      return presentation.description
    case 'location':
      return presentation.location
    case 'colour':
      return false
  }
}

/** Who may change the appointment itself. */
export function isLocked(appointment: Pick<Appointment, 'origin'>): boolean {
  return appointment.origin === 'google'
}

/**
 * The platform took it away and Google edited it meanwhile: the platform owns it, so it leaves Google all the same;
 * the edit that is lost is told in the history.
 */
export const EDIT_AGAINST_LOCAL_DELETE = 'delete-remote'

export type GoneAnswer = 'cancel' | 'restore' | 'propose'

/**
 * Google deleted an event of ours. An edit made here since the two last agreed wins only under `restore`.
 */
export function answerToDeletion(policies: Pick<Policies, 'googleDeletes'>): GoneAnswer {
  return policies.googleDeletes
}
