import type { LiveEvent } from '../../core/model/calendar-event.ts'
import type { JournalEntry } from '../../core/model/journal.ts'
import type { Link } from '../../core/model/link.ts'
import type { Intent, OutboxEntry } from '../../core/model/outbox.ts'
import type { Projection } from '../../core/model/projection.ts'
import { appointmentResource } from '../../core/model/resource.ts'
import { EVENTS_SCOPE } from '../../core/model/scopes.ts'
import { retryDelayMs } from '../../core/pacing/retry.ts'
import { detached } from '../../core/recurrence/detach.ts'
import { differences } from '../../core/sync/content.ts'
import { LEFT_REASON } from '../../core/sync/follow-series.ts'
import { oursLink } from '../../core/sync/links.ts'
import type { WriteCall, WriteReaction } from '../../core/sync/reaction.ts'
import type { ChangeSet, Paired } from '../../ports/store/appointments.ts'
import type { Tx } from '../../ports/store/store.ts'
import { markScopeMissing } from '../connections/mark-needs-reauth.ts'
import type { FlushDeps } from './flush-connection.ts'
import { markerKeyOf } from './record-verdicts.ts'
import { connectionKey } from './pull-calendar.ts'
import { requeueExceptions } from './requeue-exceptions.ts'
import { restWrites } from './rest-writes.ts'
import type { Sending, SendOutcome } from './send-appointment.ts'

/** A write that keeps failing for a reason that does not go away needs a person. */
const ATTEMPTS_MAX = 12

const SENT_WORDS: Record<WriteCall, { action: string; rule: string; reason: string }> = {
  insert: { action: 'sent', rule: 'written-to-google', reason: 'It was written to Google.' },
  update: { action: 'sent', rule: 'written-to-google', reason: 'Google was brought to its present state.' },
  delete: { action: 'removed', rule: 'cancel-means-delete', reason: 'It was removed from Google.' },
}

/** The event as Google returned it becomes the base. A change that came meanwhile stays queued. @param sent our side of the new base. */
export async function settleWritten(
  deps: FlushDeps,
  sending: Sending,
  call: WriteCall,
  event: LiveEvent,
  sent: Projection,
  generation: number,
): Promise<SendOutcome> {
  const version = event.marker?.revision ?? sending.pair.appointment.version
  const calendar = sending.calendars.get(sending.entry.calendarId)
  const place = {
    tenantId: sending.connection.tenantId,
    connectionId: sending.connection.id,
    calendarId: sending.entry.calendarId,
    listing: calendar?.cursor.generation ?? 0,
  }
  const agreed = { base: { sent, returned: event.content }, shownVersion: version, generation }
  const link = oursLink(event, sending.pair.appointment, place, agreed, sending.policies)
  const isAdopted = sent === event.content
  return settle(deps, sending, SENT_WORDS[call], current => {
    const newer = seenSince(current, sending, event)
    if (newer !== null) return { link: newer, isDone: false }
    return { link, isDone: current.appointment.version === version && !isAdopted }
  })
}

/** While the answer was on its way somebody edited the event and a listing brought that: an older answer must not pass over it. */
function seenSince({ links }: Paired, { entry, link: knownBefore }: Sending, answer: LiveEvent): Link | null {
  const now = links.find(
    each => each.role === 'ours' && each.calendarId === entry.calendarId && each.eventId === answer.eventId,
  )
  const isNews = now !== undefined && now.etag !== null && now.etag !== answer.etag && now.etag !== knownBefore?.etag
  return isNews ? now : null
}

export async function settleDeleted(deps: FlushDeps, sending: Sending): Promise<SendOutcome> {
  const version = sending.pair.appointment.version
  return settle(deps, sending, SENT_WORDS.delete, current => ({
    link: null,
    isDone: current.appointment.version === version,
  }))
}

/** Google shows what it should already: nothing was written. @param local recorded as what both sides agree on. */
export async function settleNothing(deps: FlushDeps, sending: Sending, local: Projection): Promise<SendOutcome> {
  const { link, pair } = sending
  const next: Link | null =
    link === null
      ? null
      : {
          ...link,
          base: link.base === null ? null : { ...link.base, sent: local },
          shownVersion: pair.appointment.version,
        }
  return settle(deps, sending, null, current => ({
    link: next,
    isDone: current.appointment.version === pair.appointment.version,
  }))
}

