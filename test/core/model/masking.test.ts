import { expect, test } from 'vitest'
import { masked, narrowing, titleChoices } from '../../../src/core/model/masking.ts'
import { DEFAULT_POLICIES, effectivePolicies, type Presentation } from '../../../src/core/model/policies.ts'

const limit = (presentation: Partial<Presentation> = {}) => ({
  presentation: { ...DEFAULT_POLICIES.presentation, ...presentation },
  include: DEFAULT_POLICIES.include,
})
const ALL = { title: 'full', description: true, location: true, kinds: DEFAULT_POLICIES.include.kinds }

const cases: [sentence: string, of: Partial<Presentation>, title: string, shown: string][] = [
  ['a full title may be asked for where it is allowed', { title: 'full' }, 'full', 'full'],
  ['less may always be asked for', { title: 'full' }, 'busy', 'busy'],
  ['a full title is not to be had where only the kind is shown', { title: 'kind' }, 'full', 'kind'],
  ['nor where nothing is shown', { title: 'busy' }, 'kind', 'busy'],
  ['nor past a template', { title: '{{initials}}' }, 'full', '{{initials}}'],
  ['a template of one’s own is not to be had', { title: 'full' }, '{{title}} {{location}}', 'full'],
]
test.each(cases)('%s', (_sentence, of, title, shown) =>
  expect(masked(limit(of), { ...ALL, title }).presentation.title).toBe(shown),
)

test('place and notes are hidden by either side and shown only by both', () => {
  for (const allowed of [true, false])
    for (const wished of [true, false]) {
      const wish = { ...ALL, location: wished, description: wished }
      const { presentation } = masked(limit({ location: allowed, description: allowed }), wish)
      expect(presentation).toMatchObject({ location: allowed && wished, description: allowed && wished })
    }
})

test('kinds are taken away, never added', () => {
  const narrow = { ...limit(), include: { ...DEFAULT_POLICIES.include, kinds: ['appointment', 'block'] as const } }
  expect(masked(narrow, { ...ALL, kinds: ['block', 'task'] }).include.kinds).toEqual(['block'])
})

test('the least telling choice is always on offer', () => {
  for (const title of ['full', 'kind', 'busy', '{{kind}}'])
    expect(titleChoices(limit({ title }).presentation).at(-1)).toBe('busy')
})

test('what was not narrowed goes on following the platform', () => {
  expect(narrowing(limit(), masked(limit(), ALL))).toEqual({})
  expect(narrowing(limit(), masked(limit(), { ...ALL, title: 'busy' }))).toEqual({
    presentation: { ...DEFAULT_POLICIES.presentation, title: 'busy' },
  })
})

test('a user’s wish only takes away, also from rules that the platform makes later', () => {
  const masking = { ...ALL, title: 'kind', location: false, description: true }
  const now = effectivePolicies({}, { masking }).presentation
  expect(now).toMatchObject({ title: 'kind', location: false, description: true })
  const stricter = { presentation: { ...DEFAULT_POLICIES.presentation, title: 'busy', description: false } }
  expect(effectivePolicies(stricter, { masking }).presentation).toMatchObject({
    title: 'busy',
    location: false,
    description: false,
  })
  expect(effectivePolicies(stricter, { masking })).not.toHaveProperty('masking')
})
