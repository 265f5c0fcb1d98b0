import { isShown } from '../../core/sync/admission.ts'
import { planPush } from '../../core/sync/push-plan.ts'
import { project } from '../../core/sync/projection.ts'
import { unveiled } from '../../core/sync/veil.ts'
import type { Appointment } from '../../core/model/appointment.ts'
import type { Link } from '../../core/model/link.ts'
import type { Policies } from '../../core/model/policies.ts'
import type { Range } from '../../core/model/time.ts'
import { isGenerated, seriesBounds } from '../../core/recurrence/expand.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { Reads } from '../../ports/store/store.ts'
import type { PlannedChange, PlannedWrite } from './plan.ts'
import { platformAppointments } from './walk-appointments.ts'
import { linksOf } from './walk-links.ts'

const PAGE = 500
const PAGES_MAX = 1_000

type Whose = { tenantId: string; userId: string; connectionId: string }

/** The deletion of each event that this connection wrote; an exception goes with its series. @param isLeaving null: all of them. */
export async function plannedDeletions(
  reads: Reads,
  of: Whose,
  leaving: ((links: readonly Link[]) => Promise<Link[]>) | null = null,
): Promise<PlannedWrite[]> {
  const writes: PlannedWrite[] = []
  for await (const page of platformAppointments(reads, of)) {
    const ours = page.flatMap(({ links }) =>
      links.filter(link => link.connectionId === of.connectionId && link.role === 'ours'),
    )
    for (const link of leaving === null ? ours : await leaving(ours))
      if (link.recurringEventId === null) writes.push(deletionOf(link))
  }
  return writes
}

function deletionOf({ appointmentId, eventId, calendarId, base }: Link): PlannedWrite {
  return {
    action: 'delete',
    appointmentId,
    eventId,
    calendarId,
    summary: base === null ? null : unveiled(base.returned.title),
  }
}

export type Scope = Whose & { calendarId: string; range: Range; policies: Policies }

/** The write of each appointment in the window that this calendar does not show yet, with the title that Google would see. */
export async function plannedInserts(reads: Reads, of: Scope): Promise<PlannedWrite[]> {
  const writes: PlannedWrite[] = []
  const { tenantId, userId, connectionId, calendarId, range } = of
  const scope = { userId, connectionId, calendarId, from: range.startAt, to: range.endAt }
  let afterId: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const ids: string[] = await reads.unsent(tenantId, { ...scope, afterId, limit: PAGE })
    for (const { appointment } of await reads.appointmentsByIds(tenantId, ids)) {
      const write = plannedWrite(appointment, of)
      if (write !== null) writes.push(write)
    }
    afterId = ids.at(-1) ?? null
    if (ids.length < PAGE) break
  }
  return withFamilies(reads, of, writes)
}

/** A series is written whole: each exception in one of its slots follows it, also those that the window leaves out. */
export async function withFamilies(
  reads: Reads,
  of: Pick<Scope, 'tenantId' | 'calendarId' | 'policies'>,
  writes: readonly PlannedWrite[],
): Promise<PlannedWrite[]> {
  const planned = new Set(writes.map(write => write.appointmentId))
  const inserted = writes.flatMap(({ action, appointmentId }) => (action === 'insert' ? (appointmentId ?? []) : []))
  const members = inserted.length === 0 ? [] : await reads.seriesWithExceptions(of.tenantId, inserted)
  const series = new Map(members.map(({ appointment }) => [appointment.id, appointment]))
  const followers = members.flatMap(({ appointment }) => {
    const { id, recurringId, originalStart } = appointment
    const whole = series.get(recurringId ?? '')
    if (planned.has(id) || whole === undefined || originalStart === null || !isGenerated(whole, originalStart))
      return []
    return plannedWrite(appointment, of) ?? []
  })
  return [...writes, ...followers]
}

/** As if nothing showed it: an exception is written into the series that goes before it. */
export function plannedWrite(
  appointment: Appointment,
  { calendarId, policies }: Pick<Scope, 'calendarId' | 'policies'>,
): PlannedWrite | null {
  const { id: appointmentId, recurringId } = appointment
  const write = { appointmentId, eventId: null, calendarId, summary: project(appointment, policies).title }
  if (recurringId !== null) return { ...write, action: isShown(appointment, policies) ? 'update' : 'delete' }
  const isWanted = appointment.status !== 'cancelled' && isShown(appointment, policies)
  return isWanted ? { ...write, action: 'insert' } : null
}

/**
 * What becomes of the events in Google whose pairs are forgotten and found again by their mark: those that differ from what they should
 * show are written over, those that should not be there are deleted.
 */
export async function plannedCorrections(reads: Reads, of: Scope): Promise<PlannedWrite[]> {
  const writes: PlannedWrite[] = []
  for await (const page of platformAppointments(reads, of))
    for (const pair of page)
      for (const link of pair.links) {
        const isFound = link.connectionId === of.connectionId && link.role === 'ours' && isListed(pair, of.range)
        const write = isFound ? correctionOf(pair, link, of.policies) : null
        if (write !== null) writes.push(write)
      }
  return writes
}

function correctionOf({ appointment }: Paired, link: Link, policies: Policies): PlannedWrite | null {
  if (link.base === null) return null
  const { returned } = link.base
  const found: Link = { ...link, base: { sent: returned, returned } }
  const plan = planPush({ appointment, link: found, masterLink: null, master: null, policies })
  if (plan.call === 'delete') return deletionOf(link)
  if (plan.call !== 'update') return null
  const { id: appointmentId } = appointment
  const { eventId, calendarId } = link
  return { action: 'update', appointmentId, eventId, calendarId, summary: plan.content.title }
}

/** A full list begins with the window and has no end. */
export function isListed({ appointment }: Pick<Paired, 'appointment'>, range: Range): boolean {
  const { endAt } = seriesBounds(appointment.time, appointment.recurrence)
  return endAt === null || endAt > range.startAt
}

/** Appointments of Google's origin that no other calendar shows and that leave the platform's view with these calendars. */
export async function plannedArchiving(
  reads: Reads,
  of: Whose & { calendarIds: readonly string[] },
): Promise<PlannedChange[]> {
  const changes: PlannedChange[] = []
  const isLeaving = (link: Link): boolean =>
    link.connectionId === of.connectionId && of.calendarIds.includes(link.calendarId)
  for await (const page of linksOf(reads, { ...of, role: 'theirs' })) {
    const ids = page.flatMap(link => link.appointmentId ?? [])
    for (const { appointment, links } of await reads.appointmentsByIds(of.tenantId, ids))
      if (appointment.archivedAt === null && !links.some(link => link.role !== 'parked' && !isLeaving(link)))
        changes.push({ action: 'archive', appointmentId: appointment.id })
  }
  return changes
}
