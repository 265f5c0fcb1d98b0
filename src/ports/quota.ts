import type { Allowance } from '../core/pacing/meter.ts'

/** Meters that all instances share, by the clock that they share. */
export interface Quota {
  /** How many milliseconds each of these costs must wait, in their order; the places are theirs whether they use them or not. */
  reserve(meter: string, allowance: Allowance, costs: readonly number[]): Promise<number[]>
  /** Google refused for speed: everybody on this meter goes slower for a while. */
  slow(meter: string, allowance: Allowance): Promise<void>
}
