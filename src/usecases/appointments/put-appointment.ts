import type { DomainError, Result } from '../../core/model/failures.ts'
import type { IfMatch } from './decide-write.ts'
import { writeOne } from './write-one.ts'
import type { OnConflict, WriteDeps, Written } from './write-appointments.ts'

/** Books an appointment under the platform's own id, or replaces it whole. One that was cancelled or archived is booked anew. */
export function putAppointment(
  deps: WriteDeps,
  input: { tenantId: string; id: string; body: unknown; ifMatch: IfMatch; onConflict: OnConflict },
): Promise<Result<Written, DomainError>> {
  const { tenantId, id, body, ifMatch, onConflict } = input
  return writeOne(deps, tenantId, { how: 'put', id, body, ifMatch }, onConflict)
}