/** The exception's slot has left the series: what it said is kept in the history, and it is cancelled here. */
export async function settleDropped(deps: FlushDeps, sending: Sending): Promise<SendOutcome> {
  const { tenantId, id: connectionId } = sending.connection
  const { calendarId } = sending.entry
  const now = deps.system.now()
  await deps.store.transaction(tenantId, async tx => {
    const current = await tx.appointment(tenantId, sending.pair.appointment.id)
    if (current === null || current.appointment.status === 'cancelled') return
    const { appointment, links } = current
    const next = detached(appointment, now)
    await tx.apply(tenantId, {
      appointments: [{ ...next, markerKey: markerKeyOf(deps, next) }],
      forgetLinks: links,
      sent: [{ appointmentId: appointment.id, calendarId }],
      journal: [
        {
          at: now,
          appointmentId: appointment.id,
          connectionId,
          side: 'lockstep',
          action: 'cancelled',
          rule: 'slot-left-series',
          reason: LEFT_REASON,
          ...differences(appointment, next),
          change: { type: 'appointment.cancelled', data: appointmentResource(next, [], null) },
        },
      ],
    })
  })
  return 'next'
}

/** What waits after its event was read: planned anew at once for a few rounds, then with growing pauses, and in the end by a person. */
export function afterReadBack(deps: FlushDeps, sending: Sending, current: Paired, call: WriteCall): ChangeSet {
  if (current.outbox === null) return {}
  const now = deps.system.now()
  const attempts = sending.entry.attempts + 1
  const delayMs = attempts <= QUICK_ROUNDS ? 0 : retryDelayMs(attempts, 0, deps.system.random)
  const next: OutboxEntry = {
    ...current.outbox,
    intent: null,
    attempts,
    notBefore: now + delayMs,
    ...stateOf({ do: 'read-back' }, attempts),
  }
  return { outbox: [next], journal: next.state === 'failed' ? [parkedEntry(sending, current, next, call, now)] : [] }
}

/** @param intent kept where the question about the last call is still open. @param firstDelayMs 0: planned again at once, the first few times. */
export async function settleFailure(
  deps: FlushDeps,
  sending: Sending,
  call: WriteCall,
  reaction: WriteReaction,
  intent: Intent | null = null,
  firstDelayMs: number | null = null,
): Promise<SendOutcome> {
  const now = deps.system.now()
  const attempts = sending.entry.attempts + (reaction.do === 'rest' ? 0 : 1)
  const delayMs =
    firstDelayMs !== null && attempts <= QUICK_ROUNDS
      ? firstDelayMs
      : retryDelayMs(Math.max(1, attempts), reaction.do === 'retry' ? reaction.retryAfterMs : 0, deps.system.random)
  const next: OutboxEntry = {
    ...sending.entry,
    intent,
    attempts,
    notBefore: now + delayMs,
    ...stateOf(reaction, attempts),
  }
  await deps.store.transaction(sending.connection.tenantId, async tx => {
    if (reaction.do === 'rest') await restWrites(deps, tx, sending.connection, reaction)
    if (reaction.do === 'hold' && reaction.code === 'scope-missing')
      await markScopeMissing(tx, { ...connectionKey(sending.connection), scope: EVENTS_SCOPE }, now)
    if (isListDue(reaction)) await tx.wake([{ kind: 'refresh-calendars', ...connectionKey(sending.connection) }])
    const current = await tx.appointment(sending.connection.tenantId, sending.pair.appointment.id)
    if (current?.outbox == null) return
    const isParked = next.state !== 'queued'
    await tx.apply(sending.connection.tenantId, {
      outbox: [{ ...next, lane: current.outbox.lane }],
      journal: isParked ? [parkedEntry(sending, current, next, call, now)] : [],
    })
  })
  return stopsConnection(reaction) ? 'stop' : 'next'
}
const QUICK_ROUNDS = 5

