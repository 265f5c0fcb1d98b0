import type { Jobs } from '../../ports/jobs.ts'
import type { Log } from '../../ports/log.ts'
import type { Store } from '../../ports/store/store.ts'
import type { System } from '../../ports/system.ts'
import type { ScheduledTask } from './ticking.ts'

export type { ScheduledTask } from './ticking.ts'

/** At most so many due rows in one go; what is left is due in the next slot. */
export const DUE_MAX = 500
const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
/** So often that the comparisons of a day are spread over it. */
const SAMPLE_EVERY_MS = 5 * MINUTE_MS
/** A calendar is noticed at the latest this share of its poll interval after it fell due. */
const POLL_NOTICE_SHARE = 0.1
const POLL_NOTICE_MAX_MS = 15 * SECOND_MS

type ScheduleDeps = {
  store: Pick<Store, 'calendarsDue' | 'flushesDue' | 'endpointsDue'>
  jobs: Jobs
  system: Pick<System, 'now'>
  log: Log
  pollIntervalMs: number
  renewChannels: (limit: number) => Promise<void>
  expireProposals: (limit: number) => Promise<unknown>
  /** Wakes the comparison of so many calendars as fall due in this stretch of time. */
  pickSamples: (stretchMs: number) => Promise<void>
}

/** What runs how often, once in the fleet. Each row of work is due by its own instant in a table, so a missed slot costs its length. */
export function scheduledTasks(deps: ScheduleDeps): ScheduledTask[] {
  const { store, jobs, system } = deps
  return [
    {
      name: 'poll-due-calendars',
      everyMs: wholeSeconds(Math.min(POLL_NOTICE_MAX_MS, deps.pollIntervalMs * POLL_NOTICE_SHARE)),
      async run() {
        const due = await store.calendarsDue(system.now(), DUE_MAX)
        if (due.length > 0) await jobs.wake(due.map(each => ({ kind: 'pull', ...each })))
      },
    },
    {
      // A flush asks for its own next run; this finds what a crash between two of them left behind.
      name: 'flush-due-writes',
      everyMs: 15 * SECOND_MS,
      async run() {
        const due = await store.flushesDue(system.now(), DUE_MAX)
        if (due.length > 0) await jobs.wake(due.map(each => ({ kind: 'flush', ...each })))
      },
    },
    {
      // A change wakes its endpoints at once; this finds what was changed while nobody listened.
      name: 'deliver-due-changes',
      everyMs: 15 * SECOND_MS,
      async run() {
        const due = await store.endpointsDue(system.now(), DUE_MAX)
        if (due.length > 0) await jobs.wake(due.map(each => ({ kind: 'deliver', ...each })))
      },
    },
    { name: 'pick-samples', everyMs: SAMPLE_EVERY_MS, run: () => deps.pickSamples(SAMPLE_EVERY_MS) },
    { name: 'renew-channels', everyMs: MINUTE_MS, run: () => deps.renewChannels(DUE_MAX) },
    {
      name: 'expire-proposals',
      everyMs: 10 * MINUTE_MS,
      async run() {
        await deps.expireProposals(DUE_MAX)
      },
    },
  ]
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.round(ms / SECOND_MS)) * SECOND_MS
}
