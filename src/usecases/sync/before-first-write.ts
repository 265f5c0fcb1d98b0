import type { Link } from '../../core/model/link.ts'
import type { OutboxEntry } from '../../core/model/outbox.ts'
import type { Paired } from '../../ports/store/appointments.ts'
import type { FlushContext, FlushDeps } from './flush-connection.ts'

/**
 * Before an appointment is written to a calendar that does not show it. A person may have moved its event to another calendar of the
 * connection: then that is where writes go. Or its deletion in Google waits for the platform's word: then nothing is written until it comes.
 * @returns whether this row is dealt with.
 */
export async function isSettledBefore(deps: FlushDeps, context: FlushContext, pair: Paired): Promise<boolean> {
  const { appointment, links, outbox } = pair
  if (outbox === null || links.some(link => isOurs(link) && link.calendarId === outbox.calendarId)) return false
  const { tenantId, id: connectionId } = context.connection
  const isElsewhere = (link: Link): boolean =>
    isOurs(link) && link.connectionId === connectionId && link.missing === null
  const moved = links.find(isElsewhere) ?? (await seriesLinks(deps, pair, outbox)).find(isElsewhere)
  if (moved !== undefined) return redirect(deps, outbox, moved)
  const filter = { appointmentIds: [appointment.id], afterId: null, limit: 1 }
  const [open] = await deps.store.openProposals(tenantId, filter)
  if (open?.kind !== 'delete') return false
  await deps.store.transaction(tenantId, tx => tx.apply(tenantId, { sent: [outbox] }))
  return true
}

/** An exception goes where its series stands; none: the series stands where the exception is to be written. */
async function seriesLinks(
  { store }: FlushDeps,
  { appointment: { tenantId, recurringId } }: Paired,
  { calendarId }: OutboxEntry,
): Promise<Link[]> {
  const series = recurringId === null ? null : await store.appointment(tenantId, recurringId)
  const links = series?.links ?? []
  return links.some(link => isOurs(link) && link.calendarId === calendarId) ? [] : links
}

const isOurs = (link: Link): boolean => link.role === 'ours'

/** While the target is being changed, events stand in two calendars on purpose. */
async function redirect({ store }: FlushDeps, outbox: OutboxEntry, { calendarId }: Link): Promise<boolean> {
  const { tenantId, connectionId } = outbox
  const run = await store.openRunOf(tenantId, connectionId)
  if (run?.kind === 'switch') return false
  await store.transaction(tenantId, tx =>
    tx.apply(tenantId, { sent: [outbox], outbox: [{ ...outbox, calendarId, intent: null }] }),
  )
  return true
}
