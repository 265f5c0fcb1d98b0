import fc from 'fast-check'
import { expect, test } from 'vitest'
import { instantFromText, instantToText } from '../../../src/adapters/db/instant.ts'
import { storableJson, storableText } from '../../../src/adapters/db/storable.ts'
import { FIRST_INSTANT, LAST_INSTANT } from '../../../src/core/model/time.ts'

const cases: [sentence: string, text: string, stored: string][] = [
  ['NUL is replaced', 'a\0b', 'a\ufffdb'],
  ['the first half of a pair alone is replaced', 'a\ud83d', 'a\ufffd'],
  ['the second half alone is replaced', '\ude00a', '\ufffda'],
  ['a whole pair stays', '😀', '😀'],
  ['other control characters stay', 'a\u0001\t\n\u001f', 'a\u0001\t\n\u001f'],
  ['letters that only look like an escape stay', String.raw`\u0000 \\u0000 \ud800`, String.raw`\u0000 \\u0000 \ud800`],
  ['a NUL after a backslash is still one', '\\\0', '\\\ufffd'],
]

test.each(cases)('%s', (_sentence, text, stored) => {
  expect(storableText(text)).toBe(stored)
  expect(JSON.parse(storableJson([text, { [text]: text }]))).toEqual([stored, { [stored]: stored }])
})

test('whatever is stored, JSON and text are cleaned alike, and clean text is left alone', () => {
  const units = fc.array(fc.constantFrom('\0', '\ud83d', '\ude00', '\\', 'u', '0000', 'd800', '"', 'x', '😀'))
  fc.assert(
    fc.property(units, parts => {
      const text = parts.join('')
      const stored = storableText(text)
      expect(JSON.parse(storableJson(text))).toBe(stored)
      expect(stored.isWellFormed() && !stored.includes('\0')).toBe(true)
      expect(storableText(stored)).toBe(stored)
    }),
  )
})

const instants: [text: string, at: number][] = [
  ['2026-12-01 14:00:00+00', Date.UTC(2026, 11, 1, 14)],
  ['2026-12-01 14:00:00.5+00', Date.UTC(2026, 11, 1, 14, 0, 0, 500)],
  ['2026-12-01T14:00:00.123+00:00', Date.UTC(2026, 11, 1, 14, 0, 0, 123)],
  ['2026-12-01 19:30:00.123+05:30', Date.UTC(2026, 11, 1, 14, 0, 0, 123)],
  ['0001-01-01 00:00:00+00', FIRST_INSTANT],
]

test.each(instants)('%s is read as PostgreSQL means it', (text, at) => expect(instantFromText(text)).toBe(at))

test('an instant beyond the years the engine knows is stored as their edge, and none is no instant', () => {
  expect(instantFromText(instantToText(Infinity))).toBe(LAST_INSTANT)
  expect(instantFromText(instantToText(-8.64e15))).toBe(FIRST_INSTANT)
  expect(() => instantToText(NaN)).toThrow(RangeError)
  expect(() => instantFromText('infinity')).toThrow('not an instant')
})
