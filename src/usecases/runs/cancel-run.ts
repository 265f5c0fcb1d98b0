import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Deps } from '../deps.ts'
import { changeConnection } from '../connections/connection-change.ts'
import { endRun } from './end-run.ts'
import { isFinished, runResource, type RunResource } from './get-run.ts'
import { letCalendarsBeRead } from './rest-calendars.ts'

/**
 * Stops a run where it is: what it has done stays done, what it had still to do is not done. Cancelling it again changes nothing; one
 * that has ended by itself cannot be cancelled any more.
 */
export async function cancelRun(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  { tenantId, runId }: { tenantId: string; runId: string },
): Promise<Result<RunResource, DomainError>> {
  return store.transaction(tenantId, async tx => {
    const now = system.now()
    const run = await tx.run(tenantId, runId)
    if (run === null) return fail({ kind: 'not-found' })
    if (run.state === 'cancelled') return succeed(runResource(run, now))
    if (isFinished(run.state))
      return fail({ kind: 'conflict', slug: 'run-finished', detail: `This run has ended already: ${run.state}.` })
    const ended = await endRun(tx, run, { state: 'cancelled', now, reason: 'It was cancelled on request.' })
    await letCalendarsBeRead(tx, run)
    const connection = await tx.connection(tenantId, run.connectionId)
    if (connection?.status === 'pending')
      await changeConnection(
        tx,
        connection,
        { ...connection, statusReason: 'calendars_not_chosen' },
        {
          at: now,
          side: 'platform',
          action: 'stopped',
          rule: 'cancel-run',
          reason: 'Its sync was cancelled.',
          type: null,
        },
      )
    return succeed(runResource(ended, now))
  })
}
