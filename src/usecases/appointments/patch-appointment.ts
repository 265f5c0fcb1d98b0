import type { DomainError, Result } from '../../core/model/failures.ts'
import type { IfMatch } from './decide-write.ts'
import { writeOne } from './write-one.ts'
import type { OnConflict, WriteDeps, Written } from './write-appointments.ts'

/** Changes what the body names and keeps the rest; what comes of it must be a valid appointment as a whole. */
export function patchAppointment(
  deps: WriteDeps,
  input: { tenantId: string; id: string; body: unknown; ifMatch: IfMatch; onConflict: OnConflict },
): Promise<Result<Written, DomainError>> {
  const { tenantId, id, body, ifMatch, onConflict } = input
  return writeOne(deps, tenantId, { how: 'patch', id, body, ifMatch }, onConflict)
}
