import type { Appointment } from '../../../core/model/appointment.ts'
import { DEFAULT_POLICIES } from '../../../core/model/policies.ts'
import { project } from '../../../core/sync/projection.ts'

const SAMPLE: Appointment = {
  tenantId: '',
  id: 'A-2041',
  userId: '',
  kind: 'appointment',
  status: 'confirmed',
  title: 'Follow-up, Jane Roe',
  description: 'Bring the last report.',
  location: 'Room 2',
  time: { kind: 'all-day', startDate: '2026-12-01', endDate: '2026-12-02' },
  recurrence: [],
  recurringId: null,
  originalStart: null,
  busy: true,
  colour: null,
  metadata: {},
  origin: 'platform',
  version: 1,
  archivedAt: null,
  createdAt: 0,
  updatedAt: 0,
}

/** A made-up appointment as Google would show it: by the very rule that writes the real ones. */
export const anAppointmentLike = {
  location: SAMPLE.location ?? '',
  description: SAMPLE.description ?? '',
  titles: (title: string): string =>
    project(SAMPLE, { ...DEFAULT_POLICIES, presentation: { ...DEFAULT_POLICIES.presentation, title } }).title,
}
