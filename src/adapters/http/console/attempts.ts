import type { Instant } from '../../../core/model/time.ts'
import { fullBucket, take, type Bucket } from '../../../core/pacing/rate-limit.ts'

/** Sign-ins that one address may try: a few at once, then one every few seconds. All together: enough for a whole team. */
const PER_ADDRESS = { perMinute: 6, burst: 6 }
const TOGETHER = { perMinute: 60, burst: 60 }
const ADDRESSES_MAX = 5_000

/** Slows guessing down in this process. @returns how many milliseconds an address must wait; 0: it may try now. */
export function attemptLimit(): (address: string, now: Instant) => number {
  const byAddress = new Map<string, Bucket>()
  let together: Bucket | null = null

  return (address, now) => {
    const all = take(together ?? fullBucket(TOGETHER.perMinute, TOGETHER.burst, now), now, 1)
    const own = take(byAddress.get(address) ?? fullBucket(PER_ADDRESS.perMinute, PER_ADDRESS.burst, now), now, 1)
    const waitMs = Math.max(all.waitMs, own.waitMs)
    if (waitMs > 0) return waitMs // a refused try takes no place
    together = all.bucket
    if (byAddress.size >= ADDRESSES_MAX) byAddress.clear()
    byAddress.set(address, own.bucket)
    return 0
  }
}
