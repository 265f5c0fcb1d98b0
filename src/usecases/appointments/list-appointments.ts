import type { Appointment } from '../../core/model/appointment.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import { isFields, own } from '../../core/model/input.ts'
import { appointmentResource, type AppointmentResource } from '../../core/model/resource.ts'
import { isInRange, type Instant } from '../../core/model/time.ts'
import { seriesBounds } from '../../core/recurrence/expand.ts'
import type { AppointmentFilter } from '../../ports/store/appointments.ts'
import type { Deps } from '../deps.ts'

export type Filter = Pick<AppointmentFilter, 'userId' | 'from' | 'to' | 'origin' | 'status' | 'isArchived'>

export type Page = { items: AppointmentResource[]; cursor: string | null }

/** One page, by the start of what is listed. A series is one item, its exceptions are items of their own. */
export async function listAppointments(
  { store }: Pick<Deps, 'store'>,
  input: { tenantId: string; filter: Filter; cursor: string | null; limit: number },
): Promise<Result<Page, DomainError>> {
  const { tenantId, filter, cursor, limit } = input
  const after = cursor === null ? null : parseCursor(cursor)
  if (cursor !== null && after === null) return fail(INVALID_CURSOR)
  const found = await store.listAppointments(tenantId, { ...filter, after, limit: limit + 1 })
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return succeed({
    items: shown.map(({ appointment, links, outbox }) => appointmentResource(appointment, links, outbox)),
    cursor: found.length > limit && last !== undefined ? formatCursor(placeOf(last.appointment)) : null,
  })
}

/** The place of an item in a listing. */
export type Place = { startAt: Instant; id: string }

export const placeOf = ({ time, recurrence, id }: Appointment): Place => ({
  startAt: seriesBounds(time, recurrence).startAt,
  id,
})

export const INVALID_CURSOR: DomainError = {
  kind: 'invalid',
  problems: [{ path: 'cursor', message: 'is not one that a listing gave out' }],
}

export const formatCursor = ({ startAt, id }: Place): string =>
  Buffer.from(JSON.stringify({ startAt, id })).toString('base64url')

/** Null for anything that `formatCursor` did not make. */
export function parseCursor(cursor: string): Place | null {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (!isFields(read)) return null
    const startAt = own(read, 'startAt')
    const id = own(read, 'id')
    return typeof startAt === 'number' && isInRange(startAt) && typeof id === 'string' && !id.includes('\0')
      ? { startAt, id }
      : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
