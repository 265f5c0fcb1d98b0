import type { Calendar, Connection } from '../../core/model/connection.ts'
import { windowBounds, type Instant } from '../../core/model/time.ts'
import type { Tx } from '../../ports/store/store.ts'

/**
 * The window moves with the target's calendar day: with the first listing of a day, what has entered since the last one is queued. What it
 * leaves behind stays in Google.
 * @param before the calendar as it was when it was last listed.
 */
export async function rollWindow(tx: Tx, connection: Connection, before: Calendar, now: Instant): Promise<void> {
  if (!before.isTarget || before.lastPulledAt === null || connection.status === 'pending') return
  const { tenantId, id: connectionId, userId, window } = connection
  const { endAt: from } = windowBounds(window, before.lastPulledAt, before.timeZone)
  const { endAt: to } = windowBounds(window, now, before.timeZone)
  if (to <= from) return
  const queued = await tx.queueUnsent(tenantId, { userId, connectionId, calendarId: before.id, from, to, now })
  if (queued > 0) await tx.wake([{ kind: 'flush', tenantId, connectionId }])
}
