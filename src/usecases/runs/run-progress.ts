import type { Connection } from '../../core/model/connection.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Run } from '../../ports/store/operations.ts'
import type { Reads, Tx } from '../../ports/store/store.ts'
import type { Deps } from '../deps.ts'

export type RunKey = { tenantId: string; connectionId: string; runId: string }
type ProgressDeps = Pick<Deps, 'store' | 'system'>

/** What a run does one after the other. Its name is stored when it begins, so that a run that died goes on with it. */
export type Phase =
  'removing' | 'forgetting' | 'watching' | 'releasing' | 'listing' | 'sweeping' | 'queueing' | 'writing' | 'clearing'

/** `again`: this phase has more to do at that instant. `stopped`: the run is over. `failed`: it cannot be done, and why. */
export type PhaseOutcome =
  { kind: 'finished' } | { kind: 'again'; at: Instant } | { kind: 'stopped' } | { kind: 'failed'; reason: string }

/** The run and its connection while it may go on; null: it was cancelled, or its connection was paused, held or ended meanwhile. */
export async function readOpenRun(reads: Reads, key: RunKey): Promise<{ run: Run; connection: Connection } | null> {
  const run = await reads.run(key.tenantId, key.runId)
  const connection = await reads.connection(key.tenantId, key.connectionId)
  if (run === null || connection === null) return null
  const isOpen = run.state === 'queued' || run.state === 'running'
  const isAllowed = connection.status === 'pending' || connection.status === 'active'
  return isOpen && isAllowed ? { run, connection } : null
}

/** Stores that a phase begins (or goes on); null: the run is over. */
export async function enterPhase({ store, system }: ProgressDeps, key: RunKey, phase: Phase): Promise<Run | null> {
  return store.transaction(key.tenantId, async tx => {
    const open = await readOpenRun(tx, key)
    if (open === null) return null
    const { run } = open
    const now = system.now()
    const isNew = run.phase !== phase || run.phaseStartedAt === null
    const running: Run = { ...run, state: 'running', startedAt: run.startedAt ?? now, phase }
    const entered = isNew ? { ...running, phaseStartedAt: now, phaseStartedDone: run.done } : running
    await tx.saveRun(entered)
    return entered
  })
}

/** Stores how far it is, unless the run is over. @returns whether it may go on. */
export async function noteProgress(
  tx: Tx,
  key: RunKey,
  next: (run: Run) => Partial<Pick<Run, 'done' | 'total'>>,
): Promise<boolean> {
  const open = await readOpenRun(tx, key)
  if (open === null) return false
  await tx.saveRun({ ...open.run, ...next(open.run) })
  return true
}
