import type { Appointment } from '../../core/model/appointment.ts'
import type { JournalEntry } from '../../core/model/journal.ts'
import type { Link } from '../../core/model/link.ts'
import type { OutboxEntry } from '../../core/model/outbox.ts'
import type { Proposal } from '../../core/model/proposal.ts'
import { appointmentResource } from '../../core/model/resource.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Verdict } from '../../core/sync/verdict.ts'
import type { WakeUp } from '../../ports/jobs.ts'
import type { ChangeSet } from '../../ports/store/appointments.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { queueOutbound } from './queue-outbound.ts'

export type VerdictPlace = {
  tenantId: string
  connectionId: string
  calendarId: string
  /** The listing generation; its unchanged events are noted as seen. Null: not a full list. */
  listing: number | null
  now: Instant
}

export type KnownPairs = {
  appointments: ReadonlyMap<string, Appointment>
  links: Iterable<Link>
  outbox: readonly OutboxEntry[]
}

/** What the platform's answer to a proposal is waited for. */
export const PROPOSAL_LIFE_MS = 30 * 24 * 60 * 60 * 1000

/** Turns verdicts into one change of state, with the outbox rows and wake-ups that follow from them. */
export async function recordVerdicts(
  deps: Pick<Deps, 'names' | 'system'>,
  tx: Tx,
  place: VerdictPlace,
  verdicts: readonly Verdict[],
  pairs: KnownPairs,
): Promise<{ changes: ChangeSet; wakeUps: WakeUp[] }> {
  const links = linksByAppointment(pairs.links, verdicts)
  const queued = verdicts.flatMap(each => {
    const appointment = each.isQueued ? appointmentOf(each, pairs.appointments) : null
    return appointment === null ? [] : [{ appointment, links: links.get(appointment.id) ?? [] }]
  })
  const { outbox, wakeUps } = await queueOutbound(tx, place.tenantId, place.now, queued, 'people')
  const waiting = new Map([...pairs.outbox, ...outbox].map(entry => [entry.appointmentId, entry]))
  const changes: ChangeSet = {
    appointments: verdicts.flatMap(({ appointment }) =>
      appointment === null ? [] : [{ ...appointment, markerKey: markerKeyOf(deps, appointment) }],
    ),
    links: verdicts.flatMap(({ link }) => (link === null ? [] : [link])),
    forgetLinks: verdicts.flatMap(({ forget }) => (forget === null ? [] : [forget])),
    journal: verdicts.flatMap(each => journalOf(each, place, pairs, links, waiting)),
    proposals: verdicts.flatMap(each => proposalOf(deps, each, place, pairs)),
    outbox,
    ...seenOf(place, verdicts),
  }
  return { changes, wakeUps: [...wakeUps, ...settleWakeUps(place, verdicts)] }
}

/** What an unchanged event needs in a full list: to have been seen. */
function seenOf(place: VerdictPlace, verdicts: readonly Verdict[]): Pick<ChangeSet, 'seen'> {
  if (place.listing === null) return {}
  const eventIds = verdicts.filter(each => each.link === null && each.forget === null).map(each => each.eventId)
  if (eventIds.length === 0) return {}
  const { connectionId, calendarId, listing } = place
  return { seen: { connectionId, calendarId, generation: listing, eventIds } }
}

function settleWakeUps(place: VerdictPlace, verdicts: readonly Verdict[]): WakeUp[] {
  const { tenantId, connectionId } = place
  return verdicts.some(each => each.link?.missing != null) ? [{ kind: 'settle-missing', tenantId, connectionId }] : []
}

export function markerKeyOf({ names }: Pick<Deps, 'names'>, { tenantId, id, origin }: Appointment): string | null {
  return origin === 'platform' ? names.markerKey({ tenantId, appointmentId: id }) : null
}

function appointmentOf(each: Verdict, known: ReadonlyMap<string, Appointment>): Appointment | null {
  if (each.appointment !== null) return each.appointment
  const id = each.link?.appointmentId ?? each.forget?.appointmentId ?? each.about
  return id === null ? null : (known.get(id) ?? null)
}

function linksByAppointment(known: Iterable<Link>, verdicts: readonly Verdict[]): Map<string, Link[]> {
  const keyOf = (link: Pick<Link, 'calendarId' | 'eventId'>): string => `${link.calendarId} ${link.eventId}`
  const links = new Map([...known].map(link => [keyOf(link), link]))
  for (const { link, forget } of verdicts) {
    if (forget !== null) links.delete(keyOf(forget))
    if (link !== null) links.set(keyOf(link), link)
  }
  return Map.groupBy(
    [...links.values()].filter(link => link.appointmentId !== null),
    link => link.appointmentId ?? '',
  )
}

function journalOf(
  each: Verdict,
  place: VerdictPlace,
  pairs: KnownPairs,
  links: ReadonlyMap<string, Link[]>,
  waiting: ReadonlyMap<string, OutboxEntry>,
): JournalEntry[] {
  if (each.isQuiet && each.change === null) return []
  const appointment = appointmentOf(each, pairs.appointments)
  const data =
    appointment === null
      ? null
      : appointmentResource(appointment, links.get(appointment.id) ?? [], waiting.get(appointment.id) ?? null)
  const entry: JournalEntry = {
    at: place.now,
    appointmentId: appointment?.id ?? null,
    connectionId: place.connectionId,
    side: 'google',
    action: each.action,
    rule: each.rule,
    reason: each.reason,
    before: each.before,
    after: each.after,
    change: each.change === null || data === null ? null : { type: each.change, data },
  }
  if (each.rule !== 'concurrent-edit' || data === null) return [entry]
  return [entry, { ...entry, side: 'lockstep', before: null, after: null, change: { type: 'conflict.resolved', data } }]
}

function proposalOf(deps: Pick<Deps, 'system'>, each: Verdict, place: VerdictPlace, pairs: KnownPairs): Proposal[] {
  const appointmentId = appointmentOf(each, pairs.appointments)?.id ?? null
  if (each.proposal === null || appointmentId === null) return []
  return [
    {
      tenantId: place.tenantId,
      id: deps.system.newId(),
      appointmentId,
      connectionId: place.connectionId,
      calendarId: place.calendarId,
      eventId: each.eventId,
      ...each.proposal,
      state: 'open',
      createdAt: place.now,
      expiresAt: place.now + PROPOSAL_LIFE_MS,
      settledAt: null,
    },
  ]
}
