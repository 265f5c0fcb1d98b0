import type { DomainError, Result } from '../../core/model/failures.ts'
import type { IfMatch } from './decide-write.ts'
import { writeOne } from './write-one.ts'
import type { WriteDeps, Written } from './write-appointments.ts'

/** Takes an appointment out of sight and out of Google; its record and history stay readable. */
export function archiveAppointment(
  deps: WriteDeps,
  input: { tenantId: string; id: string; ifMatch: IfMatch },
): Promise<Result<Written, DomainError>> {
  const { tenantId, id, ifMatch } = input
  return writeOne(deps, tenantId, { how: 'archive', id, ifMatch }, 'allow')
}
