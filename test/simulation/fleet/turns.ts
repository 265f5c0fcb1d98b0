import { createHash } from 'node:crypto'

/**
 * Who goes on next. Every call of database or Google stops before it is made and once more before its answer is used; one of all those that
 * stand so is let go on at a time, by chance. So whatever can come between two awaits does, and with the same seed it does so again.
 */
export type Turns = {
  /** @param life grows with each death of the instance; what an earlier life began never goes on. */
  stop(instance: number, life: number): Promise<void>
  /** Lets one go on, up to where it stops next. False: nobody can. */
  next(): Promise<boolean>
  /** Its process stands still (a long pause, SIGSTOP) until `wake`. */
  stall(instance: number): void
  wake(instance: number): void
  isStalled(instance: number): boolean
  /** After so many more turns, the one whose turn it is dies in its place. */
  dieAfter(turns: number): void
  /** @returns whether one had been ordered and did not come. */
  spare(): boolean
  forget(instance: number): void
}

type Standing = { instance: number; life: number; goOn: () => void }

/** @param share of the stops that are made; the others pass, which is quicker and makes longer strides. */
export function createTurns(
  random: () => number,
  share: number,
  on: { death(instance: number): void; turn(instance: number): void; isAlive(instance: number, life: number): boolean },
): Turns {
  let standing: Standing[] = []
  const stalled = new Set<number>()
  let death: number | null = null
  const mayGo = (each: Standing): boolean => stalled.size === 0 || !stalled.has(each.instance)

  return {
    stop(instance, life) {
      if (!on.isAlive(instance, life)) return NEVER
      if (share < 1 && !stalled.has(instance) && random() >= share) return PASSED
      return new Promise(goOn => standing.push({ instance, life, goOn }))
    },
    async next() {
      const able = stalled.size === 0 ? standing : standing.filter(mayGo)
      const chosen = able[Math.floor(random() * able.length)]
      if (chosen === undefined) return false
      standing.splice(standing.indexOf(chosen), 1)
      on.turn(chosen.instance)
      if (death !== null && death-- <= 0) {
        death = null
        on.death(chosen.instance)
        return true
      }
      chosen.goOn()
      await quiet()
      return true
    },
    stall: instance => void stalled.add(instance),
    wake: instance => void stalled.delete(instance),
    isStalled: instance => stalled.has(instance),
    dieAfter: turns => void (death = turns),
    spare: () => {
      const wasOrdered = death !== null
      death = null
      return wasOrdered
    },
    forget: instance => void (standing = standing.filter(each => each.instance !== instance)),
  }
}

const PASSED = Promise.resolve()
const NEVER = new Promise<void>(() => undefined)

/** Node runs its ticks when all promises that can go on have: then everybody stands, waits for time, or is done. */
export const quiet = (): Promise<void> => new Promise(resolve => process.nextTick(resolve))

/** The digest of the web's crypto comes from another thread, whenever that has time: here it comes at once, so that the seed decides alone. */
export function digestAtOnce(): void {
  const digest = async (_name: unknown, data: Uint8Array): Promise<ArrayBuffer> => {
    const bytes = createHash('sha256').update(data).digest()
    return new Uint8Array(bytes).buffer
  }
  Object.defineProperty(crypto.subtle, 'digest', { value: digest, configurable: true })
}
