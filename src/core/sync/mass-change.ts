import type { Policies } from '../model/policies.ts'

/**
 * Whether so much is gone at once that a person must confirm: more than `count` events and more than `share` of all that are linked.
 * @param gone how many linked events are missing. @param linked how many are linked, the missing ones included.
 */
export function isMassDeletion(gone: number, linked: number, guard: Policies['deletionGuard']): boolean {
  return gone > guard.count && linked > 0 && gone / linked > guard.share
}
