import type { DomainError, Result } from '../../core/model/failures.ts'
import type { IfMatch } from './decide-write.ts'
import { writeOne } from './write-one.ts'
import type { WriteDeps, Written } from './write-appointments.ts'

/** Calls an appointment off: `no_show` where the reason says so, else `cancelled`, with the reason kept in its history. */
export function cancelAppointment(
  deps: WriteDeps,
  input: { tenantId: string; id: string; reason: string; ifMatch: IfMatch },
): Promise<Result<Written, DomainError>> {
  const { tenantId, id, reason, ifMatch } = input
  return writeOne(deps, tenantId, { how: 'cancel', id, reason, ifMatch }, 'allow')
}
