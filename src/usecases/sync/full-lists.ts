/** Full lists are long and heavy: only a few at once in one process, so that they starve neither increments nor memory. */
export type FullLists = {
  /** Call the answer when the list has ended; null: too many are running, come back later. */
  enter(): (() => void) | null
}

const FULL_LISTS_MAX = 3

export function createFullLists(max = FULL_LISTS_MAX): FullLists {
  let running = 0
  return {
    enter() {
      if (running >= max) return null
      running += 1
      let hasLeft = false
      return () => {
        if (!hasLeft) running -= 1
        hasLeft = true
      }
    },
  }
}
