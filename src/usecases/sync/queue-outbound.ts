import type { Appointment } from '../../core/model/appointment.ts'
import type { Link } from '../../core/model/link.ts'
import type { Lane, OutboxEntry } from '../../core/model/outbox.ts'
import { effectivePolicies } from '../../core/model/policies.ts'
import type { Instant } from '../../core/model/time.ts'
import { decideQueue } from '../../core/sync/admission.ts'
import type { WakeUp } from '../../ports/jobs.ts'
import type { Tx } from '../../ports/store/store.ts'

/**
 * Outbox rows and wake-ups that bring Google to these appointments' present state. Reads each user's target once;
 * to be applied by the caller in the same transaction as the change itself.
 */
export async function queueOutbound(
  tx: Tx,
  tenantId: string,
  now: Instant,
  paired: readonly { appointment: Appointment; links: readonly Link[] }[],
  lane: Lane,
): Promise<{ outbox: OutboxEntry[]; wakeUps: WakeUp[] }> {
  if (paired.length === 0) return { outbox: [], wakeUps: [] }
  const tenant = await tx.tenant(tenantId)
  const outbox: OutboxEntry[] = []
  const flushes = new Map<string, WakeUp>()
  for (const [userId, mine] of Map.groupBy(paired, each => each.appointment.userId)) {
    const target = await tx.targetOf(tenantId, userId)
    if (target === null) continue
    const { connection, calendar } = target
    const policies = effectivePolicies(tenant?.settings.policies ?? {}, connection.policies)
    for (const { appointment, links } of mine) {
      const entry = decideQueue({ appointment, links, connection, calendar, policies, lane, now })
      if (entry === null) continue
      outbox.push(entry)
      flushes.set(connection.id, { kind: 'flush', tenantId, connectionId: connection.id })
    }
  }
  return { outbox, wakeUps: [...flushes.values()] }
}
