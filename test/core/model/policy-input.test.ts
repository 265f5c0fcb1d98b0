import { describe, expect, test } from 'vitest'
import { changedPolicies, readPolicies, readWindow } from '../../../src/core/model/policy-input.ts'
import { DEFAULT_POLICIES } from '../../../src/core/model/policies.ts'

const read = (input: unknown) => readPolicies(input, DEFAULT_POLICIES, 'policies')
const pathsOf = (input: unknown) => {
  const outcome = read(input)
  return outcome.ok ? [] : outcome.error.map(problem => problem.path)
}

test('every default is itself a legal value', () => {
  expect(read(DEFAULT_POLICIES)).toMatchObject({ ok: true, value: { policies: DEFAULT_POLICIES } })
})

test.each([
  ['an unknown policy', { googleEdit: 'accept' }, ['policies.googleEdit']],
  ['an unknown value', { googleDeletes: 'ignore' }, ['policies.googleDeletes']],
  ['a number for a word', { cancelled: 1 }, ['policies.cancelled']],
  ['a list for an object', { presentation: [] }, ['policies.presentation']],
  ['an unknown member', { presentation: { guests: true } }, ['policies.presentation.guests']],
  ['a colour Google does not have', { presentation: { colour: '12' } }, ['policies.presentation.colour']],
  ['an unknown kind', { include: { kinds: ['party'] } }, ['policies.include.kinds']],
  ['a share above one', { deletionGuard: { share: 50 } }, ['policies.deletionGuard.share']],
  ['a window backwards', { window: { daysBack: -1, daysAhead: 365 } }, ['policies.window.daysBack']],
  ['a window of nothing', { window: { daysBack: 0, daysAhead: 0 } }, ['policies.window.daysAhead']],
  ['no object at all', 'accept', ['policies']],
])('%s is refused by its path', (_sentence, input, paths) => expect(pathsOf(input)).toEqual(paths))

describe('title templates', () => {
  test.each(['full', 'kind', 'busy', '{{kind}}', '{{ kind }} – {{initials}}', 'Room {{location}}'])(
    '%s is legal',
    title => expect(pathsOf({ presentation: { title } })).toEqual([]),
  )
  test.each(['', 'Appointment', '{{patient}}', '{{title', '{{kind}} }}', '{{}}', `{{kind}}${'x'.repeat(200)}`])(
    '%s is refused',
    title => expect(pathsOf({ presentation: { title } })).toEqual(['policies.presentation.title']),
  )
})

test('an object given in part is completed from what was in force', () => {
  const outcome = read({ presentation: { title: 'busy', description: false } })
  expect(outcome).toMatchObject({
    value: { policies: { presentation: { ...DEFAULT_POLICIES.presentation, title: 'busy', description: false } } },
  })
})

test('null takes a word back, and what is not mentioned stays', () => {
  const outcome = read({ googleEdits: null, imported: 'busy' })
  if (!outcome.ok) throw new Error('refused')
  const own = { googleEdits: 'revert', duplicates: 'flag' } as const
  expect(changedPolicies(own, outcome.value.policies)).toEqual({ duplicates: 'flag', imported: 'busy' })
})

test('a window needs both ends', () => {
  expect(readWindow({ daysBack: 3 }, 'window')).toMatchObject({ ok: false, error: [{ path: 'window.daysAhead' }] })
  expect(readWindow({ daysBack: 3, daysAhead: 9 }, 'window')).toEqual({
    ok: true,
    value: { daysBack: 3, daysAhead: 9 },
  })
})
