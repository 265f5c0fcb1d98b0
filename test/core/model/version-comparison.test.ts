import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareBytes, compareVersions, type Held, type Verdict } from '../../../src/core/model/version-comparison.ts'

const held: Held = { id: 'a', version: 5, updatedAt: 1_000, isArchived: false }
const cases: [sentence: string, version: number, updatedAt: number | null, held: Held | null, verdict: Verdict][] = [
  ['what is not here is missing', 5, null, null, { kind: 'missing' }],
  [
    'what is archived here is missing: a PUT books it anew',
    5,
    null,
    { ...held, isArchived: true },
    { kind: 'missing' },
  ],
  ['the same version is a match', 5, null, held, { kind: 'matched' }],
  ['the same version of the same time is a match', 5, 1_000, held, { kind: 'matched' }],
  [
    'the same version of another time is another history',
    5,
    2_000,
    held,
    { kind: 'stale', here: 5, updatedAt: 1_000, behind: 'unknown' },
  ],
  [
    'a later version there: the service lost some',
    7,
    1_000,
    held,
    { kind: 'stale', here: 5, updatedAt: 1_000, behind: 'lockstep' },
  ],
  [
    'an earlier version there: the platform missed some',
    4,
    null,
    held,
    { kind: 'stale', here: 5, updatedAt: 1_000, behind: 'platform' },
  ],
]

test.each(cases)('%s', (_sentence, version, updatedAt, kept, verdict) => {
  expect(compareVersions({ id: 'a', version, updatedAt }, kept)).toEqual(verdict)
})

describe('the order of bytes', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'Z', '_', 'é', 'ｚ', '🗓', '\u{10ffff}'), maxLength: 5 })

  test('is that of UTF-8, not that of the units JavaScript sorts by', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
    )
    expect(compareBytes('ｚ', '🗓')).toBeLessThan(0)
    expect('ｚ' < '🗓').toBe(false)
  })
})
