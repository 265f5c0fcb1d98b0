import type { Appointment } from '../../core/model/appointment.ts'
import type { Policies } from '../../core/model/policies.ts'
import { seriesBounds } from '../../core/recurrence/expand.ts'
import { findTwin, isStillTwin } from '../../core/sync/twin.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Reads } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import type { PlannedChange, PlannedWrite } from './plan.ts'
import { isGone } from './remove-events.ts'

type Scope = { tenantId: string; userId: string; connectionId: string; calendarId: string; policies: Policies }

const PAGE = 500
const PAGES_MAX = 1_000
const KNOWN_MAX = 100

/**
 * Where a person has made the same event by hand, it will become the appointment's own (`meetTwin`): it is changed, none is written beside
 * it, and what stood for it here is archived. Google is asked about those few alone, as it will be then.
 */
export async function withTwins(
  deps: Pick<Deps, 'store' | 'google'>,
  of: Scope,
  writes: readonly PlannedWrite[],
): Promise<{ google: PlannedWrite[]; local: PlannedChange[] }> {
  const inserted = writes.flatMap(({ action, appointmentId }) => (action === 'insert' ? (appointmentId ?? []) : []))
  if (of.policies.duplicates !== 'link' || inserted.length === 0) return { google: [...writes], local: [] }
  const twins = await twinsOf(deps, of, inserted)
  const google = writes.map((write): PlannedWrite => {
    const twin = write.action === 'insert' ? twins.get(write.appointmentId ?? '') : undefined
    return twin === undefined ? write : { ...write, action: 'update', eventId: twin.eventId }
  })
  return { google, local: [...twins.values()].map(({ twinId }) => ({ action: 'archive', appointmentId: twinId })) }
}

async function twinsOf(
  deps: Pick<Deps, 'store' | 'google'>,
  of: Scope,
  ids: readonly string[],
): Promise<Map<string, { eventId: string; twinId: string }>> {
  const { tenantId, calendarId, policies } = of
  const theirs = await theirsByStart(deps.store, of)
  const twins = new Map<string, { eventId: string; twinId: string }>()
  for (let from = 0; from < ids.length && theirs.size > 0; from += PAGE)
    for (const { appointment } of await deps.store.appointmentsByIds(tenantId, ids.slice(from, from + PAGE))) {
      const around = theirs.get(startOf(appointment)) ?? []
      const twin = findTwin(appointment, around, calendarId, policies)
      if (twin !== null && (await willMeet(deps, of, appointment, twin.link.eventId)))
        twins.set(appointment.id, { eventId: twin.link.eventId, twinId: twin.appointment.id })
    }
  return twins
}

const startOf = ({ time }: Appointment): number => seriesBounds(time, []).startAt

/** What was made in Google, by its beginning: one walk, however many appointments are looked for. */
async function theirsByStart(reads: Reads, { tenantId, userId }: Scope): Promise<Map<number, Paired[]>> {
  const byStart = new Map<number, Paired[]>()
  const filter = { userId, from: null, to: null, origin: 'google', status: null, isArchived: false } as const
  let after: { startAt: number; id: string } | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const found: Paired[] = await reads.listAppointments(tenantId, { ...filter, after, limit: PAGE })
    for (const pair of found) {
      const startAt = startOf(pair.appointment)
      byStart.set(startAt, [...(byStart.get(startAt) ?? []), pair])
    }
    const last = found.at(-1)?.appointment
    if (last === undefined || found.length < PAGE) break
    after = { startAt: seriesBounds(last.time, last.recurrence).startAt, id: last.id }
  }
  return byStart
}

async function willMeet(
  { store, google }: Pick<Deps, 'store' | 'google'>,
  { tenantId, connectionId, calendarId, policies }: Scope,
  appointment: Appointment,
  eventId: string,
): Promise<boolean> {
  const known = await store.duplicates(tenantId, { appointmentIds: [appointment.id], afterId: null, limit: KNOWN_MAX })
  if (known.some(each => each.eventId === eventId)) return false
  const reply = await google.getEvent({ tenantId, connectionId }, { calendarId, eventId })
  if (!reply.ok) return !isGone(reply.error) // where Google does not answer now, what was read last counts
  return reply.value.kind === 'live' && isStillTwin(reply.value, appointment, policies)
}
