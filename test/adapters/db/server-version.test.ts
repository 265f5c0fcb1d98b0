import { expect, test } from 'vitest'
import { updateFor } from '../../../src/adapters/db/server-version.ts'

test.each([
  ['14.13, too old for the service', 140_013, '15.9'],
  ['15.8', 150_008, '15.9'],
  ['15.9', 150_009, null],
  ['16.4', 160_004, '16.5'],
  ['16.10', 160_010, null],
  ['17.0', 170_000, '17.1'],
  ['17.1', 170_001, null],
  ['18.0', 180_000, null],
])('PostgreSQL %s', (_version, number, update) => {
  expect(updateFor(number)).toBe(update)
})
