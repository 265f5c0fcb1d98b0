import type { PolicyOverrides } from '../../../src/core/model/policies.ts'
import { seeded } from '../../support/engine.ts'
import { RULES, type SeriesStep } from '../series-steps.ts'
import { makeFault, type Fault } from './faults.ts'

/** What differs from world to world before anything happens in it. */
export type Knobs = {
  instances: number
  /** Share of awaits at which somebody else may go on. */
  grain: number
  pageSize: number
  pollIntervalMs: number
  channelTtlSeconds: number
  rotatesTokens: boolean
  isWatchable: boolean
  rewritesRules: boolean
  isEndpointThere: boolean
}

/** Who is there. The first is always; each further one widens the world. */
export type Further =
  /** A second user of the tenant with an account of their own. */
  | 'colleague'
  /** One who writes into the first one's calendar. */
  | 'roommate'
  /** Another tenant's user under the same names. */
  | 'namesake'
  /** Another tenant's user over the very same calendar. */
  | 'second-platform'
  /** A further calendar of the first one's account, read. */
  | 'source'
  /** One of which only the busy times count. */
  | 'conflict'

export type Step =
  | { do: 'book'; id: string; slot: number; series: boolean; rule?: number; isDay?: boolean }
  | { do: 'rename'; id: string; word: number }
  | { do: 'reschedule'; id: string; slot: number }
  | { do: 'cancel'; id: string }
  | { do: 'stale-write'; id: string; word: number }
  | {
      do: 'google-add'
      where: number
      word: number
      slot: number
      series: boolean
      rule?: number
      isDay?: boolean
      guise?: Guise
    }
  | { do: 'google-move'; where: number; pick: number; slot: number }
  | { do: 'google-rename'; where: number; pick: number; word: number }
  | { do: 'google-delete'; where: number; pick: number }
  | { do: 'google-guests'; where: number; pick: number }
  | { do: 'google-colour'; where: number; pick: number; colour: number }
  | SeriesStep
  | { do: 'work' }
  | { do: 'some-work'; turns: number }
  | { do: 'wait'; minutes: number }
  | { do: 'fault'; fault: Fault }
  | { do: 'pause' | 'resume'; who: number }
  | { do: 'disconnect' | 'reconnect'; who: number }

/** What an event of a person's own may look like besides. */
export type Guise = 'declined' | 'private' | 'long' | 'half' | 'far' | 'odd-rule' | 'free' | 'cancelled-style'

export type FleetStory = { seed: number; knobs: Knobs; cast: Further[]; policies: PolicyOverrides; steps: Step[] }

const GUARD = { deletionGuard: { count: 1_000, share: 1 } }
const POLICIES: PolicyOverrides[] = [
  GUARD,
  GUARD,
  { ...GUARD, concurrentEdits: 'google' },
  { ...GUARD, concurrentEdits: 'latest' },
  { ...GUARD, googleEdits: 'revert' },
  { ...GUARD, googleDeletes: 'restore' },
  { deletionGuard: { count: 3, share: 0.3 } },
  {
    ...GUARD,
    presentation: { title: 'busy', description: false, location: false, visibility: 'private', colour: null },
  },
]

const STEPS_MIN = 12
const STEPS_MAX = 120

export function makeFleetStory(seed: number): FleetStory {
  const random = seeded(seed * 7919 + 17)
  const whole = (below: number): number => Math.floor(random() * below)
  const of = <T>(choices: readonly T[]): T => choices[whole(choices.length)] as T
  const length = STEPS_MIN + Math.floor((STEPS_MAX - STEPS_MIN) * random() ** 5)
  const knobs: Knobs = {
    instances: of([1, 1, 2, 2, 3]),
    grain: of([0.05, 0.3, 1]),
    pageSize: of([1, 3, 2_500, 2_500]),
    pollIntervalMs: of([900_000, 900_000, 300_000]),
    channelTtlSeconds: of([604_800, 604_800, 2_400]),
    rotatesTokens: random() < 0.3,
    isWatchable: random() < 0.9,
    rewritesRules: random() < 0.2,
    isEndpointThere: random() < 0.5,
  }
  const further: Further[] = []
  if (random() < 0.25) further.push(of(['colleague', 'roommate', 'namesake', 'second-platform'] as const))
  if (random() < 0.2) further.push('source')
  if (random() < 0.15) further.push('conflict')
  const calmness = of([0.5, 1, 2]) // how much trouble there is beside people's work
  const steps = Array.from({ length }, () => makeStep(random, whole, of, calmness))
  return { seed, knobs, cast: further, policies: of(POLICIES), steps }
}

