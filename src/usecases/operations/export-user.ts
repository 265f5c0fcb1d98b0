import type { ConnectionResource } from '../../core/model/connection-resource.ts'
import type { JournalRow } from '../../core/model/journal.ts'
import { appointmentResource, type AppointmentResource } from '../../core/model/resource.ts'
import { listConnections } from '../connections/get-connection.ts'
import type { Deps } from '../deps.ts'
import { placeOf, type Place } from '../appointments/list-appointments.ts'
import { tellRow } from '../appointments/read-history.ts'

const PAGE_MAX = 200
const HISTORY_MAX = 10_000

export type ExportedAppointment = { appointment: AppointmentResource; history: JournalRow[] }
type Of = { tenantId: string; userId: string }

/** All that is kept of a user besides their appointments. Tokens and secrets are not theirs to read, nor anybody's. */
export async function exportAccounts(
  { store }: Pick<Deps, 'store'>,
  { tenantId, userId }: Of,
): Promise<{ connections: ConnectionResource[]; feedSince: number | null }> {
  const feed = await store.feedOf(tenantId, userId)
  return { connections: await listConnections({ store }, { tenantId, userId }), feedSince: feed?.createdAt ?? null }
}

/** A user's appointments, archived ones too, each with its history: page by page, so that memory does not grow with them. */
export async function* exportAppointments(
  { store }: Pick<Deps, 'store'>,
  { tenantId, userId }: Of,
): AsyncGenerator<ExportedAppointment> {
  const filter = { userId, from: null, to: null, origin: null, status: null, limit: PAGE_MAX }
  for (const isArchived of [false, true])
    for (let after: Place | null = null; ;) {
      const page = await store.listAppointments(tenantId, { ...filter, isArchived, after })
      for (const { appointment, links, outbox } of page) {
        const rows = await store.history(tenantId, appointment.id, HISTORY_MAX)
        yield { appointment: appointmentResource(appointment, links, outbox), history: rows.map(tellRow) }
      }
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE_MAX) break
      after = placeOf(last.appointment)
    }
}
