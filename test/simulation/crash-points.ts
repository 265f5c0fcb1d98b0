import { fail } from '../../src/core/model/failures.ts'
import type { Engine } from '../support/engine.ts'
import { Crash } from '../support/engine.ts'
import { live, type Step, type Story, type Where } from './random-world.ts'

/**
 * Every await that touches database or Google is a place to go wrong at: before the call; after it took effect and before its answer was
 * used; and, at Google, with the answer lost while the process lives on. Whatever the place, both sides end equal and at rest.
 */
const WAYS = ['before', 'after', 'lost'] as const
export type Point = { at: number; way: (typeof WAYS)[number] }

/** Counts the calls of store and Google, and goes wrong at one of them. */
function goWrongAt(engine: Engine, point: Point | null, told: { calls: number; google: Set<number> }): () => void {
  let isArmed = true
  const wrap = <T extends object>(target: T, isGoogle: boolean): T =>
    new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name)
        if (typeof member !== 'function' || !isArmed) return member
        return async (...args: unknown[]) => {
          told.calls += 1
          if (isGoogle) told.google.add(told.calls)
          const isHere = told.calls === point?.at
          if (isHere && point.way === 'before') throw new Crash(`before ${String(name)}`)
          const answer: unknown = await Reflect.apply(member, object, args)
          if (isHere && point.way === 'after') throw new Crash(`after ${String(name)}`)
          if (isHere) return fail({ kind: 'unavailable', ambiguous: true, detail: 'the answer was lost' })
          return answer
        }
      },
    })
  engine.deps.store = wrap(engine.deps.store, false)
  engine.deps.google = wrap(engine.deps.google, true)
  return () => (isArmed = false)
}

/**
 * Lives one scenario at each of its points.
 * @param every only each so-manieth point, beginning with the first.
 */
export async function livePoints(
  steps: readonly Step[],
  where?: () => Promise<Where>,
  every = 1,
): Promise<{ points: number; failed: string[] }> {
  const story: Story = { seed: 1, policies: { deletionGuard: { count: 1_000, share: 1 } }, steps: [...steps] }
  const lived = async (point: Point | null, told: { calls: number; google: Set<number> }) =>
    (await live(story, engine => goWrongAt(engine, point, told), undefined, await where?.())).problems
  const told = { calls: 0, google: new Set<number>() }
  const failed = (await lived(null, told)).map(text => `undisturbed: ${text}`)
  const all = Array.from({ length: told.calls }, (_, index) => index + 1).flatMap(at =>
    WAYS.filter(way => way !== 'lost' || told.google.has(at)).map((way): Point => ({ at, way })),
  )
  const points = all.filter((_, index) => index % every === 0)
  for (const point of points) {
    const problems = await lived(point, { calls: 0, google: new Set() })
    if (problems.length > 0) failed.push(`${point.way} call ${point.at}: ${problems.join('; ')}`)
  }
  return { points: points.length, failed }
}
