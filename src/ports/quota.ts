import type { Allowance } from '../core/pacing/meter.ts'
import type { Instant } from '../core/model/time.ts'

/** Meters that all instances share, by the clock that they share. */
/** How a meter stands. `use`: the share of its burst that is taken, 0 to 1. `waitMs`: what the next request would wait. */
export type MeterReading = { meter: string; perMinute: number; use: number; waitMs: number; slowedAt: Instant | null }

/** For those who look on: the project's meters first, then the users' that are used most. */
export interface MeterReads {
  readMeters(limit: number): Promise<MeterReading[]>
}

export interface Quota {
  /** How many milliseconds each of these costs must wait, in their order; the places are theirs whether they use them or not. */
  reserve(meter: string, allowance: Allowance, costs: readonly number[]): Promise<number[]>
  /** Google refused for speed: everybody on this meter goes slower for a while. */
  slow(meter: string, allowance: Allowance): Promise<void>
}
