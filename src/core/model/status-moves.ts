import type { AppointmentStatus } from './appointment.ts'

/** What a change of status is called. `rebooks`: what was called off takes place after all, as a new booking of the same id. */
export type StatusMove = 'none' | 'confirms' | 'loosens' | 'completes' | 'cancels' | 'misses' | 'corrects' | 'rebooks'

export const STATUSES: readonly AppointmentStatus[] = ['tentative', 'confirmed', 'completed', 'cancelled', 'no_show']

/** Rows: from; columns: to. The platform owns its statuses, so every move has a name; which call may make it is `mayMove`. */
export const STATUS_MOVES: Record<AppointmentStatus, Record<AppointmentStatus, StatusMove>> = {
  tentative: {
    tentative: 'none',
    confirmed: 'confirms',
    completed: 'completes',
    cancelled: 'cancels',
    no_show: 'misses',
  },
  confirmed: {
    tentative: 'loosens',
    confirmed: 'none',
    completed: 'completes',
    cancelled: 'cancels',
    no_show: 'misses',
  },
  completed: {
    tentative: 'corrects',
    confirmed: 'corrects',
    completed: 'none',
    cancelled: 'cancels',
    no_show: 'misses',
  },
  cancelled: {
    tentative: 'rebooks',
    confirmed: 'rebooks',
    completed: 'rebooks',
    cancelled: 'none',
    no_show: 'misses',
  },
  no_show: {
    tentative: 'corrects',
    confirmed: 'corrects',
    completed: 'completes',
    cancelled: 'cancels',
    no_show: 'none',
  },
}

/** A part sent by PATCH must not bring back what was called off: that takes the whole booking, by PUT. */
export function mayMove(move: StatusMove, how: 'put' | 'patch' | 'cancel'): boolean {
  return move !== 'rebooks' || how === 'put'
}

/** Called off or missed: it blocks no time and leaves Google. */
export function isOff(status: AppointmentStatus): boolean {
  return status === 'cancelled' || status === 'no_show'
}
