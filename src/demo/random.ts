/** Numbers in [0, 1) that are the same for the same seed (mulberry32), with the few draws that a sample needs. */
export type Draw = {
  number: () => number
  /** True in `share` of the cases. */
  chance: (share: number) => boolean
  /** @throws RangeError if there is nothing to pick from: a caller's bug. */
  pick: <T>(from: readonly T[]) => T
}

export function drawFrom(seed: number): Draw {
  let state = seed >>> 0
  const number = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    number,
    chance: share => number() < share,
    pick: from => {
      const picked = from[Math.floor(number() * from.length)]
      if (picked === undefined) throw new RangeError('nothing to pick from')
      return picked
    },
  }
}
