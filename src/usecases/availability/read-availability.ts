import { type BusyInterval, mergeBusy } from '../../core/availability/busy.ts'
import { succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Range } from '../../core/model/time.ts'
import type { Deps } from '../deps.ts'
import { busyBlocks } from './busy-blocks.ts'
import { readAgenda } from './read-agenda.ts'

export type Availability = { busy: BusyInterval[]; zone: string }

/** When a user is taken, from everything that blocks time on either side; whose it is, never what it is. */
export async function readAvailability(
  { store }: Pick<Deps, 'store'>,
  input: { tenantId: string; userId: string; window: Range },
): Promise<Result<Availability, DomainError>> {
  const { tenantId, userId, window } = input
  const agenda = await readAgenda(store, tenantId, userId, window)
  if (!agenda.ok) return agenda
  const { appointments, zone } = agenda.value
  return succeed({ busy: mergeBusy(busyBlocks(appointments.values(), window, zone), window), zone })
}
