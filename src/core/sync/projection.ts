import type { Appointment, AppointmentKind } from '../model/appointment.ts'
import type { Policies } from '../model/policies.ts'
import type { Projection } from '../model/projection.ts'

const KIND_TITLES: Record<AppointmentKind, string> = {
  appointment: 'Appointment',
  meeting: 'Meeting',
  task: 'Task',
  event: 'Event',
  block: 'Blocked',
}

/**
 * What Google is shown of an appointment: nothing that the presentation does not allow. Under `cancelled: mark` a cancelled
 * one stays as a free event that says so.
 */
export function project(appointment: Appointment, policies: Pick<Policies, 'presentation' | 'cancelled'>): Projection {
  const { presentation } = policies
  const isMarked = appointment.status === 'cancelled' && policies.cancelled === 'mark'
  const title = shownTitle(appointment, presentation.title)
  return {
    time: appointment.time,
    recurrence: appointment.recurrence,
    title: isMarked ? `Cancelled: ${title}` : title,
    description: presentation.description ? (appointment.description ?? '') : '',
    location: presentation.location ? (appointment.location ?? '') : '',
    busy: isMarked ? false : appointment.busy,
    status: appointment.status === 'tentative' ? 'tentative' : 'confirmed',
    colour: appointment.colour ?? presentation.colour,
  }
}

function shownTitle(appointment: Appointment, mode: string): string {
  switch (mode) {
    case 'full':
      return appointment.title ?? KIND_TITLES[appointment.kind]
    case 'kind':
      return KIND_TITLES[appointment.kind]
    case 'busy':
      return 'Busy'
    default:
      return fillTemplate(mode, appointment)
  }
}

/** The placeholders a title template may use; an unknown one is refused when the policy is set. */
export const TEMPLATE_PLACEHOLDERS = ['kind', 'title', 'initials', 'location', 'status', 'id'] as const

function fillTemplate(template: string, appointment: Appointment): string {
  const values: Record<string, string> = {
    kind: KIND_TITLES[appointment.kind],
    title: appointment.title ?? '',
    initials: initials(appointment.title ?? ''),
    location: appointment.location ?? '',
    status: appointment.status,
    id: appointment.id,
  }
  return template.replace(/\{\{\s*(\w+)\s*\}\}/gu, (_all, name: string) => values[name] ?? '').trim()
}

/**
 * The first letters of a name. In "Follow-up, Jane Roe" the name is what follows the last comma; without a comma, all of it.
 */
function initials(title: string): string {
  const name = title.slice(title.lastIndexOf(',') + 1)
  return [...name.matchAll(/\p{L}[\p{L}\p{M}'’-]*/gu)]
    .map(([word]) => [...word][0]?.toLocaleUpperCase('en') ?? '')
    .join('')
}
