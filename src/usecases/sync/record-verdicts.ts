import type { Appointment } from '../../core/model/appointment.ts'
import type { Duplicate } from '../../core/model/duplicate.ts'
import type { JournalEntry } from '../../core/model/journal.ts'
import type { Link } from '../../core/model/link.ts'
import type { OutboxEntry } from '../../core/model/outbox.ts'
import type { Policies } from '../../core/model/policies.ts'
import { proposalResource } from '../../core/model/proposal-resource.ts'
import type { Proposal } from '../../core/model/proposal.ts'
import { appointmentResource, type AppointmentResource } from '../../core/model/resource.ts'
import { isOff } from '../../core/model/status-moves.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Verdict } from '../../core/sync/verdict.ts'
import type { WakeUp } from '../../ports/jobs.ts'
import type { ChangeSet } from '../../ports/store/appointments.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { findCollisions } from './find-collisions.ts'
import { collisionEntry } from './collision-entry.ts'
import { noteDuplicates } from './note-duplicates.ts'
import { queueOutbound } from './queue-outbound.ts'
import { reviseProposals, type Concerned, type Revised } from './revise-proposals.ts'

export type VerdictPlace = {
  tenantId: string
  connectionId: string
  calendarId: string
  /** The listing generation; its unchanged events are noted as seen. Null: not a full list. */
  listing: number | null
  policies: Policies
  now: Instant
}

export type KnownPairs = {
  appointments: ReadonlyMap<string, Appointment>
  links: Iterable<Link>
  outbox: readonly OutboxEntry[]
}

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
  const asked = await reviseProposals(deps, tx, { ...place, side: 'google' }, concerned(verdicts, place, pairs))
  const copies = await noteDuplicates(deps, tx, place, verdicts)
  const waiting = new Map([...pairs.outbox, ...outbox].map(entry => [entry.appointmentId, entry]))
  const told = { pairs, links, waiting, opened: asked.opened }
  const collisions = await collisionsOf(tx, place, verdicts, told)
  const changes = changesOf(deps, place, verdicts, told, { outbox, asked, copies, collisions })
  return { changes, wakeUps: [...wakeUps, ...settleWakeUps(place, verdicts)] }
}

/**
 * The same for verdicts about events that nobody knew, where nothing has to be read for it. Null: something has to.
 */
export function recordNewcomers(
  deps: Pick<Deps, 'names'>,
  place: VerdictPlace,
  verdicts: readonly Verdict[],
): ChangeSet | null {
  if (!verdicts.every(isPlainNewcomer)) return null
  const pairs = { appointments: new Map(), links: [], outbox: [] }
  const told = { pairs, links: linksByAppointment([], verdicts), waiting: new Map(), opened: new Map() }
  const asked = { proposals: [], journal: [], opened: told.opened }
  return changesOf(deps, place, verdicts, told, {
    outbox: [],
    asked,
    copies: { duplicates: [], journal: [] },
    collisions: [],
  })
}

function isPlainNewcomer({ appointment, link, forget, isQueued, proposal, duplicate }: Verdict): boolean {
  const isTheirs = appointment?.origin === 'google' && link?.role === 'theirs' && link.missing === null
  return isTheirs && forget === null && !isQueued && proposal === null && duplicate === null
}

type Consequences = {
  outbox: OutboxEntry[]
  asked: Revised
  copies: { duplicates: Duplicate[]; journal: JournalEntry[] }
  collisions: JournalEntry[]
}

function changesOf(
  deps: Pick<Deps, 'names'>,
  place: VerdictPlace,
  verdicts: readonly Verdict[],
  told: Told,
  { outbox, asked, copies, collisions }: Consequences,
): ChangeSet {
  return {
    appointments: verdicts.flatMap(({ appointment }) =>
      appointment === null ? [] : [{ ...appointment, markerKey: markerKeyOf(deps, appointment) }],
    ),
    links: verdicts.flatMap(({ link }) => (link === null ? [] : [link])),
    forgetLinks: verdicts.flatMap(({ forget }) => (forget === null ? [] : [forget])),
    journal: [
      ...verdicts.flatMap(each => journalOf(each, place, told)),
      ...asked.journal,
      ...copies.journal,
      ...collisions,
    ],
    proposals: asked.proposals,
    duplicates: copies.duplicates,
    outbox,
    sent: unneededWrites(verdicts, told.pairs, told.links),
    ...seenOf(place, verdicts),
  }
}

