import { sampleSize } from '../../core/operations/divergence.ts'
import type { Deps } from '../deps.ts'

/** Never more than this at once, however many calendars there are. */
export const SAMPLES_MAX = 200

/** Wakes the comparison of as many calendars as fall due in a stretch of time, those first that were not compared for longest. */
export async function pickSamples(
  { store, jobs, system }: Pick<Deps, 'store' | 'jobs' | 'system'>,
  sharePerDay: number,
  stretchMs: number,
): Promise<void> {
  if (sharePerDay === 0) return
  const { total, calendars } = await store.calendarsToCompare(SAMPLES_MAX)
  const due = calendars.slice(0, sampleSize(total, sharePerDay, stretchMs, system.random()))
  if (due.length > 0) await jobs.wake(due.map(each => ({ kind: 'compare', ...each })))
}
