import type { Appointment } from '../../../src/core/model/appointment.ts'
import type { Link } from '../../../src/core/model/link.ts'
import type { Slot } from '../../../src/core/model/time.ts'
import { aLink, anAppointment, DAY, NOW } from '../../support/builders.ts'
import type { World } from './ledger.ts'

export const MONDAYS = ['RRULE:FREQ=WEEKLY;COUNT=8']
export const theirs = (fields: Partial<Link> = {}): Link =>
  aLink({ role: 'theirs', base: null, raw: null, appointmentId: 'g_event1', ...fields })
export const imported = (fields: Partial<Appointment> = {}): Appointment =>
  anAppointment({ id: 'g_event1', origin: 'google', kind: 'event', ...fields })
export const parked = (code: string, fields: Partial<Link> = {}): Link =>
  aLink({ role: 'parked', base: null, raw: null, appointmentId: null, error: { code, message: 'why' }, ...fields })

export const SLOT: Slot = { kind: 'timed', at: NOW + 8 * DAY }
export const theirSeries: World = {
  links: [theirs({ eventId: 'series1', appointmentId: 'g_series1' })],
  appointments: [imported({ id: 'g_series1', recurrence: MONDAYS })],
}
