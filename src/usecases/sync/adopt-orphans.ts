import type { Appointment } from '../../core/model/appointment.ts'
import type { Link } from '../../core/model/link.ts'
import type { Instant } from '../../core/model/time.ts'
import { byPart, isLaterPart, orphanHash } from '../../core/sync/decide-orphan.ts'
import { isWaiting } from '../../core/sync/decide-newcomer.ts'
import type { Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'

/**
 * Appointments that come back after the database was restored without them: the events that they had are theirs again, instead of new ones
 * being written beside them. What an event shows is read before anything is written to it (its etag is unknown).
 * @returns the links to be stored, one per appointment at most.
 */
export async function adoptOrphans(
  { names }: Pick<Deps, 'names'>,
  tx: Tx,
  tenantId: string,
  created: readonly Appointment[],
  now: Instant,
): Promise<Link[]> {
  if (created.length === 0) return []
  const hashOf = ({ id }: Appointment): string => orphanHash(names.markerKey({ tenantId, appointmentId: id }))
  const byHash = new Map(created.map(appointment => [hashOf(appointment), appointment]))
  const orphans = await tx.orphans(tenantId, [...byHash.keys()])
  const adopted = new Map<string, Link>()
  for (const orphan of orphans.toSorted(byPart)) {
    const appointment = byHash.get(orphan.contentHash ?? '')
    const connection = await tx.connection(tenantId, orphan.connectionId)
    if (appointment === undefined || connection?.userId !== appointment.userId) continue
    if (adopted.has(appointment.id) && isLaterPart(orphan)) {
      await ask(tx, [orphan], now)
      continue
    }
    adopted.set(appointment.id, { ...orphan, role: 'ours', appointmentId: appointment.id, etag: null, error: null })
    if (appointment.recurrence.length > 0) await askAboutExceptions(tx, orphan, now)
  }
  return [...adopted.values()]
}

/** Its exceptions waited for the series: they are read from Google and join it. */
async function askAboutExceptions(tx: Tx, series: Link, now: Instant): Promise<void> {
  const { tenantId, connectionId, calendarId, eventId } = series
  const keys = { connectionId, calendarId, eventIds: [eventId], iCalUIDs: [], markerKeys: [] }
  const waiting = (await tx.pageContext(tenantId, keys)).links.filter(isWaiting)
  await ask(tx, waiting, now)
}

async function ask(tx: Tx, links: readonly Link[], now: Instant): Promise<void> {
  const [first] = links
  if (first === undefined) return
  const { tenantId, connectionId } = first
  await tx.apply(tenantId, { links: links.map(link => ({ ...link, missing: { how: 'absent', since: now } })) })
  await tx.wake([{ kind: 'settle-missing', tenantId, connectionId }])
}
