import type { Appointment } from '../../core/model/appointment.ts'
import type { Instant } from '../../core/model/time.ts'
import { parseDate, parseDateTime, startOfDay, addDays } from '../../core/model/time.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Deps } from '../deps.ts'

export type Found = { appointment: Appointment; how: 'id' | 'event' | 'title' | 'time'; state: string | null }

const FOUND_MAX = 50

/**
 * Appointments by the platform's id, a Google event id or iCalUID, a part of the title (for those who may see titles), or a day or time
 * they take place at. Each once, the surest first.
 */
export async function searchAppointments(
  { store }: Pick<Deps, 'store'>,
  input: { tenantId: string; text: string; zone: string; showsTitles: boolean },
): Promise<Found[]> {
  const { tenantId, text, zone, showsTitles } = input
  if (text === '' || text.includes('\0')) return []
  const window = readWhen(text, zone)
  const byId = await store.appointment(tenantId, text)
  const links = await store.linksOfEvent(tenantId, text, FOUND_MAX)
  const byEvent = await store.appointmentsByIds(
    tenantId,
    links.flatMap(link => link.appointmentId ?? []),
  )
  const byTitle = showsTitles ? await store.appointmentsTitled(tenantId, text, FOUND_MAX) : []
  const byTime =
    window === null
      ? []
      : await store.listAppointments(tenantId, {
          userId: null,
          ...window,
          origin: null,
          status: null,
          isArchived: false,
          after: null,
          limit: FOUND_MAX,
        })
  const all = [
    ...(byId === null ? [] : [found('id', byId)]),
    ...byEvent.map(each => found('event', each)),
    ...byTime.map(each => found('time', each)),
    ...byTitle.map(each => found('title', each)),
  ]
  const first = new Map(all.toReversed().map(each => [each.appointment.id, each]))
  return [...new Set(all.map(each => each.appointment.id))].flatMap(id => first.get(id) ?? []).slice(0, FOUND_MAX)
}

function found(how: Found['how'], { appointment, outbox, links }: Paired): Found {
  const state = outbox?.state ?? (links.some(link => link.role !== 'parked') ? 'synced' : null)
  return { appointment, how, state }
}

/** A day, or a day and a time, in the zone given. */
function readWhen(text: string, zone: string): { from: Instant; to: Instant } | null {
  const day = parseDate(text)
  if (day.ok) return { from: startOfDay(day.value, zone), to: startOfDay(addDays(day.value, 1), zone) }
  const moment = parseDateTime(text.replace(' ', 'T'), zone)
  return moment.ok ? { from: moment.value.at, to: moment.value.at + 60_000 } : null
}
