import type { CalendarEvent, LiveEvent } from '../../core/model/calendar-event.ts'
import type { Base, Link } from '../../core/model/link.ts'
import type { Intent } from '../../core/model/outbox.ts'
import { isAhead } from '../../core/sync/after-restore.ts'
import { oursLink } from '../../core/sync/links.ts'
import { reactToWrite } from '../../core/sync/reaction.ts'
import type { Tx } from '../../ports/store/store.ts'
import { applyPage } from './apply-page.ts'
import type { FlushDeps } from './flush-connection.ts'
import { connectionKey } from './pull-calendar.ts'
import { beginRecovery } from './recover-calendars.ts'
import { requeueExceptions } from './requeue-exceptions.ts'
import type { Sending, SendOutcome } from './send-appointment.ts'
import { afterReadBack, settleDeleted, settleFailure } from './settle-write.ts'

/**
 * The outcome of a call is not known, or somebody else was faster: the event is read, and what it shows decides. It carries our
 * revision: the write took effect, and whatever differs from what was written is a person's edit since. Otherwise it is a remote
 * state like one that a listing brought. Either way it is merged, and the next turn writes what is still ours to write.
 */
export async function readBack(deps: FlushDeps, sending: Sending, intent: Intent): Promise<SendOutcome> {
  const { calendarId } = sending.entry
  const reply = await deps.google.getEvent(connectionKey(sending.connection), { calendarId, eventId: intent.eventId })
  if (reply.ok) return settleFound(deps, sending, intent, reply.value)
  if (reply.error.kind === 'not-found' || reply.error.kind === 'already-gone')
    return settleAbsent(deps, sending, intent)
  const reaction = reactToWrite(intent.call, reply.error)
  const isShared = reaction.do === 'rest' || reaction.do === 'hold'
  return settleFailure(deps, sending, intent.call, isShared ? reaction : { do: 'retry', retryAfterMs: 0 }, intent)
}

async function settleFound(
  deps: FlushDeps,
  sending: Sending,
  intent: Intent,
  event: CalendarEvent,
): Promise<SendOutcome> {
  switch (event.kind) {
    case 'tombstone':
      return settleAbsent(deps, sending, intent)
    case 'unreadable':
      return settleFailure(deps, sending, intent.call, { do: 'park', code: 'unreadable', message: event.reason })
    case 'live':
      await deps.store.transaction(sending.connection.tenantId, tx => mergeFound(deps, tx, sending, intent, event))
      return 'next'
  }
}

async function mergeFound(deps: FlushDeps, tx: Tx, sending: Sending, intent: Intent, event: LiveEvent): Promise<void> {
  const { connection, policies, entry } = sending
  const { tenantId } = connection
  const calendar = sending.calendars.get(entry.calendarId)
  const current = await tx.appointment(tenantId, sending.pair.appointment.id)
  if (calendar === undefined || current?.outbox == null) return
  const isOurs = event.marker?.key === deps.names.markerKey({ tenantId, appointmentId: current.appointment.id })
  if (isOurs && isAhead(event.marker?.revision ?? 0, current.appointment.version))
    return beginRecovery(tx, connection, deps.system.now())
  const link =
    current.links.find(each => each.eventId === event.eventId && each.calendarId === entry.calendarId) ?? null
  const base = baseFound(sending, intent, event, link, deps)
  if (base !== null) {
    const place = {
      tenantId,
      connectionId: connection.id,
      calendarId: calendar.id,
      listing: calendar.cursor.generation,
    }
    const agreed = { base, shownVersion: event.marker?.revision ?? null, generation: intent.generation }
    // Without an etag the event is no echo: what differs from the base is decided like any remote edit.
    const unread: Link = { ...oursLink(event, current.appointment, place, agreed, policies), etag: null }
    const at = { calendarId: calendar.id, now: deps.system.now() }
    const was = link?.base?.returned ?? null
    const follow = await requeueExceptions(tx, at, current.appointment, was, base.returned)
    await tx.apply(tenantId, { links: [unread], ...follow })
  }
  await applyPage(deps, tx, { calendar, connection, policies }, [event], false)
  await tx.apply(tenantId, afterReadBack(deps, sending, current, intent.call))
}

/** What both sides agreed on, in the light of what was found; null: the base that is stored still holds. */
function baseFound(
  sending: Sending,
  intent: Intent,
  event: LiveEvent,
  link: Link | null,
  deps: FlushDeps,
): Base | null {
  const { tenantId, id: appointmentId } = sending.pair.appointment
  const isOurWrite =
    event.marker !== null &&
    event.marker.key === deps.names.markerKey({ tenantId, appointmentId }) &&
    event.marker.revision === intent.version &&
    event.etag !== sending.link?.etag
  if (isOurWrite && intent.wrote !== null) return { sent: intent.wrote.sent, returned: intent.wrote.content }
  return link === null ? { sent: event.content, returned: event.content } : null
}

/** It is gone. A deletion is thereby done; an insert did not happen; anything else is a deletion by a person, decided where all are. */
async function settleAbsent(deps: FlushDeps, sending: Sending, intent: Intent): Promise<SendOutcome> {
  const { link } = sending
  if (intent.call === 'delete') {
    await settleDeleted(deps, sending)
    return 'next'
  }
  if (link === null) return settleFailure(deps, sending, intent.call, { do: 'retry', retryAfterMs: 0 }, null, 0)
  const { tenantId, id: connectionId } = sending.connection
  await deps.store.transaction(tenantId, async tx => {
    await tx.apply(tenantId, { links: [{ ...link, missing: { how: 'absent', since: deps.system.now() } }] })
    await tx.wake([{ kind: 'settle-missing', tenantId, connectionId }])
  })
  return settleFailure(deps, sending, intent.call, { do: 'retry', retryAfterMs: WAIT_FOR_SETTLING_MS })
}
const WAIT_FOR_SETTLING_MS = 5_000