/** What was called off in Google, or left its series, before it was ever written needs no write any more. One under way is asked about. */
function unneededWrites(
  verdicts: readonly Verdict[],
  { outbox }: KnownPairs,
  links: ReadonlyMap<string, Link[]>,
): NonNullable<ChangeSet['sent']> {
  const off = new Set(
    verdicts.flatMap(({ appointment, isQueued }) =>
      appointment !== null && isOff(appointment.status) && !isQueued ? [appointment.id] : [],
    ),
  )
  const isUnwritten = (id: string): boolean => (links.get(id) ?? []).every(({ role }) => role !== 'ours')
  return outbox
    .filter(({ appointmentId: id, intent }) => off.has(id) && intent === null && isUnwritten(id))
    .map(({ appointmentId, calendarId }) => ({ appointmentId, calendarId }))
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

type Told = {
  pairs: KnownPairs
  links: ReadonlyMap<string, Link[]>
  waiting: ReadonlyMap<string, OutboxEntry>
  opened: Revised['opened']
}

function resourceOf(appointment: Appointment, { links, waiting }: Told): AppointmentResource {
  return appointmentResource(appointment, links.get(appointment.id) ?? [], waiting.get(appointment.id) ?? null)
}

function journalOf(each: Verdict, place: VerdictPlace, told: Told): JournalEntry[] {
  if (each.isQuiet && each.change === null) return []
  const appointment = appointmentOf(each, told.pairs.appointments)
  const data = appointment === null ? null : resourceOf(appointment, told)
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
  const more = { ...entry, side: 'lockstep' as const, before: null, after: null }
  const isGivenUp = each.rule === 'concurrent-edit' && data !== null
  const proposal = each.proposal === null ? undefined : told.opened.get(appointment?.id ?? '')
  return [
    entry,
    ...(isGivenUp ? [{ ...more, change: { type: 'conflict.resolved' as const, data } }] : []),
    ...(proposal === undefined ? [] : [{ ...more, ...proposed(proposal) }]),
  ]
}

function proposed(proposal: Proposal): Pick<JournalEntry, 'action' | 'rule' | 'reason' | 'after' | 'change'> {
  return {
    action: 'proposed',
    rule: 'proposal-opened',
    reason: 'The platform is asked what is to become of it.',
    after: { proposalId: proposal.id },
    change: { type: 'proposal.created', data: proposalResource(proposal) },
  }
}

/** The appointments whose open questions may be touched by what was decided. */
function concerned(verdicts: readonly Verdict[], place: VerdictPlace, pairs: KnownPairs): Concerned[] {
  return verdicts.flatMap(each => {
    const isOurs = each.link?.role === 'ours' || each.forget?.role === 'ours'
    const appointment = isOurs || each.proposal !== null ? appointmentOf(each, pairs.appointments) : null
    if (appointment === null) return []
    const { connectionId, calendarId } = place
    const event = { connectionId, calendarId, eventId: each.eventId }
    const link = each.link?.role === 'ours' && each.link.missing === null ? each.link : null
    // What is only flagged missing is still to be asked about.
    return each.link?.missing == null ? [{ appointment, link, event, asked: each.proposal }] : []
  })
}

/** A time that was taken over from Google although others are booked then. */
async function collisionsOf(
  tx: Tx,
  place: VerdictPlace,
  verdicts: readonly Verdict[],
  told: Told,
): Promise<JournalEntry[]> {
  const decided = verdicts.flatMap(({ appointment }) => appointment ?? [])
  const accepted = verdicts.flatMap(({ appointment, link, after }) =>
    appointment?.origin === 'platform' && link?.role === 'ours' && after !== null && isTimeTaken(after)
      ? [appointment]
      : [],
  )
  const collisions = await findCollisions(tx, place, accepted, decided)
  return collisions.map(each => collisionEntry(each, place, resourceOf(each.appointment, told)))
}

const isTimeTaken = (after: Readonly<Record<string, unknown>>): boolean =>
  'time' in after || 'recurrence' in after || after['busy'] === true
