import type { Appointment } from '../../core/model/appointment.ts'
import type { CalendarEvent, LiveEvent } from '../../core/model/calendar-event.ts'
import type { RemoteFailure, Result } from '../../core/model/failures.ts'
import { unreachable } from '../../core/model/failures.ts'
import type { Link } from '../../core/model/link.ts'
import type { Intent, OutboxEntry } from '../../core/model/outbox.ts'
import type { Projection } from '../../core/model/projection.ts'
import { slotKey } from '../../core/model/time.ts'
import { isAhead } from '../../core/sync/after-restore.ts'
import { differingFields } from '../../core/sync/fingerprint.ts'
import { planPush, type PushPlan } from '../../core/sync/push-plan.ts'
import { reactToWrite, type WriteCall } from '../../core/sync/reaction.ts'
import { familyOf } from '../../core/sync/series-parts.ts'
import type { EventWrite } from '../../ports/google-calendar.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import { isSettledBefore } from './before-first-write.ts'
import type { FlushContext, FlushDeps } from './flush-connection.ts'
import { meetTwin } from './meet-twin.ts'
import { connectionKey } from './pull-calendar.ts'
import { GENERATIONS_MAX } from './recover-calendars.ts'
import { readBack } from './read-back.ts'
import { settleDeleted, settleDropped, settleFailure, settleNothing, settleWritten } from './settle-write.ts'

/** `written`: Google took a write. `stop`: the whole connection must wait. */
export type SendOutcome = 'written' | 'next' | 'stop'

export type Sending = FlushContext & {
  pair: Paired
  entry: OutboxEntry
  link: Link | null
  masterLink: Link | null
  master: Appointment | null
}

/**
 * Brings Google to one appointment's present state with one call. The intent is stored before it; after a call whose outcome is
 * unknown (now, or in a process that died) the event is read back before anything is repeated.
 */
export async function sendAppointment(deps: FlushDeps, context: FlushContext, pair: Paired): Promise<SendOutcome> {
  if (await isSettledBefore(deps, context, pair)) return 'next'
  const sending = await prepare(deps, context, pair)
  if (sending === null) return 'next'
  if (sending.entry.intent !== null) return readBack(deps, sending, sending.entry.intent)
  const plan = planPush({ ...sending, appointment: pair.appointment })
  const { tenantId, id: connectionId } = sending.connection
  const concerned = { tenantId, connectionId, appointmentId: pair.appointment.id }
  deps.log.debug('write decided', { ...concerned, action: plan.call })
  switch (plan.call) {
    case 'nothing':
      return settleNothing(deps, sending, plan.local)
    case 'drop-exception':
      return settleDropped(deps, sending)
    case 'wait-for-series':
      return settleFailure(deps, sending, 'insert', { do: 'retry', retryAfterMs: SERIES_WAIT_MS })
    case 'delete':
      return remove(deps, sending, plan.link.eventId, plan.link.etag)
    case 'cancel-occurrence':
      return cancelOccurrence(deps, sending, plan.master)
    case 'insert':
      return insert(deps, sending, plan, sending.link?.generation ?? 0)
    case 'update':
      return update(deps, sending, plan)
    case 'update-occurrence':
      return updateOccurrence(deps, sending, plan)
    default:
      return unreachable(plan)
  }
}
const SERIES_WAIT_MS = 2_000

async function prepare({ store }: FlushDeps, context: FlushContext, pair: Paired): Promise<Sending | null> {
  const { appointment, links, outbox } = pair
  if (outbox === null || !context.calendars.has(outbox.calendarId)) return null
  const isTarget = (link: Link): boolean => link.role === 'ours' && link.calendarId === outbox.calendarId
  const master =
    appointment.recurringId === null ? null : await store.appointment(appointment.tenantId, appointment.recurringId)
  return {
    ...context,
    pair,
    entry: outbox,
    link: links.find(isTarget) ?? null,
    masterLink: master?.links.find(isTarget) ?? null,
    master: master?.appointment ?? null,
  }
}

function occurrenceId({ pair }: Sending, seriesEventId: string): string {
  const { originalStart } = pair.appointment
  return originalStart === null ? seriesEventId : `${seriesEventId}_${slotKey(originalStart)}`
}

