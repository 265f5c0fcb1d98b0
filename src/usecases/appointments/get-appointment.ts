import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { appointmentResource, type AppointmentResource } from '../../core/model/resource.ts'
import type { Deps } from '../deps.ts'

export async function getAppointment(
  { store }: Pick<Deps, 'store'>,
  input: { tenantId: string; id: string; isArchivedShown: boolean },
): Promise<Result<AppointmentResource, DomainError>> {
  const paired = await store.appointment(input.tenantId, input.id)
  if (paired === null) return fail({ kind: 'not-found' })
  const isHidden = paired.appointment.archivedAt !== null && !input.isArchivedShown
  return isHidden
    ? fail({ kind: 'not-found' })
    : succeed(appointmentResource(paired.appointment, paired.links, paired.outbox))
}
