import type { DomainError, Result } from '../../core/model/failures.ts'
import type { Write } from './decide-write.ts'
import { writeAppointments, type OnConflict, type WriteDeps, type Written } from './write-appointments.ts'

/** One write in a transaction of its own, whose outcome is the transaction's. */
export function writeOne(
  deps: WriteDeps,
  tenantId: string,
  write: Write,
  onConflict: OnConflict,
): Promise<Result<Written, DomainError>> {
  return deps.store.transaction(tenantId, async tx => {
    const [only] = await writeAppointments(deps, tx, { tenantId, writes: [write], onConflict })
    if (only === undefined) throw new Error('one write was asked for and none was answered')
    return only
  })
}