async function insert(
  deps: FlushDeps,
  sending: Sending,
  plan: Extract<PushPlan, { call: 'insert' }>,
  generation: number,
): Promise<SendOutcome> {
  const { tenantId, id: appointmentId } = sending.pair.appointment
  const { calendarId } = sending.entry
  const met = generation === 0 ? await meetTwin(deps, sending) : null
  if (met?.kind === 'failed') return fail(deps, sending, 'update', met.failure)
  if (met?.kind === 'linked') return 'next' // the row still waits: its next turn writes the event
  const eventId = deps.names.eventId({ tenantId, calendarId, appointmentId, generation })
  const wrote = { sent: plan.local, content: plan.content }
  await storeIntent(deps, sending, { call: 'insert', eventId, wrote, generation })
  const reply = await deps.google.insertEvent(
    connectionKey(sending.connection),
    { calendarId, eventId },
    writeOf(deps, sending, plan.content),
  )
  if (reply.ok) return settleWritten(deps, sending, 'insert', reply.value, plan.local, generation)
  if (reply.error.kind === 'id-taken') return adoptOrNext(deps, sending, plan, generation, eventId)
  return fail(deps, sending, 'insert', reply.error)
}

/** The id was used before: it is ours and alive (an answer that never came), or a tombstone that keeps it. */
async function adoptOrNext(
  deps: FlushDeps,
  sending: Sending,
  plan: Extract<PushPlan, { call: 'insert' }>,
  generation: number,
  eventId: string,
): Promise<SendOutcome> {
  const { calendarId } = sending.entry
  const reply = await deps.google.getEvent(connectionKey(sending.connection), { calendarId, eventId })
  if (reply.ok && reply.value.kind === 'live') return adopt(deps, sending, reply.value, plan, generation)
  if (!reply.ok && reply.error.kind !== 'not-found' && reply.error.kind !== 'already-gone')
    return fail(deps, sending, 'insert', reply.error)
  if (generation + 1 < GENERATIONS_MAX) return insert(deps, sending, plan, generation + 1)
  const message = 'Every id for this appointment is taken by a deleted event.'
  return settleFailure(deps, sending, 'insert', { do: 'park', code: 'ids-exhausted', message })
}

/** It is there already: paired as it is; what differs is written by the next turn. */
async function adopt(
  deps: FlushDeps,
  sending: Sending,
  event: LiveEvent,
  plan: Extract<PushPlan, { call: 'insert' }>,
  generation: number,
): Promise<SendOutcome> {
  // The revision alone proves nothing: after a lost database the counting began anew.
  const isRevision = event.marker?.revision === sending.pair.appointment.version
  await goOnFrom(deps, sending, event.marker?.revision ?? 0)
  const isAsWanted = isRevision && differingFields(plan.content, event.content).length === 0
  return settleWritten(deps, sending, 'insert', event, isAsWanted ? plan.local : event.content, generation)
}

/** The database was restored without the appointment: its versions go on where Google's revision shows that they had come to. */
async function goOnFrom({ store, names }: FlushDeps, { pair }: Sending, revision: number): Promise<void> {
  const { tenantId, id } = pair.appointment
  if (!isAhead(revision, pair.appointment.version)) return
  await store.transaction(tenantId, async tx => {
    const current = await tx.appointment(tenantId, id)
    if (current === null || current.appointment.version > revision) return
    const markerKey = names.markerKey({ tenantId, appointmentId: id })
    await tx.apply(tenantId, { appointments: [{ ...current.appointment, version: revision + 1, markerKey }] })
  })
}

async function update(
  deps: FlushDeps,
  sending: Sending,
  plan: Extract<PushPlan, { call: 'update' }>,
): Promise<SendOutcome> {
  const { calendarId, eventId, raw, etag, generation } = plan.link
  const call: Call = { call: 'update', eventId, wrote: { sent: plan.local, content: plan.content }, generation }
  if (etag === null) return readBack(deps, sending, { ...intentOf(deps, sending, call), wrote: null })
  await storeIntent(deps, sending, call)
  const write = writeOf(deps, sending, plan.content)
  const reply = await deps.google.updateEvent(connectionKey(sending.connection), { calendarId, eventId }, write, {
    raw,
    etag,
  })
  if (reply.ok) return settleWritten(deps, sending, 'update', reply.value, plan.local, generation)
  return fail(deps, sending, 'update', reply.error)
}

