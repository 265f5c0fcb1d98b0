import { fail, succeed, type DomainError, type Result } from '../../core/model/failures.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Run } from '../../ports/store/operations.ts'
import type { Deps } from '../deps.ts'

/** How far a long piece of work has come, as the platform and the connect page see it. */
export type RunResource = {
  id: string
  connectionId: string
  kind: string
  state: Run['state']
  phase: string
  done: number
  total: number | null
  startedAt: string | null
  finishedAt: string | null
  /** Null while nothing can be told. */
  etaSeconds: number | null
  error: string | null
}

export async function getRun(
  { store, system }: Pick<Deps, 'store' | 'system'>,
  input: { tenantId: string; runId: string },
): Promise<Result<RunResource, DomainError>> {
  const run = await store.run(input.tenantId, input.runId)
  return run === null ? fail({ kind: 'not-found' }) : succeed(runResource(run, system.now()))
}

export function runResource(run: Run, now: Instant): RunResource {
  const { id, connectionId, kind, state, phase, done, total, error } = run
  return {
    id,
    connectionId,
    kind,
    state,
    phase,
    done,
    total,
    startedAt: run.startedAt === null ? null : new Date(run.startedAt).toISOString(),
    finishedAt: run.finishedAt === null ? null : new Date(run.finishedAt).toISOString(),
    etaSeconds: etaSeconds(run, now),
    error,
  }
}

export function isFinished(state: Run['state']): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled'
}

/** At the pace of the present phase: reading goes a hundred times faster than writing. */
function etaSeconds({ state, phaseStartedAt, phaseStartedDone, done, total }: Run, now: Instant): number | null {
  const doneInPhase = done - phaseStartedDone
  if (state !== 'running' || phaseStartedAt === null || total === null || doneInPhase <= 0) return null
  return Math.ceil((((now - phaseStartedAt) / doneInPhase) * Math.max(0, total - done)) / 1_000)
}
