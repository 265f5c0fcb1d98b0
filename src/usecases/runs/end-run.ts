import type { JournalEntry } from '../../core/model/journal.ts'
import type { Instant } from '../../core/model/time.ts'
import type { Run } from '../../ports/store/operations.ts'
import type { Tx } from '../../ports/store/store.ts'
import { runResource } from './get-run.ts'

/** How a run ended, and one sentence on it without personal data. For `failed` that sentence is its error. */
export type RunEnd = { state: 'done' | 'failed' | 'cancelled'; now: Instant; reason: string }

/**
 * Ends a run, told to the platform once with its result. Calendars that it kept from being read are read again; a first sync that was
 * given up leaves its connection waiting for another choice.
 */
export async function endRun(tx: Tx, run: Run, { state, now, reason }: RunEnd): Promise<Run> {
  const ended: Run = {
    ...run,
    state,
    phase: state === 'done' ? 'done' : run.phase,
    total: state === 'done' ? run.done : run.total,
    error: state === 'failed' ? reason : null,
    finishedAt: now,
  }
  await tx.saveRun(ended)
  await tx.apply(run.tenantId, { journal: [journalOf(ended, reason, now)] })
  return ended
}

function journalOf(run: Run, reason: string, now: Instant): JournalEntry {
  return {
    at: now,
    appointmentId: null,
    connectionId: run.connectionId,
    side: 'lockstep',
    action: run.state === 'done' ? 'finished' : run.state,
    rule: RULES[run.kind],
    reason,
    before: null,
    after: { state: run.state, done: run.done },
    change: { type: 'run.finished', data: runResource(run, now) },
  }
}

const RULES: Record<Run['kind'], string> = {
  first_sync: 'first-sync',
  resync: 'resync',
  push_existing: 'push-existing',
  reset: 'reset',
  switch: 'switch-target',
}
