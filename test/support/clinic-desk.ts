import { fail, succeed, type DomainError, type Result } from '../../src/core/model/failures.ts'
import type { AppointmentResource } from '../../src/core/model/resource.ts'
import type { Paired } from '../../src/ports/store/appointments.ts'
import { putAppointment } from '../../src/usecases/appointments/put-appointment.ts'
import { mintAccessToken } from '../../src/simulator/oauth.ts'
import { addCalendar } from '../../src/simulator/testing.ts'
import { aCalendar } from './builders.ts'
import { TENANT, type Connected, type Engine } from './engine.ts'

export const NINE = {
  start: { dateTime: '2026-12-01T09:00:00-05:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-12-01T09:30:00-05:00', timeZone: 'America/New_York' },
}
export const ELEVEN = {
  start: { dateTime: '2026-12-01T11:00:00-05:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-12-01T11:45:00-05:00', timeZone: 'America/New_York' },
}
export const BOOKING = { userId: 'dr-lee', title: 'Follow-up, Jane Roe', location: 'Room 2', ...NINE }

/** What a platform does all day, short to say; every refusal is a failure of the test. */
export function deskOf(engine: Engine, tenantId: string = TENANT) {
  const { deps } = engine
  const history = (id: string) => deps.store.history(tenantId, id, 1_000)
  return {
    book: async (id: string, body: object = {}): Promise<AppointmentResource> => {
      const call = { tenantId, id, body: { ...BOOKING, ...body }, ifMatch: null, onConflict: 'allow' as const }
      return must(await putAppointment(deps, call)).resource
    },
    read: (id: string) => deps.store.appointment(tenantId, id),
    rulesOf: async (id: string): Promise<string[]> => (await history(id)).map(row => row.rule),
    history,
    list: (userId: string, origin: 'platform' | 'google', isArchived = false): Promise<Paired[]> =>
      deps.store.listAppointments(tenantId, {
        userId,
        from: null,
        to: null,
        origin,
        status: null,
        isArchived,
        after: null,
        limit: 1_000,
      }),
    changesSince: (seq: number) => deps.store.changes(tenantId, seq, 1_000),
    lastSeq: async (): Promise<number> => (await deps.store.changes(tenantId, 0, 10_000)).at(-1)?.seq ?? 0,
    proposals: () => deps.store.openProposals(tenantId, { appointmentIds: null, afterId: null, limit: 100 }),
    duplicates: () => deps.store.duplicates(tenantId, { appointmentIds: null, afterId: null, limit: 100 }),
  }
}

export function must<T>(outcome: Result<T, DomainError>): T {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error))
  return outcome.value
}

/** Another calendar in the account; in use by the connection as `uses` says, or not at all. */
export async function furtherCalendar(
  engine: Engine,
  { tenantId, connectionId, email }: Connected,
  uses: Partial<Record<'isSource' | 'isConflict', boolean>> | null,
): Promise<string> {
  const { world } = engine.simulator
  const owner = world.accounts.get(email)
  if (owner === undefined) throw new Error(`no account ${email}`)
  const calendar = addCalendar(world, { owner, summary: 'Further', timeZone: 'America/New_York' })
  if (uses === null) return calendar.id
  const parameters = engine.deps.settings.listParameters
  const cursor = { syncToken: null, pageToken: null, generation: 0, parameters, listedFrom: null }
  const unused = { isPrimary: false, isTarget: false, isSource: false, isConflict: false }
  const row = aCalendar({ connectionId, id: calendar.id, cursor, ...unused, ...uses, nextPollAt: engine.clock.now })
  await engine.deps.store.transaction(tenantId, async tx => {
    await tx.saveCalendars([row])
    await tx.wake([{ kind: 'pull', tenantId, connectionId, calendarId: calendar.id }])
  })
  await engine.settle()
  return calendar.id
}

/** A person moves an event to another of their calendars. */
export async function moveEvent(
  engine: Engine,
  { email, calendarId }: Pick<Connected, 'email' | 'calendarId'>,
  eventId: string,
  destination: string,
): Promise<void> {
  const scopes = ['https://www.googleapis.com/auth/calendar']
  const { token } = mintAccessToken(
    engine.simulator.world,
    { account: email, clientId: 'google-own-page', scopes },
    null,
  )
  const path = `calendars/${encodeURIComponent(calendarId)}/events/${eventId}/move`
  const url = `http://google.localhost/calendar/v3/${path}?destination=${encodeURIComponent(destination)}`
  const answer = await engine.simulator.fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`move: ${answer.status} ${await answer.text()}`)
}

export const refusal = <T>(outcome: Result<T, DomainError>): DomainError | null => {
  const error = outcome.ok ? succeed(null) : fail(outcome.error)
  return error.ok ? null : error.error
}