/** An occurrence exists in Google without ever having been written: its present state is what the update is built on. */
async function updateOccurrence(
  deps: FlushDeps,
  sending: Sending,
  plan: Extract<PushPlan, { call: 'update-occurrence' }>,
): Promise<SendOutcome> {
  const found = await findOccurrence(deps, sending, plan.master)
  if (!found.ok) return fail(deps, sending, 'update', found.error)
  const { calendarId } = sending.entry
  const { eventId, etag } = found.value
  if (found.value.kind === 'unreadable') {
    return settleFailure(deps, sending, 'update', { do: 'park', code: 'unreadable', message: found.value.reason })
  }
  if (isOfAnother(found.value, plan.master))
    return settleFailure(deps, sending, 'update', { do: 'retry', retryAfterMs: SERIES_WAIT_MS })
  const raw = found.value.kind === 'live' ? found.value.raw : null // an occurrence that was cancelled is brought back
  const content: Projection = { ...plan.local, recurrence: [] }
  await storeIntent(deps, sending, { call: 'update', eventId, wrote: { sent: plan.local, content }, generation: 0 })
  const reply = await deps.google.updateEvent(
    connectionKey(sending.connection),
    { calendarId, eventId },
    writeOf(deps, sending, content),
    { raw, etag },
  )
  if (reply.ok) return settleWritten(deps, sending, 'update', reply.value, plan.local, 0)
  return fail(deps, sending, 'update', reply.error)
}

/** The later part of a series that Google split names its occurrences after itself or after the first part: both are tried. */
async function findOccurrence(
  deps: FlushDeps,
  sending: Sending,
  master: Link,
): Promise<Result<CalendarEvent, RemoteFailure>> {
  const { calendarId } = sending.entry
  const who = connectionKey(sending.connection)
  const found = await deps.google.getEvent(who, { calendarId, eventId: occurrenceId(sending, master.eventId) })
  const family = familyOf(master.eventId)
  if (found.ok || found.error.kind !== 'not-found' || family === master.eventId) return found
  return deps.google.getEvent(who, { calendarId, eventId: occurrenceId(sending, family) })
}

function isOfAnother(event: CalendarEvent, master: Link): boolean {
  return event.kind === 'live' && event.recurringEventId !== null && event.recurringEventId !== master.eventId
}

async function cancelOccurrence(deps: FlushDeps, sending: Sending, master: Link): Promise<SendOutcome> {
  if (familyOf(master.eventId) === master.eventId)
    return remove(deps, sending, occurrenceId(sending, master.eventId), null)
  const found = await findOccurrence(deps, sending, master)
  if (!found.ok) return fail(deps, sending, 'delete', found.error)
  if (isOfAnother(found.value, master))
    return settleFailure(deps, sending, 'delete', { do: 'retry', retryAfterMs: SERIES_WAIT_MS })
  return remove(deps, sending, found.value.eventId, null)
}

async function remove(deps: FlushDeps, sending: Sending, eventId: string, etag: string | null): Promise<SendOutcome> {
  await storeIntent(deps, sending, { call: 'delete', eventId, wrote: null, generation: 0 })
  const { calendarId } = sending.entry
  const reply = await deps.google.deleteEvent(connectionKey(sending.connection), { calendarId, eventId }, etag)
  if (reply.ok) return settleDeleted(deps, sending)
  return fail(deps, sending, 'delete', reply.error)
}

async function fail(deps: FlushDeps, sending: Sending, call: WriteCall, failure: RemoteFailure): Promise<SendOutcome> {
  const reaction = reactToWrite(call, failure)
  deps.log.warn('write failed', {
    connectionId: sending.connection.id,
    appointmentId: sending.pair.appointment.id,
    action: call,
    kind: failure.kind,
  })
  if (reaction.do === 'done') {
    await settleDeleted(deps, sending)
    return 'next' // nothing was changed by it
  }
  const { intent } = sending.entry
  if (reaction.do === 'read-back' && intent !== null) return readBack(deps, sending, intent)
  return settleFailure(deps, sending, call, reaction)
}

type Call = Pick<Intent, 'call' | 'eventId' | 'wrote' | 'generation'>

function intentOf(deps: FlushDeps, sending: Sending, call: Call): Intent {
  return { ...call, version: sending.pair.appointment.version, at: deps.system.now() }
}

/** Stored before the call, so that a process that dies in it leaves the question behind. */
async function storeIntent(deps: FlushDeps, sending: Sending, call: Call): Promise<void> {
  const { tenantId } = sending.connection
  const entry: OutboxEntry = { ...sending.entry, intent: intentOf(deps, sending, call) }
  sending.entry = entry
  await deps.store.transaction(tenantId, tx => tx.apply(tenantId, { outbox: [entry] }))
}

function writeOf(deps: FlushDeps, sending: Sending, content: Projection): EventWrite {
  const { tenantId, id: appointmentId, version } = sending.pair.appointment
  return {
    content,
    marker: { key: deps.names.markerKey({ tenantId, appointmentId }), revision: version },
    visibility: sending.policies.presentation.visibility,
  }
}
