import { describe, expect, test } from 'vitest'
import type { Engine } from '../support/engine.ts'
import { Crash } from '../support/engine.ts'
import { live, type Step, type Story } from './random-world.ts'

/**
 * Every await that touches database or Google is a place to die at: before the call, or after it took effect and before its answer was
 * used. Whatever the place, another process carries on and both sides end equal.
 */
const STORIES: Record<string, Step[]> = {
  'a booking': [{ do: 'book', id: 'apt_1', slot: 1, series: false }, { do: 'work' }],
  'a move of a booking': [
    { do: 'book', id: 'apt_1', slot: 1, series: false },
    { do: 'work' },
    { do: 'reschedule', id: 'apt_1', slot: 7 },
    { do: 'work' },
  ],
  'a cancellation': [
    { do: 'book', id: 'apt_1', slot: 1, series: false },
    { do: 'work' },
    { do: 'cancel', id: 'apt_1' },
    { do: 'work' },
  ],
  'a rebooking under a used id': [
    { do: 'book', id: 'apt_1', slot: 1, series: false },
    { do: 'work' },
    { do: 'cancel', id: 'apt_1' },
    { do: 'work' },
    { do: 'book', id: 'apt_1', slot: 9, series: false },
    { do: 'work' },
  ],
  'an event made in Google': [{ do: 'google-add', word: 1, slot: 1, series: false }, { do: 'work' }],
  'an event changed and deleted in Google': [
    { do: 'google-add', word: 1, slot: 1, series: false },
    { do: 'work' },
    { do: 'google-move', pick: 0, slot: 5 },
    { do: 'work' },
    { do: 'google-delete', pick: 0 },
    { do: 'work' },
  ],
  'a booking moved in Google': [
    { do: 'book', id: 'apt_1', slot: 1, series: false },
    { do: 'work' },
    { do: 'google-move', pick: 0, slot: 5 },
    { do: 'work' },
  ],
  'a booking deleted in Google': [
    { do: 'book', id: 'apt_1', slot: 1, series: false },
    { do: 'work' },
    { do: 'google-delete', pick: 0 },
    { do: 'work' },
  ],
  'edits of both sides at once': [
    { do: 'book', id: 'apt_1', slot: 1, series: false },
    { do: 'work' },
    { do: 'google-move', pick: 0, slot: 5 },
    { do: 'rename', id: 'apt_1', word: 3 },
    { do: 'work' },
  ],
  'a series with a moved and a cancelled occurrence': [
    { do: 'book', id: 'apt_1', slot: 1, series: true },
    { do: 'work' },
    { do: 'google-occurrence', pick: 0, nth: 1, slot: 30 },
    { do: 'work' },
    { do: 'google-occurrence', pick: 0, nth: 3, slot: null },
    { do: 'work' },
  ],
  'a dead sync token': [
    { do: 'book', id: 'apt_1', slot: 1, series: false },
    { do: 'google-add', word: 1, slot: 4, series: false },
    { do: 'work' },
    { do: 'trouble', trouble: { kind: 'kill-sync-tokens' } },
    { do: 'google-add', word: 2, slot: 6, series: false },
    { do: 'work' },
  ],
  'a deletion that only a full list shows': [
    { do: 'google-add', word: 1, slot: 4, series: false },
    { do: 'google-add', word: 2, slot: 6, series: true },
    { do: 'work' },
    { do: 'google-delete', pick: 0 },
    { do: 'trouble', trouble: { kind: 'kill-sync-tokens' } },
    { do: 'work' },
  ],
}

type Point = { at: number; when: 'before' | 'after' }

/** Counts the calls of store and Google, and dies at one of them. */
function dieAt(engine: Engine, point: Point | null, told: { calls: number }): () => void {
  let isArmed = true
  const dying = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name)
        if (typeof member !== 'function' || !isArmed) return member
        return async (...args: unknown[]) => {
          told.calls += 1
          const isHere = told.calls === point?.at
          if (isHere && point.when === 'before') throw new Crash(`before ${String(name)}`)
          const answer: unknown = await Reflect.apply(member, object, args)
          if (isHere && point.when === 'after') throw new Crash(`after ${String(name)}`)
          return answer
        }
      },
    })
  engine.deps.store = dying(engine.deps.store)
  engine.deps.google = dying(engine.deps.google)
  return () => (isArmed = false)
}

describe.each(Object.entries(STORIES))('%s', (_name, steps) => {
  const story: Story = { seed: 1, policies: { deletionGuard: { count: 1_000, share: 1 } }, steps }

  test('survives a death at each of its calls', { timeout: 60_000 }, async () => {
    const told = { calls: 0 }
    const clean = await live(story, engine => dieAt(engine, null, told))
    expect(clean.problems).toEqual([])
    expect(told.calls).toBeGreaterThan(4)
    const failed: string[] = []
    for (let at = 1; at <= told.calls; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const { problems } = await live(story, engine => dieAt(engine, { at, when }, { calls: 0 }))
        if (problems.length > 0) failed.push(`${when} call ${at}: ${problems.join('; ')}`)
      }
    }
    expect(failed).toEqual([])
  })
})
