import { expect, test } from 'vitest'
import { DEFAULT_POLICIES } from '../../../src/core/model/policies.ts'
import type { Projection } from '../../../src/core/model/projection.ts'
import type { Proposal } from '../../../src/core/model/proposal.ts'
import { reviseProposal, takenFields, type RevisionInput } from '../../../src/core/sync/revise-proposal.ts'
import { aProjection, at, DAY, NOW } from '../../support/builders.ts'
import { aProposal } from '../../contracts/store.fixtures.ts'

const OURS = aProjection()
const MOVED = at(NOW + 2 * DAY)
const shown = (returned: Partial<Projection>, sent: Partial<Projection> = {}) => ({
  base: { sent: { ...OURS, ...sent }, returned: { ...OURS, ...returned } },
})
const edit = (values: Partial<Projection>): Proposal => aProposal({ values })
const deletion = aProposal({ kind: 'delete', values: {} })
const { presentation } = DEFAULT_POLICIES
const nothing: RevisionInput = { open: null, asked: null, link: shown({}), isShown: true, local: OURS, presentation }
const ask = (values: Partial<Projection>) => ({ kind: 'edit' as const, values })
const time = edit({ time: MOVED })

const cases: [sentence: string, input: Partial<RevisionInput>, expected: object][] = [
  ['nothing asked and nothing open stays so', {}, { kind: 'stands' }],
  [
    'a first edit opens a question with what Google shows',
    { asked: ask({ time: MOVED }), link: shown({ time: MOVED }) },
    { kind: 'opened', ask: { kind: 'edit', values: { time: MOVED } }, supersedes: null },
  ],
  [
    'a newer edit of another field joins it',
    { open: time, asked: ask({ title: 'New' }), link: shown({ time: MOVED, title: 'New' }) },
    { kind: 'opened', ask: { kind: 'edit', values: { time: MOVED, title: 'New' } }, supersedes: time },
  ],
  [
    'a newer edit of the same field replaces its value',
    { open: edit({ title: 'Old' }), asked: ask({ title: 'New' }), link: shown({ title: 'New' }) },
    { kind: 'opened', ask: { kind: 'edit', values: { title: 'New' } } },
  ],
  [
    'a listing that shows the same again changes nothing',
    { open: time, link: shown({ time: MOVED }) },
    { kind: 'stands' },
  ],
  ['an edit that the person took back is not asked any more', { open: time }, { kind: 'withdrawn', open: time }],
  [
    "the platform's own edit of the field answers it",
    { open: edit({ title: 'New' }), link: shown({ title: 'New' }), local: { ...OURS, title: 'Ours' } },
    { kind: 'withdrawn' },
  ],
  [
    "the platform's own edit of another field leaves it open",
    { open: time, link: shown({ time: MOVED }), local: { ...OURS, title: 'Ours' } },
    { kind: 'stands' },
  ],
  [
    'of two fields, the one that the platform edited leaves the question',
    {
      open: edit({ time: MOVED, title: 'New' }),
      link: shown({ time: MOVED, title: 'New' }),
      local: { ...OURS, title: 'Ours' },
    },
    { kind: 'opened', ask: { kind: 'edit', values: { time: MOVED } } },
  ],
  [
    'a field that is on its way to Google again is not asked about',
    { open: time, link: shown({ time: MOVED }, { time: MOVED }) },
    { kind: 'withdrawn' },
  ],
  [
    'a field that is masked by now leaves the question',
    {
      open: edit({ title: 'New' }),
      link: shown({ title: 'New' }),
      presentation: { ...presentation, title: 'busy' },
    },
    { kind: 'withdrawn' },
  ],
  ['a colour is never asked about', { asked: ask({ colour: '5' }), link: shown({ colour: '5' }) }, { kind: 'stands' }],
  [
    'a deletion takes the place of an edit',
    { open: time, asked: { kind: 'delete', values: {} }, link: null },
    { kind: 'opened', ask: { kind: 'delete' }, supersedes: time },
  ],
  [
    'a deletion is asked about once',
    { open: deletion, asked: { kind: 'delete', values: {} }, link: null },
    { kind: 'stands' },
  ],
  ['a deletion stays open while the event is gone', { open: deletion, link: null }, { kind: 'stands' }],
  [
    'an event that is back ends the question of its deletion',
    { open: deletion },
    { kind: 'withdrawn', open: deletion },
  ],
  [
    'an event that is back and edited is asked about as edited',
    { open: deletion, asked: ask({ time: MOVED }), link: shown({ time: MOVED }) },
    { kind: 'opened', ask: { kind: 'edit' }, supersedes: deletion },
  ],
  ['an edit of an event that is gone is not asked any more', { open: time, link: null }, { kind: 'withdrawn' }],
  [
    'what is off has no open question',
    { open: time, link: shown({ time: MOVED }), isShown: false },
    { kind: 'withdrawn' },
  ],
  ['what is off is not asked about', { asked: ask({ time: MOVED }), isShown: false }, { kind: 'stands' }],
]

test.each(cases)('%s', (_sentence, input, expected) => {
  expect(reviseProposal({ ...nothing, ...input })).toMatchObject(expected)
})

test('what leaves the question is not among its values', () => {
  const open = edit({ time: MOVED, title: 'New' })
  const link = shown({ time: MOVED, title: 'New' })
  const revised = reviseProposal({ ...nothing, open, link, local: { ...OURS, title: 'Ours' } })
  expect(revised.kind === 'opened' && Object.keys(revised.ask.values)).toEqual(['time'])
})

test('revised again after it was, it stands', () => {
  const link = shown({ time: MOVED, title: 'New' })
  const first = reviseProposal({ ...nothing, open: time, asked: ask({ title: 'New' }), link })
  if (first.kind !== 'opened') throw new Error(first.kind)
  expect(reviseProposal({ ...nothing, open: { ...time, ...first.ask }, link })).toEqual({ kind: 'stands' })
})

test('only what flows back may be taken over', () => {
  const proposal = edit({ title: 'New', time: MOVED, description: 'More', colour: '3' })
  expect(takenFields(proposal, presentation)).toEqual(['time', 'title', 'description'])
  expect(takenFields(proposal, { ...presentation, title: 'kind', description: false })).toEqual(['time'])
})
