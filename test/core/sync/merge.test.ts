import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { DEFAULT_POLICIES, type Policies } from '../../../src/core/model/policies.ts'
import { FIELDS, type Field, type Projection } from '../../../src/core/model/projection.ts'
import { sameField } from '../../../src/core/sync/fingerprint.ts'
import { baseAfterMerge, contentToWrite, merge, overlay } from '../../../src/core/sync/merge.ts'
import { aProjection, at, NOW, policiesWith } from '../../support/builders.ts'
import { expectLedger, type Line } from '../../support/ledger.ts'

const was = aProjection()
const OTHER: Projection = {
  time: at(NOW),
  recurrence: ['RRULE:FREQ=DAILY'],
  title: 'Other',
  description: 'Other',
  location: 'Other',
  busy: false,
  status: 'tentative',
  colour: '5',
}
const THIRD: Projection = {
  ...OTHER,
  time: at(NOW + 1),
  recurrence: [],
  title: 'Third',
  location: 'Third',
  description: 'Third',
  colour: '7',
}

const edit = (from: Projection, field: Field, to: Projection): Projection => overlay(from, to, each => each === field)
const input = (local: Projection, remote: Projection, policies: Partial<Policies> = {}) => ({
  base: { sent: was, returned: was },
  local,
  remote,
  policies: policiesWith(policies),
  localChangedAt: 1,
  remoteChangedAt: 2,
})
const NOTHING = { accepted: [], pushed: [], conflicts: [], proposed: [], left: [] }

describe('merging field by field', () => {
  test('nothing changed merges to nothing', () => expect(merge(input(was, was))).toEqual(NOTHING))

  test.each(FIELDS.filter(field => field !== 'colour'))("Google's edit of %s is accepted by default", field => {
    expect(merge(input(was, edit(was, field, OTHER)))).toEqual({ ...NOTHING, accepted: [field] })
  })

  test.each(FIELDS.filter(field => field !== 'colour'))("Google's edit of %s is written over under revert", field => {
    expect(merge(input(was, edit(was, field, OTHER), { googleEdits: 'revert' }))).toEqual({
      ...NOTHING,
      pushed: [field],
    })
  })

  test.each(FIELDS.filter(field => field !== 'colour'))("Google's edit of %s waits under propose", field => {
    expect(merge(input(was, edit(was, field, OTHER), { googleEdits: 'propose' }))).toEqual({
      ...NOTHING,
      proposed: [field],
    })
  })

  test("the viewer's own colour never flows back and is left, whatever the policy", () => {
    for (const googleEdits of ['accept', 'propose', 'revert'] as const)
      expect(merge(input(was, edit(was, 'colour', OTHER), { googleEdits }))).toEqual({ ...NOTHING, left: ['colour'] })
  })

  test.each(FIELDS)('our edit of %s is pushed', field => {
    expect(merge(input(edit(was, field, OTHER), was))).toEqual({ ...NOTHING, pushed: [field] })
  })

  test.each(FIELDS)('the same edit of %s on both sides is agreed', field => {
    expect(merge(input(edit(was, field, OTHER), edit(was, field, OTHER)))).toEqual(NOTHING)
  })

  test('different fields changed on the two sides both live', () => {
    const merged = merge(input(edit(was, 'title', OTHER), edit(was, 'time', OTHER)))
    expect(merged).toEqual({ ...NOTHING, accepted: ['time'], pushed: ['title'] })
  })

  const conflicts: [
    policy: Policies['concurrentEdits'],
    localAt: number,
    remoteAt: number,
    lost: 'platform' | 'google',
  ][] = [
    ['platform', 1, 2, 'google'],
    ['google', 2, 1, 'platform'],
    ['latest', 1, 2, 'platform'],
    ['latest', 2, 1, 'google'],
    ['latest', 2, 2, 'google'],
  ]
  test.each(conflicts)(
    'a title changed on both sides under %s (%i against %i) is lost by one',
    (concurrentEdits, localChangedAt, remoteChangedAt, lost) => {
      const both = input(edit(was, 'title', OTHER), edit(was, 'title', THIRD), { concurrentEdits })
      const merged = merge({ ...both, localChangedAt, remoteChangedAt })
      expect(merged.conflicts).toEqual([{ field: 'title', lost }])
      expect(lost === 'google' ? merged.pushed : merged.accepted).toEqual(['title'])
    },
  )

  test.each([
    ['title', { title: 'busy' }],
    ['title', { title: 'kind' }],
    ['title', { title: '{{kind}} · {{initials}}' }],
    ['description', { description: false }],
    ['location', { location: false }],
  ] as const)('a masked %s edited in Google is never read back', (field, mask) => {
    const presentation = { ...DEFAULT_POLICIES.presentation, ...mask }
    const edited = edit(was, field, OTHER)
    expect(merge(input(was, edited, { presentation }))).toEqual({ ...NOTHING, left: [field] })
    expect(merge(input(was, edited, { presentation, googleEdits: 'revert' }))).toEqual({ ...NOTHING, pushed: [field] })
    expect(merge(input(edit(was, field, THIRD), edited, { presentation, concurrentEdits: 'google' })).accepted).toEqual(
      [],
    )
  })
})

