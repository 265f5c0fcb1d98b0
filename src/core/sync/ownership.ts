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

export type GoneAnswer = 'cancel' | 'restore' | 'propose'

/**
 * Google deleted an event of ours. An edit made here since the two last agreed wins only under `restore`.
 */
export function answerToDeletion(policies: Pick<Policies, 'googleDeletes'>): GoneAnswer {
  return policies.googleDeletes
}
