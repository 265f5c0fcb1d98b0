import type { Appointment } from '../../core/model/appointment.ts'
import type { Link } from '../../core/model/link.ts'
import type { Projection } from '../../core/model/projection.ts'
import type { Instant } from '../../core/model/time.ts'
import { isGenerated } from '../../core/recurrence/expand.ts'
import { sameField } from '../../core/sync/fingerprint.ts'
import type { ChangeSet } from '../../ports/store/appointments.ts'
import type { Tx } from '../../ports/store/store.ts'
import { queueOutbound } from './queue-outbound.ts'

/**
 * After Google's series was written with another time or rule: an exception in a slot that Google's series did not have before cannot
 * stand in Google, whatever was once written, and is written (or cancelled) there anew. One that waits already goes on waiting.
 * @param was what Google showed of the series before; null: nothing.
 */
export async function requeueExceptions(
  tx: Tx,
  place: { calendarId: string; now: Instant },
  series: Appointment,
  was: Projection | null,
  is: Projection,
): Promise<Pick<ChangeSet, 'forgetLinks' | 'outbox'>> {
  const isSame = was !== null && sameField('time', was, is) && sameField('recurrence', was, is)
  if (is.recurrence.length === 0 || series.recurrence.length === 0 || isSame) return {}
  const { tenantId } = series
  const all = await tx.seriesWithExceptions(tenantId, [series.id])
  const written = all.filter(({ appointment: { originalStart } }) => {
    if (originalStart === null || !isGenerated(is, originalStart)) return false
    return was === null || was.recurrence.length === 0 || !isGenerated(was, originalStart)
  })
  const unqueued = written.filter(({ outbox }) => outbox?.state !== 'queued')
  const isHere = (link: Link): boolean => link.role === 'ours' && link.calendarId === place.calendarId
  const pairs = unqueued.map(({ appointment }) => ({ appointment, links: [] }))
  const { outbox } = await queueOutbound(tx, tenantId, place.now, pairs, 'people')
  return { forgetLinks: written.flatMap(({ links }) => links.filter(isHere)), outbox }
}
