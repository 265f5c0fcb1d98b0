import type { Instant } from '../../core/model/time.ts'
import type { Run, RunKind } from '../../ports/store/operations.ts'
import type { Tx } from '../../ports/store/store.ts'
import { endRun } from './end-run.ts'

/**
 * Opens a run of a connection and wakes who carries it out. One that is still open is cancelled: the newer says what is wanted now.
 * @param phase where it begins; left out: at the first phase of its kind.
 */
export async function openRun(
  tx: Tx,
  of: { tenantId: string; connectionId: string; id: string; kind: RunKind; now: Instant; phase?: string },
): Promise<Run> {
  const { tenantId, connectionId, id, kind, now, phase = 'waiting' } = of
  const open = await tx.openRunOf(tenantId, connectionId)
  if (open !== null) await endRun(tx, open, { state: 'cancelled', now, reason: 'A newer run took its place.' })
  const run: Run = {
    tenantId,
    id,
    connectionId,
    kind,
    state: 'queued',
    phase,
    done: 0,
    total: null,
    phaseStartedAt: null,
    phaseStartedDone: 0,
    error: null,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
  }
  await tx.saveRun(run)
  await tx.wake([{ kind: 'prepare', tenantId, connectionId, runId: id }])
  return run
}