const VALUES = [was, OTHER, THIRD]
const anyProjection = fc
  .tuple(...FIELDS.map(() => fc.nat(2)))
  .map(picks => FIELDS.reduce((draft, field, index) => edit(draft, field, VALUES[picks[index] ?? 0] ?? was), was))
const anyPolicies = fc.record({
  googleEdits: fc.constantFrom('accept' as const, 'propose' as const, 'revert' as const),
  concurrentEdits: fc.constantFrom('platform' as const, 'google' as const, 'latest' as const),
})

describe('laws of merging', () => {
  test('each changed field has exactly one outcome, an unchanged one none', () => {
    fc.assert(
      fc.property(anyProjection, anyProjection, anyPolicies, (local, remote, policies) => {
        const merged = merge(input(local, remote, policies))
        const settled = [...merged.accepted, ...merged.pushed, ...merged.proposed, ...merged.left]
        expect(new Set(settled).size).toBe(settled.length)
        for (const field of FIELDS)
          if (sameField(field, was, local) && sameField(field, was, remote)) expect(settled).not.toContain(field)
      }),
    )
  })

  test('deciding, applying and deciding again yields nothing but what is still to be pushed', () => {
    fc.assert(
      fc.property(anyProjection, anyProjection, anyPolicies, (local, remote, policies) => {
        const first = merge(input(local, remote, policies))
        const taken = overlay(local, remote, field => first.accepted.includes(field))
        const base = baseAfterMerge(first, taken, remote)
        const again = merge({ ...input(taken, remote, policies), base })
        expect(again.accepted).toEqual([])
        expect(again.proposed).toEqual([])
        expect(again.conflicts).toEqual([])
        const written = contentToWrite(base, taken)
        const settled = merge({ ...input(taken, written, policies), base: { sent: taken, returned: written } })
        expect(settled).toEqual(NOTHING)
      }),
    )
  })

  test("a write carries our value where we changed it and Google's where we did not", () => {
    fc.assert(
      fc.property(anyProjection, anyProjection, anyProjection, (sent, returned, local) => {
        const content = contentToWrite({ sent, returned }, local)
        for (const field of FIELDS)
          expect(sameField(field, content, sameField(field, sent, local) ? returned : local)).toBe(true)
      }),
    )
  })
})

describe('F29: both sides change the same thing, every state of every field against every policy', () => {
  const STATES = ['same', 'here', 'there', 'both alike', 'both apart'] as const
  type State = (typeof STATES)[number]
  const LOCAL: Record<State, Projection> = {
    same: was,
    here: OTHER,
    there: was,
    'both alike': OTHER,
    'both apart': OTHER,
  }
  const REMOTE: Record<State, Projection> = {
    same: was,
    here: was,
    there: OTHER,
    'both alike': OTHER,
    'both apart': THIRD,
  }
  const under = (['accept', 'propose', 'revert'] as const).flatMap(googleEdits =>
    (['platform', 'google', 'latest'] as const).map(concurrentEdits => ({ googleEdits, concurrentEdits })),
  )
  const apart = FIELDS.filter(field => !sameField(field, OTHER, THIRD))
  const mergedIn = (states: ReadonlyMap<Field, State>, policies: Partial<Policies>) => {
    const side = (of: Record<State, Projection>): Projection =>
      FIELDS.reduce((draft, field) => edit(draft, field, of[states.get(field) ?? 'same']), was)
    return merge(input(side(LOCAL), side(REMOTE), policies))
  }
  /** What one field alone comes to, by name. */
  const outcomeOf = (merged: ReturnType<typeof merge>, field: Field): string =>
    [
      ...(['accepted', 'pushed', 'proposed', 'left'] as const).filter(name => merged[name].includes(field)),
      ...merged.conflicts.filter(each => each.field === field).map(each => `${each.lost} lost`),
    ].join(', ')

  test('the table of one field', async () => {
    const lines = apart.flatMap(field =>
      STATES.flatMap(state =>
        under.map((policies): Line => {
          const merged = mergedIn(new Map([[field, state]]), policies)
          return [
            `${field}; ${state}; ${policies.googleEdits}; ${policies.concurrentEdits} wins`,
            outcomeOf(merged, field) || 'agreed',
          ]
        }),
      ),
    )
    await expectLedger('fields', lines)
  })

  test('fields do not sway one another: all 5⁴ states of four fields under each policy are those of each alone', () => {
    const four: Field[] = ['time', 'title', 'location', 'recurrence']
    for (const policies of under)
      for (let n = 0; n < STATES.length ** four.length; n += 1) {
        const states = new Map(
          four.map(
            (field, place) =>
              [field, STATES[Math.floor(n / STATES.length ** place) % STATES.length] ?? 'same'] as const,
          ),
        )
        const merged = mergedIn(states, policies)
        for (const [field, state] of states)
          expect(outcomeOf(merged, field)).toBe(outcomeOf(mergedIn(new Map([[field, state]]), policies), field))
      }
  })
})
