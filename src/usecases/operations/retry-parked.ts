import { appointmentResource } from '../../core/model/resource.ts'
import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { JournalEntry } from '../../core/model/journal.ts'
import type { OutboxEntry } from '../../core/model/outbox.ts'
import type { Deps } from '../deps.ts'

/** At most so many in one go; those left are still there to be tried. */
const RETRY_MAX = 500

/**
 * Writes that Google refused, or that wait for a reason to go away, are tried once more now: all of a connection, or one appointment's.
 * A cause that is still there parks them again, with its reason.
 */
export async function retryParked(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  input: { tenantId: string; connectionId: string; appointmentId: string | null },
): Promise<Result<{ retried: number }, DomainError>> {
  const { tenantId, connectionId, appointmentId } = input
  const stuck = await store.stuckWrites(tenantId, connectionId, RETRY_MAX)
  const ids = stuck.map(each => each.appointment.id).filter(id => appointmentId === null || id === appointmentId)
  return store.transaction(tenantId, async tx => {
    if ((await tx.connection(tenantId, connectionId)) === null) return fail({ kind: 'not-found' })
    const now = system.now()
    const pairs = await tx.appointmentsByIds(tenantId, ids)
    const outbox: OutboxEntry[] = []
    const journal: JournalEntry[] = []
    for (const { appointment, links, outbox: entry } of pairs) {
      if (entry === null || entry.state === 'queued' || entry.connectionId !== connectionId) continue
      const again: OutboxEntry = { ...entry, state: 'queued', lane: 'people', notBefore: now, attempts: 0, error: null }
      outbox.push(again)
      journal.push({
        at: now,
        appointmentId: appointment.id,
        connectionId,
        side: 'lockstep',
        action: 'retried',
        rule: 'retry-parked',
        reason: 'Somebody asked for the parked write to be tried again.',
        before: null,
        after: null,
        change: { type: 'appointment.updated', data: appointmentResource(appointment, links, again) },
      })
    }
    if (outbox.length === 0) return succeed({ retried: 0 })
    await tx.apply(tenantId, { outbox, journal })
    await tx.wake([{ kind: 'flush', tenantId, connectionId }])
    return succeed({ retried: outbox.length })
  })
}
