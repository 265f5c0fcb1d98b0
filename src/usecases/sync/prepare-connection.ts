import type { JobOutcome } from '../../ports/jobs.ts'
import type { RunKind } from '../../ports/store/operations.ts'
import type { Deps } from '../deps.ts'
import { clearOldTargets } from '../runs/clear-old-targets.ts'
import { endRun } from '../runs/end-run.ts'
import { listInFull } from '../runs/list-in-full.ts'
import { queueWrites, waitForWrites } from '../runs/queue-writes.ts'
import { releaseImported } from '../runs/release-imported.ts'
import { forgetPairs, removeOurEvents, sweepImported } from '../runs/reset-steps.ts'
import { letCalendarsBeRead } from '../runs/rest-calendars.ts'
import { enterPhase, readOpenRun, type Phase, type PhaseOutcome, type RunKey } from '../runs/run-progress.ts'
import type { PullDeps } from './pull-calendar.ts'
import { watchCalendars } from './watch-calendars.ts'

type PrepareDeps = PullDeps & Pick<Deps, 'store' | 'names' | 'settings'>

/** What each kind of run does, in order. A channel for each calendar comes before its listing, so that nothing falls between the two. */
const PHASES: Record<RunKind, readonly Phase[]> = {
  first_sync: ['watching', 'releasing', 'listing', 'queueing', 'writing'],
  resync: ['watching', 'releasing', 'listing', 'queueing', 'writing'],
  push_existing: ['queueing', 'writing'],
  switch: ['watching', 'releasing', 'listing', 'queueing', 'writing', 'clearing'],
  reset: ['removing', 'forgetting', 'watching', 'listing', 'sweeping', 'queueing', 'writing'],
}

const STEPS: Record<Phase, (deps: PrepareDeps, key: RunKey) => Promise<PhaseOutcome>> = {
  removing: removeOurEvents,
  forgetting: forgetPairs,
  watching: async (deps, key) => {
    await watchCalendars(deps, key)
    return { kind: 'finished' }
  },
  releasing: releaseImported,
  listing: listInFull,
  sweeping: sweepImported,
  queueing: queueWrites,
  writing: waitForWrites,
  clearing: clearOldTargets,
}

/**
 * Carries out the run that a connection has open, whichever wake-up came for it. Each phase is stored when it begins and may be repeated, so
 * a run that dies goes on where it was; one that was cancelled, or whose connection was paused or ended meanwhile, stops at the next step.
 */
export async function prepareConnection(deps: PrepareDeps, wanted: RunKey): Promise<JobOutcome> {
  const newest = await deps.store.openRunOf(wanted.tenantId, wanted.connectionId)
  const key = { ...wanted, runId: newest?.id ?? wanted.runId }
  const open = await readOpenRun(deps.store, key)
  if (open === null) return { kind: 'done' }
  const phases = PHASES[open.run.kind]
  const reached = phases.findIndex(phase => phase === open.run.phase)
  for (const phase of phases.slice(Math.max(0, reached))) {
    if ((await enterPhase(deps, key, phase)) === null) return { kind: 'done' }
    const outcome = await STEPS[phase](deps, key)
    if (outcome.kind === 'again') return outcome
    if (outcome.kind === 'failed') return end(deps, key, 'failed', outcome.reason)
    if (outcome.kind !== 'finished') return { kind: 'done' }
  }
  return end(deps, key, 'done', null)
}

async function end(
  deps: PrepareDeps,
  key: RunKey,
  state: 'done' | 'failed',
  problem: string | null,
): Promise<JobOutcome> {
  await deps.store.transaction(key.tenantId, async tx => {
    const open = await readOpenRun(tx, key)
    if (open === null) return
    const reason = problem ?? `It is done: ${open.run.done} events and appointments.`
    await endRun(tx, open.run, { state, now: deps.system.now(), reason })
    if (state === 'failed') await letCalendarsBeRead(tx, key)
  })
  return { kind: 'done' }
}