type Of = <T>(choices: readonly T[]) => T

function makeStep(random: () => number, whole: (below: number) => number, of: Of, trouble: number): Step {
  if (random() < 0.16 * trouble) return { do: 'fault', fault: makeFault(random) }
  const chance = random()
  if (chance < 0.16) return of<Step>([{ do: 'work' }, { do: 'some-work', turns: whole(60) }])
  if (chance < 0.22) return { do: 'wait', minutes: whole(40) }
  if (chance < 0.25) return makeRareStep(random, whole, of)
  if (chance < 0.6) return makePlatformStep(random, whole)
  return makeGoogleStep(random, whole, of)
}

function makeRareStep(random: () => number, whole: (below: number) => number, of: Of): Step {
  const who = whole(3)
  return random() < 0.5
    ? { do: of(['pause', 'resume', 'resume'] as const), who }
    : { do: of(['disconnect', 'reconnect', 'reconnect'] as const), who }
}

const idOf = (whole: (below: number) => number): string => `apt_${whole(8)}`

function makePlatformStep(random: () => number, whole: (below: number) => number): Step {
  const id = idOf(whole)
  const slotOrNot = (): number | null => (random() < 0.35 ? null : whole(200))
  const makers: (() => Step)[] = [
    () => ({ do: 'book', id, slot: whole(200), series: random() < 0.2 }),
    () => ({ do: 'book', id, slot: whole(200), series: false }),
    () => ({ do: 'book', id, slot: whole(200), series: true, rule: whole(6), isDay: random() < 0.3 }),
    () => ({ do: 'rename', id, word: whole(50) }),
    () => ({ do: 'reschedule', id, slot: whole(200) }),
    () => ({ do: 'cancel', id }),
    () => ({ do: 'stale-write', id, word: whole(50) }),
    () => ({ do: 'exception', id, nth: whole(6), slot: slotOrNot() }),
    () => ({ do: 'repeat', id, rule: whole(RULES.length) }),
    () => ({ do: 'split', id, nth: whole(6), slot: slotOrNot() }),
  ]
  return (makers[whole(makers.length)] as () => Step)()
}

const GUISES: readonly Guise[] = ['declined', 'private', 'long', 'half', 'far', 'odd-rule', 'free', 'cancelled-style']

function makeGoogleStep(random: () => number, whole: (below: number) => number, of: Of): Step {
  const at = { where: whole(4), pick: whole(100) }
  const slotOrNot = (): number | null => (random() < 0.4 ? null : whole(200))
  const add = (): Step => ({
    do: 'google-add',
    where: at.where,
    word: whole(50),
    slot: whole(200),
    series: random() < 0.25,
  })
  const makers: (() => Step)[] = [
    add,
    () => ({ ...add(), series: true, rule: whole(6), isDay: random() < 0.3 }) as Step,
    () => ({ ...add(), series: false, guise: of(GUISES) }) as Step,
    () => ({ do: 'google-move', ...at, slot: whole(200) }),
    () => ({ do: 'google-rename', ...at, word: whole(50) }),
    () => ({ do: 'google-delete', ...at }),
    () => ({ do: 'google-guests', ...at }),
    () => ({ do: 'google-colour', ...at, colour: 1 + whole(11) }),
    () => ({ do: 'google-occurrence', pick: at.pick, nth: whole(6), slot: slotOrNot() }),
    () => ({ do: 'google-end', pick: at.pick, nth: whole(6) }),
    () => ({ do: 'google-occurrence-rename', pick: at.pick, nth: whole(6), word: whole(50) }),
  ]
  return (makers[whole(makers.length)] as () => Step)()
}
