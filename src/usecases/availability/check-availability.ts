import { checkSlots, type SlotVerdict } from '../../core/availability/slots.ts'
import { succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Range } from '../../core/model/time.ts'
import type { Deps } from '../deps.ts'
import { busyBlocks } from './busy-blocks.ts'
import { readAgenda } from './read-agenda.ts'

/** Whether each of these slots is free, and what stands in the way where it is not. At least one slot. */
export async function checkAvailability(
  { store }: Pick<Deps, 'store'>,
  input: { tenantId: string; userId: string; slots: readonly Range[] },
): Promise<Result<{ slots: SlotVerdict[]; zone: string }, DomainError>> {
  const { tenantId, userId, slots } = input
  const window = {
    startAt: Math.min(...slots.map(slot => slot.startAt)),
    endAt: Math.max(...slots.map(slot => slot.endAt)),
  }
  const agenda = await readAgenda(store, tenantId, userId, window)
  if (!agenda.ok) return agenda
  const { appointments, zone } = agenda.value
  return succeed({ slots: checkSlots(slots, busyBlocks(appointments.values(), window, zone)), zone })
}
