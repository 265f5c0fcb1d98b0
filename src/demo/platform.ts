import { createLockstep, type Schemas } from '../client/client.ts'
import type { Time } from './wall-clock.ts'

export type { Change } from '../client/client.ts'

/** The moments of an appointment are told apart by their members; the description leaves both open. */
export type Appointment = Omit<Schemas['Appointment'], 'start' | 'end' | 'originalStart'> & {
  start: Time
  end: Time
  originalStart: Time | null
}
export type HistoryItem = Schemas['History']['items'][number]
export type Connection = Schemas['Connection']

const PAGE = 500

/** The service's API as the clinic's own software calls it, with the clinic's key. */
export type Platform = ReturnType<typeof createPlatform>

export function createPlatform(of: { baseUrl: string; apiKey: string }) {
  const lockstep = createLockstep(of)
  const shown = (appointment: Schemas['Appointment']): Appointment => appointment as Appointment // see above
  return {
    connectLink: (userId: string, body: { returnUrl?: string }) =>
      lockstep.createConnectLink({ path: { userId }, body }),
    connections: (userId: string) => lockstep.listConnections({ path: { userId } }),
    connection: (id: string) => lockstep.getConnection({ path: { id } }),
    patchConnection: (id: string, body: Record<string, unknown>) => lockstep.patchConnection({ path: { id }, body }),
    calendars: (id: string) => lockstep.listCalendars({ path: { id } }),
    chooseCalendars: async (id: string, body: object): Promise<{ runId: string }> => {
      const started = await lockstep.chooseCalendars({ path: { id }, body })
      if (!('runId' in started)) throw new Error('a plan was not asked for')
      return started
    },
    run: (id: string) => lockstep.getRun({ path: { id } }),
    batch: (items: readonly object[]) =>
      lockstep.putAppointments({ body: { items: items as Schemas['Batch']['items'] } }), // as bookings.ts makes them
    appointment: async (id: string) => shown(await lockstep.getAppointment({ path: { id } })),
    put: async (id: string, body: object) =>
      shown(await lockstep.putAppointment({ path: { id }, body: body as Schemas['AppointmentInput'] })),
    patch: async (id: string, body: object) => shown(await lockstep.patchAppointment({ path: { id }, body })),
    cancel: async (id: string) =>
      shown(await lockstep.cancelAppointment({ path: { id }, body: { reason: 'cancelled' } })),
    history: async (id: string) => (await lockstep.getAppointmentHistory({ path: { id } })).items,
    changes: (after: string | null, wait: number, signal?: AbortSignal) =>
      lockstep.listChanges({
        query: { limit: PAGE, wait, ...(after === null ? {} : { after }) },
        ...(signal === undefined ? {} : { signal }),
      }),
    /** Everything that takes place between two moments, series as their occurrences. */
    instances: async (userId: string, from: string, to: string): Promise<Appointment[]> => {
      const found: Appointment[] = []
      const query = { userId, from, to, expand: 'instances', limit: PAGE } as const
      for await (const each of lockstep.appointments(query)) found.push(shown(each))
      return found
    },
  }
}
