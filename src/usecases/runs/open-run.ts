import type { Instant } from '../../core/model/time.ts'
import type { Run, RunKind } from '../../ports/store/operations.ts'
import type { Tx } from '../../ports/store/store.ts'

/** Opens a run of a connection and wakes who carries it out. One that is still open is cancelled: the newer says what is wanted now. */
export async function openRun(
  tx: Tx,
  of: { tenantId: string; connectionId: string; id: string; kind: RunKind; now: Instant },
): Promise<Run> {
  const { tenantId, connectionId, id, kind, now } = of
  const open = await tx.openRunOf(tenantId, connectionId)
  if (open !== null) await tx.saveRun({ ...open, state: 'cancelled', finishedAt: now })
  const run: Run = {
    tenantId,
    id,
    connectionId,
    kind,
    state: 'queued',
    phase: 'waiting',
    done: 0,
    total: null,
    error: null,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
  }
  await tx.saveRun(run)
  await tx.wake([{ kind: 'prepare', tenantId, connectionId, runId: id }])
  return run
}
