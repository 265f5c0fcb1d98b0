/** What must hold, by the names of `docs/proof.md`. Each can be left out, to see what it alone would have noticed. */
const CHECKS = {
  S1: 'no accepted write is lost',
  S2: 'what was deleted does not come back',
  S3: 'nothing stands twice',
  S4: 'nothing that is not ours is deleted or written',
  S5: 'nothing is written where it may not be, and nothing leaves that the presentation hides',
  S6: 'at rest nothing is written and nobody is told anything',
  S7: 'tenants stay apart in every call, and forged notifications do nothing',
  S8: 'a cursor never runs ahead of what was stored',
  S9: 'a cursor never goes back, whoever was overtaken',
  S10: 'no title, address or token in logs',
  S11: 'nobody is sent mail',
  S12: 'every change is told, under one id, in order',
  L1: 'both sides end equal',
  L2: 'the engine comes to rest',
  L5: 'what stopped for a cause goes on without it',
  T1: 'Google’s own word on when to come back is kept',
  X: 'no job crashes',
} as const

export type Check = keyof typeof CHECKS
export const CHECK_NAMES = Object.keys(CHECKS) as Check[] // the keys of a constant are its names

export type Violation = { check: Check; text: string }

export type Court = {
  /** The first of each kind is kept with its words; all are counted. */
  accuse(check: Check, text: string): void
  isAsked(check: Check): boolean
  violations(): Violation[]
}

const KEPT_MAX = 20

export function createCourt(without: ReadonlySet<Check>): Court {
  const found: Violation[] = []
  return {
    accuse: (check, text) => {
      if (!without.has(check) && found.length < KEPT_MAX) found.push({ check, text })
    },
    isAsked: check => !without.has(check),
    violations: () => found,
  }
}