function stateOf(reaction: WriteReaction, attempts: number): Pick<OutboxEntry, 'state' | 'error'> {
  if (reaction.do === 'hold') return { state: 'held', error: { code: reaction.code, message: reaction.message } }
  if (reaction.do === 'park') return { state: 'failed', error: { code: reaction.code, message: reaction.message } }
  if (attempts >= ATTEMPTS_MAX)
    return {
      state: 'failed',
      error: { code: 'too-many-attempts', message: `Google could not be brought to it in ${attempts} attempts.` },
    }
  return { state: 'queued', error: null }
}

/** What concerns the whole account makes its other writes wait too. */
function stopsConnection(reaction: WriteReaction): boolean {
  return reaction.do === 'hold' || reaction.do === 'rest'
}

function isListDue(reaction: WriteReaction): boolean {
  return (reaction.do === 'retry' || reaction.do === 'hold') && reaction.isListDue === true
}

function parkedEntry(
  sending: Sending,
  current: Paired,
  entry: OutboxEntry,
  call: WriteCall,
  now: number,
): JournalEntry {
  return {
    at: now,
    appointmentId: current.appointment.id,
    connectionId: sending.connection.id,
    side: 'lockstep',
    action: entry.state === 'held' ? 'held' : 'parked',
    rule: 'refused-write-is-parked',
    reason: entry.error?.message ?? `The ${call} could not be made.`,
    before: null,
    after: null,
    change: {
      type: 'appointment.sync_failed',
      data: appointmentResource(current.appointment, current.links, entry),
    },
  }
}

/** One transaction: the link as it is now, the outbox row gone or still due, a line in the history. */
async function settle(
  deps: FlushDeps,
  sending: Sending,
  told: { action: string; rule: string; reason: string } | null,
  decide: (current: Paired) => { link: Link | null; isDone: boolean },
): Promise<SendOutcome> {
  const { tenantId } = sending.connection
  const { calendarId } = sending.entry
  await deps.store.transaction(tenantId, async tx => {
    const current = await tx.appointment(tenantId, sending.pair.appointment.id)
    if (current === null) return
    const { link, isDone } = decide(current)
    const before = current.links.find(each => each.role === 'ours' && each.calendarId === calendarId)
    await apply(deps, tx, sending, { current, link, isDone, before: before ?? null, told })
  })
  if (told !== null) deps.metrics?.writeSent(deps.system.now() - sending.entry.queuedAt)
  return told === null ? 'next' : 'written'
}

type Settled = {
  current: Paired
  link: Link | null
  before: Link | null
  isDone: boolean
  told: { action: string; rule: string; reason: string } | null
}

async function apply(deps: FlushDeps, tx: Tx, sending: Sending, settled: Settled): Promise<void> {
  const { current, link, before, isDone, told } = settled
  const { tenantId } = sending.connection
  const { calendarId } = sending.entry
  const now = deps.system.now()
  const again: OutboxEntry = {
    ...(current.outbox ?? sending.entry),
    intent: null,
    attempts: 0,
    notBefore: now,
    state: 'queued',
    error: null,
  }
  const isReplaced = before !== null && before.eventId !== link?.eventId
  const follow =
    link?.base == null
      ? {}
      : await requeueExceptions(
          tx,
          { calendarId, now },
          current.appointment,
          isReplaced ? null : (before?.base?.returned ?? null),
          link.base.returned,
        )
  await tx.apply(tenantId, {
    links: link === null ? [] : [link],
    forgetLinks: [...(isReplaced ? [before] : []), ...(follow.forgetLinks ?? [])],
    outbox: [...(isDone ? [] : [again]), ...(follow.outbox ?? [])],
    sent: isDone ? [{ appointmentId: current.appointment.id, calendarId }] : [],
    journal:
      told === null
        ? []
        : [
            {
              at: now,
              appointmentId: current.appointment.id,
              connectionId: sending.connection.id,
              side: 'lockstep',
              ...told,
              before: null,
              after: null,
              change: null,
            },
          ],
  })
}
