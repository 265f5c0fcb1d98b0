import type { CalendarEvent } from '../../core/model/calendar-event.ts'
import type { Calendar } from '../../core/model/connection.ts'
import { effectivePolicies } from '../../core/model/policies.ts'
import type { EventPage, Reply } from '../../ports/google-calendar.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'
import { mayPass } from '../connections/remove-events.ts'
import { applyPage } from '../sync/apply-page.ts'
import { queueOutbound } from '../sync/queue-outbound.ts'
import type { RunKey } from './run-progress.ts'

type TakeDeps = Pick<Deps, 'store' | 'system' | 'google' | 'names' | 'settings' | 'log'>

const PAGES_MAX = 100

/**
 * Reads once more what people did to our events in a calendar that is no longer the target. What is taken over is written to the new one. A
 * calendar that cannot be read any more has nothing to tell.
 */
export async function takeEditsOver(
  deps: TakeDeps,
  { tenantId, connectionId }: RunKey,
  calendar: Calendar,
): Promise<'done' | 'later'> {
  let { syncToken } = calendar.cursor
  let pageToken: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const timeMin = syncToken === null ? deps.system.now() : null
    const request = { calendarId: calendar.id, syncToken, pageToken, timeMin, pageSize: deps.settings.pageSize }
    const reply: Awaited<Reply<EventPage>> = await deps.google.listEvents({ tenantId, connectionId }, request)
    if (!reply.ok && reply.error.kind === 'sync-token-expired' && syncToken !== null) {
      syncToken = null
      continue
    }
    if (!reply.ok) return mayPass(reply.error) ? 'later' : 'done'
    const { events, nextPageToken } = reply.value
    if (events.length > 0) await deps.store.transaction(tenantId, tx => take(deps, tx, calendar, events))
    if (nextPageToken === null) return 'done'
    pageToken = nextPageToken
  }
  return 'done'
}

/** Only of events that show an appointment of ours here; nothing else is taken in from a calendar on its way out. */
async function take(deps: TakeDeps, tx: Tx, calendar: Calendar, events: readonly CalendarEvent[]): Promise<void> {
  const { tenantId, connectionId } = calendar
  const connection = await tx.connection(tenantId, connectionId)
  const tenant = await tx.tenant(tenantId)
  if (connection === null) return
  const policies = effectivePolicies(tenant?.settings.policies ?? {}, connection.policies)
  const keys = { connectionId, calendarId: calendar.id, iCalUIDs: [], markerKeys: [] }
  const { links } = await tx.pageContext(tenantId, { ...keys, eventIds: events.map(event => event.eventId) })
  const ours = new Set(links.filter(link => link.role === 'ours').map(link => link.eventId))
  const ids = links.flatMap(link => (link.role === 'ours' ? (link.appointmentId ?? []) : []))
  const before = new Map((await tx.appointmentsByIds(tenantId, ids)).map(each => [each.appointment.id, each]))
  const mine = events.filter(event => ours.has(event.eventId) && event.kind !== 'tombstone')
  await applyPage(deps, tx, { calendar, connection, policies }, mine, false)
  const changed = (await tx.appointmentsByIds(tenantId, ids)).filter(
    ({ appointment }) => appointment.version !== before.get(appointment.id)?.appointment.version,
  )
  const { outbox, wakeUps } = await queueOutbound(tx, tenantId, deps.system.now(), changed, 'people')
  await tx.apply(tenantId, { outbox })
  await tx.wake(wakeUps)
}
